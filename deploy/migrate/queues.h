/* queues: `yogi migrate queues`: what waits in the demo's queue (Bull 3 or 4, in Redis) goes on in the new system.
 *
 *     plan     reads only: how the old queue stands, and what would become of each job
 *     drain    waits until the old workers have emptied it
 *     carry    each job becomes a run of its document in the store, or a job of a queue of BullMQ (--into)
 *     check    tries each hop of the new queues
 *     back     after a rollback: documents that wait get jobs in the old queue again
 *     resume   ends the pause that drain --pause has made
 *     (none)   carry, runs for documents that wait without a job, check
 *
 * A job is taken out of Bull's lists only after its run is on disk; both are done once, whenever it is killed and run
 * again. Old workers that could take a job meanwhile are in the way, unless --force says to go on, which leaves them
 * the jobs that they have. In a process of its own; blocks.
 */
#ifndef YOGI_DEPLOY_MIGRATE_QUEUES_H
#define YOGI_DEPLOY_MIGRATE_QUEUES_H

#include "bull/bull.h"
#include "gateway/move/pickup.h"
#include "migrate.h"

/* Everything that a command has open. Plain data. */
typedef struct {
    process_t *process;
    const migrate_options_t *options;
    move_options_t *move;
    buf_t *out;
    bull_t bull;
    pickup_t *pickup; /* NULL = the store is not looked at */
    int64_t hop_s;    /* that a hop may take when it is checked */
} queues_t;

/* Appends what the words behind `queues` mean. */
void queues_help(buf_t *out);

/* Does what the words say. 0; 1 where a hop is not good; -1 with the fault. out may hold something in all cases. */
int queues_run(process_t *process, const migrate_options_t *options, move_options_t *move, char **words, int count,
               buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

/* ---- parts of it, for queues.c alone ---- */

int queues_plan(queues_t *queues, fault_t *fault) __attribute__((warn_unused_result));  /* queues_plan.c */
int queues_carry(queues_t *queues, fault_t *fault) __attribute__((warn_unused_result)); /* queues_carry.c */
int queues_drain(queues_t *queues, fault_t *fault) __attribute__((warn_unused_result)); /* queues_drain.c */
int queues_back(queues_t *queues, fault_t *fault) __attribute__((warn_unused_result));  /* queues_back.c */
int queues_resume(queues_t *queues, fault_t *fault) __attribute__((warn_unused_result));
int queues_check(queues_t *queues, fault_t *fault) __attribute__((warn_unused_result)); /* queues_check.c: 1 as above */

/* What becomes of a job. */
typedef enum {
    FATE_CARRIED, /* a run, or a job of BullMQ */
    FATE_COVERED, /* nothing: it was carried before, or its document is read otherwise */
    FATE_LEFT,    /* it stays where it is */
    FATES
} fate_t;

/* Judges a job by what is known; why is a sentence, or "". Texts are good until the next call. */
typedef struct {
    fate_t fate;
    char why[300];
    pickup_found_t found; /* of its document, where the store was looked at */
} sentence_t;
int queues_judge(queues_t *queues, const bull_job_t *job, sentence_t *sentence, fault_t *fault)
    __attribute__((warn_unused_result));

/* Of the move's end, and that somebody has stopped it. */
void queues_progress(const queues_t *queues, const char *what, int64_t done, int64_t total);
bool queues_stopped(const queues_t *queues);

/* Appends a sentence for people: nothing where JSON is wanted. */
void queues_say(const queues_t *queues, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Waits so long, or until somebody has stopped it. */
void queues_rest(const queues_t *queues, int64_t ms);

/* -1 with the fault that says so, where nothing is there under the queue's name; else 0. */
int queues_find(queues_t *queues, const bull_census_t *census, fault_t *fault) __attribute__((warn_unused_result));

#endif
