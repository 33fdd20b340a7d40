/* asker: see asker.h. */
#include "asker.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/pack.h"
#include "proto/wire/ferry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* OTHERS: how long the other brokers may take once one has answered. */
enum { OTHERS_US = 1000000 };

struct asker {
    ferry_t *ferry;
    const char *brokers; /* as the settings name them */
    char name[MESSAGE_PEER_MOST + 1];
    endpoint_t endpoints[ENDPOINTS_MOST];
    uint64_t question; /* the last one's number */
    arena_t *arena;    /* of its answers */
    bool answered[ENDPOINTS_MOST];
    stats_t answers[ENDPOINTS_MOST];
    fault_t fault; /* an answer that made no sense */
};

static void hear(void *owner, const link_action_t *action)
{
    asker_t *asker = owner;
    const message_t *message = &action->message;
    if (action->kind != LINK_STATS || message->number != asker->question || asker->answered[action->broker])
        return;
    asker->answered[action->broker] = pack_decode(&stats_schema, message->body.at, message->body.size, asker->arena,
                                                  &asker->answers[action->broker], &asker->fault) == 0;
}

asker_t *asker_new(const process_t *process, fault_t *fault)
{
    asker_t *asker = memory_new(1, sizeof *asker);
    asker->arena = arena_new();
    ferry_plan_t plan = {.brokers = process->settings.brokers,
                         .name = process_name(process, asker->name, sizeof asker->name),
                         .ask = hear,
                         .owner = asker};
    asker->brokers = plan.brokers;
    if (endpoints_parse(plan.brokers, asker->endpoints, fault) < 0)
        fault_prefix(fault, "YOGI_BROKERS");
    else
        asker->ferry = ferry_open(&plan, &process->settings, fault);
    if (!asker->ferry)
        asker_destroy(&asker);
    return asker;
}

void asker_destroy(asker_t **asker)
{
    if (!asker || !*asker)
        return;
    ferry_leave(&(*asker)->ferry);
    arena_destroy(&(*asker)->arena);
    free(*asker);
    *asker = NULL;
}

void asker_ask(asker_t *asker)
{
    arena_destroy(&asker->arena);
    asker->arena = arena_new();
    for (uint32_t i = 0; i < ENDPOINTS_MOST; i++)
        asker->answered[i] = false;
    asker->fault = (fault_t){0};
    ferry_ask_stats(asker->ferry, ++asker->question);
}

void asker_gather(asker_t *asker, process_t *process, int64_t until_us)
{
    struct pollfd polls[ASKER_POLLS + 1];
    uint32_t asked = 0;
    bool final;
    while (asker_answers(asker) < asker_brokers(asker) && asker_fault(asker)->code == FAULT_NONE &&
           clock_now_us() < until_us && !process_told_to_end(process) && !(asker_refusal(asker, &final) && final)) {
        int64_t next_us = until_us;
        if (asker_heard(asker) > asked) {
            if (asked == 0)
                until_us = clock_now_us() + OTHERS_US;
            asked = asker_heard(asker);
            asker_ask(asker);
        }
        asker_step(asker, &next_us);
        if (asker_heard(asker) > asked)
            continue;
        size_t count = asker_poll(asker, polls);
        polls[count++] = (struct pollfd){process->signal_fd, POLLIN, 0};
        int64_t left_us = (next_us < until_us ? next_us : until_us) - clock_now_us();
        if (left_us > 0 && asker_answers(asker) < asker_brokers(asker))
            poll(polls, count, (int)((left_us + 999) / 1000));
    }
}

void asker_step(asker_t *asker, int64_t *next_us)
{
    ferry_step(asker->ferry, next_us);
}

size_t asker_poll(const asker_t *asker, struct pollfd *polls)
{
    return ferry_poll(asker->ferry, polls);
}

uint32_t asker_brokers(const asker_t *asker)
{
    return ferry_brokers(asker->ferry);
}

uint32_t asker_heard(const asker_t *asker)
{
    return ferry_connected(asker->ferry);
}

uint32_t asker_answers(const asker_t *asker)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ENDPOINTS_MOST; i++)
        count += asker->answered[i];
    return count;
}

const stats_t *asker_answer(const asker_t *asker, uint32_t i)
{
    assert(i < ENDPOINTS_MOST);
    return asker->answered[i] ? &asker->answers[i] : NULL;
}

const char *asker_endpoint(const asker_t *asker, uint32_t i)
{
    assert(i < ENDPOINTS_MOST);
    return asker->endpoints[i].text;
}

int64_t asker_hosts(const asker_t *asker, const char *stage)
{
    int64_t hosts = -1;
    for (uint32_t i = 0; i < asker_brokers(asker); i++) {
        const stats_t *stats = asker_answer(asker, i);
        const stats_stage_t *items = stats ? stats->stages.items : NULL;
        for (size_t j = 0; stats && j < stats->stages.count; j++)
            if (strcmp(items[j].stage, stage) == 0)
                hosts = (hosts < 0 ? 0 : hosts) + items[j].actors;
    }
    return hosts;
}

const fault_t *asker_fault(const asker_t *asker)
{
    return &asker->fault;
}

const char *asker_refusal(const asker_t *asker, bool *final)
{
    return ferry_refusal(asker->ferry, final);
}

int asker_tell_silence(const asker_t *asker, fault_t *fault)
{
    bool final;
    const char *refusal = asker_refusal(asker, &final);
    if (asker->fault.code != FAULT_NONE)
        *fault = asker->fault;
    else if (refusal)
        fault_set(fault, FAULT_SETTING, "no broker tells its figures: %s", refusal);
    else
        fault_set(fault, FAULT_SYSTEM,
                  "no broker has answered at %s; yogi up starts one here, YOGI_BROKERS names others", asker->brokers);
    return -1;
}
