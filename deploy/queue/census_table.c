/* census_table: how queues stand, for people and for programs; see census.h. */
#include "census.h"

#include "proto/base/text.h"
#include "proto/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* NAME: columns of a queue's name at most, a longer one is cut. */
enum { NAME_LEAST = 5, NAME_MOST = 32, AGE_BYTES = 24 };

/* "350 ms", "12 s", "5 min", "3 h", "2 d". */
static const char *format_age(int64_t ms, char text[AGE_BYTES])
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;
    if (ms < 0)
        return strcpy(text, "-");
    while (i + 1 < sizeof units / sizeof *units && ms < 2 * units[i].ms)
        i++;
    snprintf(text, AGE_BYTES, "%" PRId64 " %s", ms / units[i].ms, units[i].unit);
    return text;
}

static void show_name(const char *queue, char name[4 * NAME_MOST + 1])
{
    snprintf(name, 4 * NAME_MOST + 1, "%s", queue);
    text_neuter(name);
    for (char *at = name; *at; at++)
        if (text_columns(name) <= NAME_MOST)
            break;
        else
            name[strlen(name) - 1] = 0;
}

void census_table(const census_t *rows, size_t count, buf_t *out)
{
    size_t width = NAME_LEAST;
    char name[4 * NAME_MOST + 1], age[AGE_BYTES];
    for (size_t i = 0; i < count; i++) {
        show_name(rows[i].queue, name);
        width = text_columns(name) > width ? text_columns(name) : width;
    }
    buf_format(out, "%-*s", (int)width, "queue");
#define TITLE(member, title, help) buf_format(out, "  %9s", title);
    CENSUS_MAP(TITLE)
#undef TITLE
    buf_text(out, "     oldest  workers  lost locks\n");
    for (size_t i = 0; i < count; i++) {
        const census_t *row = &rows[i];
        show_name(row->queue, name);
        buf_format(out, "%s%*s", name, (int)(width - text_columns(name)), "");
#define CELL(member, title, help) buf_format(out, "  %9" PRId64, row->member);
        CENSUS_MAP(CELL)
#undef CELL
        buf_format(out, "  %9s", format_age(row->oldest_ms, age));
        if (row->workers < 0)
            buf_text(out, "        ?");
        else
            buf_format(out, "  %7" PRId64, row->workers);
        buf_format(out, "  %10" PRId64 "%s\n", row->lost_locks, row->is_paused ? "  paused" : "");
    }
}

void census_json(const census_t *rows, size_t count, buf_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const census_t *row = &rows[i];
        buf_text(out, "{\"queue\":");
        json_text(row->queue, out);
        buf_text(out, ",\"version\":");
        if (*row->version)
            json_text(row->version, out);
        else
            buf_text(out, "null");
#define MEMBER(member, title, help) buf_format(out, ",\"" #member "\":%" PRId64, row->member);
        CENSUS_MAP(MEMBER)
#undef MEMBER
        buf_format(out, ",\"completed\":%" PRId64 ",\"waitingChildren\":%" PRId64 ",\"isPaused\":%s", row->completed,
                   row->children, row->is_paused ? "true" : "false");
        if (row->oldest_ms < 0)
            buf_text(out, ",\"oldestMs\":null");
        else
            buf_format(out, ",\"oldestMs\":%" PRId64, row->oldest_ms);
        if (row->workers < 0)
            buf_text(out, ",\"workers\":null");
        else
            buf_format(out, ",\"workers\":%" PRId64, row->workers);
        buf_format(out, ",\"lostLocks\":%" PRId64 "}\n", row->lost_locks);
    }
}
