/* figures: see figures.h. */
#include "figures.h"
#include "proto/base/text.h"
#include "proto/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- adding up ---- */

/* The row of this name, made where there is none; NULL when there is no room for one. */
static figures_stage_t *row_of(figures_t *figures, const char *name)
{
    for (size_t i = 0; i < figures->count; i++)
        if (strcmp(figures->stages[i].name, name) == 0)
            return &figures->stages[i];
    if (figures->count == FIGURES_STAGES_MOST)
        return NULL;
    figures_stage_t *row = &figures->stages[figures->count++];
    snprintf(row->name, sizeof row->name, "%s", name);
    text_neuter(row->name);
    return row;
}

static void add_stage(figures_t *figures, const stats_stage_t *stage)
{
    figures_stage_t *row = row_of(figures, stage->stage);
    if (!row)
        return;
    row->waiting += stage->runnable, row->running += stage->running, row->delayed += stage->delayed;
    row->actors += stage->actors, row->slots += stage->slots;
    row->done += stage->done, row->failed += stage->failed, row->retried += stage->retried, row->lost += stage->lost;
    row->oldest_ms = stage->oldest_ms > row->oldest_ms ? stage->oldest_ms : row->oldest_ms;
}

void figures_take(const asker_t *asker, int64_t now_us, figures_t *figures)
{
    *figures = (figures_t){.answers = asker_answers(asker), .brokers = asker_brokers(asker), .at_us = now_us};
    for (uint32_t i = 0; i < figures->brokers; i++) {
        const stats_t *answer = asker_answer(asker, i);
        if (!answer)
            continue;
        figures->jobs += answer->jobs;
        figures->owners += answer->owners - 1; /* not this one */
        figures->bytes += answer->bytes;
        for (size_t j = 0; j < answer->stages.count; j++)
            add_stage(figures, LIST_AT(const stats_stage_t, answer->stages, j));
    }
}

/* ---- the table ---- */

#define CELL(member) offsetof(figures_stage_t, member), false
enum { STAGE_COLUMNS = 14 };

/* In their order. account: 0 is never left out, the highest first. */
static const struct {
    const char *title;
    int columns; /* with the space before */
    int account;
    size_t offset;   /* of an int64_t in the row */
    bool per_second; /* its growth in a second, where there are figures from before */
} table[] = {
    {"waiting", 9, 0, CELL(waiting)}, {"running", 8, 0, CELL(running)},
    {"delayed", 8, 5, CELL(delayed)}, {"oldest s", 9, 3, CELL(oldest_ms)},
    {"actors", 7, 2, CELL(actors)},   {"slots", 6, 6, CELL(slots)},
    {"done", 10, 0, CELL(done)},      {"done/s", 8, 0, offsetof(figures_stage_t, done), true},
    {"failed", 7, 1, CELL(failed)},   {"retried", 8, 7, CELL(retried)},
    {"lost", 5, 4, CELL(lost)},
};
enum { CELLS = sizeof table / sizeof *table };

/* Which cells are shown. */
static void choose(bool rates, size_t columns, bool shown[CELLS])
{
    size_t width = STAGE_COLUMNS;
    for (size_t i = 0; i < CELLS; i++) {
        shown[i] = rates || !table[i].per_second;
        width += shown[i] ? (size_t)table[i].columns : 0;
    }
    while (columns && width > columns) {
        size_t least = 0;
        for (size_t i = 0; i < CELLS; i++)
            if (shown[i] && (!shown[least] || table[i].account > table[least].account))
                least = i;
        if (table[least].account == 0)
            return;
        shown[least] = false;
        width -= (size_t)table[least].columns;
    }
}

static int64_t value_of(const figures_stage_t *row, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)row + offset, sizeof value);
    return value;
}

/* A broker that has begun anew counts from 0 again. */
static double rate_of(const figures_t *figures, const figures_t *before, const figures_stage_t *row, size_t offset)
{
    double seconds = (double)(figures->at_us - before->at_us) / 1e6;
    for (size_t i = 0; i < before->count; i++)
        if (strcmp(before->stages[i].name, row->name) == 0) {
            int64_t more = value_of(row, offset) - value_of(&before->stages[i], offset);
            return more > 0 && seconds > 0 ? (double)more / seconds : 0;
        }
    return 0;
}

void figures_table(const figures_t *figures, const figures_t *before, size_t columns, buf_t *out)
{
    bool shown[CELLS];
    choose(before != NULL, columns, shown);
    buf_format(out, "%-*s", STAGE_COLUMNS, "stage");
    for (size_t i = 0; i < CELLS; i++)
        if (shown[i])
            buf_format(out, "%*s", table[i].columns, table[i].title);
    for (size_t j = 0; j < figures->count; j++) {
        const figures_stage_t *row = &figures->stages[j];
        buf_format(out, "\n%-*s", STAGE_COLUMNS, row->name);
        for (size_t i = 0; i < CELLS; i++)
            if (shown[i] && table[i].per_second)
                buf_format(out, "%*.1f", table[i].columns, rate_of(figures, before, row, table[i].offset));
            else if (shown[i] && table[i].offset == offsetof(figures_stage_t, oldest_ms))
                buf_format(out, "%*.1f", table[i].columns, (double)row->oldest_ms / 1000);
            else if (shown[i])
                buf_format(out, "%*" PRId64, table[i].columns, value_of(row, table[i].offset));
    }
    buf_format(out, "\n%" PRId64 " jobs of %" PRId64 " owners reserve %.1f MB; %u of %u brokers answer\n",
               figures->jobs, figures->owners, (double)figures->bytes / 1048576, figures->answers, figures->brokers);
}

void figures_json(const asker_t *asker, buf_t *out)
{
    for (uint32_t i = 0; i < asker_brokers(asker); i++) {
        const stats_t *answer = asker_answer(asker, i);
        if (!answer)
            continue;
        buf_text(out, "{\"broker\":");
        json_text(asker_endpoint(asker, i), out);
        buf_text(out, ",\"figures\":");
        json_write(&stats_schema, answer, NULL, 0, out);
        buf_text(out, "}\n");
    }
}
