/* jobs: what an actor has in hand, for which broker, and what it still owes: a pure machine without sockets, workers or
 * clock. What link.h is for owners.
 *
 * For:    the loop of an actor (by proto/wire/ledger.h), which turns frames into jobs_receive, asks jobs_take whenever
 * a worker is free, tells how it ended, and turns JOBS_SEND into frames and JOBS_KILL into the supervisor's kill; and
 * the simulation. One thread. Keeps:  an answer (DONE, FAILED) until its broker has acknowledged it, and sends it
 * again; the sum of the tokens it holds for each broker, told with every heartbeat; the division of its slots among
 * brokers, by demand; and how many there are, by the pace of a stage (pace.h). Limits: a broker has at most
 * MESSAGE_TOKENS_MOST jobs here; more are returned. Answers for a broker that is gone are dropped after keep_ms.
 *
 *     JOB ─▶ WAITING ───────────jobs_take────────────▶ RUNNING ──jobs_done, jobs_failed──▶ ANSWERED ──ACK──▶ (gone)
 *            ▲ │  └─jobs_prepare─▶ PREPARED ─jobs_begin─▲ │                               │    ▲
 *            │ │                      │                   │                               └────┘ again after resend_ms
 *            └─┼──────────────────────┼───jobs_put_back───┘
 *              └──────────────────────┴─▶ (gone): CANCEL, drain, another life of the broker; WAITING: fewer slots
 *
 * Every function that takes `now` replaces the actions; jobs_actions gives those of the last one.
 *
 * Rooms, each above the next: jobs (calls and time), jobs_hear (what brokers say), jobs_say (what is said to them),
 * slots (credit among brokers), pace (how many jobs wait), duties (the table), jobs_action.
 */
#ifndef YOGI_JOBS_H
#define YOGI_JOBS_H

#include "jobs_action.h"
#include "jobs_options.h"

typedef struct jobs jobs_t;

/* Brokers of one host. */
enum { JOBS_BROKERS_MOST = 16 };

jobs_options_t jobs_defaults(void); /* instance, name and stages are to be filled in */
jobs_t *jobs_new(const jobs_options_t *options, int64_t now_us);
void jobs_destroy(jobs_t **jobs);

/* One more broker, from now on; says HELLO. Returns its number, from 0. At most JOBS_BROKERS_MOST (asserted). */
uint32_t jobs_broker(jobs_t *jobs, int64_t now_us);

void jobs_receive(jobs_t *jobs, uint32_t broker, const message_t *message, int64_t now_us); /* from a broker */
void jobs_tick(jobs_t *jobs, int64_t now_us);
int64_t jobs_deadline(const jobs_t *jobs); /* when jobs_tick is due */

/* The next job for a free worker of this stage (its place in the options), begun from now on: its number, and the JOB
 * as it came, which holds until jobs_done or jobs_failed. False when there is none. Brokers take turns; within one, by
 * priority, then as they came. */
bool jobs_take(jobs_t *jobs, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us);

/* As jobs_take, but the job is only to be made ready (its document fetched) while workers have others. It has not begun
 * until jobs_begin says so, and until then it may be gone again: JOBS_DROP. jobs_ready: it could be begun now. */
bool jobs_prepare(jobs_t *jobs, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us);
void jobs_ready(jobs_t *jobs, uint32_t job, int64_t now_us);
void jobs_begin(jobs_t *jobs, uint32_t job, int64_t now_us);

/* No worker got to it, and it is not called off: it waits again, or goes back where the host drains. */
void jobs_put_back(jobs_t *jobs, uint32_t job, int64_t now_us);

/* How long a worker was at it, before jobs_done or jobs_failed: of this the number of jobs that wait here is made
 * (pace.h). jobs_run_us: the mean of a stage; 0 = not measured. */
void jobs_ran(jobs_t *jobs, uint32_t job, int64_t us);
int64_t jobs_run_us(const jobs_t *jobs, uint32_t stage);

void jobs_progress(jobs_t *jobs, uint32_t job, uint32_t done, uint32_t total, int64_t now_us);

/* What a worker has made; copied. */
typedef struct {
    slice_t dossier;    /* empty = as it was */
    slice_t attachment; /* bytes beside it, for the owner; both together at most MESSAGE_BODY_MOST */
    const char *next;   /* stage to go on with; NULL = the next */
    bool last;          /* the run ends here */
} jobs_result_t;

void jobs_done(jobs_t *jobs, uint32_t job, const jobs_result_t *result, int64_t now_us);

/* It failed. Of one that was called off the broker is told just that. */
void jobs_failed(jobs_t *jobs, uint32_t job, failed_t class, const char *fault, const char *text, int64_t now_us);

/* No more jobs: those that wait are returned, those that run end, then jobs_drained is true and GOODBYE said. */
void jobs_drain(jobs_t *jobs, int64_t now_us);
bool jobs_drained(const jobs_t *jobs);

const jobs_action_t *jobs_actions(const jobs_t *jobs, size_t *count);

uint32_t jobs_count(const jobs_t *jobs);                   /* in hand, answered ones too */
uint32_t jobs_waiting(const jobs_t *jobs, uint32_t stage); /* for a worker */
bool jobs_connected(const jobs_t *jobs, uint32_t broker);

/* Asserts that lists, counts and digests agree. For tests. */
void jobs_audit(const jobs_t *jobs);

#endif
