/* move: see move.h. The commands that change something, and those that only look; verify is move_verify.c. */
#include "move.h"
#include "demo_schema.h"
#include "fence.h"
#include "folder.h"
#include "lossless.h"
#include "move_verify.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "trip.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* What a move is reckoned with before anything was measured: rows and bytes a second. ROW: bytes of one in a
 * SQLite file. FENCED_FILES: about how many are read on both sides while nobody can write. */
enum { ROWS_S = 25000, BYTES_S = 150000000, ROW_BYTES = 1500, FENCED_FILES = 200 };

/* ---- looking before ---- */

static int check_room(const char *path, int64_t bytes, fault_t *fault)
{
    struct statvfs disk;
    char folder[FOLDER_NAME_BYTES];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (statvfs(folder, &disk) < 0) {
        if (!slash)
            return 0;
        *(slash == folder ? slash + 1 : slash) = 0;
        if (statvfs(folder, &disk) < 0)
            return 0;
    }
    int64_t room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (bytes <= room)
        return 0;
    return fault_set(fault, FAULT_OUTPUT, "%s has room for %lld MB, and %lld MB are needed; make some", folder,
                     (long long)(room / 1000000), (long long)(bytes / 1000000));
}

/* What of the files is not there yet is not known before they were hashed: all must have room, once. */
static int check_rooms(trip_t *trip, int64_t rows, bool first, fault_t *fault)
{
    int64_t files = first ? manifest_bytes(trip->manifest) : 0;
    const char *folder = trip->to.absent ? trip->to.address + 5 : trip->to.path;
    if (folder && check_room(folder, files, fault) < 0)
        return -1;
    return trip->target.path && first ? check_room(trip->target.path, rows * ROW_BYTES, fault) : 0;
}

/* Whether the target can be written at all. */
static int check_rights(trip_t *trip, fault_t *fault)
{
    side_t *target = &trip->target;
    fault_t unused;
    sql_rows_t rows;
    if (depot_check(&trip->to, fault) < 0)
        return -1;
    if (trip->target_absent)
        return 0; /* its folder was looked at */
    if (target->path) {
        int failed = bulk_script(target->writer, "BEGIN IMMEDIATE", fault);
        (void)bulk_script(target->writer, "ROLLBACK", &unused);
        return failed;
    }
    if (bulk_ask(target->writer, "SELECT has_schema_privilege(current_schema(), 'CREATE'), pg_is_in_recovery()", NULL,
                 0, target->arena, &rows, fault) < 0)
        return -1;
    if (sql_cell_bool(&rows, 0, 1))
        return fault_set(fault, FAULT_SETTING, "the target %s is a replica that cannot be written", target->shown);
    if (target->layout == LAYOUT_EMPTY && !sql_cell_bool(&rows, 0, 0))
        return fault_set(fault, FAULT_SETTING, "the target %s does not let us make tables; GRANT CREATE ON its SCHEMA",
                         target->shown);
    return 0;
}

/* Everything that can be known before: changes nothing. */
static int look_before(trip_t *trip, fault_t *fault)
{
    int64_t rows;
    bool first = trip->target_absent || trip->target.layout == LAYOUT_EMPTY;
    if (trip_check_target(trip, fault) < 0 || check_rights(trip, fault) < 0)
        return -1;
    if (trip->fencing && (verify_may_report(trip, fault) < 0 || fence_may_raise(&trip->source, fault) < 0))
        return -1;
    if (trip_freeze(trip, fault) < 0)
        return -1;
    int failed = trip_judge_missing(trip, fault);
    if (!failed)
        failed = rows_count(&trip->source, &trip->target, &rows, fault);
    if (!failed)
        failed = check_rooms(trip, rows, first, fault);
    trip_thaw(trip);
    return failed;
}

/* ---- making the target ready ---- */

static int set_state(trip_t *trip, const char *state, fault_t *fault)
{
    char at[32];
    journal_set(trip->journal, "state", state);
    journal_set(trip->journal, "at", clock_format(clock_wall_ms(), at));
    return trip_set_mark(trip_ours(trip), "state", state, fault) < 0 ||
                   trip_set_mark(trip_ours(trip), "at", at, fault) < 0
               ? -1
               : journal_save(trip->journal, fault);
}

