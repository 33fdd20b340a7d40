/* worker: one yogi-worker as its supervisor sees it: a kept child process for one stage, which works on one job at a
 * time and may be given others to go on with (hand.h), spoken to by work.h.
 *
 * Used by whoever runs workers: the slots of `yogi read` (deploy/slot.h) and, many together, crew.h. Driven by the
 * caller's loop; never blocks. The supervisor does not look inside a dossier, and whatever the child does (crash, hang,
 * outgrow its memory, babble) is a fault of its job and no more. When a process is started again, and when not, is
 * decided in base/child_policy.h; that it is started at all is the caller's to do.
 */
#ifndef YOGI_WORKER_H
#define YOGI_WORKER_H

#include "base/buf.h"
#include "base/child.h"
#include "base/log.h"
#include "hand.h"

typedef struct worker worker_t;

/* How the sandbox of workers is meant (the setting YOGI_SANDBOX). */
typedef enum {
    WORKER_SHUT,   /* as well as the kernel can; what is missing is told */
    WORKER_STRICT, /* a worker that misses a protection gets no job */
    WORKER_OPEN,   /* none: for measuring what one would forbid */
} worker_sandbox_t;

/* What to run and within which limits. Its texts must outlive the worker. */
typedef struct {
    const char *program;      /* path of yogi-worker */
    const char *stage;        /* its name */
    worker_sandbox_t sandbox; /* how it is shut in */
    int64_t memory_bytes;     /* resident and private memory; 0 = no limit */
    int64_t job_us;           /* longest silence with a job; 0 = no limit */
    int64_t cpu_us;           /* CPU time of a job; 0 = no limit */
    bool patient;             /* never given up */
    int number;               /* for the log */
    const log_t *log;         /* borrowed */
} worker_plan_t;

/* A job as it is handed over. */
typedef struct {
    uint64_t key;         /* the supervisor's own, for the result */
    const buf_t *dossier; /* msgpack, borrowed for the call */
    int fd;               /* the document's bytes, borrowed for the call; used where the stage wants them */
    int32_t attempt;      /* from 1 */
    const char *host;     /* for the trail; NULL = not written */
    int64_t due_us;       /* clock at which it must be done; INT64_MAX = none */
} worker_job_t;

typedef enum {
    WORKER_NEXT,
    WORKER_END,
    WORKER_FAIL,
    WORKER_BACK, /* it waited behind one that took long, or took the process along: to be begun again elsewhere */
} worker_end_t;

/* What became of a job. */
typedef struct {
    uint64_t key;     /* of the job */
    worker_end_t end; /* FAIL: the fault says why, by the stage's own words or by what became of the process */
    bool answered;    /* the stage itself ended it; else the process was lost with it */
    buf_t dossier;    /* msgpack with the stage's part; empty when none came */
    buf_t attachment; /* where the stage made one */
    int64_t run_us;   /* that the worker was at it */
    fault_t fault;    /* FAULT_NONE but for FAIL */
} worker_result_t;

/* A worker without a process. Never NULL. */
worker_t *worker_new(const worker_plan_t *plan);

/* Kills what still runs; takes NULL; nulls the caller's pointer. */
void worker_destroy(worker_t **worker);

/* DOWN (to be started), STARTING, IDLE (takes a job), BUSY, ENDING, RESTING (thrown back by the throttle). */
child_state_t worker_state(const worker_t *worker);

/* Starts the process (DOWN only). -1 with the fault when that is refused for good: it died too often before its first
 * job, or misses a protection of the sandbox. */
int worker_start(worker_t *worker, int64_t now_us, fault_t *fault) __attribute__((warn_unused_result));

/* Whether worker_start refuses for good. */
bool worker_is_hopeless(const worker_t *worker);

/* How many jobs are in its hands, and whether it is held up: one of them was taken back. */
size_t worker_jobs(const worker_t *worker);
bool worker_is_late(const worker_t *worker);

/* Hands over a job: to one that is IDLE, or BUSY with fewer than HAND_MOST in its hands; no result may wait. It leaves
 * with worker_flush, or the next worker_step. -1 with the fault when it does not fit into a message; it is not begun
 * then. */
int worker_begin(worker_t *worker, const worker_job_t *job, int64_t now_us, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether worker_step has something to do though no descriptor tells: more was read than the end of the last job, or
 * the process is down. */
bool worker_is_waiting(const worker_t *worker);

/* Takes what the process sent and does what is due; lowers *next_us to the time of the next call needed. true when the
 * job has ended: take its result before anything else. */
bool worker_step(worker_t *worker, int64_t now_us, int64_t *next_us) __attribute__((warn_unused_result));

/* Whether a result waits to be taken. */
bool worker_is_done(const worker_t *worker);

/* Moves the result out; the taker frees its buffers with worker_result_free. */
void worker_take(worker_t *worker, worker_result_t *result);
void worker_result_free(worker_result_t *result);

/* How far the job is, as the stage tells: parts done of a total. */
void worker_progress(const worker_t *worker, int *done, int *total);

void worker_flush(worker_t *worker);

/* Gives a job up: the process is killed where it is at it, and the job ends as FAULT_CANCELLED at the next worker_step;
 * one that waits for others ends as WORKER_BACK. false when it has no such job, or a result waits to be
 * taken. */
bool worker_cancel(worker_t *worker, uint64_t key);

/* Whether the job is in its hands; which one it is at (BUSY only). */
bool worker_has(const worker_t *worker, uint64_t key);
uint64_t worker_key(const worker_t *worker);

/* Tells the process to end; then worker_step until it is DOWN. A job under way is given up without a result: who drains
 * waits for it first. */
void worker_stop(worker_t *worker, int64_t now_us);

/* Adds the descriptors to wait for (at most CHILD_POLLS) and returns how many. */
size_t worker_poll(const worker_t *worker, struct pollfd *polls);

pid_t worker_pid(const worker_t *worker); /* 0 = none */

/* Protections of the sandbox that the worker could not have, in words; NULL = none, or not started yet. */
const char *worker_missing(const worker_t *worker);

/* Whether its jobs need the document; known once it has been ready. */
bool worker_wants_bytes(const worker_t *worker);

/* The largest resident size of a process it had, bytes, and the CPU time of those that ended, us. */
int64_t worker_peak_bytes(const worker_t *worker);
int64_t worker_cpu_us(const worker_t *worker);

#endif
