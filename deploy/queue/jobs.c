/* jobs: see jobs.h. Here: retry and drain. */
#include "jobs.h"

#include "actors/bridge/calls.h"
#include "proto/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Failed jobs that are looked at together. */
enum { PAGE = 500 };

/* ---- retry ---- */

typedef struct {
    office_t *office;
    const call_scene_t *scene;
    int64_t again, refused;
    char why[200]; /* the last refusal */
} retrying_t;

static bool is_lifo(retrying_t *retrying, const char *id, fault_t *fault)
{
    buf_t key = {0};
    buf_format(&key, "%s%s", retrying->scene->keys->prefix, id);
    const reply_t *reply = OFFICE_ASK(retrying->office, fault, "HGET", buf_string(&key), "opts");
    buf_free(&key);
    return reply && strstr(reply_text(reply), "\"lifo\":true");
}

static int retry(retrying_t *retrying, const char *id, fault_t *fault)
{
    bool lifo = is_lifo(retrying, id, fault);
    call_again(&retrying->office->command, retrying->scene, span_text(id), lifo);
    const reply_t *reply = office_run(retrying->office, fault);
    if (!reply)
        return -1;
    int64_t number = reply_number(reply);
    if (number == 1) {
        retrying->again++;
        return 0;
    }
    retrying->refused++;
    snprintf(retrying->why, sizeof retrying->why, "%.80s %s", id,
             number == REFUSAL_NO_JOB ? "is not there" : "has not failed");
    return 0;
}

static int retry_all(retrying_t *retrying, fault_t *fault)
{
    const keys_t *keys = retrying->scene->keys;
    while (true) { /* from the front, which each one leaves */
        char *ids[PAGE];
        size_t count = 0;
        int64_t before = retrying->again;
        const reply_t *reply = OFFICE_ASK(retrying->office, fault, "ZRANGE", keys->texts[KEY_FAILED], "0", "499");
        if (!reply)
            return -1;
        for (; count < reply->count && count < PAGE; count++)
            ids[count] = arena_text(retrying->office->arena, reply_text(&reply->items[count]));
        for (size_t i = 0; i < count; i++)
            if (retry(retrying, ids[i], fault) < 0)
                return -1;
        if (count < PAGE || retrying->again == before)
            return 0;
    }
}

int jobs_retry(office_t *office, const char *queue, char *const *ids, size_t count, bool json, buf_t *out,
               fault_t *fault)
{
    call_scene_t scene;
    keys_t *keys = NULL;
    if (office_scene(office, queue, &scene, &keys, fault) < 0)
        return -1;
    retrying_t retrying = {.office = office, .scene = &scene};
    int done = count == 0 ? retry_all(&retrying, fault) : 0;
    for (size_t i = 0; i < count && done == 0; i++)
        done = retry(&retrying, ids[i], fault);
    keys_destroy(&keys);
    if (done < 0)
        return -1;
    if (count > 0 && retrying.again == 0)
        return fault_set(fault, FAULT_INPUT, "nothing is done again: %s", retrying.why);
    if (json)
        buf_format(out, "{\"retried\":%" PRId64 ",\"refused\":%" PRId64 "}\n", retrying.again, retrying.refused);
    else
        buf_format(out, "%" PRId64 " failed %s wait again%s%s\n", retrying.again, retrying.again == 1 ? "job" : "jobs",
                   retrying.refused ? "; not so: " : "", retrying.refused ? retrying.why : "");
    return 0;
}

/* ---- drain ---- */

static int count_waiting(office_t *office, const keys_t *keys, bool delayed, int64_t *count, fault_t *fault)
{
    static const struct {
        const char *command;
        key_kind_t key;
    } rows[] = {{"LLEN", KEY_WAIT}, {"LLEN", KEY_PAUSED}, {"ZCARD", KEY_PRIORITIZED}, {"ZCARD", KEY_DELAYED}};
    *count = 0;
    for (size_t i = 0; i < 3u + delayed; i++) {
        const reply_t *reply = OFFICE_ASK(office, fault, rows[i].command, keys->texts[rows[i].key]);
        if (!reply)
            return -1;
        *count += reply_number(reply);
    }
    return 0;
}

int jobs_drain(office_t *office, const char *queue, bool delayed, bool json, buf_t *out, fault_t *fault)
{
    call_scene_t scene;
    keys_t *keys = NULL;
    int64_t before, after;
    if (office_scene(office, queue, &scene, &keys, fault) < 0)
        return -1;
    int done = count_waiting(office, keys, delayed, &before, fault);
    if (done == 0) {
        call_drain(&office->command, &scene, delayed);
        done = office_run(office, fault) ? count_waiting(office, keys, delayed, &after, fault) : -1;
    }
    keys_destroy(&keys);
    if (done < 0)
        return -1;
    int64_t gone = before > after ? before - after : 0;
    if (json)
        buf_format(out, "{\"removed\":%" PRId64 ",\"left\":%" PRId64 "}\n", gone, after);
    else
        buf_format(out, "%" PRId64 " %s were taken away%s\n", gone, gone == 1 ? "job that waited" : "jobs that waited",
                   after ? "; some are left: those of schedulers, or new ones" : "");
    return 0;
}
