/* queue: one queue of BullMQ that the bridge works on: it fetches jobs into its slots, hands them to whoever does the
 * work, and brings the end of each to Redis. Two connections for commands are shared by all queues; a third, its own,
 * waits for the marker and carries its name.
 *
 * For:   the bridge's loop, one thread. Nothing blocks.
 * Lost:  a command whose answer is lost with a connection is told again where that may be (the end of a job), and
 *        counted as unsure where Redis says then that there is nothing to end.
 * Time:  functions take the loop's clock (µs, monotonic); Redis is told Unix milliseconds.
 *
 *     FREE ─▶ FETCHING ─▶ (SCHEDULING ─▶) (GATHERING ─▶) WORKING ──queue_end──▶ ENDING ─▶ FREE, or the next job
 *                                            └── its lock is lost: called off ─▶ FREE
 */
#ifndef YOGI_BRIDGE_QUEUE_H
#define YOGI_BRIDGE_QUEUE_H

#include "cron/zones.h"
#include "ending.h"
#include "proto/base/log.h"
#include "proto/redis/redis.h"
#include "renewer.h"
#include "tally.h"

/* Upper end of jobs at once: more than Redis can serve. */
enum { QUEUE_SLOTS_MOST = 10000, QUEUE_LINES = 2 };

typedef struct queue queue_t;

/* Does the work of a slot: ends it sooner or later (queue_end), in the call or after. The job stays as long as the slot
 * works on it. */
typedef void queue_work_fn(void *owner, queue_t *queue, uint32_t slot, const job_t *job);

/* The work of this slot is not wanted any more. */
typedef void queue_cancel_fn(void *owner, queue_t *queue, uint32_t slot);

/* Texts are borrowed while the queue lives. */
typedef struct {
    const char *prefix, *name; /* "bull", "ocr" */
    const char *stage;         /* that its jobs are for */
    bool through;              /* on to the end, not the stage alone */
    bool gathers;              /* what children have returned, and what was recorded, is wanted with a job */
    const char *tenant;        /* whose documents they are; "" = the default one */
    uint32_t number;           /* of this queue, from 0 */
    uint32_t slots;            /* jobs at once */
    int major;                 /* major_t, or -1: as the queue says */
    const char *token, *worker;
    int64_t lock_ms, stalled_ms, stalled_most, drain_ms;
    int64_t limit_max, limit_ms, metrics_points;
    ending_rules_t rules;
    zones_t *zones; /* of schedulers */
    const redis_place_t *place;
    redis_t *lines[QUEUE_LINES]; /* for commands */
    renewer_t *renewer;
    const log_t *log;
    queue_work_fn *work;
    queue_cancel_fn *cancel;
    void *owner; /* handed to both */
} queue_plan_t;

queue_t *queue_new(const queue_plan_t *plan);
void queue_destroy(queue_t **queue); /* takes NULL; nulls the caller's pointer */

/* The time of this turn of the loop, before anything else in it: of the monotonic clock, and of Unix. */
void queue_look(queue_t *queue, int64_t now_us, int64_t now_ms);

/* Does what is due; lowers *next_us. */
void queue_step(queue_t *queue, int64_t *next_us);

/* A connection for commands is up again, or lost. */
void queue_line(queue_t *queue, bool up);

size_t queue_poll(const queue_t *queue, struct pollfd *polls); /* at most REDIS_POLLS_MOST */
void queue_quiet(queue_t *queue);                              /* none of them is ready */

/* The work of this slot has come to its end, now or (due_us) later. Texts are copied. */
void queue_end(queue_t *queue, uint32_t slot, const upshot_t *outcome, int64_t due_us);
void queue_progress(queue_t *queue, uint32_t slot, span_t json);
void queue_log(queue_t *queue, uint32_t slot, span_t row);

/* Keeps what the work has come to for whoever takes the job over: the stage that is next, and the dossier. It comes
 * with the job then (job.h), and goes when the attempt ends. */
void queue_record(queue_t *queue, uint32_t slot, span_t next, span_t dossier);

/* The job is another's; nothing more is done for it. */
void queue_forget(queue_t *queue, uint32_t slot);

/* Its lock is lost; number as the renewer gave it. */
void queue_lost(queue_t *queue, uint32_t slot, uint64_t number);

void queue_stop(queue_t *queue);      /* fetches nothing more */
void queue_hand_back(queue_t *queue); /* gives what is being worked on back */

const queue_plan_t *queue_plan(const queue_t *queue);
uint64_t queue_turn(const queue_t *queue,
                    uint32_t slot);           /* number of the job in the slot: of this work, and no other */
bool queue_is_fetching(const queue_t *queue); /* it has been asked for jobs */
uint32_t queue_busy(const queue_t *queue);    /* slots that are not free */
tally_t queue_tally(const queue_t *queue);
tally_t *queue_counts(queue_t *queue); /* to add to */

#endif
