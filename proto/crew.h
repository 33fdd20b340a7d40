/* crew: the workers of one stage together, kept running and fed by a host (yogi-actor) with jobs under keys of its own.
 *
 * Every worker is started at once and again whenever it is gone, as base/child_policy.h lets it: one that dies before
 * its first job rests, each time longer, and the crew has a place less meanwhile. A job that cannot go on ends with its
 * cause and takes no other along. The crew never blocks and has no clock: the caller's loop waits for its descriptors
 * until the time that it names, with one poll for all that it waits for, and says what was found. How many jobs it
 * takes is crew_free, which a host tells its brokers as credit; the queue is theirs.
 */
#ifndef YOGI_CREW_H
#define YOGI_CREW_H

#include "worker.h"

typedef struct crew crew_t;

/* Most workers of a crew: no machine has more cores. */
enum { CREW_MOST = 1024 };

typedef enum {
    CREW_PROGRESS, /* done of total parts */
    CREW_ENDED, /* the result is the taker's, to be freed with worker_result_free; WORKER_BACK is not among its ends */
    CREW_BACK,  /* the job waited behind another and is no longer with anybody: to be begun again */
} crew_event_kind_t;

typedef struct {
    crew_event_kind_t kind;
    uint64_t key;           /* of the job */
    int done, total;        /* PROGRESS */
    worker_result_t result; /* ENDED */
} crew_event_t;

/* A crew of `count` workers after the plan (its number is filled in); none is started before the first crew_step. Never
 * NULL. */
crew_t *crew_new(const worker_plan_t *plan, size_t count);

/* Kills what still runs; takes NULL; nulls the caller's pointer. */
void crew_destroy(crew_t **crew);

/* Jobs that a worker may have in its hands, 1 to HAND_MOST; 1 at first. More is for jobs so short that handing one over
 * takes as long as its work. A worker's next jobs come after idle workers', and those that wait behind a long one come
 * back (CREW_BACK). */
void crew_deepen(crew_t *crew, uint32_t depth);

/* How many jobs can be begun now, by workers that are ready or that may have more; 0 while it drains. Any crew_step may
 * change it: look before waiting. */
size_t crew_free(const crew_t *crew);

/* Workers that are ready and have nothing to do. */
size_t crew_idle(const crew_t *crew);

/* Hands a job over (crew_free > 0), to leave with the next crew_flush. -1 with the fault when it does not fit into a
 * message. */
int crew_begin(crew_t *crew, uint64_t key, const worker_job_t *job, int64_t now_us, fault_t *fault)
    __attribute__((warn_unused_result));

/* What was begun leaves, many jobs of a worker in one go. */
void crew_flush(crew_t *crew);

/* Gives a job up: it ends as FAULT_CANCELLED, or comes back. false when no job has the key. */
bool crew_cancel(crew_t *crew, uint64_t key);

/* The process that has the job; 0 = none has. */
pid_t crew_pid(const crew_t *crew, uint64_t key);

/* Does what is due and what crew_heard has told; lowers *next_us to the time of the next call needed. true when there
 * is an event: it is in *event, and the call is to be made again until there is none. Also after crew_begin,
 * crew_cancel and crew_drain, before the caller waits. */
bool crew_step(crew_t *crew, int64_t now_us, int64_t *next_us, crew_event_t *event) __attribute__((warn_unused_result));

/* Descriptors to wait for: writes at most crew_polls. What poll(2) found goes to crew_heard, before anything else of
 * the crew is called. */
size_t crew_poll(crew_t *crew, struct pollfd *polls);
void crew_heard(crew_t *crew, const struct pollfd *polls);
size_t crew_polls(const crew_t *crew);

/* No new job; workers end as soon as they have none. Then crew_step until crew_is_drained. */
void crew_drain(crew_t *crew);
bool crew_is_drained(const crew_t *crew);

/* Why no worker can be had, where one was refused for good; FAULT_NONE otherwise. */
const fault_t *crew_fault(const crew_t *crew);

/* Protections of the sandbox that a worker could not have, in words; NULL = none that is known of. */
const char *crew_missing(const crew_t *crew);

/* Whether jobs need the document; known once crew_free was above 0. */
bool crew_wants_bytes(const crew_t *crew);

/* CPU time of the processes that have ended, us. */
int64_t crew_cpu_us(const crew_t *crew);

/* Workers in each state, for figures: counts[CHILD_STATES]. */
void crew_count(const crew_t *crew, size_t counts[CHILD_STATES]);

#endif
