/* bull_job: one job of Bull 3 or 4, read from the fields of its hash. Pure; the fields are hostile.
 *
 *     name        "__default__" where none was given
 *     data, opts  JSON texts; the demo's data are {documentId, filePath, sessionId?}
 *     timestamp   when it was added; delay, priority, attemptsMade, processedOn: numbers as text
 *
 * Source: OptimalBits/bull, lib/job.js (toData) and lib/commands/addJob.
 */
#ifndef YOGI_DEPLOY_BULL_JOB_H
#define YOGI_DEPLOY_BULL_JOB_H

#include "proto/base/arena.h"
#include "proto/redis/reply.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a job stands that has not ended. In the order in which it would be taken: one that a dead worker has left is
 * put first by Bull, too. */
typedef enum { BULL_ACTIVE, BULL_WAITING, BULL_PAUSED, BULL_DELAYED, BULL_PLACES } bull_place_t;
const char *bull_place_name(bull_place_t place); /* "waiting" */

/* DOCUMENT: of an id, as the store takes it. ATTEMPTS: more are not believed. */
enum { BULL_DOCUMENT_MOST = 512, BULL_ATTEMPTS_MOST = 1000 };

/* Plain data; texts lie in the arena and are neutered of nothing. */
typedef struct {
    const char *id;
    bull_place_t place;
    bool locked;          /* a worker has it now */
    const char *name;     /* "" = none is kept */
    const char *document; /* NULL: its data name none */
    int64_t added_ms;     /* Unix time; 0 = not known */
    int64_t due_ms;       /* Unix time before which it is not taken; 0 = at once */
    int64_t priority;     /* 1 first; 0 = none: behind all that have one */
    int attempts, made;   /* allowed in all, and used up */
    char backoff[16];     /* "exponential", "fixed"; "" = none */
    int64_t backoff_ms;   /* of it */
    const char *why;      /* it cannot be carried: why; NULL = it can */
} bull_job_t;

/* The fields that bull_job_read wants of a hash, in this order (HMGET), NULL-ended. */
extern const char *const bull_job_fields[];

/* Reads them: reply is the answer to HMGET, or an error. id and place are set before. Never fails: what makes no sense
 * is told in why. */
void bull_job_read(bull_job_t *job, const reply_t *reply, arena_t *arena);

/* Attempts that it has left, one at least. */
int bull_job_left(const bull_job_t *job);

/* When it is due, from its score in Bull's set of delayed jobs: milliseconds times 4096, and twelve bits of its number.
 * 0 where that is no time. */
int64_t bull_job_due_ms(double score);

#endif