/* Our schema, and whose rows these are to be. */
static int prepare_ours(trip_t *trip, fault_t *fault)
{
    side_t *target = &trip->target;
    const move_options_t *options = trip->options;
    if (side_migrate(target, options->settings->store_seconds * 1000, fault) < 0 ||
        side_look(target, trip->drop, fault) < 0 || trip_forget_jobs(target, fault) < 0)
        return -1;
    MARK("move.schema");
    return trip_set_mark(target, "source", trip->source.identity, fault) < 0 ||
                   trip_set_mark(target, "layout", trip->source.layout == LAYOUT_DEMO ? "demo" : "yogi", fault) < 0
               ? -1
               : set_state(trip, STATE_COPYING, fault);
}

/* The old side is as it was left, or is made anew. */
static int prepare_old(trip_t *trip, fault_t *fault)
{
    side_t *target = &trip->target;
    const char *layout = trip_mark(&trip->source, "layout");
    if (target->layout != LAYOUT_EMPTY)
        return 0;
    if (trip_set_mark(&trip->source, "back-to", target->identity, fault) < 0)
        return -1;
    if (!target->path || !layout || strcmp(layout, "demo") != 0)
        return side_migrate(target, trip->options->settings->store_seconds * 1000, fault) < 0
                   ? -1
                   : side_look(target, trip->drop, fault);
    buf_t text = {0};
    buf_format(&text, "BEGIN IMMEDIATE; %s COMMIT", demo_schema);
    int failed = bulk_script(target->writer, text.bytes, fault);
    buf_free(&text);
    return failed ? -1 : side_look(target, trip->drop, fault);
}

static int prepare(trip_t *trip, fault_t *fault)
{
    if (look_before(trip, fault) < 0 || trip_make_target(trip, fault) < 0 || journal_save(trip->journal, fault) < 0)
        return -1;
    return trip->back ? prepare_old(trip, fault) : prepare_ours(trip, fault);
}

static void tell_rate(trip_t *trip)
{
    double rows_s = (double)trip->rows_us / 1e6, files_s = (double)trip->files_us / 1e6;
    buf_format(trip->out, "%lld rows in %.2f s (%.0f rows/s); %lld files carried (%.1f MB) in %.2f s (%.1f MB/s)\n",
               (long long)trip->rows, rows_s, (double)trip->rows / (rows_s > 0 ? rows_s : 1), (long long)trip->files,
               (double)trip->file_bytes / 1e6, files_s, (double)trip->file_bytes / 1e6 / (files_s > 0 ? files_s : 1));
}

/* ---- run ---- */

static int run(trip_t *trip, fault_t *fault)
{
    if (prepare(trip, fault) < 0 || trip_catch_up(trip, fault) < 0)
        return -1;
    tell_rate(trip);
    if (set_state(trip, STATE_COPIED, fault) < 0)
        return -1;
    return trip_judge_aside(trip, fault);
}

int move_run(const move_options_t *options, buf_t *out, fault_t *fault)
{
    trip_t trip;
    int failed = trip_open(&trip, options, false, false, out, fault);
    if (!failed)
        failed = run(&trip, fault);
    trip_close(&trip);
    return failed;
}

/* ---- cutover and rollback: the source is fenced at the end ---- */

static int change_fence(side_t *side, int (*change)(side_t *, fault_t *), fault_t *fault)
{
    fault_t unused;
    if (bulk_script(side->writer, side->path ? "BEGIN IMMEDIATE" : "BEGIN; SET LOCAL synchronous_commit = on", fault) ==
            0 &&
        change(side, fault) == 0 && bulk_script(side->writer, "COMMIT", fault) == 0)
        return 0;
    (void)bulk_script(side->writer, "ROLLBACK", &unused);
    return -1;
}

/* The pause is not to grow with the files: some are read, and all are hashed that were carried. */
static int sample_fenced(const trip_t *trip)
{
    size_t every = cargo_count(manifest_cargo(trip->manifest)) / FENCED_FILES;
    return every > (size_t)trip->options->sample ? (int)every : trip->options->sample;
}

