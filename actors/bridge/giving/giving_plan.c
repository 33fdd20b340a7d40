/* giving_plan: see giving_plan.h. */
#include "giving_plan.h"

#include <string.h>

static int read_stage(const char *setting, const char *stage, const char *value, giving_plan_t *plan, fault_t *fault)
{
    static const char bullmq[] = "bullmq";
    if (!value || !*value || strcmp(value, "actors") == 0)
        return 0;
    const char *rest = value + sizeof bullmq - 1;
    if (strncmp(value, bullmq, sizeof bullmq - 1) != 0 || (*rest && *rest != ':') || (*rest && !rest[1]) ||
        (*rest && strchr(rest + 1, ':')))
        return fault_set(fault, FAULT_SETTING, "%s: \"%.80s\" is not actors, bullmq, or bullmq:QUEUE", setting, value);
    plan->stages[plan->count++] = (giving_stage_t){stage, *rest ? rest + 1 : stage};
    return 0;
}

int giving_plan_read(const settings_t *settings, giving_plan_t *plan, fault_t *fault)
{
    static const struct {
        const char *setting, *stage;
    } rows[GIVING_STAGES_MOST] = {
        {"YOGI_STAGE_CLASSIFICATION", "classification"}, {"YOGI_STAGE_OCR", "ocr"},     {"YOGI_STAGE_LLM", "llm"},
        {"YOGI_STAGE_VALIDATION", "validation"},         {"YOGI_STAGE_STORE", "store"}, {"YOGI_STAGE_NOOP", "noop"}};
    *plan = (giving_plan_t){.window = (uint32_t)settings->bullmq_given};
    for (size_t i = 0; i < GIVING_STAGES_MOST; i++)
        if (read_stage(rows[i].setting, rows[i].stage, yogi_settings_stage(settings, rows[i].stage), plan, fault) < 0)
            return -1;
    for (size_t i = 0; i < plan->count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(plan->stages[i].queue, plan->stages[k].queue) == 0)
                return fault_set(fault, FAULT_SETTING, "YOGI_STAGE_*: the stages %s and %s would share the queue %.80s",
                                 plan->stages[k].stage, plan->stages[i].stage, plan->stages[i].queue);
    return 0;
}

int giving_plan_allows(const giving_plan_t *plan, const char *queue, const char *stage, fault_t *fault)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->stages[i].queue, queue) == 0 && strcmp(plan->stages[i].stage, stage) == 0)
            return fault_set(
                fault, FAULT_SETTING,
                "YOGI_BULLMQ_QUEUES takes jobs of the stage %s from the queue %.80s, and YOGI_STAGE_* gives "
                "them there: they would go round for ever. Leave one of the two",
                stage, queue);
    return 0;
}
