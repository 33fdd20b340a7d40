/* logs: see logs.h. */
#include "logs.h"
#include "proto/base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A time as log.h writes it, "2026-01-31T08:30:00.000Z": as texts they are in order. */
enum { TIME_BYTES = 24 };

typedef struct {
    char *text;       /* from its brace on, without a line feed */
    const char *time; /* in it */
    char *job;        /* copy of its value; NULL = none */
    size_t place;     /* among all, so that lines of one time stay as they came */
    bool named;       /* it names the document */
} line_t;

struct logs {
    const char *document;
    line_t *lines;
    size_t count, room;
    size_t kept; /* bytes */
};

logs_t *logs_new(const char *document)
{
    logs_t *logs = memory_new(1, sizeof *logs);
    logs->document = document;
    return logs;
}

void logs_destroy(logs_t **logs)
{
    if (!logs || !*logs)
        return;
    for (size_t i = 0; i < (*logs)->count; i++) {
        free((*logs)->lines[i].text);
        free((*logs)->lines[i].job);
    }
    free((*logs)->lines);
    free(*logs);
    *logs = NULL;
}

/* Where the value of this text field begins, and its size; NULL where there is none. */
static const char *value(const char *text, const char *field, size_t *size)
{
    const char *at = strstr(text, field);
    if (!at)
        return NULL;
    at += strlen(field);
    *size = strcspn(at, "\"");
    return at[*size] == '"' ? at : NULL;
}

static char *copy(const char *text, size_t bytes)
{
    char *made = memory_new(bytes + 1, 1);
    memcpy(made, text, bytes);
    return made;
}

static void keep(logs_t *logs, const char *text, bool named, const char *job, size_t job_bytes)
{
    if (logs->count == logs->room) {
        logs->room = logs->room ? 2 * logs->room : 256;
        logs->lines = memory_grow(logs->lines, logs->room, sizeof *logs->lines);
    }
    size_t bytes;
    line_t *line = &logs->lines[logs->count];
    *line = (line_t){.text = copy(text, strlen(text)), .place = logs->count, .named = named};
    line->time = value(line->text, "\"time\":\"", &bytes);
    if (job)
        line->job = copy(job, job_bytes);
    logs->count++;
    logs->kept += strlen(text);
}

static void take(logs_t *logs, char *line)
{
    line[strcspn(line, "\n")] = 0;
    const char *text = strchr(line, '{');
    size_t time_bytes = 0, job_bytes = 0;
    if (!text || !value(text, "\"time\":\"", &time_bytes) || time_bytes != TIME_BYTES)
        return;
    const char *job = value(text, "\"job\":\"", &job_bytes);
    bool named = strstr(text, logs->document);
    if (named || job)
        keep(logs, text, named, job, job_bytes);
}

int logs_read(logs_t *logs, FILE *file, fault_t *fault)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    while (logs->kept <= LOGS_KEPT_MOST && (size = getline(&line, &room, file)) > 0)
        if (size <= LOGS_LINE_MOST)
            take(logs, line);
    int failed = ferror(file), cause = errno;
    free(line);
    if (failed)
        return fault_set(fault, FAULT_INPUT, "the log cannot be read: %s", strerror(cause));
    if (logs->kept > LOGS_KEPT_MOST)
        return fault_set(fault, FAULT_INPUT, "the logs are too long: name the files of the day in question alone");
    return 0;
}

static int by_job(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_time(const void *a, const void *b)
{
    const line_t *left = a, *right = b;
    int order = strncmp(left->time, right->time, TIME_BYTES);
    return order ? order : left->place < right->place ? -1 : 1;
}

/* The jobs of the lines that name the document, in order. */
static char **jobs_of(const logs_t *logs, size_t *count)
{
    char **jobs = memory_new(logs->count + 1, sizeof *jobs);
    *count = 0;
    for (size_t i = 0; i < logs->count; i++)
        if (logs->lines[i].named && logs->lines[i].job)
            jobs[(*count)++] = logs->lines[i].job;
    qsort(jobs, *count, sizeof *jobs, by_job);
    return jobs;
}

size_t logs_print(logs_t *logs, buf_t *out)
{
    size_t job_count, printed = 0;
    char **jobs = jobs_of(logs, &job_count);
    if (logs->count)
        qsort(logs->lines, logs->count, sizeof *logs->lines, by_time);
    for (size_t i = 0; i < logs->count; i++) {
        const line_t *line = &logs->lines[i];
        if (!line->named && !bsearch(&line->job, jobs, job_count, sizeof *jobs, by_job))
            continue;
        buf_text(out, line->text);
        buf_char(out, '\n');
        printed++;
    }
    free(jobs);
    return printed;
}
