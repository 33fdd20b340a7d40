/* stage: llm, from pages to timetables, by the engine that the options name. */
#include "actors/stage.h"
#include "actors/llm/rules/rules.h"

#include <string.h>

typedef struct {
    const char *name;
    stage_end_t (*run)(stage_job_t *job, fault_t *fault);
} engine_t;

static const engine_t engines[] = {{"rules", rules_run}};

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    const char *wanted = job->dossier->options.engine;
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        if (!wanted || !*wanted || strcmp(wanted, engines[i].name) == 0)
            return engines[i].run(job, fault);
    fault_set(fault, FAULT_USAGE, "there is no engine '%s'; this version has: rules", wanted);
    return STAGE_FAIL;
}

const stage_t stage_llm = {"llm", false, NULL, run, NULL};
