/* giving_plan: which stages a bridge gives to workers of BullMQ, and in which queue, from the settings YOGI_STAGE_*.
 * Pure.
 *
 *     YOGI_STAGE_LLM=bullmq              dossiers of the stage llm become jobs of the queue llm
 *     YOGI_STAGE_OCR=bullmq:theirs       those of ocr jobs of the queue theirs
 */
#ifndef YOGI_BRIDGE_GIVING_PLAN_H
#define YOGI_BRIDGE_GIVING_PLAN_H

#include "proto/base/fault.h"
#include "proto/settings.h"

#include <stdint.h>

/* As many as have a setting. */
enum { GIVING_STAGES_MOST = 6 };

typedef struct {
    const char *stage, *queue; /* of the settings */
} giving_stage_t;

/* Plain data. */
typedef struct {
    giving_stage_t stages[GIVING_STAGES_MOST];
    size_t count;    /* 0 = none is given away */
    uint32_t window; /* dossiers of a stage that are out at once */
} giving_plan_t;

/* -1 with FAULT_SETTING, which names the setting. */
int giving_plan_read(const settings_t *settings, giving_plan_t *plan, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether the bridge may also take jobs from this queue for this stage: -1 with FAULT_SETTING where it gives them there
 * itself, so that they would go round for ever. */
int giving_plan_allows(const giving_plan_t *plan, const char *queue, const char *stage, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
