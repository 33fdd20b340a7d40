/* courier: takes gifts to their queues, and asks what has become of them: everything that is said to Redis for a gift,
 * by one connection. What is sent in one turn of the loop leaves in one write.
 *
 * For:    giving.c, in its loop. Nothing blocks. It sets the states of gifts (giving.h) but for their end, which it
 *         tells of.
 * Errors: of Redis are complained of, and what they were the answer to is tried again after a moment, for ever.
 */
#ifndef YOGI_BRIDGE_COURIER_H
#define YOGI_BRIDGE_COURIER_H

#include "desk.h"
#include "proto/redis/redis.h"

typedef struct courier courier_t;

typedef struct {
    const redis_place_t *place; /* borrowed, as the desks are */
    desk_t *desks;
    size_t desk_count;
    int major; /* of all queues; -1 = as each says */
    /* How a job has ended: its worker has returned this JSON; or it failed. The gift is to be GIFT_FREE then. */
    void (*completed)(void *owner, desk_t *desk, gift_t *gift, const reply_t *value);
    void (*failed)(void *owner, desk_t *desk, gift_t *gift, failed_t class, const fault_t *fault);
    void (*complain)(void *owner, const desk_t *desk, const char *call, const char *text); /* an error of Redis */
    void *owner;
} courier_plan_t;

/* Never NULL. */
courier_t *courier_new(const courier_plan_t *plan);
void courier_destroy(courier_t **courier); /* takes NULL; nulls the caller's pointer */

/* A job for a gift that is NEW. */
void courier_add(courier_t *courier, desk_t *desk, gift_t *gift);

/* Whether the job of one that is WAITING has ended; it may have when nobody listened. courier_ask_all: of each, as soon
 * as the connection is up. */
void courier_ask(courier_t *courier, desk_t *desk, gift_t *gift);
void courier_ask_all(courier_t *courier);

/* Its job has failed for this reason: whether for good is asked, then told. */
void courier_ask_why(courier_t *courier, desk_t *desk, gift_t *gift, const char *reason);

/* Its job is gone: it has failed. */
void courier_miss(courier_t *courier, desk_t *desk, gift_t *gift);

/* Takes its job out of the queue, unless a worker has it. */
void courier_remove(courier_t *courier, desk_t *desk, const gift_t *gift);

/* Does what has come and is due; lowers *next_us. */
void courier_step(courier_t *courier, int64_t now_us, int64_t now_ms, int64_t *next_us);
void courier_flush(courier_t *courier);
size_t courier_poll(const courier_t *courier, struct pollfd *polls); /* writes at most REDIS_POLLS_MOST */

bool courier_is_up(const courier_t *courier);
uint64_t courier_added(const courier_t *courier); /* jobs that were put into queues since the start */

#endif
