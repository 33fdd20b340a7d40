/* trip_round: the rounds of a move. See trip.h. */
#include "fence.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "trip.h"

#include <stdio.h>
#include <string.h>

/* Rounds before it is left to the cutover; each takes what was written during the one before. */
enum { ROUNDS_MOST = 5 };

/* ---- progress ---- */

static void tell(trip_t *trip)
{
    if (trip->options->progress)
        trip->options->progress(trip->options->user, &trip->progress);
}

static void on_files(void *user)
{
    trip_t *trip = user;
    const cargo_figures_t *figures = cargo_figures(manifest_cargo(trip->manifest));
    trip->progress.done = atomic_load(&figures->files);
    trip->progress.bytes = atomic_load(&figures->bytes);
    tell(trip);
}

static bool is_stopped(void *user)
{
    const trip_t *trip = user;
    return trip->options->stopped(trip->options->user);
}

/* ---- one state of the source ---- */

int trip_freeze(trip_t *trip, fault_t *fault)
{
    cargo_plan_t plan = {.source = &trip->from,
                         .target = &trip->to,
                         .source_book = trip->from_book,
                         .target_book = trip->to_book,
                         .work = journal_path(trip->journal, "."),
                         .jobs = trip->options->jobs,
                         .most_bytes_s = trip->from.s3 || trip->to.s3 ? 0 : trip->options->most_bytes_s,
                         .tick = on_files,
                         .stopped = trip->options->stopped ? is_stopped : NULL,
                         .user = trip};
    manifest_destroy(&trip->manifest);
    if (bulk_freeze(trip->source.reader, fault) < 0)
        return -1;
    trip->manifest = manifest_new(&trip->source, &plan, fault);
    if (!trip->manifest)
        return -1;
    trip->progress = (move_progress_t){.phase = "files",
                                       .total = (int64_t)cargo_count(manifest_cargo(trip->manifest)),
                                       .bytes_total = manifest_bytes(trip->manifest)};
    return 0;
}

void trip_thaw(trip_t *trip)
{
    if (trip->source.reader)
        bulk_thaw(trip->source.reader);
}

/* ---- what is in the way ---- */

int trip_judge_missing(trip_t *trip, fault_t *fault)
{
    int64_t missing = manifest_missing(trip->manifest);
    if (!missing || trip->options->allow_missing)
        return 0;
    buf_text(trip->out, manifest_missing_examples(trip->manifest));
    return fault_set(fault, FAULT_INPUT,
                     "%lld files that documents speak of are not in %s; put them there, or carry their documents "
                     "without them by --allow-missing",
                     (long long)missing, trip->from.address);
}

int trip_judge_aside(trip_t *trip, fault_t *fault)
{
    int64_t rows = aside_rows(trip->aside), values = aside_values(trip->aside);
    if (!rows && !values)
        return 0;
    buf_text(trip->out, aside_examples(trip->aside));
    buf_format(trip->out, "%lld rows and %lld values do not fit and were set aside in %s\n", (long long)rows,
               (long long)values, journal_path(trip->journal, "quarantine.jsonl"));
    if (trip->options->quarantine)
        return 0;
    return fault_set(fault, FAULT_INPUT,
                     "%lld rows and %lld values do not fit; mend them in the source, or leave them behind by "
                     "--quarantine",
                     (long long)rows, (long long)values);
}

/* ---- a round ---- */

/* The target's own rows are written in one transaction where it is SQLite; a fence there is ours to pass. */
static int begin_rows(trip_t *trip, bool *fenced, fault_t *fault)
{
    side_t *target = &trip->target;
    if (fence_stands(target, fenced, fault) < 0 ||
        bulk_script(target->writer, target->path ? "BEGIN IMMEDIATE" : "BEGIN", fault) < 0)
        return -1;
    return *fenced && target->path ? fence_lift(target, fault) : 0;
}

static int end_rows(trip_t *trip, bool fenced, bool final, fault_t *fault)
{
    side_t *target = &trip->target;
    if (fenced && final && !target->path && fence_lift(target, fault) < 0)
        return -1;
    if (fenced && !final && target->path && fence_raise(target, fault) < 0)
        return -1;
    MARK("move.commit");
    return bulk_script(target->writer, "COMMIT", fault);
}

