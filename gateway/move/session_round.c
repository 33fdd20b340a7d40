/* session_round: the rounds of a move. See session.h. */
#include "fence.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "session.h"

#include <stdio.h>
#include <string.h>

/* Rounds before it is left to the cutover; each takes what was written during the one before. */
enum { ROUNDS_MOST = 5 };

/* ---- progress ---- */

static void tell(session_t *session)
{
    if (session->options->progress)
        session->options->progress(session->options->user, &session->progress);
}

static void on_files(void *user)
{
    session_t *session = user;
    const cargo_figures_t *figures = cargo_figures(manifest_cargo(session->manifest));
    session->progress.done = atomic_load(&figures->files);
    session->progress.bytes = atomic_load(&figures->bytes);
    tell(session);
}

static bool is_stopped(void *user)
{
    const session_t *session = user;
    return session->options->stopped(session->options->user);
}

/* ---- one state of the source ---- */

int session_freeze(session_t *session, fault_t *fault)
{
    cargo_plan_t plan = {.source = &session->from,
                         .target = &session->to,
                         .source_book = session->from_book,
                         .target_book = session->to_book,
                         .work = journal_path(session->journal, "."),
                         .jobs = session->options->jobs,
                         .most_bytes_s = session->from.s3 || session->to.s3 ? 0 : session->options->most_bytes_s,
                         .tick = on_files,
                         .stopped = session->options->stopped ? is_stopped : NULL,
                         .user = session};
    manifest_destroy(&session->manifest);
    if (bulk_freeze(session->source.reader, fault) < 0)
        return -1;
    session->manifest = manifest_new(&session->source, &plan, fault);
    if (!session->manifest)
        return -1;
    session->progress = (move_progress_t){.phase = "files",
                                          .total = (int64_t)cargo_count(manifest_cargo(session->manifest)),
                                          .bytes_total = manifest_bytes(session->manifest)};
    return 0;
}

void session_thaw(session_t *session)
{
    if (session->source.reader)
        bulk_thaw(session->source.reader);
}

/* ---- what is in the way ---- */

int session_judge_missing(session_t *session, fault_t *fault)
{
    int64_t missing = manifest_missing(session->manifest);
    if (!missing || session->options->allow_missing)
        return 0;
    buf_text(session->out, manifest_missing_examples(session->manifest));
    return fault_set(fault, FAULT_INPUT,
                     "%lld files that documents speak of are not in %s; put them there, or carry their documents "
                     "without them by --allow-missing",
                     (long long)missing, session->from.address);
}

int session_judge_aside(session_t *session, fault_t *fault)
{
    int64_t rows = aside_rows(session->aside), values = aside_values(session->aside);
    if (!rows && !values)
        return 0;
    buf_text(session->out, aside_examples(session->aside));
    buf_format(session->out, "%lld rows and %lld values do not fit and were set aside in %s\n", (long long)rows,
               (long long)values, journal_path(session->journal, "quarantine.jsonl"));
    if (session->options->quarantine)
        return 0;
    return fault_set(fault, FAULT_INPUT,
                     "%lld rows and %lld values do not fit; mend them in the source, or leave them behind by "
                     "--quarantine",
                     (long long)rows, (long long)values);
}

/* ---- a round ---- */

/* The target's own rows are written in one transaction where it is SQLite; a fence there is ours to pass. */
static int begin_rows(session_t *session, bool *fenced, fault_t *fault)
{
    side_t *target = &session->target;
    if (fence_stands(target, fenced, fault) < 0 ||
        bulk_script(target->writer, target->path ? "BEGIN IMMEDIATE" : "BEGIN", fault) < 0)
        return -1;
    return *fenced && target->path ? fence_lift(target, fault) : 0;
}

static int end_rows(session_t *session, bool fenced, bool final, fault_t *fault)
{
    side_t *target = &session->target;
    if (fenced && final && !target->path && fence_lift(target, fault) < 0)
        return -1;
    if (fenced && !final && target->path && fence_raise(target, fault) < 0)
        return -1;
    MARK("move.commit");
    return bulk_script(target->writer, "COMMIT", fault);
}

static int carry_rows(session_t *session, bool final, fault_t *fault)
{
    rows_plan_t plan = {.source = &session->source,
                        .target = &session->target,
                        .manifest = session->manifest,
                        .aside = session->aside,
                        .progress = session->options->progress,
                        .stopped = session->options->stopped,
                        .user = session->options->user};
    bool fenced = false;
    fault_t unused;
    if (rows_count(&session->source, &session->target, &plan.total, fault) < 0)
        return -1;
    if (begin_rows(session, &fenced, fault) == 0 && rows_carry(&plan, &session->result, fault) == 0 &&
        end_rows(session, fenced, final, fault) == 0)
        return 0;
    (void)bulk_script(session->target.writer, "ROLLBACK", &unused);
    return -1;
}

static int new_aside(session_t *session, fault_t *fault)
{
    aside_destroy(&session->aside);
    session->aside = aside_new(journal_path(session->journal, "quarantine.jsonl"), fault);
    return session->aside ? 0 : -1;
}

static int carry_files(session_t *session, fault_t *fault)
{
    int64_t start_us = clock_now_us();
    cargo_t *cargo = manifest_cargo(session->manifest);
    int failed = cargo_carry(cargo, fault);
    session->files_us += clock_now_us() - start_us;
    session->files += atomic_load(&cargo_figures(cargo)->carried);
    session->file_bytes += atomic_load(&cargo_figures(cargo)->carried_bytes);
    return failed;
}

static int go_round(session_t *session, bool final, fault_t *fault)
{
    if (new_aside(session, fault) < 0 || session_freeze(session, fault) < 0 ||
        session_judge_missing(session, fault) < 0 || depot_list(&session->to, fault) < 0)
        return -1;
    MARK("move.frozen");
    if (carry_files(session, fault) < 0)
        return -1;
    MARK("move.files");
    if (final && session_judge_missing(session, fault) < 0)
        return -1;
    int64_t start_us = clock_now_us();
    int failed = carry_rows(session, final, fault) < 0 ? -1 : aside_finish(session->aside, fault);
    session->rows_us += clock_now_us() - start_us;
    session->rows += session->result.rows;
    return failed;
}

int session_round(session_t *session, bool final, fault_t *fault)
{
    int failed = go_round(session, final, fault);
    session_thaw(session);
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

int session_catch_up(session_t *session, fault_t *fault)
{
    char before[64], after[64];
    for (int round = 1; round <= ROUNDS_MOST; round++) {
        if (version_of(&session->source, before, fault) < 0 || session_round(session, false, fault) < 0 ||
            version_of(&session->source, after, fault) < 0)
            return -1;
        buf_format(session->out, "round %d: %lld rows read, %lld changed; %lld files, %lld of them carried\n", round,
                   (long long)session->result.rows, (long long)session->result.changes,
                   (long long)atomic_load(&cargo_figures(manifest_cargo(session->manifest))->files),
                   (long long)atomic_load(&cargo_figures(manifest_cargo(session->manifest))->carried));
        if (strcmp(before, after) == 0)
            return 0;
    }
    return 0;
}
