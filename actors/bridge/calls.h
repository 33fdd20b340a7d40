/* calls: the calls of BullMQ's scripts as commands for Redis: EVALSHA, keys and arguments of every script that the
 * bridge uses, in the order of its major. Pure; unit tests hold the bytes against what Node's bullmq sends.
 *
 * Each function appends one whole command (proto/redis/resp.h). Texts are borrowed for the call. Times are Unix ms.
 * Numbers that a script answers with when it refuses are call_refusal's.
 */
#ifndef YOGI_BRIDGE_CALLS_H
#define YOGI_BRIDGE_CALLS_H

#include "keys.h"
#include "proto/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of some length, not closed. */
typedef struct {
    const char *at;
    size_t size;
} span_t;

static inline span_t span_of(const buf_t *buf)
{
    return (span_t){buf->bytes, buf->size};
}
span_t span_text(const char *text); /* NULL is an empty one */

/* Who calls, for one queue. Plain data; stays the same for many calls. */
typedef struct {
    major_t major;
    const keys_t *keys;
    const char *token;      /* under which jobs are locked */
    const char *worker;     /* name that jobs carry as `pb`; NULL = none */
    int64_t lock_ms;        /* how long a lock holds */
    int64_t limit_max;      /* jobs in limit_ms; 0 = no limiter */
    int64_t limit_ms;       /* of the limiter */
    int64_t metrics_points; /* minutes of metrics that are kept; 0 = none */
} call_scene_t;

/* Jobs that are kept when they have ended. Plain data; {.count = -1} keeps all. */
typedef struct {
    int64_t count; /* so many; -1 = all */
    int64_t age_s; /* so old, in seconds; 0 = any */
    int64_t limit; /* removed at a time; 0 = the script's own limit */
} keep_t;

void call_move_to_active(buf_t *out, const call_scene_t *scene, int64_t now_ms);

typedef struct {
    span_t id;
    bool completed; /* else failed */
    span_t value;   /* JSON of what it returns; or why it failed */
    span_t fields;  /* msgpack flat array of further fields of the job; empty = none */
    keep_t keep;
    int64_t attempts;                                                        /* that the job may have */
    bool fetch;                                                              /* the next job at once */
    bool fail_parent, continue_parent, ignore_dependency, remove_dependency; /* the job's fpof, cpof, idof, rdof */
} call_finish_t;
void call_finish(buf_t *out, const call_scene_t *scene, const call_finish_t *finish, int64_t now_ms);

/* Back to wait at once, one attempt more. */
void call_retry(buf_t *out, const call_scene_t *scene, span_t id, bool lifo, span_t fields, int64_t now_ms);

/* Back after delay_ms, one attempt more. With `fetch` the next job comes at once. */
void call_delay(buf_t *out, const call_scene_t *scene, span_t id, int64_t delay_ms, span_t fields, bool fetch,
                int64_t now_ms);

/* Handed back to wait, no attempt counted. */
void call_give_back(buf_t *out, const call_scene_t *scene, span_t id);

void call_stalled(buf_t *out, const call_scene_t *scene, int64_t most, int64_t interval_ms, int64_t now_ms);

/* Renews the locks of these jobs; answers with the ids of those that are not this token's any more. */
void call_extend(buf_t *out, const call_scene_t *scene, const span_t *ids, size_t count);

void call_progress(buf_t *out, const call_scene_t *scene, span_t id, span_t json);
void call_log(buf_t *out, const call_scene_t *scene, span_t id, span_t row, int64_t keep); /* keep 0 = all rows */

/* The next run of a scheduler. options is msgpack. */
typedef struct {
    span_t scheduler; /* id of it */
    span_t producer;  /* id of the job that runs now */
    int64_t next_ms;  /* when; any number for `every` */
    span_t data;      /* JSON */
    span_t options;   /* msgpack map of the next job's */
} call_schedule_t;
void call_schedule(buf_t *out, const call_scene_t *scene, const call_schedule_t *schedule, int64_t now_ms);

/* A job to add, for who produces. */
typedef struct {
    span_t id;         /* chosen by the caller */
    span_t name, data; /* data is JSON */
    span_t options;    /* msgpack map; must have attempts */
    int64_t delay_ms;  /* 0 = none */
    int64_t priority;  /* 0 = none */
} call_add_t;
void call_add(buf_t *out, const call_scene_t *scene, const call_add_t *add, int64_t now_ms);

/* Whether a job has ended, with its value or reason. */
void call_is_finished(buf_t *out, const call_scene_t *scene, span_t id);

/* Takes a job away, unless a worker has it: answers 1, or 0. */
void call_remove(buf_t *out, const call_scene_t *scene, span_t id);

/* A job that has failed goes back to wait, its attempts begin anew. Answers 1, or a refusal. */
void call_again(buf_t *out, const call_scene_t *scene, span_t id, bool lifo);

/* Takes all jobs away that wait, and with `delayed` those too; but those of schedulers. */
void call_drain(buf_t *out, const call_scene_t *scene, bool delayed);

/* Makes a script known to Redis (SCRIPT LOAD) before many calls of it leave at once, each of which would be told
 * NOSCRIPT. */
void call_load(buf_t *out, const call_scene_t *scene, script_kind_t kind);

/* The same command with the script's text in place of its hash, for an answer NOSCRIPT. false when it is no EVALSHA of
 * one of ours. */
bool call_with_text(const void *command, size_t size, buf_t *out);

/* "missing-lock", for the negative number that a script answers; NULL when it is none that is known. */
const char *call_refusal(int64_t number);
enum {
    REFUSAL_NO_JOB = -1,
    REFUSAL_NO_LOCK = -2,
    REFUSAL_NOT_ACTIVE = -3,
    REFUSAL_CHILDREN = -4,
    REFUSAL_NO_PARENT = -5,
    REFUSAL_OTHER_LOCK = -6,
    REFUSAL_PARENT = -7,
    REFUSAL_FAILED_CHILDREN = -9,
};

#endif
