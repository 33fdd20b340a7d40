/* queues: see queues.h. */
#include "queues.h"

#include "proto/base/memory.h"
#include "proto/base/text.h"
#include "proto/pack.h"
#include "proto/report.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last report of a broker. */
typedef struct {
    arena_t *arena; /* of its texts and lists; NULL = none has come */
    stats_t stats;
    int64_t at_us;
} told_t;

struct queues {
    pthread_mutex_t lock;
    told_t told[LINK_BROKERS_MOST];
};

queues_t *queues_new(void)
{
    queues_t *queues = memory_new(1, sizeof *queues);
    pthread_mutex_init(&queues->lock, NULL);
    return queues;
}

void queues_destroy(queues_t **queues)
{
    if (!queues || !*queues)
        return;
    for (size_t i = 0; i < LINK_BROKERS_MOST; i++)
        arena_destroy(&(*queues)->told[i].arena);
    pthread_mutex_destroy(&(*queues)->lock);
    free(*queues);
    *queues = NULL;
}

void queues_take(queues_t *queues, uint32_t broker, const void *body, size_t size, int64_t now_us)
{
    told_t fresh = {.arena = arena_new(), .at_us = now_us};
    fault_t fault = {0};
    if (broker < LINK_BROKERS_MOST && pack_decode(&stats_schema, body, size, fresh.arena, &fresh.stats, &fault) == 0) {
        pthread_mutex_lock(&queues->lock);
        told_t before = queues->told[broker];
        queues->told[broker] = fresh;
        pthread_mutex_unlock(&queues->lock);
        fresh = before;
    }
    arena_destroy(&fresh.arena);
}

/* The row of this name, made where there is none; NULL when there is no room for one. */
static queues_stage_t *row_of(queues_sum_t *sum, const char *name)
{
    char shown[sizeof sum->stages[0].name];
    snprintf(shown, sizeof shown, "%s", name);
    text_neuter(shown);
    for (size_t i = 0; i < sum->count; i++)
        if (strcmp(sum->stages[i].name, shown) == 0)
            return &sum->stages[i];
    if (sum->count == QUEUES_STAGES_MOST)
        return NULL;
    queues_stage_t *row = &sum->stages[sum->count++];
    memcpy(row->name, shown, sizeof shown);
    return row;
}

static void add_stage(queues_sum_t *sum, const stats_stage_t *stage)
{
    queues_stage_t *row = row_of(sum, stage->stage);
    if (!row)
        return;
    row->runnable += stage->runnable, row->running += stage->running, row->delayed += stage->delayed;
    row->hosts = stage->actors > row->hosts ? stage->actors : row->hosts; /* a host serves every broker */
    row->workers += stage->slots;                                         /* and divides its slots among them */
    row->done += stage->done, row->failed += stage->failed, row->retried += stage->retried, row->lost += stage->lost;
    row->oldest_ms = stage->oldest_ms > row->oldest_ms ? stage->oldest_ms : row->oldest_ms;
}

void queues_add_up(queues_t *queues, int64_t now_us, queues_sum_t *sum)
{
    *sum = (queues_sum_t){0};
    pthread_mutex_lock(&queues->lock);
    for (size_t i = 0; i < LINK_BROKERS_MOST; i++) {
        const told_t *told = &queues->told[i];
        if (!told->arena || now_us - told->at_us > QUEUES_STALE_US)
            continue;
        sum->heard++;
        sum->jobs += told->stats.jobs, sum->bytes += told->stats.bytes;
        sum->finished += told->stats.finished, sum->refused += told->stats.refused;
        for (size_t j = 0; j < told->stats.stages.count; j++)
            add_stage(sum, LIST_AT(const stats_stage_t, told->stats.stages, j));
    }
    pthread_mutex_unlock(&queues->lock);
}
