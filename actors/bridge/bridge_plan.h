/* bridge_plan: which queues a bridge serves, and how, from the settings YOGI_BULLMQ_*. Pure.
 *
 *     YOGI_BULLMQ_QUEUES=ocr=ocr,classification=classification:through,trial=noop
 *     YOGI_BULLMQ_CONCURRENCY=20,ocr=4
 *     YOGI_BULLMQ_TENANTS=north,ocr=south
 */
#ifndef YOGI_BRIDGE_PLAN_H
#define YOGI_BRIDGE_PLAN_H

#include "ending.h"
#include "proto/settings.h"

/* Each queue has a connection of its own. */
enum { BRIDGE_QUEUES_MOST = 64 };

typedef struct {
    const char *name, *stage;
    bool through; /* on to the end of the pipeline */
    const char *tenant;
    uint32_t slots; /* jobs at once */
} bridge_queue_t;

/* Plain data; texts belong to the settings and the arena. */
typedef struct {
    bridge_queue_t queues[BRIDGE_QUEUES_MOST];
    size_t count;
    ending_rules_t rules; /* of removal */
} bridge_plan_t;

/* -1 with the fault (FAULT_SETTING), which names the setting. No queues are no fault. */
int bridge_plan_read(const settings_t *settings, arena_t *arena, bridge_plan_t *plan, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
