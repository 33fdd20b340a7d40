/* show: everything that is known of a job; see jobs.h. */
#include "jobs.h"

#include "actors/bridge/calls.h"
#include "proto/base/clock.h"
#include "proto/base/text.h"
#include "proto/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* LOGS: the newest lines that are shown. LONG: a value is cut there, for people. */
enum { LOGS = 50, LONG = 2000 };

/* Fields of a job's hash that hold JSON, and those that are times. */
static const char *const json_fields[] = {"data", "opts", "returnvalue", "progress", "stacktrace", "parent"};
static const char *const time_fields[] = {"timestamp", "processedOn", "finishedOn"};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* ---- where it is ---- */

static bool in_list(office_t *office, const char *key, const char *id)
{
    fault_t fault;
    const reply_t *reply = OFFICE_ASK(office, &fault, "LPOS", key, id);
    return reply && reply->kind == REPLY_INTEGER;
}

static const char *state_of(office_t *office, const keys_t *keys, const char *id)
{
    static const struct {
        const char *state;
        key_kind_t key;
        bool list;
    } rows[] = {{"completed", KEY_COMPLETED, false}, {"failed", KEY_FAILED, false},
                {"delayed", KEY_DELAYED, false},     {"prioritized", KEY_PRIORITIZED, false},
                {"active", KEY_ACTIVE, true},        {"waiting", KEY_WAIT, true},
                {"paused", KEY_PAUSED, true},        {"waiting-children", KEY_WAITING_CHILDREN, false}};
    fault_t fault;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *key = keys->texts[rows[i].key];
        const reply_t *reply = rows[i].list ? NULL : OFFICE_ASK(office, &fault, "ZSCORE", key, id);
        if (rows[i].list ? in_list(office, key, id) : reply && reply->kind == REPLY_TEXT)
            return rows[i].state;
    }
    return "unknown";
}

/* ---- what it is ---- */

/* A URL may let its holder fetch what it names: behind a ? nothing of it is shown. */
static void add_redacted(const char *text, buf_t *out)
{
    bool in_url = false;
    for (; *text; text++) {
        if (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0)
            in_url = true;
        if (strchr("\" \t\n<>", *text))
            in_url = false;
        if (in_url && *text == '?') {
            buf_text(out, "?\xE2\x80\xA6");
            text += strcspn(text, "\" \t\n<>") - 1;
            in_url = false;
        } else {
            buf_char(out, *text);
        }
    }
}

static void add_json(const char *text, buf_t *out)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    char *written = json ? json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    if (written)
        buf_text(out, written);
    else
        json_text(text, out);
    free(written);
    json_decref(json);
}

static void add_time(const char *text, buf_t *out)
{
    char time[32];
    buf_text(out, clock_format(atoll(text), time));
}

static void write_people(const char *name, const char *value, buf_t *out)
{
    buf_t shown = {0};
    if (is_among(name, time_fields, sizeof time_fields / sizeof *time_fields))
        add_time(value, &shown);
    else
        add_redacted(value, &shown);
    if (shown.size > LONG) {
        shown.size = LONG;
        shown.bytes[LONG] = 0;
        buf_text(&shown, " \xE2\x80\xA6");
    }
    if (shown.bytes)
        text_neuter(shown.bytes);
    buf_format(out, "%-14s %s\n", name, buf_string(&shown));
    buf_free(&shown);
}

static void write_program(const char *name, const char *value, buf_t *out)
{
    buf_t redacted = {0};
    add_redacted(value, &redacted);
    buf_char(out, ',');
    json_text(name, out);
    buf_char(out, ':');
    if (is_among(name, json_fields, sizeof json_fields / sizeof *json_fields))
        add_json(buf_string(&redacted), out);
    else
        json_text(buf_string(&redacted), out);
    buf_free(&redacted);
}

static void write_field(bool json, const char *name, const char *value, buf_t *out)
{
    (json ? write_program : write_people)(name, value, out);
}

static void write_logs(office_t *office, const keys_t *keys, const char *id, bool json, buf_t *out)
{
    fault_t fault;
    buf_t key = {0};
    buf_format(&key, "%s%s:logs", keys->prefix, id);
    const reply_t *reply = OFFICE_ASK(office, &fault, "LRANGE", buf_string(&key), "-50", "-1");
    uint32_t count = reply ? reply->count : 0;
    if (json)
        buf_text(out, ",\"logs\":[");
    for (uint32_t i = 0; i < count && i < LOGS; i++) {
        const char *line = reply_text(&reply->items[i]);
        if (json) {
            buf_text(out, i ? "," : "");
            json_text(line, out);
        } else {
            write_people("log", line, out);
        }
    }
    if (json)
        buf_char(out, ']');
    buf_free(&key);
}

/* 1: it is there and written; 0: the queue has none of this id; -1 with the fault. */
static int show(office_t *office, const char *queue, const char *id, bool json, buf_t *out, fault_t *fault)
{
    buf_t key = {0}, fields = {0};
    keys_t *keys = keys_new(office->settings->bullmq_prefix, queue);
    buf_format(&key, "%s%s", keys->prefix, id);
    const reply_t *reply = OFFICE_ASK(office, fault, "HGETALL", buf_string(&key));
    int found = !reply ? -1 : reply->count > 0;
    for (uint32_t i = 0; found > 0 && i + 1 < reply->count; i += 2)
        write_field(json, reply_text(&reply->items[i]), reply_text(&reply->items[i + 1]), &fields);
    if (found > 0) {
        if (json)
            buf_text(out, "{\"queue\":");
        json ? json_text(queue, out) : write_people("queue", queue, out);
        write_field(json, "id", id, out);
        write_field(json, "state", state_of(office, keys, id), out);
        buf_add(out, fields.bytes, fields.size);
        write_logs(office, keys, id, json, out);
        buf_text(out, json ? "}\n" : "");
    }
    keys_destroy(&keys);
    buf_free(&key);
    buf_free(&fields);
    return found;
}

int jobs_show(office_t *office, const char *queue, const char *id, bool json, buf_t *out, fault_t *fault)
{
    const char *names[OFFICE_QUEUES_MOST] = {queue};
    size_t count = 1;
    int found = 0;
    if (!queue && office_queues(office, names, &count, fault) < 0)
        return -1;
    for (size_t i = 0; i < count && found == 0; i++)
        found = show(office, names[i], id, json, out, fault);
    if (found == 0)
        return fault_set(fault, FAULT_INPUT,
                         queue ? "the queue %.60s has no job %.80s" : "no queue has a job%.0s %.80s",
                         queue ? queue : "", id);
    return found < 0 ? -1 : 0;
}
