/* schedule: see schedule.h. */
#include "schedule.h"
#include "packing.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Steps of options that are packed: BullMQ's own have four. */
enum { DEPTH_MOST = 16 };

static bool all_digits(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return size > 0;
}

/* name:id:endDate:zone:(pattern|every) */
static bool is_repeatable(span_t key)
{
    const char *parts[5] = {key.at};
    size_t count = 1;
    for (size_t i = 0; i < key.size && count < 5; i++)
        if (key.at[i] == ':')
            parts[count++] = key.at + i + 1;
    if (count < 5)
        return false;
    const char *end = key.at + key.size;
    size_t date_size = (size_t)(parts[3] - 1 - parts[2]), last_size = (size_t)(end - parts[4]);
    if ((date_size && !all_digits(parts[2], date_size)) || last_size == 0)
        return false;
    return memchr(parts[4], ' ', last_size) || all_digits(parts[4], last_size);
}

bool schedule_is_doubtful(const job_t *job)
{
    return is_repeatable(job->scheduler);
}

static bool is_set(const json_t *value)
{
    return value && !json_is_null(value) && !json_is_false(value) &&
           !(json_is_number(value) && json_number_value(value) == 0);
}

/* Unix milliseconds of a date, a number or digits; false when it is absent. */
static bool date_of(const json_t *value, int64_t *ms)
{
    double number = json_is_number(value)   ? json_number_value(value)
                    : json_is_string(value) ? strtod(json_string_value(value), NULL)
                                            : 0;
    *ms = fabs(number) < 9e15 ? (int64_t)number : 0;
    return *ms != 0;
}

/* A date in the options, a number or a text; -1 with the fault when it is none. */
static int read_date(const json_t *repeat, const char *name, int64_t *ms, fault_t *fault)
{
    const json_t *value = json_object_get(repeat, name);
    if (json_is_string(value))
        return repeat_date(json_string_value(value), NULL, ms, fault);
    date_of(value, ms);
    return 0;
}

static int read_repeat(const json_t *json, repeat_t *repeat, fault_t *fault)
{
    int64_t first_ms = 0, last_ms = 0;
    *repeat = (repeat_t)REPEAT_DEFAULTS;
    repeat->pattern = json_string_value(json_object_get(json, "pattern"));
    repeat->tz = json_string_value(json_object_get(json, "tz"));
    repeat->seed = json_string_value(json_object_get(json, "hashSeed"));
    repeat->strict = json_is_true(json_object_get(json, "strict"));
    repeat->every_ms = (int64_t)json_number_value(json_object_get(json, "every"));
    repeat->count = (int64_t)json_number_value(json_object_get(json, "count"));
    if (json_is_number(json_object_get(json, "limit")))
        repeat->limit = (int64_t)json_number_value(json_object_get(json, "limit"));
    if (read_date(json, "startDate", &first_ms, fault) < 0 || read_date(json, "endDate", &last_ms, fault) < 0)
        return -1;
    repeat->span.first_ms = first_ms ? first_ms : repeat->span.first_ms;
    repeat->span.last_ms = last_ms ? last_ms : repeat->span.last_ms;
    return 0;
}

/* ---- the next job's options ---- */

static void pack(const json_t *value, int depth, buf_t *out)
{
    const char *name;
    json_t *item;
    size_t i;
    if (depth > DEPTH_MOST) {
        packing_nil(out);
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        packing_map(out, json_object_size(value));
        json_object_foreach((json_t *)value, name, item)
        {
            packing_name(out, name);
            pack(item, depth + 1, out);
        }
        break;
    case JSON_ARRAY:
        packing_array(out, json_array_size(value));
        json_array_foreach(value, i, item) pack(item, depth + 1, out);
        break;
    case JSON_STRING:
        packing_text(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        packing_int(out, json_integer_value(value));
        break;
    case JSON_REAL: {
        double number = json_real_value(value);
        if (number == floor(number) && fabs(number) < 9e15)
            packing_int(out, (int64_t)number);
        else
            packing_real(out, number);
        break;
    }
    case JSON_TRUE:
    case JSON_FALSE:
        packing_bool(out, json_is_true(value));
        break;
    case JSON_NULL:
        packing_nil(out);
        break;
    }
}

static void set_date(json_t *repeat, const char *name)
{
    int64_t ms = 0;
    if (read_date(repeat, name, &ms, NULL) == 0 && ms)
        json_object_set_new(repeat, name, json_integer(ms));
    else
        json_object_del(repeat, name);
}

/* Turns the options of this job into those of the next one. */
static void advance(json_t *object, json_t *repeat, const job_t *job, int64_t next_ms, int64_t now_ms)
{
    char id[64];
    double offset = json_number_value(json_object_get(repeat, "offset"));
    bool every = is_set(json_object_get(repeat, "every"));
    int64_t delay_ms = next_ms + (every ? (int64_t)offset : 0) - now_ms;
    json_int_t count = (json_int_t)json_number_value(json_object_get(repeat, "count"));
    snprintf(id, sizeof id, ":%lld", (long long)next_ms);
    json_t *name = json_sprintf("repeat:%.*s%s", (int)job->scheduler.size, job->scheduler.at, id);
    json_object_set_new(object, "jobId", name);
    json_object_set_new(object, "delay", json_integer(delay_ms > 0 ? delay_ms : 0));
    json_object_set_new(object, "timestamp", json_integer(now_ms));
    json_object_set_new(object, "prevMillis", json_integer(next_ms));
    json_object_set_new(object, "repeatJobKey", json_stringn(job->scheduler.at, job->scheduler.size));
    json_object_set_new(repeat, "count", json_integer(count + 1));
    json_object_del(repeat, "immediately");
    if (!every || !is_set(json_object_get(repeat, "offset")))
        json_object_del(repeat, "offset");
    set_date(repeat, "startDate");
    set_date(repeat, "endDate");
}

static schedule_kind_t decide(const json_t *object, zones_t *zones, int64_t now_ms, int64_t *next_ms, fault_t *fault)
{
    repeat_t repeat;
    int64_t before_ms;
    date_of(json_object_get(object, "prevMillis"), &before_ms);
    int next = read_repeat(json_object_get(object, "repeat"), &repeat, fault);
    if (next == 0)
        next = repeat_next(&repeat, zones, before_ms, now_ms, next_ms, fault);
    return next < 0 ? SCHEDULE_WRONG : next ? SCHEDULE_NEXT : SCHEDULE_ENDED;
}

schedule_kind_t schedule_next(const job_t *job, zones_t *zones, int64_t now_ms, int64_t *next_ms, buf_t *options,
                              fault_t *fault)
{
    json_error_t error;
    schedule_kind_t kind = SCHEDULE_WRONG;
    json_t *object = json_loadb(job->options_text.at, job->options_text.size, JSON_ALLOW_NUL, &error);
    json_t *repeat = json_object_get(object, "repeat");
    if (json_is_object(repeat))
        kind = decide(object, zones, now_ms, next_ms, fault);
    else
        fault_set(fault, FAULT_USAGE, "its options do not say when it is to be repeated");
    if (kind == SCHEDULE_NEXT) {
        advance(object, repeat, job, *next_ms, now_ms);
        pack(object, 0, options);
    }
    json_decref(object);
    return kind;
}
