/* bullmq_none: bullmq.h in a build without the bridge, which knows nothing of BullMQ. */
#include "bullmq.h"

bullmq_t *bullmq_open(process_t *process, int64_t wait_ms, fault_t *fault)
{
    (void)process, (void)wait_ms;
    fault_set(fault, FAULT_UNSUPPORTED, "this yogi was built without the bridge (YOGI_BRIDGE) and knows no BullMQ");
    return NULL;
}

void bullmq_close(bullmq_t **bullmq)
{
    *bullmq = NULL;
}

int bullmq_add(bullmq_t *bullmq, const char *queue, const bullmq_job_t *job, fault_t *fault)
{
    (void)bullmq, (void)queue, (void)job;
    return fault_set(fault, FAULT_UNSUPPORTED, "this yogi knows no BullMQ");
}

int bullmq_check(bullmq_t *bullmq, hops_t *hops, fault_t *fault)
{
    (void)bullmq, (void)hops;
    return fault_set(fault, FAULT_UNSUPPORTED, "this yogi knows no BullMQ");
}
