#include "actors/stage.h"
static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    (void)job;
    (void)fault;
    return STAGE_NEXT;
}
const stage_t stage_llm = {"llm", true, NULL, run, NULL};
