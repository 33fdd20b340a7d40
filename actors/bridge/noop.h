/* noop: what a job on a queue of the stage noop is to do, by its data, for trials, tests and benches:
 *
 *     {"op":"ok"}                      completes with {}
 *     {"op":"echo","value":V}          completes with V, any JSON
 *     {"op":"void"}                    completes with null
 *     {"op":"slow","ms":N}             completes with null after N ms
 *     {"op":"fail","message":T}        fails, and may be tried again
 *     {"op":"failTimes","times":N}     fails so often, then completes
 *     {"op":"unrecoverable","message"} fails for good
 *     {"op":"progress","steps":N}      tells progress N times, up to 100
 *     {"op":"log","lines":N}           writes N lines into the job's log
 *     {"op":"crash"}, {"op":"hang"}    for an actor, whose worker dies or hangs
 *
 * Pure.
 */
#ifndef YOGI_BRIDGE_NOOP_H
#define YOGI_BRIDGE_NOOP_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* Longest wait; most steps and lines. */
enum { NOOP_MS_MOST = 24 * 3600 * 1000, NOOP_STEPS_MOST = 10000 };

typedef enum {
    NOOP_OK,
    NOOP_ECHO,
    NOOP_VOID,
    NOOP_SLOW,
    NOOP_FAIL,
    NOOP_FAIL_TIMES,
    NOOP_UNRECOVERABLE,
    NOOP_PROGRESS,
    NOOP_LOG,
    NOOP_CRASH,
    NOOP_HANG,
} noop_kind_t;

typedef struct {
    noop_kind_t kind;
    int64_t count; /* ms, times, steps or lines */
} noop_t;

/* Reads the data. text is what it completes with (JSON), or the message it fails with; appended. -1 with FAULT_USAGE:
 * the data are no JSON, or name no op. */
int noop_parse(const char *data, size_t size, noop_t *noop, buf_t *text, fault_t *fault)
    __attribute__((warn_unused_result));

/* What the stage noop of an actor is to do for it (options.noop of the dossier). Returns out, or NULL: nothing. */
const char *noop_option(const noop_t *noop, char out[32]);

#endif
