/* events: what BullMQ tells of jobs in the streams of some queues, read by a connection of its own. Misses nothing:
 * each stream is read from an entry that is known before events_know says so, and goes on there after a broken
 * connection. But BullMQ trims its streams, so that what is not read in time is gone.
 *
 * For:    giving.c, in its loop. Nothing blocks.
 * Bunch:  Redis answers a reader that waits with the first entry that comes. While events_hurry says that many jobs are
 *         out, the next question waits a moment, so that an answer has many.
 */
#ifndef YOGI_BRIDGE_EVENTS_H
#define YOGI_BRIDGE_EVENTS_H

#include "actors/bridge/keys.h"
#include "proto/redis/redis.h"

typedef struct events events_t;

/* Streams that are read at once. */
enum { EVENTS_STREAMS_MOST = 8 };

/* What is told of; others are passed over. */
typedef enum {
    EVENT_NONE,
    EVENT_DUPLICATED, /* a job was added whose id was there */
    EVENT_PROGRESS,   /* text: JSON of how far it is */
    EVENT_COMPLETED,  /* text: JSON of what it returned */
    EVENT_FAILED,     /* text: why */
    EVENT_REMOVED,
} event_kind_t;

/* Good for the call. */
typedef struct {
    event_kind_t kind;
    const char *job;      /* id of it */
    const reply_t *value; /* the text; a nil where there is none */
} event_t;

typedef struct {
    const redis_place_t *place;              /* borrowed, as the keys are */
    const keys_t *keys[EVENTS_STREAMS_MOST]; /* of the queues */
    size_t count;                            /* of queues, from 1 */
    void (*heard)(void *owner, size_t queue, const event_t *event);
    void (*back)(void *owner); /* the connection is up, again perhaps: something may have been trimmed meanwhile */
    void (*complain)(void *owner, size_t queue, const char *call, const char *text); /* an error of Redis */
    void *owner;
} events_plan_t;

/* Never NULL. */
events_t *events_new(const events_plan_t *plan);
void events_destroy(events_t **events); /* takes NULL; nulls the caller's pointer */

/* Tells of what has come, and asks for more; lowers *next_us. */
void events_step(events_t *events, int64_t now_us, int64_t *next_us);
void events_hurry(events_t *events, bool many);
void events_flush(events_t *events);
size_t events_poll(const events_t *events, struct pollfd *polls); /* writes at most REDIS_POLLS_MOST */

/* Whether everything that is told of this queue from now on will be heard. */
bool events_know(const events_t *events, size_t queue);

#endif
