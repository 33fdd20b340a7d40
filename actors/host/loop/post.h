/* post: one stage at a host: its crew of workers, and each of its jobs on the way from the ledger to a worker and back.
 *
 *     JOB ─▶ ledger ─ledger_prepare─▶ FETCHING ─document─▶ READY ─ledger_begin, crew_begin─▶ WORKING ─▶ ledger_done,
 *              │ ▲                                                                             ▲  │ ledger_failed │
 * └──────────────────── ledger_put_back: it waited behind a long one ───────────│──┘ └───────────── ledger_take, where
 * the stage needs no document ─────────────────┘
 *
 * The documents of as many jobs as there are workers are fetched ahead, while the workers have others; jobs of
 * microseconds are handed to a worker several at a time (hand.h).
 *
 * Driven by the loop (hosting.h): it is fed when there are free workers, told of documents, and heard; it waits for
 * nothing. Where its document is is all that is read of a dossier (origin.h).
 */
#ifndef YOGI_HOST_POST_H
#define YOGI_HOST_POST_H

#include "proto/wire/ledger.h"
#include "proto/crew.h"
#include "proto/fetch/fetch.h"

typedef struct post post_t;

/* All of it is borrowed and outlives the post. */
typedef struct {
    ledger_t *ledger;
    fetch_t *fetch;
    const log_t *log;
    const char *host;   /* for the trail */
    uint32_t number;    /* of the stage in the ledger */
    uint32_t workers;   /* to have */
    worker_plan_t crew; /* with the stage's name */
} post_plan_t;

post_t *post_new(const post_plan_t *plan);
void post_destroy(post_t **post); /* kills what still runs; takes NULL; nulls the caller's pointer */

/* Hears the workers; lowers *next_us to the time of the next call needed. Also after post_feed, before the caller
 * waits. */
void post_hear(post_t *post, int64_t now_us, int64_t *next_us);

/* A document has come, or could not be had. Whether it was for a job of this post, which then keeps its descriptor. */
bool post_fetched(post_t *post, const fetch_event_t *event, int64_t now_us);

void post_feed(post_t *post, int64_t now_us); /* gives free workers their next jobs */
bool post_can_feed(const post_t *post);       /* whether post_feed has something to do */

/* A job that was only prepared is not here any more, if it is one of this post's. */
void post_drop(post_t *post, uint32_t job);

/* The job is not wanted any more, if it is one of this post's; or none of them is, and all are lost. Their answers
 * follow from post_hear and post_sweep. */
void post_kill(post_t *post, uint32_t job);
void post_give_up(post_t *post);
void post_sweep(post_t *post, int64_t now_us);

/* The crew: for its descriptors, its faults and its end. */
crew_t *post_crew(post_t *post);
const char *post_stage(const post_t *post);

#endif
