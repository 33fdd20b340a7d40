/* verdict: see verdict.h. */
#include "verdict.h"

failed_t verdict_of_work(const worker_result_t *result)
{
    if (result->answered) /* the stage's own words, whatever it calls it */
        return message_failed(&result->fault);
    switch (result->fault.code) {
    case FAULT_CRASHED:
    case FAULT_TIMEOUT:
    case FAULT_MEMORY:
    case FAULT_MESSAGE: /* a stage that babbles is as broken as one that dies */
        return FAILED_CRASHED;
    case FAULT_KILLED:
        return FAILED_LOST;
    case FAULT_CANCELLED:
        return FAILED_CANCELLED;
    default:
        return message_failed(&result->fault);
    }
}

failed_t verdict_of_fetch(const fault_t *fault)
{
    return fault->code == FAULT_EXPIRED ? FAILED_SOURCE_EXPIRED : message_failed(fault);
}
