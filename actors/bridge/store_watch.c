/* store_watch: see store_watch.h. */
#include "store_watch.h"

#include "proto/pack.h"
#include "proto/report.h"

#include <string.h>

/* ASK: between two questions. FIRST: before it is known. PATIENCE: how long jobs wait for the first answer. */
enum { ASK_US = 10 * 1000000, FIRST_US = 200000, PATIENCE_US = 3 * 1000000 };

void store_watch_open(store_watch_t *watch, int64_t setting)
{
    *watch = (store_watch_t){.is_there = setting == BRIDGE_STORE_ALWAYS,
                             .asks = setting == BRIDGE_STORE_AUTO,
                             .known = setting != BRIDGE_STORE_AUTO};
}

void store_watch_begin(store_watch_t *watch, int64_t now_us)
{
    watch->patience_us = now_us + PATIENCE_US;
}

bool store_watch_knows(const store_watch_t *watch, int64_t now_us)
{
    return watch->known || now_us >= watch->patience_us;
}

bool store_watch_asks(store_watch_t *watch, int64_t now_us, int64_t *next_us)
{
    if (!watch->asks)
        return false;
    bool due = now_us >= watch->ask_us;
    if (due) {
        watch->questions++;
        watch->ask_us = now_us + (watch->known ? ASK_US : FIRST_US);
    }
    *next_us = watch->ask_us < *next_us ? watch->ask_us : *next_us;
    return due;
}

static bool is_served(const message_t *message)
{
    fault_t fault;
    stats_t stats = {0};
    arena_t *arena = arena_new();
    bool served = false;
    if (pack_decode(&stats_schema, message->body.at, message->body.size, arena, &stats, &fault) == 0)
        for (size_t i = 0; i < stats.stages.count; i++) {
            const stats_stage_t *stage = LIST_AT(stats_stage_t, stats.stages, i);
            served |= stage->stage && strcmp(stage->stage, "store") == 0 && stage->actors > 0;
        }
    arena_destroy(&arena);
    return served;
}

void store_watch_take(store_watch_t *watch, const message_t *stats, const log_t *log)
{
    bool served = is_served(stats);
    if (watch->known && served != watch->is_there)
        LOG(log, LOG_INFO, served ? "store.found" : "store.gone", {"stage", "store", 0});
    watch->is_there = served;
    watch->known = true;
}
