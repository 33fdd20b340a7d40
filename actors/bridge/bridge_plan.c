/* bridge_plan: see bridge_plan.h. */
#include "bridge_plan.h"
#include "queue.h"

#include <stdlib.h>
#include <string.h>

/* The next word of a list with commas, without blanks around it; NULL at the end. */
static char *next_word(arena_t *arena, const char **at)
{
    const char *p = *at + strspn(*at, " ,");
    size_t size = strcspn(p, ",");
    *at = p + size;
    while (size && p[size - 1] == ' ')
        size--;
    return size ? arena_text_n(arena, p, size) : NULL;
}

/* Whether it stands in "ocr llm store:60". */
static bool is_stage(const char *name, const char *stages)
{
    for (const char *p = stages + strspn(stages, " ,"); *p; p += strspn(p, " ,")) {
        size_t size = strcspn(p, " ,"), own = strcspn(p, " ,:");
        if (strlen(name) == own && strncmp(p, name, own) == 0)
            return true;
        p += size;
    }
    return false;
}

static int read_queue(char *word, const char *stages, bridge_plan_t *plan, fault_t *fault)
{
    static const char through[] = ":through";
    char *sign = strrchr(word, '=');
    bridge_queue_t *queue = &plan->queues[plan->count];
    if (plan->count == BRIDGE_QUEUES_MOST)
        return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_QUEUES: more than %d queues", BRIDGE_QUEUES_MOST);
    if (!sign || sign == word || !sign[1])
        return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_QUEUES: \"%.80s\" is not QUEUE=STAGE, such as ocr=ocr",
                         word);
    *sign = 0;
    *queue = (bridge_queue_t){.name = word, .stage = sign + 1, .tenant = ""};
    char *mark = strchr(sign + 1, ':');
    if (mark) {
        if (strcmp(mark, through) != 0)
            return fault_set(fault, FAULT_SETTING,
                             "YOGI_BULLMQ_QUEUES: behind a stage there may stand :through alone, not \"%.80s\"", mark);
        *mark = 0;
        queue->through = true;
    }
    if (!is_stage(queue->stage, stages))
        return fault_set(fault, FAULT_SETTING,
                         "YOGI_BULLMQ_QUEUES: there is no stage \"%.80s\" (YOGI_BROKER_STAGES: %.120s)", queue->stage,
                         stages);
    if (strchr(word, ':') || strlen(word) > KEYS_QUEUE_MOST)
        return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_QUEUES: BullMQ has no queue of the name \"%.80s\"", word);
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->queues[i].name, word) == 0)
            return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_QUEUES: the queue \"%.80s\" stands there twice", word);
    plan->count++;
    return 0;
}

static int fail_slots(const char *word, fault_t *fault)
{
    return fault_set(
        fault, FAULT_SETTING,
        "YOGI_BULLMQ_CONCURRENCY: \"%.80s\" is not a number from 1 to %d, or QUEUE=NUMBER of a queue that is "
        "served",
        word, QUEUE_SLOTS_MOST);
}

/* NUMBER for all queues, or QUEUE=NUMBER, which goes before. */
static int read_slots(char *word, bridge_plan_t *plan, bool general, fault_t *fault)
{
    char *sign = strrchr(word, '='), *end = NULL;
    const char *number = sign ? sign + 1 : word;
    long slots = strtol(number, &end, 10);
    if (end == number || *end || slots < 1 || slots > QUEUE_SLOTS_MOST)
        return fail_slots(word, fault);
    if (general == (sign != NULL))
        return 0;
    bool found = general;
    for (size_t i = 0; i < plan->count; i++) {
        bridge_queue_t *queue = &plan->queues[i];
        bool meant = general || (strlen(queue->name) == (size_t)(sign - word) &&
                                 strncmp(queue->name, word, (size_t)(sign - word)) == 0);
        queue->slots = meant ? (uint32_t)slots : queue->slots;
        found |= meant;
    }
    return found ? 0 : fail_slots(word, fault);
}

static int read_tenant(char *word, bridge_plan_t *plan, bool general, fault_t *fault)
{
    char *sign = strrchr(word, '=');
    const char *tenant = sign ? sign + 1 : word;
    size_t size = strlen(tenant);
    bool found = general;
    if (size == 0 || size > 64 || strspn(tenant, "abcdefghijklmnopqrstuvwxyz0123456789-_") != size)
        return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_TENANTS: \"%.80s\" is no name of a tenant", tenant);
    if (general == (sign != NULL))
        return 0;
    if (sign)
        *sign = 0;
    for (size_t i = 0; i < plan->count; i++) {
        bridge_queue_t *queue = &plan->queues[i];
        bool meant = general || strcmp(queue->name, word) == 0;
        queue->tenant = meant ? tenant : queue->tenant;
        found |= meant;
    }
    return found ? 0 : fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_TENANTS: the queue \"%.80s\" is not served", word);
}

static int read_rule(const char *name, const char *text, keep_t *keep, fault_t *fault)
{
    *keep = (keep_t){.count = -1};
    if (!text || keep_parse(text, keep))
        return 0;
    return fault_set(fault, FAULT_SETTING, "%s: is not false, true, a number or {\"age\":seconds,\"count\":number}",
                     name);
}

/* In a Cluster all keys of a queue must lie at one node. */
static int check_prefix(const settings_t *settings, fault_t *fault)
{
    const char *prefix = settings->bullmq_prefix, *open = strchr(prefix, '{');
    const char *close = open ? strchr(open, '}') : NULL;
    if (!*prefix || strlen(prefix) > KEYS_PREFIX_MOST)
        return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_PREFIX: is empty or longer than %d", KEYS_PREFIX_MOST);
    if (settings->redis_cluster && (!close || close == open + 1))
        return fault_set(
            fault, FAULT_SETTING,
            "YOGI_BULLMQ_PREFIX: in a Cluster it must have a hash tag, as {bull}, so that all keys of a queue "
            "lie together; producers must have the same");
    return 0;
}

int bridge_plan_read(const settings_t *settings, arena_t *arena, bridge_plan_t *plan, fault_t *fault)
{
    const char *at = settings->bullmq_queues ? settings->bullmq_queues : "";
    *plan = (bridge_plan_t){0};
    for (char *word; (word = next_word(arena, &at));)
        if (read_queue(word, settings->broker_stages, plan, fault) < 0)
            return -1;
    for (int general = 1; general >= 0; general--) {
        at = settings->bullmq_concurrency;
        for (char *word; (word = next_word(arena, &at));)
            if (read_slots(word, plan, general, fault) < 0)
                return -1;
    }
    for (int general = 1; general >= 0; general--) {
        at = settings->bullmq_tenants ? settings->bullmq_tenants : "";
        for (char *word; (word = next_word(arena, &at));)
            if (read_tenant(word, plan, general, fault) < 0)
                return -1;
    }
    for (size_t i = 0; i < plan->count; i++)
        if (plan->queues[i].slots == 0)
            return fault_set(fault, FAULT_SETTING, "YOGI_BULLMQ_CONCURRENCY: it says nothing of the queue \"%.80s\"",
                             plan->queues[i].name);
    if (read_rule("YOGI_BULLMQ_REMOVE_ON_COMPLETE", settings->bullmq_keep_completed, &plan->rules.completed, fault) <
            0 ||
        read_rule("YOGI_BULLMQ_REMOVE_ON_FAIL", settings->bullmq_keep_failed, &plan->rules.failed, fault) < 0)
        return -1;
    return check_prefix(settings, fault);
}
