/* verdict: see verdict.h. */
#include "verdict.h"

/* By the fault's own class, where nothing more is known. */
static failed_t by_class(const fault_t *fault)
{
    if (fault->code == FAULT_TOO_LARGE)
        return FAILED_TOO_LARGE;
    return fault_class(fault->code) == FAULT_CLASS_PERMANENT ? FAILED_PERMANENT : FAILED_RETRYABLE;
}

failed_t verdict_of_work(const worker_result_t *result)
{
    if (result->answered) /* the stage's own words, whatever it calls it */
        return by_class(&result->fault);
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
        return by_class(&result->fault);
    }
}

failed_t verdict_of_fetch(const fault_t *fault)
{
    return fault->code == FAULT_EXPIRED ? FAILED_SOURCE_EXPIRED : by_class(fault);
}
