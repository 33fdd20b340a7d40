/* ending: how a job that was worked on ends in Redis: completed, failed, or tried again; as one call of a script. Pure
 * but for the chance that jitter takes.
 */
#ifndef YOGI_BRIDGE_ENDING_H
#define YOGI_BRIDGE_ENDING_H

#include "job.h"
#include "proto/base/chance.h"

/* What came of the work. */
typedef struct {
    bool good;  /* value is JSON; else it says why it failed */
    bool final; /* it would fail again: it is not tried again */
    span_t value;
    span_t where; /* of a failure, for its trace: "stage ocr, host-1" */
} upshot_t;

typedef enum { ENDING_COMPLETED, ENDING_FAILED, ENDING_RETRIED, ENDING_DELAYED } ending_kind_t;

/* Rules of removal where a job has none of its own. */
typedef struct {
    keep_t completed, failed;
} ending_rules_t;

/* Appends the call. fetch: the next job is wanted at once (it does not come after ENDING_RETRIED). */
ending_kind_t ending_call(const job_t *job, const upshot_t *outcome, const call_scene_t *scene,
                          const ending_rules_t *rules, bool fetch, int64_t now_ms, chance_t *chance, buf_t *out);

#endif
