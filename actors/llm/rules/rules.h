/* rules: the engine of the stage llm that needs no model: words and cells to timetables, deterministic and offline. */
#ifndef YOGI_RULES_H
#define YOGI_RULES_H

#include "actors/stage.h"

/* Fills dossier->timetables from dossier->pages. */
stage_end_t rules_run(stage_job_t *job, fault_t *fault);

#endif
