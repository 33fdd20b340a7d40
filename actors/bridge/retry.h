/* retry: what becomes of a job that has failed, as BullMQ's own workers decide it. Pure.
 *
 * attempt = attempts made before + 1. Attempts left and the failure is not final: again after the backoff of that
 * attempt: fixed d; exponential round (2^(attempt - 1) * d); with jitter j floor (random * d * j + d * (1 - j)).
 * A type of backoff that nobody knows ends the job, with words that say so: Node leaves such a job behind as stalled.
 */
#ifndef YOGI_BRIDGE_RETRY_H
#define YOGI_BRIDGE_RETRY_H

#include "job_options.h"
#include "proto/base/chance.h"

typedef enum { RETRY_NEVER, RETRY_NOW, RETRY_LATER } retry_kind_t;

typedef struct {
    retry_kind_t kind;
    int64_t delay_ms; /* RETRY_LATER */
    bool unknown;     /* RETRY_NEVER because of the type of its backoff */
} retry_t;

retry_t retry_decide(const job_options_t *options, int64_t made, bool final, chance_t *chance);

/* Appends the traces of a job with one more, as JSON, the last `limit` of them (-1 = all). */
void retry_trace(const char *traces, size_t size, span_t trace, int64_t limit, buf_t *out);

#endif
