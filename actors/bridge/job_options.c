/* job_options: see job_options.h. */
#include "job_options.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MOST 9007199254740991.0 /* that JavaScript counts to */

/* A number of 0 or more, below what JavaScript counts to; false when it is none. */
static bool natural(const json_t *value, double *number)
{
    if (!json_is_number(value))
        return false;
    *number = json_number_value(value);
    return isfinite(*number) && *number >= 0 && *number <= NUMBER_MOST;
}

static int64_t whole(const json_t *object, const char *name, int64_t otherwise)
{
    double number;
    return natural(json_object_get(object, name), &number) ? (int64_t)number : otherwise;
}

/* By the short name, or the long one. */
static bool flag(const json_t *object, const char *brief, const char *name)
{
    const json_t *value = json_object_get(object, brief);
    return json_is_true(value ? value : json_object_get(object, name));
}

static bool read_keep(const json_t *value, keep_t *keep)
{
    double number;
    *keep = (keep_t){.count = -1};
    if (json_is_boolean(value)) {
        keep->count = json_is_true(value) ? 0 : -1;
        return true;
    }
    if (json_is_number(value)) {
        keep->count = natural(value, &number) ? (int64_t)number : -1;
        return true;
    }
    if (!json_is_object(value))
        return false;
    keep->count = whole(value, "count", -1);
    keep->age_s = whole(value, "age", 0);
    keep->limit = whole(value, "limit", 0);
    return true;
}

/* Whether every number in it is one: what a person has written must not be passed over. */
static bool is_plain(json_t *value)
{
    static const char *const known[] = {"count", "age", "limit"};
    size_t seen = 0;
    double number;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const json_t *member = json_object_get(value, known[i]);
        if (member && !natural(member, &number))
            return false;
        seen += member != NULL;
    }
    return json_is_object(value) ? seen == json_object_size(value) : !json_is_number(value) || natural(value, &number);
}

bool keep_parse(const char *text, keep_t *keep)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    bool read = read_keep(value, keep) && is_plain(value);
    json_decref(value);
    return read;
}

static void read_backoff(const json_t *value, job_options_t *options)
{
    double number;
    if (natural(value, &number)) {
        options->backoff = number > 0 ? BACKOFF_IS_FIXED : BACKOFF_IS_NONE;
        options->backoff_ms = number;
        return;
    }
    const char *type = json_string_value(json_object_get(value, "type"));
    if (!json_is_object(value) || json_object_size(value) == 0)
        return;
    options->backoff = !type                              ? BACKOFF_IS_UNKNOWN
                       : strcmp(type, "fixed") == 0       ? BACKOFF_IS_FIXED
                       : strcmp(type, "exponential") == 0 ? BACKOFF_IS_EXPONENTIAL
                                                          : BACKOFF_IS_UNKNOWN;
    snprintf(options->backoff_name, sizeof options->backoff_name, "%s", type ? type : "");
    options->backoff_ms = natural(json_object_get(value, "delay"), &number) ? number : 0;
    options->jitter = natural(json_object_get(value, "jitter"), &number) ? fmin(number, 1) : 0;
}

static void read_all(const json_t *object, job_options_t *options)
{
    options->attempts = whole(object, "attempts", 0);
    options->lifo = json_is_true(json_object_get(object, "lifo"));
    options->keeps_completed = read_keep(json_object_get(object, "removeOnComplete"), &options->keep_completed);
    options->keeps_failed = read_keep(json_object_get(object, "removeOnFail"), &options->keep_failed);
    options->keep_logs = whole(object, "kl", whole(object, "keepLogs", 0));
    options->stack_limit = whole(object, "stackTraceLimit", -1);
    options->fail_parent = flag(object, "fpof", "failParentOnFailure");
    options->continue_parent = flag(object, "cpof", "continueParentOnFailure");
    options->ignore_dependency = flag(object, "idof", "ignoreDependencyOnFailure");
    options->remove_dependency = flag(object, "rdof", "removeDependencyOnFailure");
    read_backoff(json_object_get(object, "backoff"), options);
}

int job_options_parse(const char *text, size_t size, job_options_t *options, fault_t *fault)
{
    json_error_t error;
    *options = (job_options_t){.stack_limit = -1};
    if (size == 0)
        return 0;
    json_t *object = json_loadb(text, size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    if (!json_is_object(object)) {
        json_decref(object);
        return fault_set(fault, FAULT_USAGE, "the options of the job are no JSON object: %s",
                         object ? "it is something else" : error.text);
    }
    read_all(object, options);
    json_decref(object);
    return 0;
}
