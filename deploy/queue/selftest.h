/* selftest: puts a job that does nothing through a queue and tells of each hop: `yogi queue selftest`. */
#ifndef YOGI_DEPLOY_QUEUE_SELFTEST_H
#define YOGI_DEPLOY_QUEUE_SELFTEST_H

#include "hop.h"
#include "office.h"

/* In this queue, or where it is NULL in the first that bridges serve with the stage noop. Appends a line for each hop.
 * 0 when the job came back; 1 when it did not, after office->wait_ms, with the reason in the last line; -1 with the
 * fault. */
int selftest_run(office_t *office, const char *queue, bool json, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* One queue that is tried. Plain data. */
typedef struct {
    const char *queue;
    const char *refusal; /* part of what its stage must say of a job without a document; NULL = it does the job */
    bool looking;        /* no job is put in: it is other people's workers that would do it */
} selftest_way_t;

/* The same for any queue, its hops told as they are made. looking: 1 where nobody serves it. */
int selftest_way(office_t *office, const selftest_way_t *way, hops_t *hops, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
