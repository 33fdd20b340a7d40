/* reply: what Redis answers, as plain data, and the reader that makes it of bytes (hiredis, which no other room sees).
 *
 * A reply and everything in it is good until the next reply_next of its reader.
 */
#ifndef YOGI_REDIS_REPLY_H
#define YOGI_REDIS_REPLY_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { REPLY_NIL, REPLY_STATUS, REPLY_ERROR, REPLY_INTEGER, REPLY_TEXT, REPLY_LIST } reply_kind_t;

typedef struct reply reply_t;
struct reply {
    reply_kind_t kind;
    uint32_t count;       /* REPLY_LIST: items */
    size_t size;          /* bytes of text */
    int64_t number;       /* REPLY_INTEGER */
    const char *text;     /* STATUS, ERROR and TEXT; closed with a zero, which is not counted; else "" */
    const reply_t *items; /* REPLY_LIST */
};

/* Replies nest that deep at most (hiredis). ITEMS: in one list; a page of 100,000 ids stays far below. */
enum { REPLY_DEPTH_MOST = 7, REPLY_ITEMS_MOST = 1 << 22 };

typedef struct reply_reader reply_reader_t;

reply_reader_t *reply_reader_new(void);
void reply_reader_destroy(reply_reader_t **reader); /* takes NULL; nulls the caller's pointer */

/* Takes bytes in. -1 with the fault when memory for them cannot be had. */
int reply_feed(reply_reader_t *reader, const void *bytes, size_t size, fault_t *fault)
    __attribute__((warn_unused_result));

/* The next whole reply: 1, 0 when there is none yet, -1 with the fault when the bytes are no replies; then the reader
 * is of no more use. */
int reply_next(reply_reader_t *reader, const reply_t **reply, fault_t *fault) __attribute__((warn_unused_result));

/* Whether it is an error that begins with this word ("NOSCRIPT"). */
bool reply_is_error(const reply_t *reply, const char *word);

/* Item i of a list, or a nil where there is none. */
const reply_t *reply_item(const reply_t *reply, size_t i);

/* A number, also where it came as text; 0 when it is none. */
int64_t reply_number(const reply_t *reply);

/* A copy that lives in the arena. */
const reply_t *reply_copy(arena_t *arena, const reply_t *reply);

/* The text, or "" when it has none. */
static inline const char *reply_text(const reply_t *reply)
{
    return reply->text ? reply->text : "";
}

#endif
