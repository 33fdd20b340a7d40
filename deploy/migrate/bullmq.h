/* bullmq: the new queues, for `yogi migrate queues`: a job that goes into one, and whether each is served. bullmq.c; a
 * build without the bridge has bullmq_none.c in its place, which refuses.
 */
#ifndef YOGI_DEPLOY_MIGRATE_BULLMQ_H
#define YOGI_DEPLOY_MIGRATE_BULLMQ_H

#include "deploy/queue/hop.h"
#include "proto/process.h"

typedef struct bullmq bullmq_t;

/* Connects to the Redis of the settings. NULL with the fault. */
bullmq_t *bullmq_open(process_t *process, int64_t wait_ms, fault_t *fault);
void bullmq_close(bullmq_t **bullmq); /* takes NULL; nulls the caller's pointer */

/* What becomes a job. Plain data; texts are the caller's. */
typedef struct {
    const char *id; /* under it the job is added once, for as long as it is kept: a week behind its end */
    const char *document, *filename;
    const char *blob; /* where its bytes are */
    bool in_bucket;   /* blob is a key there, else the path of a file */
    int attempts;
    const char *backoff; /* "exponential", "fixed"; "" = none */
    int64_t backoff_ms;  /* of it */
    int64_t delay_ms;    /* before which it is not taken */
} bullmq_job_t;

/* Adds it to the queue, durably as far as Redis is. */
int bullmq_add(bullmq_t *bullmq, const char *queue, const bullmq_job_t *job, fault_t *fault)
    __attribute__((warn_unused_result));

/* Tells of each hop of each queue of the settings. Queues that the bridge serves are tried with a job, those of other
 * people's workers are looked at. */
int bullmq_check(bullmq_t *bullmq, hops_t *hops, fault_t *fault) __attribute__((warn_unused_result));

#endif
