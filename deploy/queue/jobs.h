/* jobs: what is done with the jobs of a queue: `yogi queue show`, `retry`, `drain`. Each appends what it has to say.
 */
#ifndef YOGI_DEPLOY_QUEUE_JOBS_H
#define YOGI_DEPLOY_QUEUE_JOBS_H

#include "office.h"

/* Everything that is known of a job; queue NULL: the first queue that has one of this id. -1 with the fault. */
int jobs_show(office_t *office, const char *queue, const char *id, bool json, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* Lets failed jobs run again, with all their attempts: those of these ids, or all (count 0). -1 with the fault, where
 * none of those that were named could be. */
int jobs_retry(office_t *office, const char *queue, char *const *ids, size_t count, bool json, buf_t *out,
               fault_t *fault) __attribute__((warn_unused_result));

/* Takes the jobs away that wait, and with `delayed` those too. -1 with the fault. */
int jobs_drain(office_t *office, const char *queue, bool delayed, bool json, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
