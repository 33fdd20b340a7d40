/* worker_name: see worker_name.h. */
#include "worker_name.h"

#include <stdio.h>
#include <string.h>

static void add_base64(const char *text, buf_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < size ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_char(out, i + k <= size ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

void worker_name_add(const char *prefix, const char *queue, const char *worker, buf_t *out)
{
    size_t from = out->size;
    buf_format(out, "%s:", prefix);
    add_base64(queue, out);
    if (worker)
        buf_format(out, ":w:%s", worker);
    for (size_t i = from; i < out->size; i++)
        if (out->bytes[i] <= ' ' || out->bytes[i] > '~')
            out->bytes[i] = '-';
}

bool worker_name_is(const char *name, const char *part)
{
    size_t length = strlen(part);
    return strncmp(name, part, length) == 0 && (!name[length] || strncmp(name + length, ":w:", 3) == 0);
}

int64_t worker_name_count(const char *lines, const char *part)
{
    int64_t workers = 0;
    char name[1024];
    for (const char *at = lines; (at = strstr(at, " name="));) {
        at += strlen(" name=");
        size_t size = strcspn(at, " \n");
        snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : 0), at);
        workers += worker_name_is(name, part);
    }
    return workers;
}
