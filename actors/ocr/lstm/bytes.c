/* bytes: see bytes.h. */
#include "bytes.h"

#include <string.h>

const uint8_t *bytes_take(bytes_t *bytes, size_t size)
{
    if (bytes->failed || size > (size_t)(bytes->end - bytes->at)) {
        bytes->failed = true;
        return NULL;
    }
    const uint8_t *at = bytes->at;
    bytes->at += size;
    return at;
}

static uint64_t number(bytes_t *bytes, int size)
{
    const uint8_t *at = bytes_take(bytes, (size_t)size);
    uint64_t value = 0;
    for (int i = size - 1; at && i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

uint8_t bytes_u8(bytes_t *bytes)
{
    return (uint8_t)number(bytes, 1);
}

int32_t bytes_i32(bytes_t *bytes)
{
    return (int32_t)(uint32_t)number(bytes, 4);
}

int64_t bytes_i64(bytes_t *bytes)
{
    return (int64_t)number(bytes, 8);
}

double bytes_f64(bytes_t *bytes)
{
    uint64_t value = number(bytes, 8);
    double out;
    memcpy(&out, &value, sizeof out);
    return out;
}

void bytes_text(bytes_t *bytes, char *out, size_t size)
{
    size_t length = (uint32_t)bytes_i32(bytes);
    const uint8_t *at = length < size ? bytes_take(bytes, length) : NULL;
    bytes->failed |= !at;
    length = at ? length : 0;
    if (length)
        memcpy(out, at, length);
    out[length] = '\0';
}

const char *bytes_line(bytes_t *bytes, size_t *length)
{
    if (bytes->failed || bytes->at == bytes->end)
        return NULL;
    const uint8_t *at = bytes->at, *newline = memchr(at, '\n', (size_t)(bytes->end - at));
    *length = (size_t)((newline ? newline : bytes->end) - at);
    bytes->at = newline ? newline + 1 : bytes->end;
    return (const char *)at;
}
