/* cursor: one msgpack value after another, read from bytes of anybody and written to a buffer. Nothing is reserved or
 * believed that the bytes at hand could not fill. Used by pack (maps by their schema) and message (envelopes) alone.
 * Source: the msgpack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef YOGI_CURSOR_H
#define YOGI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Nesting of values that are skipped; our own types nest five deep. */
enum { CURSOR_DEPTH_MOST = 32 };

typedef struct {
    const uint8_t *at, *end; /* what is left */
} cursor_t;

typedef enum { KIND_NIL, KIND_BOOL, KIND_INT, KIND_REAL, KIND_TEXT, KIND_BYTES, KIND_ARRAY, KIND_MAP, KIND_EXT } kind_t;

/* One value's head; for text and bytes the body lies at `bytes`. */
typedef struct {
    kind_t kind;       /* what it is */
    int64_t integer;   /* KIND_INT and KIND_BOOL; above INT64_MAX it is INT64_MAX */
    double real;       /* KIND_REAL */
    const char *bytes; /* of KIND_TEXT, KIND_BYTES, KIND_EXT */
    uint32_t count;    /* bytes, items or pairs */
} head_t;

/* Reads the next head (and the body of texts and bytes). Returns NULL, or in words what is wrong. */
const char *cursor_read(cursor_t *cursor, head_t *head);

/* Passes over one value with all that is in it. Returns NULL, or in words what is wrong. */
const char *cursor_skip(cursor_t *cursor);

/* A whole number of 0 or more; false, and nothing read, when the next value is anything else. */
static inline bool cursor_natural(cursor_t *cursor, uint64_t *number)
{
    ptrdiff_t left = cursor->end - cursor->at;
    if (left < 1)
        return false;
    uint8_t tag = *cursor->at;
    if (tag < 0x80) {
        cursor->at++;
        *number = tag;
        return true;
    }
    if (tag < 0xCC || tag > 0xCF)
        return false;
    int bytes = 1 << (tag - 0xCC);
    if (left <= bytes)
        return false;
    uint64_t value = 0;
    for (int i = 1; i <= bytes; i++)
        value = value << 8 | cursor->at[i];
    cursor->at += 1 + bytes;
    *number = value;
    return true;
}

/* Writers: each puts one value at `at`, for which there must be room, and returns the place behind it. */

static inline uint8_t *cursor_put_big(uint8_t *at, uint8_t tag, uint64_t value, int bytes)
{
    *at++ = tag;
    for (int i = bytes - 1; i >= 0; i--)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

/* At most 9 bytes. */
static inline uint8_t *cursor_put_natural(uint8_t *at, uint64_t number)
{
    if (number < 0x80) {
        *at++ = (uint8_t)number;
        return at;
    }
    int wide = number > UINT32_MAX ? 3 : number > UINT16_MAX ? 2 : number > UINT8_MAX ? 1 : 0;
    return cursor_put_big(at, (uint8_t)(0xCC + wide), number, 1 << wide);
}

/* At most 3 bytes; count below 65,536. */
static inline uint8_t *cursor_put_array(uint8_t *at, size_t count)
{
    if (count >= 16)
        return cursor_put_big(at, 0xDC, count, 2);
    *at++ = (uint8_t)(0x90 | count);
    return at;
}

/* At most 5 bytes and the text's own. */
static inline uint8_t *cursor_put_text(uint8_t *at, const char *text, uint32_t size)
{
    if (size < 32)
        *at++ = (uint8_t)(0xA0 | size);
    else if (size <= UINT8_MAX)
        at = cursor_put_big(at, 0xD9, size, 1);
    else
        at = size <= UINT16_MAX ? cursor_put_big(at, 0xDA, size, 2) : cursor_put_big(at, 0xDB, size, 4);
    if (size)
        memcpy(at, text, size);
    return at + size;
}

/* At most 5 bytes and the bytes' own. */
static inline uint8_t *cursor_put_bytes(uint8_t *at, const void *bytes, uint32_t size)
{
    at = size <= UINT8_MAX    ? cursor_put_big(at, 0xC4, size, 1)
         : size <= UINT16_MAX ? cursor_put_big(at, 0xC5, size, 2)
                              : cursor_put_big(at, 0xC6, size, 4);
    if (size)
        memcpy(at, bytes, size);
    return at + size;
}

#endif
