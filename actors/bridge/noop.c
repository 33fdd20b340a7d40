/* noop: see noop.h. */
#include "noop.h"
#include "papers/data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    noop_kind_t kind;
    const char *count; /* name of its number, or NULL */
    double standard;   /* of it */
    double most;
    const char *result; /* JSON it completes with; NULL = its message, or its value */
} ops[] = {
    {"ok", NOOP_OK, NULL, 0, 0, "{}"},
    {"echo", NOOP_ECHO, NULL, 0, 0, NULL},
    {"void", NOOP_VOID, NULL, 0, 0, "null"},
    {"slow", NOOP_SLOW, "ms", 0, NOOP_MS_MOST, "null"},
    {"fail", NOOP_FAIL, NULL, 0, 0, NULL},
    {"failTimes", NOOP_FAIL_TIMES, "times", 1, NOOP_STEPS_MOST, NULL},
    {"unrecoverable", NOOP_UNRECOVERABLE, NULL, 0, 0, NULL},
    {"progress", NOOP_PROGRESS, "steps", 1, NOOP_STEPS_MOST, "{}"},
    {"log", NOOP_LOG, "lines", 1, NOOP_STEPS_MOST, "{}"},
    {"crash", NOOP_CRASH, NULL, 0, 0, "{}"},
    {"hang", NOOP_HANG, NULL, 0, 0, "{}"},
};
enum { OPS = sizeof ops / sizeof *ops };

/* As it came: numbers keep their digits. */
static void write_value(span_t data, buf_t *text)
{
    span_t value = data_member(data.at, data.size, "value");
    buf_add(text, value.size ? value.at : "null", value.size ? value.size : 4);
}

static void write_message(const json_t *data, buf_t *text)
{
    const json_t *message = json_object_get(data, "message");
    if (json_is_string(message))
        buf_add(text, json_string_value(message), json_string_length(message));
    else
        buf_text(text, "failed as asked");
}

static int read(const json_t *data, span_t bytes, noop_t *noop, buf_t *text, fault_t *fault)
{
    const char *name = json_string_value(json_object_get(data, "op"));
    size_t i = 0;
    while (i < OPS && (!name || strcmp(name, ops[i].name) != 0))
        i++;
    if (i == OPS)
        return fault_set(fault, FAULT_USAGE,
                         "the data of a job for noop must have an \"op\" that there is, such as "
                         "{\"op\":\"ok\"}; %s%.60s%s",
                         name ? "there is no \"" : "it has none", name ? name : "", name ? "\"" : "");
    double count = ops[i].standard;
    const json_t *number = ops[i].count ? json_object_get(data, ops[i].count) : NULL;
    if (json_is_number(number))
        count = json_number_value(number);
    *noop = (noop_t){ops[i].kind, (int64_t)fmin(fmax(count, 0), ops[i].most)};
    if (ops[i].result)
        buf_text(text, ops[i].result);
    else if (ops[i].kind == NOOP_ECHO)
        write_value(bytes, text);
    else
        write_message(data, text);
    return 0;
}

int noop_parse(const char *data, size_t size, noop_t *noop, buf_t *text, fault_t *fault)
{
    json_error_t error;
    json_t *json = data_load(data, size, JSON_ALLOW_NUL, &error);
    int done = json ? read(json, (span_t){data, size}, noop, text, fault)
                    : fault_set(fault, FAULT_USAGE, "the data of the job are no JSON: %s", error.text);
    json_decref(json);
    return done;
}

const char *noop_option(const noop_t *noop, char out[32])
{
    switch (noop->kind) {
    case NOOP_SLOW:
        snprintf(out, 32, "slow %lld", (long long)noop->count);
        return out;
    case NOOP_CRASH:
        return "crash";
    case NOOP_HANG:
        return "hang";
    default:
        return NULL;
    }
}
