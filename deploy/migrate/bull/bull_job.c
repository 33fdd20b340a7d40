/* bull_job: see bull_job.h. */
#include "bull_job.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SCORE_STEP: Bull's 0x1000. TIME_MOST: the end of the year 9999. */
static const double SCORE_STEP = 4096;
static const int64_t TIME_MOST_MS = 253402300799999;

enum { FIELD_NAME, FIELD_DATA, FIELD_OPTS, FIELD_TIMESTAMP, FIELD_PRIORITY, FIELD_MADE };
const char *const bull_job_fields[] = {"name", "data", "opts", "timestamp", "priority", "attemptsMade", NULL};

const char *bull_place_name(bull_place_t place)
{
    static const char *const names[BULL_PLACES] = {
        [BULL_ACTIVE] = "active", [BULL_WAITING] = "waiting", [BULL_PAUSED] = "paused", [BULL_DELAYED] = "delayed"};
    return names[place];
}

int64_t bull_job_due_ms(double score)
{
    double ms = score / SCORE_STEP;
    return ms >= 1 && ms <= (double)TIME_MOST_MS ? (int64_t)ms : 0;
}

int bull_job_left(const bull_job_t *job)
{
    return job->attempts > job->made ? job->attempts - job->made : 1;
}

/* A number within its range, whether it lies as text or not; else what stands for none. */
static int64_t number_of(const reply_t *reply, int64_t most)
{
    int64_t number = reply_number(reply);
    return number >= 0 && number <= most ? number : 0;
}

/* ---- data ---- */

static const char *document_of(const json_t *value, arena_t *arena)
{
    if (json_is_integer(value))
        return arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    size_t size = json_is_string(value) ? json_string_length(value) : 0;
    if (size == 0 || size > BULL_DOCUMENT_MOST || strlen(json_string_value(value)) != size)
        return NULL;
    return arena_text(arena, json_string_value(value));
}

static void read_data(bull_job_t *job, const reply_t *reply, arena_t *arena)
{
    json_error_t where;
    json_t *data = json_loadb(reply_text(reply), reply->size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    const json_t *document = json_object_get(data, "documentId");
    job->document = document_of(document, arena);
    if (!data)
        job->why = arena_format(arena, "its data are no JSON: %s", where.text);
    else if (!document)
        job->why = "its data name no document (documentId)";
    else if (!job->document)
        job->why = "its documentId is none: a text of 512 bytes at most is one";
    json_decref(data);
}

/* ---- options ---- */

/* A number within its range; else what stands for none. */
static int64_t whole_of(const json_t *value, int64_t most)
{
    double number = json_is_number(value) ? json_number_value(value) : 0;
    return number >= 0 && number <= (double)most ? (int64_t)number : 0;
}

/* {type, delay}, or a number of milliseconds. */
static void read_backoff(bull_job_t *job, const json_t *backoff)
{
    const char *type = json_string_value(json_object_get(backoff, "type"));
    bool plain = json_is_number(backoff);
    job->backoff_ms = whole_of(plain ? backoff : json_object_get(backoff, "delay"), TIME_MOST_MS);
    bool known = type && (strcmp(type, "exponential") == 0 || strcmp(type, "fixed") == 0);
    if (job->backoff_ms && (known || plain)) /* one of the program's own is known to nobody else */
        snprintf(job->backoff, sizeof job->backoff, "%s", known ? type : "fixed");
}

static void read_options(bull_job_t *job, const reply_t *reply)
{
    json_t *options = json_loadb(reply_text(reply), reply->size, 0, NULL);
    int64_t attempts = whole_of(json_object_get(options, "attempts"), BULL_ATTEMPTS_MOST);
    job->attempts = attempts ? (int)attempts : 1;
    read_backoff(job, json_object_get(options, "backoff"));
    if (!job->why && json_is_object(json_object_get(options, "repeat")))
        job->why = "it comes back by a schedule (repeat), and Yogi reads a document once";
    json_decref(options);
}

void bull_job_read(bull_job_t *job, const reply_t *reply, arena_t *arena)
{
    job->name = "";
    job->document = job->why = NULL;
    job->attempts = 1;
    if (reply->kind != REPLY_LIST) {
        job->why = reply_is_error(reply, "WRONGTYPE") ? "what stands under its number is no hash, as Bull keeps jobs"
                                                      : "Redis does not tell what it is";
        return;
    }
    if (reply_item(reply, FIELD_DATA)->kind != REPLY_TEXT) {
        job->why = "nothing is kept of it but its number";
        return;
    }
    job->name = arena_text(arena, reply_text(reply_item(reply, FIELD_NAME)));
    job->added_ms = number_of(reply_item(reply, FIELD_TIMESTAMP), TIME_MOST_MS);
    job->priority = number_of(reply_item(reply, FIELD_PRIORITY), INT32_MAX);
    job->made = (int)number_of(reply_item(reply, FIELD_MADE), BULL_ATTEMPTS_MOST);
    read_data(job, reply_item(reply, FIELD_DATA), arena);
    read_options(job, reply_item(reply, FIELD_OPTS));
}