/* With the source fenced: the last round, and the check. */
static int finish_fenced(trip_t *trip, const char *state, fault_t *fault)
{
    MARK("move.fenced");
    if (trip_round(trip, true, fault) < 0 || trip_judge_aside(trip, fault) < 0)
        return -1;
    MARK("move.last");
    verify_plan_t plan = {.every = trip->options->full ? 1 : sample_fenced(trip)};
    if (verify_and_report(trip, &plan, fault) < 0)
        return -1;
    if (trip->back && trip_set_mark(&trip->source, "source", trip->target.identity, fault) < 0)
        return -1;
    return set_state(trip, state, fault);
}

static int switch_over(trip_t *trip, const char *state, fault_t *fault)
{
    fault_t unused;
    trip->fencing = true;
    if (prepare(trip, fault) < 0 || trip_catch_up(trip, fault) < 0)
        return -1;
    tell_rate(trip);
    if (trip_judge_aside(trip, fault) < 0)
        return -1;
    int64_t start_us = clock_now_us();
    if (change_fence(&trip->source, fence_raise, fault) < 0)
        return -1;
    if (finish_fenced(trip, state, fault) == 0) {
        buf_format(trip->out, "the source could not be written for %.2f s, and stays so\n",
                   (double)(clock_now_us() - start_us) / 1e6);
        return 0;
    }
    if (change_fence(&trip->source, fence_lift, &unused) < 0)
        buf_format(trip->out, "the fence on %s could not be taken away: %s\n", trip->source.shown, unused.text);
    else
        buf_format(trip->out, "%s can be written again: nothing was cut over\n", trip->source.shown);
    return -1;
}

int move_cutover(const move_options_t *options, buf_t *out, fault_t *fault)
{
    trip_t trip;
    int failed = trip_open(&trip, options, false, false, out, fault);
    if (!failed)
        failed = switch_over(&trip, STATE_CUT_OVER, fault);
    if (!failed)
        buf_format(out, "cut over: start Yogi on %s with files in %s\n", trip.target.shown, trip.to.address);
    trip_close(&trip);
    return failed;
}

/* What was taken out of the demo's queue is to come back into it. */
static int tell_jobs(trip_t *trip, fault_t *fault)
{
    side_t *ours = trip_ours(trip);
    sql_rows_t rows;
    sql_value_t like = sql_text(MARKS_OF_JOBS "%");
    if (bulk_ask(ours->writer, "SELECT count(*) FROM moves WHERE name LIKE $1", &like, 1, ours->arena, &rows, fault) <
        0)
        return -1;
    if (sql_cell_int(&rows, 0, 0))
        buf_text(trip->out, "jobs of its queue had been carried over; yogi migrate queues back gives documents that "
                            "wait jobs again\n");
    return 0;
}

int move_rollback(const move_options_t *options, buf_t *out, fault_t *fault)
{
    trip_t trip;
    int failed = trip_open(&trip, options, true, false, out, fault);
    if (!failed)
        failed = switch_over(&trip, STATE_ROLLED_BACK, fault);
    if (!failed)
        buf_format(out, "rolled back: %s and its files in %s are in use again\n", trip.target.shown, trip.to.address);
    if (!failed)
        failed = tell_jobs(&trip, fault);
    trip_close(&trip);
    return failed;
}

/* ---- plan ---- */

/* Reads every row once, to see what does not fit. */
static int tell_misfits(trip_t *trip, fault_t *fault)
{
    rows_plan_t plan = trip_rows(trip);
    if (rows_count(&trip->source, &trip->target, &plan.total, fault) < 0 || rows_try(&plan, &trip->result, fault) < 0)
        return -1;
    for (size_t i = 0; i < trip->result.count; i++) {
        const rows_table_t *seen = &trip->result.table[i];
        if (seen->count.source)
            buf_format(trip->out, "%-20s %9lld rows\n", seen->table->name, (long long)seen->count.source);
    }
    buf_text(trip->out, aside_examples(trip->aside));
    if (aside_rows(trip->aside) || aside_values(trip->aside))
        buf_format(
            trip->out,
            "would be set aside: %lld rows, %lld values; run ends with an error unless it is told --quarantine\n",
            (long long)aside_rows(trip->aside), (long long)aside_values(trip->aside));
    return 0;
}

