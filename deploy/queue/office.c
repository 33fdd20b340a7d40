/* office: see office.h. */
#include "office.h"

#include "actors/bridge/calls.h"
#include "actors/bridge/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int office_open(office_t *office, process_t *process, int64_t wait_ms, fault_t *fault)
{
    *office = (office_t){.settings = &process->settings, .arena = process->arena, .wait_ms = wait_ms};
    if (redis_place_read(office->settings, office->arena, &office->place, fault) < 0 ||
        bridge_plan_read(office->settings, office->arena, &office->takes, fault) < 0 ||
        giving_plan_read(office->settings, &office->gives, fault) < 0)
        return -1;
    redis_plan_t plan = {.place = &office->place, .dial_ms = (uint32_t)wait_ms, .answer_ms = (uint32_t)wait_ms};
    office->redis = redis_new(&plan);
    return redis_join(office->redis, wait_ms, fault);
}

void office_close(office_t *office)
{
    redis_destroy(&office->redis);
    buf_free(&office->command);
}

const reply_t *office_ask(office_t *office, fault_t *fault)
{
    const reply_t *reply = redis_judge(redis_ask(office->redis, &office->command, office->wait_ms, fault), fault);
    buf_clear(&office->command);
    return reply;
}

const reply_t *office_run(office_t *office, fault_t *fault)
{
    buf_t whole = {0};
    const reply_t *reply = redis_ask(office->redis, &office->command, office->wait_ms, fault);
    if (reply && reply_is_error(reply, "NOSCRIPT") &&
        call_with_text(office->command.bytes, office->command.size, &whole))
        reply = redis_ask(office->redis, &whole, office->wait_ms, fault);
    buf_free(&whole);
    buf_clear(&office->command);
    return redis_judge(reply, fault);
}

/* ---- which queues there are ---- */

typedef struct {
    office_t *office;
    const char **names;
    size_t count;
} listing_t;

static int add(listing_t *list, const char *name, size_t size, fault_t *fault)
{
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->names[i]) == size && strncmp(list->names[i], name, size) == 0)
            return 0;
    if (list->count == OFFICE_QUEUES_MOST)
        return fault_set(fault, FAULT_INPUT, "there are more than %d queues; name those that you mean",
                         OFFICE_QUEUES_MOST);
    list->names[list->count++] = arena_text_n(list->office->arena, name, size);
    return 0;
}

/* The queue of a key PREFIX:QUEUE:meta; NULL where it is none. */
static const char *queue_of(const reply_t *key, const char *prefix, size_t *size)
{
    static const char meta[] = ":meta";
    size_t head = strlen(prefix) + 1, tail = sizeof meta - 1;
    const char *text = reply_text(key);
    if (key->size <= head + tail || strncmp(text, prefix, head - 1) != 0 || text[head - 1] != ':' ||
        strcmp(text + key->size - tail, meta) != 0)
        return NULL;
    *size = key->size - head - tail;
    return memchr(text + head, ':', *size) ? NULL : text + head;
}

/* Letters that mean something in a pattern of Redis stand for themselves. */
static void add_literal(buf_t *pattern, const char *text)
{
    for (; *text; text++) {
        if (strchr("*?[]\\^-", *text))
            buf_char(pattern, '\\');
        buf_char(pattern, *text);
    }
}

static int scan(listing_t *list, fault_t *fault)
{
    const char *prefix = list->office->settings->bullmq_prefix;
    char cursor[32] = "0";
    buf_t pattern = {0};
    add_literal(&pattern, prefix);
    buf_text(&pattern, ":*:meta");
    int done = 0;
    do {
        const reply_t *reply =
            OFFICE_ASK(list->office, fault, "SCAN", cursor, "MATCH", buf_string(&pattern), "COUNT", "1000");
        if (!reply) {
            done = -1;
            break;
        }
        snprintf(cursor, sizeof cursor, "%s", reply_text(reply_item(reply, 0)));
        const reply_t *keys = reply_item(reply, 1);
        for (uint32_t i = 0; i < keys->count && done == 0; i++) {
            size_t size;
            const char *queue = queue_of(&keys->items[i], prefix, &size);
            if (queue)
                done = add(list, queue, size, fault);
        }
    } while (done == 0 && strcmp(cursor, "0") != 0);
    buf_free(&pattern);
    return done;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int office_queues(office_t *office, const char **names, size_t *count, fault_t *fault)
{
    listing_t list = {office, names, 0};
    for (size_t i = 0; i < office->takes.count; i++)
        if (add(&list, office->takes.queues[i].name, strlen(office->takes.queues[i].name), fault) < 0)
            return -1;
    for (size_t i = 0; i < office->gives.count; i++)
        if (add(&list, office->gives.stages[i].queue, strlen(office->gives.stages[i].queue), fault) < 0)
            return -1;
    if (office->place.manner != REDIS_CLUSTER && scan(&list, fault) < 0) /* a cluster's nodes know their own alone */
        return -1;
    qsort(names, list.count, sizeof *names, by_name);
    *count = list.count;
    return 0;
}

int office_scene(office_t *office, const char *queue, call_scene_t *scene, keys_t **keys, fault_t *fault)
{
    if (!*queue || strchr(queue, ':') || strlen(queue) > KEYS_QUEUE_MOST)
        return fault_set(fault, FAULT_USAGE, "BullMQ has no queue of the name \"%.60s\"", queue);
    *keys = keys_new(office->settings->bullmq_prefix, queue);
    const reply_t *reply = OFFICE_ASK(office, fault, "HGET", (*keys)->texts[KEY_META], "version");
    if (!reply) {
        keys_destroy(keys);
        return -1;
    }
    *scene =
        (call_scene_t){.major = version_major(reply_text(reply), office->settings->bullmq_version - 1), .keys = *keys};
    return 0;
}
