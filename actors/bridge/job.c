/* job: see job.h. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

static span_t copy(arena_t *arena, const reply_t *reply)
{
    size_t size = reply->text ? reply->size : 0;
    return (span_t){arena_text_n(arena, reply_text(reply), size), size};
}

/* A number in a text, 0 when it is none or negative. */
static int64_t count(const reply_t *reply)
{
    double number = reply->text ? strtod(reply->text, NULL) : (double)reply->number;
    return number >= 1 && number < 9.1e15 ? (int64_t)number : 0;
}

static const struct {
    const char *name;
    size_t word, number; /* offsets; one of them, the other is 0 */
} fields[] = {
    {"name", offsetof(job_t, name), 0},
    {"data", offsetof(job_t, data), 0},
    {"opts", offsetof(job_t, options_text), 0},
    {"defa", offsetof(job_t, deferred), 0},
    {"rjk", offsetof(job_t, scheduler), 0},
    {"stacktrace", offsetof(job_t, stacktrace), 0},
    {"parentKey", offsetof(job_t, parent), 0},
    {"priority", 0, offsetof(job_t, priority)},
    {"timestamp", 0, offsetof(job_t, timestamp_ms)},
    {"atm", 0, offsetof(job_t, made)},
    {"attemptsMade", 0, offsetof(job_t, made)},
    {"ats", 0, offsetof(job_t, started)},
    {"stc", 0, offsetof(job_t, stalled)},
    {"processedOn", 0, offsetof(job_t, processed_ms)},
};

static void take_field(const reply_t *name, const reply_t *value, arena_t *arena, job_t *job)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(reply_text(name), fields[i].name) != 0)
            continue;
        if (fields[i].number)
            *(int64_t *)((char *)job + fields[i].number) = count(value);
        else
            *(span_t *)((char *)job + fields[i].word) = copy(arena, value);
        return;
    }
}

static span_t copy_span(arena_t *arena, span_t span)
{
    return (span_t){arena_text_n(arena, span.size ? span.at : "", span.size), span.size};
}

void job_fill(const reply_t *hash, span_t id, arena_t *arena, job_t *job)
{
    *job = (job_t){.id = copy_span(arena, id)};
    for (uint32_t i = 0; i + 1 < hash->count; i += 2)
        take_field(&hash->items[i], &hash->items[i + 1], arena, job);
    if (job_options_parse(job->options_text.at, job->options_text.size, &job->options, &job->fault) == 0)
        job->fault.code = FAULT_NONE;
}

bool job_read(const reply_t *reply, arena_t *arena, fetched_t *fetched, job_t *job)
{
    if (reply->kind != REPLY_LIST || reply->count < 2)
        return false;
    const reply_t *hash = reply_item(reply, 0), *id = reply_item(reply, 1);
    *fetched = (fetched_t){.has_job = hash->kind == REPLY_LIST,
                           .limited_ms = reply_number(reply_item(reply, 2)),
                           .delayed_ms = reply_number(reply_item(reply, 3))};
    if (!fetched->has_job)
        return true;
    job_fill(hash, (span_t){reply_text(id), id->size}, arena, job);
    return true;
}
