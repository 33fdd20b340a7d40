/* log: see log.h. */
#include "log.h"
#include "buf.h"
#include "clock.h"
#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *log_level_name(log_level_t level)
{
    static const char *const names[LOG_LEVELS] = {"debug", "info", "warning", "error", "off"};
    assert((unsigned)level < LOG_LEVELS);
    return names[level];
}

/* A JSON string of neutered text: no control characters are left, so only two need escaping. */
static void add_text(buf_t *line, const char *text)
{
    char clean[LOG_TEXT_MOST];
    snprintf(clean, sizeof clean, "%s", text);
    text_neuter(clean); /* a code point that the cut has split goes too */
    buf_char(line, '"');
    for (const char *p = clean; *p; p++) {
        if (*p == '"' || *p == '\\')
            buf_char(line, '\\');
        buf_char(line, *p);
    }
    buf_char(line, '"');
}

void log_line(const log_t *log, log_level_t level, const char *event, const log_field_t *fields, size_t count)
{
    assert(level < LOG_OFF);
    if (level < log->least)
        return;
    char now[32];
    buf_t line = {0};
    buf_format(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"process\":\"%s\",\"event\":\"%s\"",
               clock_format(clock_wall_ms(), now), log_level_name(level), log->process, event);
    for (size_t i = 0; i < count; i++) {
        buf_format(&line, ",\"%s\":", fields[i].name);
        if (fields[i].text)
            add_text(&line, fields[i].text);
        else
            buf_format(&line, "%lld", (long long)fields[i].number);
    }
    buf_text(&line, "}\n");
    if (write(log->fd, line.bytes, line.size) < 0) {
        /* lost, as the head says */
    }
    buf_free(&line);
}
