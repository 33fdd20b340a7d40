/* stages: see stages.h. */
#include "stages.h"

#include <stdlib.h>
#include <string.h>

/* Longest patience: a day. */
enum { PATIENCE_MOST_S = 86400, PATIENCE_DIGITS = 5 };

static int parse_one(const char *text, size_t size, arena_t *arena, scheduler_stage_t *stage, fault_t *fault)
{
    char *one = arena_text_n(arena, text, size), *colon = strchr(one, ':');
    if (colon) {
        size_t digits = strspn(colon + 1, "0123456789");
        long seconds = digits && digits <= PATIENCE_DIGITS && !colon[1 + digits] ? strtol(colon + 1, NULL, 10) : 0;
        if (seconds < 1 || seconds > PATIENCE_MOST_S)
            return fault_set(fault, FAULT_SETTING, "YOGI_BROKER_STAGES: \"%s\" needs 1 to %d seconds behind the colon",
                             one, PATIENCE_MOST_S);
        stage->patience_ms = seconds * 1000;
        *colon = 0;
    }
    size_t length = strlen(one);
    if (length == 0 || length > MESSAGE_NAME_MOST || strspn(one, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != length)
        return fault_set(fault, FAULT_SETTING,
                         "YOGI_BROKER_STAGES: \"%s\" is no name of a stage (a-z, 0-9, - _ .; at most %d)", one,
                         MESSAGE_NAME_MOST);
    stage->name = one;
    return 0;
}

int stages_parse(const char *text, arena_t *arena, scheduler_options_t *options, fault_t *fault)
{
    static const char between[] = ", ";
    options->stage_count = 0;
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        size_t size = strcspn(at, between);
        if (options->stage_count == SCHEDULER_STAGES_MOST)
            return fault_set(fault, FAULT_SETTING, "YOGI_BROKER_STAGES: more than %d stages", SCHEDULER_STAGES_MOST);
        scheduler_stage_t *stage = &options->stages[options->stage_count];
        *stage = (scheduler_stage_t){0};
        if (parse_one(at, size, arena, stage, fault) < 0)
            return -1;
        for (uint32_t i = 0; i < options->stage_count; i++)
            if (strcmp(options->stages[i].name, stage->name) == 0)
                return fault_set(fault, FAULT_SETTING, "YOGI_BROKER_STAGES: %s stands there twice", stage->name);
        options->stage_count++;
        at += size;
    }
    if (options->stage_count == 0)
        return fault_set(fault, FAULT_SETTING, "YOGI_BROKER_STAGES names no stage");
    return 0;
}
