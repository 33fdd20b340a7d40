/* verdict: how a fault of a job is told to a broker, which decides by the class what comes next (PROTOCOL.md section
 * 8). Pure. */
#ifndef YOGI_HOST_VERDICT_H
#define YOGI_HOST_VERDICT_H

#include "proto/message.h"
#include "proto/worker.h"

/* Of a job that its worker did not do. */
failed_t verdict_of_work(const worker_result_t *result);

/* Of a document that could not be fetched. */
failed_t verdict_of_fetch(const fault_t *fault);

#endif
