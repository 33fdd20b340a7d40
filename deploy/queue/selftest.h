/* selftest: puts a job that does nothing through a queue and tells of each hop: `yogi queue selftest`. */
#ifndef YOGI_DEPLOY_QUEUE_SELFTEST_H
#define YOGI_DEPLOY_QUEUE_SELFTEST_H

#include "office.h"

/* In this queue, or where it is NULL in the first that bridges serve with the stage noop. Appends a line for each hop.
 * 0 when the job came back; 1 when it did not, after office->wait_ms, with the reason in the last line; -1 with the
 * fault. */
int selftest_run(office_t *office, const char *queue, bool json, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
