/* stages: the setting YOGI_BROKER_STAGES, "classification ocr store:60", as the scheduler takes it. Pure. */
#ifndef YOGI_BROKER_STAGES_H
#define YOGI_BROKER_STAGES_H

#include "broker/scheduler.h"

/* Fills stages and stage_count; names are copied into the arena. -1 with the fault. */
int stages_parse(const char *text, arena_t *arena, scheduler_options_t *options, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
