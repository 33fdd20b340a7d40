/* packing: see packing.h. */
#include "packing.h"
#include "proto/cursor.h"

#include <string.h>

/* Room for any head. */
enum { HEAD_MOST = 9 };

static uint8_t *begin(buf_t *out, size_t more)
{
    buf_reserve(out, HEAD_MOST + more);
    return (uint8_t *)out->bytes + out->size;
}

static void end(buf_t *out, const uint8_t *at)
{
    out->size = (size_t)(at - (const uint8_t *)out->bytes);
    out->bytes[out->size] = 0;
}

void packing_map(buf_t *out, size_t pairs)
{
    uint8_t *at = begin(out, 0);
    if (pairs < 16)
        *at++ = (uint8_t)(0x80 | pairs);
    else
        at = cursor_put_big(at, 0xDE, pairs, 2);
    end(out, at);
}

void packing_array(buf_t *out, size_t items)
{
    uint8_t *at = begin(out, 0);
    end(out, items > UINT16_MAX ? cursor_put_big(at, 0xDD, items, 4) : cursor_put_array(at, items));
}

void packing_text(buf_t *out, const void *bytes, size_t size)
{
    end(out, cursor_put_text(begin(out, size), bytes, (uint32_t)size));
}

void packing_name(buf_t *out, const char *name)
{
    packing_text(out, name, strlen(name));
}

void packing_int(buf_t *out, int64_t number)
{
    uint8_t *at = begin(out, 0);
    end(out, number < 0 ? cursor_put_big(at, 0xD3, (uint64_t)number, 8) : cursor_put_natural(at, (uint64_t)number));
}

void packing_real(buf_t *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    end(out, cursor_put_big(begin(out, 0), 0xCB, bits, 8));
}

void packing_bool(buf_t *out, bool flag)
{
    buf_char(out, (char)(flag ? 0xC3 : 0xC2));
}

void packing_nil(buf_t *out)
{
    buf_char(out, (char)0xC0);
}
