/* log: one JSON object a line, for machines and for people with jq.
 *
 *     {"time":"2026-01-31T08:30:00.000Z","level":"warning","process":"yogi","event":"worker.gone","stage":"ocr", …}
 *
 * Text from outside is neutered (text_neuter) and escaped; secrets never come here. A line that cannot be written is
 * lost: a log must not stop the work. Fields that everybody uses: document, job, attempt, trace.
 */
#ifndef YOGI_BASE_LOG_H
#define YOGI_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF, LOG_LEVELS } log_level_t;

/* Plain data. */
typedef struct {
    int fd;              /* where lines go */
    log_level_t least;   /* lines below are left out */
    const char *process; /* name of this process */
} log_t;

/* A field of a line: text, or a number where text is NULL. */
typedef struct {
    const char *name;
    const char *text;
    int64_t number;
} log_field_t;

/* Longest text of a field; the rest is cut off. */
enum { LOG_TEXT_MOST = 2048 };

const char *log_level_name(log_level_t level);

/* Writes a line in one write(2), so that lines of several processes do not mix. event is a stable dotted name. */
void log_line(const log_t *log, log_level_t level, const char *event, const log_field_t *fields, size_t count);

/* log_line with its fields in place: LOG (log, LOG_INFO, "worker.gone", {"stage", name, 0}, {"pid", NULL, pid}); */
#define LOG(log, level, event, ...)                                                                                    \
    log_line(log, level, event, (const log_field_t[]){__VA_ARGS__},                                                    \
             sizeof((const log_field_t[]){__VA_ARGS__}) / sizeof(log_field_t))

#endif
