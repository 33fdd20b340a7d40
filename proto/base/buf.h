/* buf: bytes that grow; also the way text is built. Running out of memory aborts, as in arena. */
#ifndef YOGI_BASE_BUF_H
#define YOGI_BASE_BUF_H

#include <stddef.h>

/* Plain data: read bytes and size, write through the functions. {0} is an empty buffer. */
typedef struct {
    char *bytes;     /* always closed with a zero once anything was added; NULL when nothing was */
    size_t size;     /* bytes in use, the closing zero not counted */
    size_t capacity; /* bytes reserved */
} buf_t;

void buf_free(buf_t *buf);  /* frees and empties; takes an empty one */
void buf_clear(buf_t *buf); /* empties, keeps the memory */
void buf_reserve(buf_t *buf, size_t more); /* room for more bytes after size */
void buf_add(buf_t *buf, const void *bytes, size_t size);
void buf_text(buf_t *buf, const char *text); /* adds text without its zero */
void buf_char(buf_t *buf, char c);
void buf_format(buf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_string(const buf_t *buf); /* the bytes as text; "" when empty */

#endif
