/* store_watch: whether a gateway serves the stage `store`, which routes end with then: as YOGI_BULLMQ_STORE has it, or
 * as the brokers' figures say, which are asked for now and then. Pure. For errands.c.
 */
#ifndef YOGI_BRIDGE_STORE_WATCH_H
#define YOGI_BRIDGE_STORE_WATCH_H

#include "proto/base/log.h"
#include "proto/message.h"
#include "proto/settings.h"

/* Plain data; store_watch_open makes it. */
typedef struct {
    bool is_there;
    bool asks;           /* it is not set */
    bool known;          /* it is set, or was answered */
    int64_t ask_us;      /* asked again then */
    int64_t patience_us; /* the first answer is not waited for longer */
    uint64_t questions;  /* so far */
} store_watch_t;

void store_watch_open(store_watch_t *watch, int64_t setting); /* a bridge_store_t */
void store_watch_begin(store_watch_t *watch, int64_t now_us); /* brokers can be asked from now on */

/* Whether it can be said how routes end. */
bool store_watch_knows(const store_watch_t *watch, int64_t now_us);

/* Whether figures (STATS) are to be asked for now, by the number in `questions`; lowers *next_us. */
bool store_watch_asks(store_watch_t *watch, int64_t now_us, int64_t *next_us);

/* Takes them. */
void store_watch_take(store_watch_t *watch, const message_t *stats, const log_t *log);

#endif
