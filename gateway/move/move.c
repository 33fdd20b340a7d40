/* move: see move.h. The commands that change something, and those that only look; verify is move_verify.c. */
#include "move.h"
#include "demo_schema.h"
#include "fence.h"
#include "folder.h"
#include "lossless.h"
#include "move_verify.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "session.h"

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
static int check_rooms(session_t *session, int64_t rows, bool first, fault_t *fault)
{
    int64_t files = first ? manifest_bytes(session->manifest) : 0;
    const char *folder = session->to.absent ? session->to.address + 5 : session->to.path;
    if (folder && check_room(folder, files, fault) < 0)
        return -1;
    return session->target.path && first ? check_room(session->target.path, rows * ROW_BYTES, fault) : 0;
}

/* Whether the target can be written at all. */
static int check_rights(session_t *session, fault_t *fault)
{
    side_t *target = &session->target;
    fault_t unused;
    sql_rows_t rows;
    if (depot_check(&session->to, fault) < 0)
        return -1;
    if (session->target_absent)
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
static int look_before(session_t *session, fault_t *fault)
{
    int64_t rows;
    bool first = session->target_absent || session->target.layout == LAYOUT_EMPTY;
    if (session_check_target(session, fault) < 0 || check_rights(session, fault) < 0 ||
        session_freeze(session, fault) < 0)
        return -1;
    int failed = session_judge_missing(session, fault);
    if (!failed)
        failed = rows_count(&session->source, &session->target, &rows, fault);
    if (!failed)
        failed = check_rooms(session, rows, first, fault);
    session_thaw(session);
    return failed;
}

/* ---- making the target ready ---- */

static int set_state(session_t *session, const char *state, fault_t *fault)
{
    char at[32];
    journal_set(session->journal, "state", state);
    journal_set(session->journal, "at", clock_format(clock_wall_ms(), at));
    return session_set_mark(session_ours(session), "state", state, fault) < 0 ||
                   session_set_mark(session_ours(session), "at", at, fault) < 0
               ? -1
               : journal_save(session->journal, fault);
}

/* Our schema, and whose rows these are to be. */
static int prepare_ours(session_t *session, fault_t *fault)
{
    side_t *target = &session->target;
    const move_options_t *options = session->options;
    if (side_migrate(target, options->settings->store_seconds * 1000, fault) < 0 ||
        side_look(target, session->drop, fault) < 0)
        return -1;
    MARK("move.schema");
    return session_set_mark(target, "source", session->source.identity, fault) < 0 ||
                   session_set_mark(target, "layout", session->source.layout == LAYOUT_DEMO ? "demo" : "yogi", fault) <
                       0
               ? -1
               : set_state(session, STATE_COPYING, fault);
}

/* The old side is as it was left, or is made anew. */
static int prepare_old(session_t *session, fault_t *fault)
{
    side_t *target = &session->target;
    const char *layout = session_mark(&session->source, "layout");
    if (target->layout != LAYOUT_EMPTY)
        return 0;
    if (session_set_mark(&session->source, "back-to", target->identity, fault) < 0)
        return -1;
    if (!target->path || !layout || strcmp(layout, "demo") != 0)
        return side_migrate(target, session->options->settings->store_seconds * 1000, fault) < 0
                   ? -1
                   : side_look(target, session->drop, fault);
    buf_t text = {0};
    buf_format(&text, "BEGIN IMMEDIATE; %s COMMIT", demo_schema);
    int failed = bulk_script(target->writer, text.bytes, fault);
    buf_free(&text);
    return failed ? -1 : side_look(target, session->drop, fault);
}

static int prepare(session_t *session, fault_t *fault)
{
    if (look_before(session, fault) < 0 || session_make_target(session, fault) < 0 ||
        journal_save(session->journal, fault) < 0)
        return -1;
    return session->back ? prepare_old(session, fault) : prepare_ours(session, fault);
}

static void tell_rate(session_t *session)
{
    double rows_s = (double)session->rows_us / 1e6, files_s = (double)session->files_us / 1e6;
    buf_format(session->out, "%lld rows in %.2f s (%.0f rows/s); %lld files carried (%.1f MB) in %.2f s (%.1f MB/s)\n",
               (long long)session->rows, rows_s, (double)session->rows / (rows_s > 0 ? rows_s : 1),
               (long long)session->files, (double)session->file_bytes / 1e6, files_s,
               (double)session->file_bytes / 1e6 / (files_s > 0 ? files_s : 1));
}

/* ---- run ---- */

static int run(session_t *session, fault_t *fault)
{
    if (prepare(session, fault) < 0 || session_catch_up(session, fault) < 0)
        return -1;
    tell_rate(session);
    if (set_state(session, STATE_COPIED, fault) < 0)
        return -1;
    return session_judge_aside(session, fault);
}

int move_run(const move_options_t *options, buf_t *out, fault_t *fault)
{
    session_t session;
    int failed = session_open(&session, options, false, false, out, fault);
    if (!failed)
        failed = run(&session, fault);
    session_close(&session);
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
static int sample_fenced(const session_t *session)
{
    size_t every = cargo_count(manifest_cargo(session->manifest)) / FENCED_FILES;
    return every > (size_t)session->options->sample ? (int)every : session->options->sample;
}

/* With the source fenced: the last round, and the check. */
static int finish_fenced(session_t *session, const char *state, fault_t *fault)
{
    MARK("move.fenced");
    if (session_round(session, true, fault) < 0 || session_judge_aside(session, fault) < 0)
        return -1;
    MARK("move.last");
    if (verify_and_report(session, session->options->full ? 1 : sample_fenced(session), fault) < 0)
        return -1;
    if (session->back && session_set_mark(&session->source, "source", session->target.identity, fault) < 0)
        return -1;
    return set_state(session, state, fault);
}

static int switch_over(session_t *session, const char *state, fault_t *fault)
{
    fault_t unused;
    if (prepare(session, fault) < 0 || session_catch_up(session, fault) < 0)
        return -1;
    tell_rate(session);
    if (session_judge_aside(session, fault) < 0)
        return -1;
    int64_t start_us = clock_now_us();
    if (change_fence(&session->source, fence_raise, fault) < 0)
        return -1;
    if (finish_fenced(session, state, fault) == 0) {
        buf_format(session->out, "the source could not be written for %.2f s, and stays so\n",
                   (double)(clock_now_us() - start_us) / 1e6);
        return 0;
    }
    if (change_fence(&session->source, fence_lift, &unused) < 0)
        buf_format(session->out, "the fence on %s could not be taken away: %s\n", session->source.shown, unused.text);
    else
        buf_format(session->out, "%s can be written again: nothing was cut over\n", session->source.shown);
    return -1;
}

int move_cutover(const move_options_t *options, buf_t *out, fault_t *fault)
{
    session_t session;
    int failed = session_open(&session, options, false, false, out, fault);
    if (!failed)
        failed = switch_over(&session, STATE_CUT_OVER, fault);
    if (!failed)
        buf_format(out, "cut over: start Yogi on %s with files in %s\n", session.target.shown, session.to.address);
    session_close(&session);
    return failed;
}

int move_rollback(const move_options_t *options, buf_t *out, fault_t *fault)
{
    session_t session;
    int failed = session_open(&session, options, true, false, out, fault);
    if (!failed)
        failed = switch_over(&session, STATE_ROLLED_BACK, fault);
    if (!failed)
        buf_format(out, "rolled back: %s and its files in %s are in use again\n", session.target.shown,
                   session.to.address);
    session_close(&session);
    return failed;
}

/* ---- plan ---- */

/* Reads every row once, to see what does not fit. */
static int tell_misfits(session_t *session, fault_t *fault)
{
    rows_plan_t plan = {.source = &session->source,
                        .target = &session->target,
                        .manifest = session->manifest,
                        .aside = session->aside,
                        .progress = session->options->progress,
                        .stopped = session->options->stopped,
                        .user = session->options->user};
    if (rows_count(&session->source, &session->target, &plan.total, fault) < 0 ||
        rows_try(&plan, &session->result, fault) < 0)
        return -1;
    for (size_t i = 0; i < session->result.count; i++) {
        const rows_table_t *seen = &session->result.table[i];
        if (seen->count.source)
            buf_format(session->out, "%-20s %9lld rows\n", seen->table->name, (long long)seen->count.source);
    }
    buf_text(session->out, aside_examples(session->aside));
    if (aside_rows(session->aside) || aside_values(session->aside))
        buf_format(
            session->out,
            "would be set aside: %lld rows, %lld values; run ends with an error unless it is told --quarantine\n",
            (long long)aside_rows(session->aside), (long long)aside_values(session->aside));
    return 0;
}

/* Whoever processes them cannot write any more after the cutover. */
static int tell_busy(session_t *session, fault_t *fault)
{
    sql_rows_t rows;
    side_t *source = &session->source;
    if (bulk_ask(source->writer, "SELECT count(*) FROM documents WHERE status IN ('processing', 'processing_ai')", NULL,
                 0, source->arena, &rows, fault) < 0)
        return -1;
    if (sql_cell_int(&rows, 0, 0))
        buf_format(session->out, "%lld documents are being processed; let the source finish them before the cutover\n",
                   (long long)sql_cell_int(&rows, 0, 0));
    return 0;
}

static void tell_files(session_t *session)
{
    int64_t extra_bytes, extra = manifest_extra(session->manifest, &extra_bytes);
    int64_t bytes = manifest_bytes(session->manifest);
    buf_format(session->out, "%-20s %9zu, %.1f MB\n", "files", cargo_count(manifest_cargo(session->manifest)),
               (double)bytes / 1e6);
    if (manifest_shared(session->manifest))
        buf_format(session->out,
                   "%lld documents have a file whose name another one has, too: one has overwritten the other before\n",
                   (long long)manifest_shared(session->manifest));
    if (extra)
        buf_format(session->out, "%lld files (%.1f MB) belong to no document (copies that the demo made); they stay\n",
                   (long long)extra, (double)extra_bytes / 1e6);
    int64_t speed = session->options->most_bytes_s ? session->options->most_bytes_s : BYTES_S;
    buf_format(session->out, "about %.0f s at %d rows/s and %.0f MB/s\n",
               (double)session->result.rows / ROWS_S + (double)bytes / (double)speed, ROWS_S, (double)speed / 1e6);
}

static int plan(session_t *session, fault_t *fault)
{
    buf_format(session->out, "from %s, files in %s\nto %s, files in %s\n", session->source.shown, session->from.address,
               session->target.shown, session->to.address);
    if (session_check_target(session, fault) < 0 || check_rights(session, fault) < 0)
        return -1;
    if (!(session->aside = aside_new(NULL, fault)) || session_freeze(session, fault) < 0 ||
        tell_misfits(session, fault) < 0)
        return -1;
    tell_files(session);
    if (tell_busy(session, fault) < 0 || session_judge_missing(session, fault) < 0)
        return -1;
    return check_rooms(session, session->result.rows, true, fault);
}

int move_plan(const move_options_t *options, buf_t *out, fault_t *fault)
{
    session_t session;
    int failed = session_open(&session, options, false, true, out, fault);
    if (!failed)
        failed = plan(&session, fault);
    session_close(&session);
    return failed;
}

/* ---- status ---- */

static int tell_lossless(session_t *session, fault_t *fault)
{
    buf_t why = {0};
    bool demo = session->source.layout == LAYOUT_DEMO;
    int failed = lossless_look(&session->target, demo, &why, fault);
    if (!failed)
        buf_format(session->out, why.size ? "a rollback would lose:\n%s" : "a rollback would lose nothing\n%s",
                   buf_string(&why));
    buf_free(&why);
    return failed;
}

static int status(session_t *session, fault_t *fault)
{
    bool old_fenced = false, new_fenced = false;
    const char *state = session_mark(&session->target, "state"), *at = session_mark(&session->target, "at");
    buf_format(session->out, "from %s, files in %s\nto %s, files in %s\nstate: %s%s%s\n", session->source.shown,
               session->from.address, session->target.shown, session->to.address, state ? state : "nothing was moved",
               at ? " since " : "", at ? at : "");
    if (session->target_absent || session->target.layout == LAYOUT_EMPTY)
        return 0;
    if (fence_stands(&session->source, &old_fenced, fault) < 0 ||
        fence_stands(&session->target, &new_fenced, fault) < 0)
        return -1;
    buf_format(session->out, "%s %s\n%s %s\n", session->source.shown,
               old_fenced ? "is fenced: it can only be read" : "can be written", session->target.shown,
               new_fenced ? "is fenced: it can only be read" : "can be written");
    return session->target.layout == LAYOUT_YOGI ? tell_lossless(session, fault) : 0;
}

int move_status(const move_options_t *options, buf_t *out, fault_t *fault)
{
    session_t session;
    int failed = session_open(&session, options, false, true, out, fault);
    if (!failed)
        failed = status(&session, fault);
    session_close(&session);
    return failed;
}