/* Whoever processes them cannot write any more after the cutover. */
static int tell_busy(trip_t *trip, fault_t *fault)
{
    sql_rows_t rows;
    side_t *source = &trip->source;
    if (bulk_ask(source->writer, "SELECT count(*) FROM documents WHERE status IN ('processing', 'processing_ai')", NULL,
                 0, source->arena, &rows, fault) < 0)
        return -1;
    if (sql_cell_int(&rows, 0, 0))
        buf_format(trip->out, "%lld documents are being processed; let the source finish them before the cutover\n",
                   (long long)sql_cell_int(&rows, 0, 0));
    return 0;
}

static void tell_files(trip_t *trip)
{
    int64_t extra_bytes, extra = manifest_extra(trip->manifest, &extra_bytes);
    int64_t bytes = manifest_bytes(trip->manifest);
    buf_format(trip->out, "%-20s %9zu, %.1f MB\n", "files", cargo_count(manifest_cargo(trip->manifest)),
               (double)bytes / 1e6);
    if (manifest_shared(trip->manifest))
        buf_format(trip->out,
                   "%lld documents have a file whose name another one has, too: one has overwritten the other before\n",
                   (long long)manifest_shared(trip->manifest));
    if (extra)
        buf_format(trip->out, "%lld files (%.1f MB) belong to no document (copies that the demo made); they stay\n",
                   (long long)extra, (double)extra_bytes / 1e6);
    int64_t speed = trip->options->most_bytes_s ? trip->options->most_bytes_s : BYTES_S;
    buf_format(trip->out, "about %.0f s at %d rows/s and %.0f MB/s\n",
               (double)trip->result.rows / ROWS_S + (double)bytes / (double)speed, ROWS_S, (double)speed / 1e6);
}

static int plan(trip_t *trip, fault_t *fault)
{
    buf_format(trip->out, "from %s, files in %s\nto %s, files in %s\n", trip->source.shown, trip->from.address,
               trip->target.shown, trip->to.address);
    if (trip_check_target(trip, fault) < 0 || check_rights(trip, fault) < 0)
        return -1;
    if (!(trip->aside = aside_new(NULL, fault)) || trip_freeze(trip, fault) < 0 || tell_misfits(trip, fault) < 0)
        return -1;
    tell_files(trip);
    if (tell_busy(trip, fault) < 0 || trip_judge_missing(trip, fault) < 0)
        return -1;
    return check_rooms(trip, trip->result.rows, true, fault);
}

int move_plan(const move_options_t *options, buf_t *out, fault_t *fault)
{
    trip_t trip;
    int failed = trip_open(&trip, options, false, true, out, fault);
    if (!failed)
        failed = plan(&trip, fault);
    trip_close(&trip);
    return failed;
}

/* ---- status ---- */

static int tell_lossless(trip_t *trip, fault_t *fault)
{
    buf_t why = {0};
    bool demo = trip->source.layout == LAYOUT_DEMO;
    int failed = lossless_look(&trip->target, demo, &why, fault);
    if (!failed)
        buf_format(trip->out, why.size ? "a rollback would lose:\n%s" : "a rollback would lose nothing\n%s",
                   buf_string(&why));
    buf_free(&why);
    return failed;
}

static int status(trip_t *trip, fault_t *fault)
{
    bool old_fenced = false, new_fenced = false;
    const char *state = trip_mark(&trip->target, "state"), *at = trip_mark(&trip->target, "at");
    buf_format(trip->out, "from %s, files in %s\nto %s, files in %s\nstate: %s%s%s\n", trip->source.shown,
               trip->from.address, trip->target.shown, trip->to.address, state ? state : "nothing was moved",
               at ? " since " : "", at ? at : "");
    if (trip->target_absent || trip->target.layout == LAYOUT_EMPTY)
        return 0;
    if (fence_stands(&trip->source, &old_fenced, fault) < 0 || fence_stands(&trip->target, &new_fenced, fault) < 0)
        return -1;
    buf_format(trip->out, "%s %s\n%s %s\n", trip->source.shown,
               old_fenced ? "is fenced: it can only be read" : "can be written", trip->target.shown,
               new_fenced ? "is fenced: it can only be read" : "can be written");
    return trip->target.layout == LAYOUT_YOGI ? tell_lossless(trip, fault) : 0;
}

int move_status(const move_options_t *options, buf_t *out, fault_t *fault)
{
    trip_t trip;
    int failed = trip_open(&trip, options, false, true, out, fault);
    if (!failed)
        failed = status(&trip, fault);
    trip_close(&trip);
    return failed;
}
