/* resp: see resp.h. */
#include "resp.h"

#include <stdio.h>
#include <string.h>

/* A mark, a number and the line's end; returns the place behind it. At most 23 bytes. */
static char *put_head(char *at, char mark, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    *at++ = mark;
    while (count)
        *at++ = digits[--count];
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

enum { HEAD_MOST = 24 };

static void add_head(buf_t *out, char mark, uint64_t number)
{
    char head[HEAD_MOST];
    buf_add(out, head, (size_t)(put_head(head, mark, number) - head));
}

void resp_begin(buf_t *out, size_t words)
{
    add_head(out, '*', words);
}

void resp_pair(buf_t *out, const void *a, size_t a_size, const void *b, size_t b_size)
{
    buf_reserve(out, a_size + b_size + HEAD_MOST + 2);
    char *at = put_head(out->bytes + out->size, '$', a_size + b_size);
    if (a_size)
        memcpy(at, a, a_size);
    if (b_size)
        memcpy(at + a_size, b, b_size);
    at += a_size + b_size;
    *at++ = '\r';
    *at++ = '\n';
    *at = 0;
    out->size = (size_t)(at - out->bytes);
}

void resp_word(buf_t *out, const void *bytes, size_t size)
{
    resp_pair(out, bytes, size, NULL, 0);
}

void resp_text(buf_t *out, const char *text)
{
    resp_word(out, text, strlen(text));
}

void resp_number(buf_t *out, int64_t number)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%lld", (long long)number);
    resp_word(out, text, (size_t)size);
}

void resp_command(buf_t *out, const char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    resp_begin(out, count);
    for (size_t i = 0; i < count; i++)
        resp_text(out, words[i]);
}
