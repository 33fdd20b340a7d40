/* reply: see reply.h. The one file that hiredis is used in: its reader of bytes, with objects of our own in an arena.
 */
#include "reply.h"
#include "proto/base/memory.h"

#include <hiredis/read.h>
#include <stdlib.h>
#include <string.h>

struct reply_reader {
    redisReader *reader; /* of hiredis */
    arena_t *arena;      /* of the reply that is being read, or was last */
    reply_t root;        /* of it */
    bool taken;          /* it was handed out: the arena is cleared before the next one */
};

/* Where the object of this task lies: in its list, or the root. hiredis hands our reader on as privdata. */
static reply_t *place_of(const redisReadTask *task)
{
    if (!task->parent)
        return &((reply_reader_t *)task->privdata)->root;
    return (reply_t *)((reply_t *)task->parent->obj)->items + task->idx;
}

static arena_t *arena_of(const redisReadTask *task)
{
    return ((reply_reader_t *)task->privdata)->arena;
}

static void *make_text(const redisReadTask *task, char *text, size_t size)
{
    reply_t *reply = place_of(task);
    reply_kind_t kind = task->type == REDIS_REPLY_ERROR    ? REPLY_ERROR
                        : task->type == REDIS_REPLY_STATUS ? REPLY_STATUS
                                                           : REPLY_TEXT;
    *reply = (reply_t){.kind = kind, .size = size, .text = arena_text_n(arena_of(task), text, size)};
    return reply;
}

static void *make_list(const redisReadTask *task, int count)
{
    reply_t *reply = place_of(task);
    if (count > REPLY_ITEMS_MOST)
        return NULL;
    *reply = (reply_t){.kind = REPLY_LIST, .count = count > 0 ? (uint32_t)count : 0};
    if (count > 0)
        reply->items = arena_array(arena_of(task), (size_t)count, sizeof *reply);
    return reply;
}

static void *make_integer(const redisReadTask *task, long long number)
{
    reply_t *reply = place_of(task);
    *reply = (reply_t){.kind = REPLY_INTEGER, .number = number};
    return reply;
}

static void *make_nil(const redisReadTask *task)
{
    reply_t *reply = place_of(task);
    *reply = (reply_t){.kind = REPLY_NIL};
    return reply;
}

static void leave(void *reply)
{
    (void)reply; /* it goes with its arena */
}

static redisReplyObjectFunctions makers = {make_text, make_list, make_integer, make_nil, leave};

reply_reader_t *reply_reader_new(void)
{
    reply_reader_t *reader = memory_new(1, sizeof *reader);
    reader->arena = arena_new();
    reader->reader = redisReaderCreateWithFunctions(&makers);
    if (!reader->reader)
        abort(); /* out of memory, as everywhere */
    reader->reader->privdata = reader;
    return reader;
}

void reply_reader_destroy(reply_reader_t **reader)
{
    if (!reader || !*reader)
        return;
    redisReaderFree((*reader)->reader);
    arena_destroy(&(*reader)->arena);
    free(*reader);
    *reader = NULL;
}

int reply_feed(reply_reader_t *reader, const void *bytes, size_t size, fault_t *fault)
{
    if (redisReaderFeed(reader->reader, bytes, size) == REDIS_OK)
        return 0;
    return fault_set(fault, FAULT_UNAVAILABLE, "what Redis sends cannot be kept: %s", reader->reader->errstr);
}

int reply_next(reply_reader_t *reader, const reply_t **reply, fault_t *fault)
{
    void *found = NULL;
    if (reader->taken) {
        arena_clear(reader->arena);
        reader->taken = false;
    }
    if (redisReaderGetReply(reader->reader, &found) != REDIS_OK)
        return fault_set(fault, FAULT_UNAVAILABLE, "what Redis sends is no answer: %s", reader->reader->errstr);
    if (!found)
        return 0;
    reader->taken = true;
    *reply = found;
    return 1;
}

bool reply_is_error(const reply_t *reply, const char *word)
{
    size_t size = strlen(word);
    return reply->kind == REPLY_ERROR && strncmp(reply->text, word, size) == 0 &&
           (reply->text[size] == ' ' || reply->text[size] == 0);
}

const reply_t *reply_item(const reply_t *reply, size_t i)
{
    static const reply_t nil = {.kind = REPLY_NIL};
    return reply->kind == REPLY_LIST && i < reply->count ? &reply->items[i] : &nil;
}

int64_t reply_number(const reply_t *reply)
{
    if (reply->kind == REPLY_INTEGER)
        return reply->number;
    return reply->kind == REPLY_TEXT ? strtoll(reply->text, NULL, 10) : 0;
}

static void copy(arena_t *arena, const reply_t *from, reply_t *to)
{
    *to = *from;
    if (from->text)
        to->text = arena_text_n(arena, from->text, from->size);
    if (from->count == 0)
        return;
    reply_t *items = arena_array(arena, from->count, sizeof *items);
    for (uint32_t i = 0; i < from->count; i++) /* as deep as REPLY_DEPTH_MOST */
        copy(arena, &from->items[i], &items[i]);
    to->items = items;
}

const reply_t *reply_copy(arena_t *arena, const reply_t *reply)
{
    reply_t *own = arena_take(arena, sizeof *own);
    copy(arena, reply, own);
    return own;
}
