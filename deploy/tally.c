/* tally: see tally.h. */
#include "tally.h"

#include <string.h>

static void add_time(tally_t *tally, const char *stage, const char *lap, double ms)
{
    for (size_t i = 0; i < tally->rows.count; i++) {
        tally_row_t *row = LIST_AT(tally_row_t, tally->rows, i);
        if (strcmp(row->stage, stage) == 0 && (row->lap && lap ? strcmp(row->lap, lap) == 0 : row->lap == lap)) {
            row->ms += ms;
            return;
        }
    }
    tally_row_t *row = list_push(tally->arena, &tally->rows, sizeof *row);
    row->stage = arena_text(tally->arena, stage);
    row->lap = arena_text(tally->arena, lap);
    row->ms = ms;
}

void tally_add(tally_t *tally, const dossier_t *dossier, const fault_t *fault)
{
    if (fault->code != FAULT_NONE) {
        tally->failed++;
        tally->by[fault->code]++;
    } else {
        tally->read++;
        tally->pages += (int64_t)dossier->pages.count;
        tally->review += dossier->outcome.status && strcmp(dossier->outcome.status, "needs_review") == 0;
    }
    for (size_t i = 0; dossier && i < dossier->trail.count; i++) {
        const trail_t *trail = LIST_AT(trail_t, dossier->trail, i);
        if (!trail->stage)
            continue;
        add_time(tally, trail->stage, NULL, trail->cpu_ms);
        for (size_t j = 0; j < trail->laps.count; j++)
            add_time(tally, trail->stage, LIST_AT(lap_t, trail->laps, j)->name, LIST_AT(lap_t, trail->laps, j)->ms);
    }
}

int tally_exit(const tally_t *tally)
{
    int code = 0;
    for (int i = 0; i < FAULT_COUNT; i++)
        if (tally->by[i])
            code = code == 0 || code == fault_exit((fault_code_t)i) ? fault_exit((fault_code_t)i) : 1;
    return code;
}

void tally_summary(const tally_t *tally, int64_t spent_us, buf_t *out)
{
    double spent = (double)spent_us / 1e6;
    buf_format(out, "%zu read (%lld %s) in %.1f s, %.1f pages/s", tally->read, (long long)tally->pages,
               tally->pages == 1 ? "page" : "pages", spent, spent > 0 ? (double)tally->pages / spent : 0.0);
    if (tally->review)
        buf_format(out, "; %zu need%s review", tally->review, tally->review == 1 ? "s" : "");
    if (tally->failed) {
        buf_format(out, "; %zu failed", tally->failed);
        const char *between = ": ";
        for (int i = 0; i < FAULT_COUNT; i++)
            if (tally->by[i]) {
                buf_format(out, "%s%zu %s", between, tally->by[i], fault_name((fault_code_t)i));
                between = ", ";
            }
    }
    if (tally->skipped)
        buf_format(out, "; %zu left out, not documents", tally->skipped);
    buf_char(out, '\n');
}

void tally_timing(const tally_t *tally, buf_t *out)
{
    buf_text(out, "CPU time by stage and part:\n");
    for (size_t i = 0; i < tally->rows.count; i++) {
        const tally_row_t *stage = LIST_AT(tally_row_t, tally->rows, i);
        if (stage->lap)
            continue;
        buf_format(out, "  %-24s %10.1f ms\n", stage->stage, stage->ms);
        for (size_t j = 0; j < tally->rows.count; j++) {
            const tally_row_t *row = LIST_AT(tally_row_t, tally->rows, j);
            if (row->lap && strcmp(row->stage, stage->stage) == 0)
                buf_format(out, "    %-22s %10.1f ms\n", row->lap, row->ms);
        }
    }
}
