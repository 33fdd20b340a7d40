/* job: a job as it was fetched from a queue, copied out of Redis's answer. Plain data in an arena.
 *
 * A hash that lacks fields, or has strange ones, is still a job: what is missing is empty or 0.
 */
#ifndef YOGI_BRIDGE_JOB_H
#define YOGI_BRIDGE_JOB_H

#include "job_options.h"
#include "proto/base/arena.h"
#include "proto/redis/reply.h"

typedef struct {
    span_t id, name, data; /* each closed with a zero behind */
    span_t options_text;   /* `opts` as it came */
    job_options_t options; /* of it */
    fault_t fault;         /* FAULT_NONE, or why the options cannot be read */
    span_t deferred;       /* `defa`: it is to fail with that; empty = not */
    span_t scheduler;      /* `rjk`; empty = of none */
    span_t stacktrace;     /* JSON array as it came; empty = none */
    int64_t priority;      /* 0 first */
    span_t parent;         /* `parentKey` */
    int64_t timestamp_ms;  /* when it was added */
    int64_t made, started; /* attempts made before, and started with this one */
    int64_t stalled;       /* how often its worker has vanished */
    span_t children; /* what the last of its children has returned, a JSON object; empty = none, or not asked for */
    span_t record;   /* what an attempt that was broken off had come to: stage, line feed, dossier; likewise */
    int64_t processed_ms; /* when this attempt began */
} job_t;

/* What moveToActive, moveToFinished … answer: a job, or why there is none. */
typedef struct {
    bool has_job;
    int64_t limited_ms; /* the queue is limited for so long */
    int64_t delayed_ms; /* Unix time of the next delayed job; 0 = none */
} fetched_t;

/* Reads the answer; the job, when there is one, is filled, in the arena. false: it is no such answer. */
bool job_read(const reply_t *reply, arena_t *arena, fetched_t *fetched, job_t *job);

/* The same of a hash alone (HGETALL), of the job with this id. */
void job_fill(const reply_t *hash, span_t id, arena_t *arena, job_t *job);

#endif