rows_plan_t trip_rows(trip_t *trip)
{
    return (rows_plan_t){.source = &trip->source,
                         .target = &trip->target,
                         .manifest = trip->manifest,
                         .aside = trip->aside,
                         .progress = trip->options->progress,
                         .stopped = trip->options->stopped,
                         .user = trip->options->user};
}

static int carry_rows(trip_t *trip, bool final, fault_t *fault)
{
    rows_plan_t plan = trip_rows(trip);
    bool fenced = false;
    fault_t unused;
    if (rows_count(&trip->source, &trip->target, &plan.total, fault) < 0)
        return -1;
    if (begin_rows(trip, &fenced, fault) == 0 && rows_carry(&plan, &trip->result, fault) == 0 &&
        end_rows(trip, fenced, final, fault) == 0)
        return 0;
    (void)bulk_script(trip->target.writer, "ROLLBACK", &unused);
    return -1;
}

static int new_aside(trip_t *trip, fault_t *fault)
{
    aside_destroy(&trip->aside);
    trip->aside = aside_new(journal_path(trip->journal, "quarantine.jsonl"), fault);
    return trip->aside ? 0 : -1;
}

static int carry_files(trip_t *trip, fault_t *fault)
{
    int64_t start_us = clock_now_us();
    cargo_t *cargo = manifest_cargo(trip->manifest);
    int failed = cargo_carry(cargo, fault);
    trip->files_us += clock_now_us() - start_us;
    trip->files += atomic_load(&cargo_figures(cargo)->carried);
    trip->file_bytes += atomic_load(&cargo_figures(cargo)->carried_bytes);
    return failed;
}

static int go_round(trip_t *trip, bool final, fault_t *fault)
{
    if (new_aside(trip, fault) < 0 || trip_freeze(trip, fault) < 0 || trip_judge_missing(trip, fault) < 0 ||
        depot_list(&trip->to, fault) < 0)
        return -1;
    MARK("move.frozen");
    if (carry_files(trip, fault) < 0)
        return -1;
    MARK("move.files");
    if (final && trip_judge_missing(trip, fault) < 0)
        return -1;
    int64_t start_us = clock_now_us();
    int failed = carry_rows(trip, final, fault) < 0 ? -1 : aside_finish(trip->aside, fault);
    trip->rows_us += clock_now_us() - start_us;
    trip->rows += trip->result.rows;
    return failed;
}

int trip_round(trip_t *trip, bool final, fault_t *fault)
{
    int failed = go_round(trip, final, fault);
    trip_thaw(trip);
    return failed;
}

/* A number that is another one when somebody has written into the store. */
static int version_of(side_t *side, char out[64], fault_t *fault)
{
    static const char *const look[DIALECTS] = {
        [DIALECT_POSTGRES] = "SELECT pg_snapshot_xmax(pg_current_snapshot())",
        [DIALECT_SQLITE] = "PRAGMA data_version",
    };
    sql_rows_t rows;
    if (bulk_ask(side->writer, look[side->writer->driver->dialect], NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    snprintf(out, 64, "%s", sql_cell(&rows, 0, 0));
    return 0;
}

int trip_catch_up(trip_t *trip, fault_t *fault)
{
    char before[64], after[64];
    for (int round = 1; round <= ROUNDS_MOST; round++) {
        if (version_of(&trip->source, before, fault) < 0 || trip_round(trip, false, fault) < 0 ||
            version_of(&trip->source, after, fault) < 0)
            return -1;
        buf_format(trip->out, "round %d: %lld rows read, %lld changed; %lld files, %lld of them carried\n", round,
                   (long long)trip->result.rows, (long long)trip->result.changes,
                   (long long)atomic_load(&cargo_figures(manifest_cargo(trip->manifest))->files),
                   (long long)atomic_load(&cargo_figures(manifest_cargo(trip->manifest))->carried));
        if (strcmp(before, after) == 0)
            return 0;
    }
    return 0;
}
