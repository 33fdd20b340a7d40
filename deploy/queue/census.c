/* census: see census.h. Here: asking Redis. */
#include "census.h"

#include "actors/bridge/calls.h"
#include "proto/base/clock.h"
#include "proto/redis/worker_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- counts ---- */

static int count(office_t *office, const char *command, const char *key, int64_t *number, fault_t *fault)
{
    const reply_t *reply = OFFICE_ASK(office, fault, command, key);
    if (reply)
        *number = reply_number(reply);
    return reply ? 0 : -1;
}

static int take_counts(office_t *office, const keys_t *keys, census_t *census, fault_t *fault)
{
    const struct {
        const char *command;
        key_kind_t key;
        int64_t *number;
    } rows[] = {{"LLEN", KEY_WAIT, &census->waiting},         {"ZCARD", KEY_PRIORITIZED, &census->prioritized},
                {"ZCARD", KEY_DELAYED, &census->delayed},     {"LLEN", KEY_ACTIVE, &census->active},
                {"LLEN", KEY_PAUSED, &census->paused},        {"ZCARD", KEY_FAILED, &census->failed},
                {"ZCARD", KEY_COMPLETED, &census->completed}, {"ZCARD", KEY_WAITING_CHILDREN, &census->children}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (count(office, rows[i].command, keys->texts[rows[i].key], rows[i].number, fault) < 0)
            return -1;
    return 0;
}

static int take_meta(office_t *office, const keys_t *keys, census_t *census, fault_t *fault)
{
    const reply_t *reply = OFFICE_ASK(office, fault, "HMGET", keys->texts[KEY_META], "version", "paused");
    if (!reply)
        return -1;
    census->version = arena_text(office->arena, reply_text(reply_item(reply, 0)));
    census->is_paused = reply_item(reply, 1)->kind == REPLY_TEXT;
    if (census->is_paused) { /* BullMQ 6 leaves them where they are, 5 puts them into a list of their own */
        census->paused += census->waiting;
        census->waiting = 0;
    }
    return 0;
}

/* ---- the oldest ---- */

/* When the job was added, or INT64_MAX. */
static int64_t added_ms(office_t *office, const keys_t *keys, const char *id)
{
    fault_t fault;
    buf_t key = {0};
    buf_format(&key, "%s%s", keys->prefix, id);
    const reply_t *reply = OFFICE_ASK(office, &fault, "HGET", buf_string(&key), "timestamp");
    int64_t ms = reply ? reply_number(reply) : 0;
    buf_free(&key);
    return ms > 0 ? ms : INT64_MAX;
}

/* The first or last id of a list or set. */
static void look_at_end(office_t *office, const keys_t *keys, const char *command, key_kind_t key, const char *place,
                        int64_t *oldest_ms)
{
    fault_t fault;
    bool set = command[0] == 'Z';
    const reply_t *reply = set ? OFFICE_ASK(office, &fault, command, keys->texts[key], place, place)
                               : OFFICE_ASK(office, &fault, command, keys->texts[key], place);
    const reply_t *id = reply && set ? reply_item(reply, 0) : reply;
    if (!id || id->kind != REPLY_TEXT)
        return;
    char *copy = arena_text(office->arena, reply_text(id));
    int64_t ms = added_ms(office, keys, copy);
    *oldest_ms = ms < *oldest_ms ? ms : *oldest_ms;
}

/* Of those at the ends of what waits: lists are in the order of adding unless LIFO was asked for, and one priority is.
 */
static void take_oldest(office_t *office, const keys_t *keys, census_t *census)
{
    int64_t oldest_ms = INT64_MAX;
    static const char *const places[] = {"0", "-1"};
    for (int i = 0; i < 2; i++) {
        look_at_end(office, keys, "LINDEX", KEY_WAIT, places[i], &oldest_ms);
        look_at_end(office, keys, "LINDEX", KEY_PAUSED, places[i], &oldest_ms);
        look_at_end(office, keys, "ZRANGE", KEY_PRIORITIZED, places[i], &oldest_ms);
    }
    int64_t age_ms = clock_wall_ms() - oldest_ms;
    census->oldest_ms = oldest_ms == INT64_MAX ? -1 : age_ms < 0 ? 0 : age_ms;
}

/* ---- workers, and what bridges have counted ---- */

static void take_workers(office_t *office, const char *queue, census_t *census)
{
    fault_t fault;
    buf_t part = {0};
    worker_name_add(office->settings->bullmq_prefix, queue, NULL, &part);
    const reply_t *reply = OFFICE_ASK(office, &fault, "CLIENT", "LIST");
    census->workers = reply ? worker_name_count(reply_text(reply), buf_string(&part)) : -1;
    buf_free(&part);
}

/* Bridges write their counts beside the queue (actors/bridge/tally.h). Not being allowed to look is no fault. */
static void take_tallies(office_t *office, const char *queue, census_t *census)
{
    fault_t fault;
    buf_t pattern = {0};
    char cursor[32] = "0";
    buf_format(&pattern, "%s:yogi:%s:", office->settings->bullmq_prefix, queue);
    size_t head = pattern.size;
    buf_char(&pattern, '*');
    const char *keys[64];
    size_t found = 0;
    do {
        const reply_t *reply =
            OFFICE_ASK(office, &fault, "SCAN", cursor, "MATCH", buf_string(&pattern), "COUNT", "1000");
        if (!reply)
            break;
        snprintf(cursor, sizeof cursor, "%s", reply_text(reply_item(reply, 0)));
        const reply_t *list = reply_item(reply, 1);
        for (uint32_t i = 0; i < list->count && found < sizeof keys / sizeof *keys; i++)
            if (strncmp(reply_text(&list->items[i]), pattern.bytes, head) == 0)
                keys[found++] = arena_text(office->arena, reply_text(&list->items[i]));
    } while (strcmp(cursor, "0") != 0);
    for (size_t i = 0; i < found; i++) {
        const reply_t *reply = OFFICE_ASK(office, &fault, "HGET", keys[i], "lost_locks");
        census->lost_locks += reply ? reply_number(reply) : 0;
    }
    buf_free(&pattern);
}

int census_take(office_t *office, const char *queue, census_t *census, fault_t *fault)
{
    keys_t *keys = keys_new(office->settings->bullmq_prefix, queue);
    *census = (census_t){.queue = queue, .version = "", .oldest_ms = -1};
    int taken = take_counts(office, keys, census, fault);
    if (taken == 0)
        taken = take_meta(office, keys, census, fault);
    if (taken == 0) {
        take_oldest(office, keys, census);
        take_workers(office, queue, census);
        take_tallies(office, queue, census);
    }
    keys_destroy(&keys);
    return taken;
}
