/* buf: see buf.h. */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(buf_t *buf)
{
    free(buf->bytes);
    *buf = (buf_t){0};
}

void buf_clear(buf_t *buf)
{
    buf->size = 0;
    if (buf->bytes)
        buf->bytes[0] = 0;
}

void buf_reserve(buf_t *buf, size_t more)
{
    assert(more <= SIZE_MAX / 4 && buf->size <= SIZE_MAX / 4);
    size_t need = buf->size + more + 1;
    if (need <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    char *bytes = realloc(buf->bytes, capacity);
    if (!bytes) {
        fputs("yogi: out of memory\n", stderr);
        abort();
    }
    buf->bytes = bytes;
    buf->capacity = capacity;
}

void buf_add(buf_t *buf, const void *bytes, size_t size)
{
    buf_reserve(buf, size);
    if (size)
        memcpy(buf->bytes + buf->size, bytes, size);
    buf->size += size;
    buf->bytes[buf->size] = 0;
}

void buf_text(buf_t *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_char(buf_t *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_format(buf_t *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    buf_reserve(buf, (size_t)length);
    vsnprintf(buf->bytes + buf->size, (size_t)length + 1, format, again);
    va_end(again);
    buf->size += (size_t)length;
}

const char *buf_string(const buf_t *buf)
{
    return buf->bytes ? buf->bytes : "";
}
