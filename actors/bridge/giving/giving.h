/* giving: stages that are given to workers of BullMQ: at the brokers an actor of these stages, in Redis a producer.
 * Each dossier becomes a job of the stage's queue, and what its worker returns becomes the dossier's next state. A
 * worker in Node.js or Python sees an ordinary job (papers/payload.h).
 *
 * For:    the bridge's loop, one thread; nothing blocks. Two connections to Redis: for commands, and one that waits at
 *         the streams of events.
 * Once:   a job's id follows from run, stage and attempt, and the job is kept until the run's deadline. So the same
 *         dossier handed in again (by a bridge that was started anew, or a broker that had lost it) meets the job that
 *         is there, and a further attempt is a new job.
 * Misses: nothing. The streams are read from ids that were taken before the first job was added, and go on there after
 *         a broken connection; and a job is asked for by itself where it had been there before it was added, whenever a
 *         connection comes back, and now and then, as a stream is trimmed.
 * Fails:  a job that failed is a retryable failure of the stage, which the broker tries again; where its worker threw
 *         UnrecoverableError, or returned what is none of the stage's, a permanent one.
 *
 *     JOB ─▶ NEW ──add──▶ ADDING ──its id──▶ WAITING ──event: completed─▶ DONE to the broker
 *             ▲             │                 ▲  │ └────event: failed───▶ READING ─▶ FAILED
 *             └──no answer──┘      not ended──┘  │ asked for
 *                                            ASKING ──ended──▶ as an event
 *
 * Rooms, each above the next: giving (the brokers' end, and what an event or an answer means), courier (what is said to
 * Redis for a gift), events (what Redis tells of all), desk (the table of a stage) and handover (messages to jobs and
 * back).
 */
#ifndef YOGI_BRIDGE_GIVING_H
#define YOGI_BRIDGE_GIVING_H

#include "giving_plan.h"
#include "proto/base/log.h"
#include "proto/redis/redis_place.h"

#include <poll.h>
#include <stdbool.h>

enum { GIVING_POLLS_MOST = 64 };

typedef struct giving giving_t;

/* Texts and the rest are borrowed while it lives. */
typedef struct {
    const giving_plan_t *plan;
    const settings_t *settings;
    const redis_place_t *place;
    const log_t *log;
    const char *name; /* of the bridge, for people */
} giving_scene_t;

/* Counted since the start. */
typedef struct {
    uint64_t added;     /* jobs that were put into queues */
    uint64_t met;       /* jobs that had been there: of a bridge that died, or another broker's */
    uint64_t completed; /* answered with a result */
    uint64_t failed;    /* answered with a failure */
    uint64_t errors;    /* answers of Redis that were errors */
} giving_counts_t;

/* NULL with the fault: the brokers' end cannot be made. */
giving_t *giving_new(const giving_scene_t *scene, fault_t *fault);

/* What is out stays in its queue, and its result with it. Takes NULL; nulls the caller's pointer. */
void giving_destroy(giving_t **giving);

/* Does what there is to do; lowers *next_us. */
void giving_step(giving_t *giving, int64_t now_us, int64_t *next_us);
size_t giving_poll(const giving_t *giving, struct pollfd *polls); /* writes at most GIVING_POLLS_MOST */

bool giving_is_ready(const giving_t *giving); /* a broker is heard, and every queue is known */

void giving_drain(giving_t *giving, int64_t now_us);   /* takes nothing more */
void giving_give_up(giving_t *giving, int64_t now_us); /* what is out is told to the brokers as lost: others go on */
bool giving_is_drained(const giving_t *giving);        /* nothing is out, and the brokers know */

giving_counts_t giving_counts(const giving_t *giving);

#endif
