/* runs: see runs.h. Here: leases, and what is asked of a run that goes on. Its end is in runs_end.c. */
#include "runs.h"
#include "records.h"

#include <assert.h>
#include <string.h>

/* Columns of RUN in statement_table.c, before those of DOCUMENT. */
enum { RUN_COLUMNS = 13 };

/* ---- leases ---- */

int runs_hold(session_t *session, const char *owner, int64_t lease_ms, fault_t *fault)
{
    assert(*owner);
    return session_later(session, STATEMENT_OWNER_HOLD, SQL(sql_text(owner), sql_int(lease_ms)), fault);
}

int runs_leave(session_t *session, const char *owner, fault_t *fault)
{
    if (session_later(session, STATEMENT_RUN_RELEASE, SQL(sql_text(owner)), fault) < 0)
        return -1;
    return session_later(session, STATEMENT_OWNER_LEAVE, SQL(sql_text(owner)), fault);
}

static void read_taken(const sql_rows_t *rows, arena_t *arena, run_taken_list_t *list)
{
    list->rows = arena_array(arena, rows->rows, sizeof *list->rows);
    list->count = rows->rows;
    for (size_t i = 0; i < rows->rows; i++)
        list->rows[i] =
            (run_taken_t){sql_cell(rows, i, 0), sql_cell(rows, i, 1), sql_cell(rows, i, 2), sql_cell_int(rows, i, 3)};
}

int runs_take(session_t *session, const char *owner, arena_t *arena, run_taken_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (run_taken_list_t){0};
    if (session_query(session, STATEMENT_RUN_TAKE, SQL(sql_text(owner)), arena, &rows, fault) < 0)
        return -1;
    assert(rows.rows <= RUNS_TAKE_MOST);
    read_taken(&rows, arena, list);
    return 0;
}

int runs_mine(session_t *session, const char *owner, const char *after, int64_t limit, arena_t *arena,
              run_taken_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (run_taken_list_t){0};
    if (session_query(session, STATEMENT_RUN_MINE, SQL(sql_text(owner), sql_text(after), sql_int(limit)), arena, &rows,
                      fault) < 0)
        return -1;
    read_taken(&rows, arena, list);
    return 0;
}

int runs_raise(session_t *session, const char *run, const char *owner, int64_t epoch, verdict_t *verdict,
               fault_t *fault)
{
    int64_t raised =
        session_write(session, STATEMENT_RUN_RAISE, SQL(sql_text(run), sql_text(owner), sql_int(epoch)), fault);
    *verdict = raised > 0 ? VERDICT_DONE : VERDICT_STALE;
    return raised < 0 ? -1 : 0;
}

int runs_called_off(session_t *session, const char *owner, arena_t *arena, run_names_t *names, fault_t *fault)
{
    sql_rows_t rows;
    *names = (run_names_t){0};
    if (session_query(session, STATEMENT_CALL_OFF_TAKE, SQL(sql_text(owner)), arena, &rows, fault) < 0)
        return -1;
    names->runs = arena_array(arena, rows.rows, sizeof *names->runs);
    names->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        names->runs[i] = sql_cell(&rows, i, 0);
    return 0;
}

int runs_sweep(session_t *session, int64_t age_ms, fault_t *fault)
{
    if (session_later(session, STATEMENT_OWNER_SWEEP, SQL(sql_int(age_ms)), fault) < 0)
        return -1;
    return session_later(session, STATEMENT_CALL_OFF_SWEEP, SQL(sql_int(age_ms)), fault);
}

/* ---- work ---- */

static void read_run(const sql_rows_t *rows, run_t *run)
{
    run->run = sql_cell(rows, 0, 0);
    run->document = sql_cell(rows, 0, 1);
    run->tenant = sql_cell(rows, 0, 2);
    run->epoch = sql_cell_int(rows, 0, 3);
    run->owner = sql_cell(rows, 0, 4);
    run->route = sql_cell(rows, 0, 5);
    run->priority = sql_cell_int(rows, 0, 6);
    run->attempts = sql_cell_int(rows, 0, 7);
    run->attempt = sql_cell_int(rows, 0, 8);
    run->crashes = sql_cell_int(rows, 0, 9);
    run->losses = sql_cell_int(rows, 0, 10);
    run->stage = sql_cell(rows, 0, 11);
    run->place = sql_cell_int(rows, 0, 12);
    documents_read(rows, 0, RUN_COLUMNS, &run->row);
}

int runs_get(session_t *session, const char *run, arena_t *arena, run_t *got, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *got = (run_t){0};
    *verdict = VERDICT_NOT_FOUND;
    if (session_query(session, STATEMENT_RUN_GET, SQL(sql_text(run)), arena, &rows, fault) < 0)
        return -1;
    if (rows.rows == 0)
        return 0;
    read_run(&rows, got);
    *verdict = VERDICT_DONE;
    if (!got->stage) /* nothing is recorded: there is no dossier */
        return 0;
    if (session_query(session, STATEMENT_RUN_DOSSIER, SQL(sql_text(run)), arena, &rows, fault) < 0)
        return -1;
    if (rows.rows)
        got->dossier = sql_cell_view(&rows, 0, 0);
    else
        *verdict = VERDICT_NOT_FOUND; /* gone between the two */
    return 0;
}

static int tell(session_t *session, const char *run, int64_t epoch, const char *events, fault_t *fault)
{
    return session_later(session, STATEMENT_RUN_EVENTS, SQL(sql_text(run), sql_int(epoch), sql_text(events)), fault);
}

static int start(session_t *session, const char *run, int64_t epoch, fault_t *fault)
{
    return session_later(session, STATEMENT_RUN_START,
                         SQL(sql_text(run), sql_int(epoch), sql_text(state_before(STATE_PROCESSING))), fault);
}

int runs_progress(session_t *session, const char *run, int64_t epoch, const event_t *event, fault_t *fault)
{
    const char *events;
    arena_t *arena = arena_new();
    int failed = start(session, run, epoch, fault);
    if (!failed && event)
        failed = records_events(NULL, event, arena, &events, fault) < 0 ? -1 : tell(session, run, epoch, events, fault);
    arena_destroy(&arena);
    return failed;
}

int runs_count(session_t *session, const char *run, int64_t epoch, int64_t attempt, int64_t crashes, int64_t losses,
               fault_t *fault)
{
    return session_later(session, STATEMENT_RUN_COUNT,
                         SQL(sql_text(run), sql_int(epoch), sql_int(attempt), sql_int(crashes), sql_int(losses)),
                         fault);
}

/* Where a run goes on from, and its attempts so far. */
static int checkpoint(session_t *session, const record_t *record, fault_t *fault)
{
    const record_t *kept = record;
    while (kept && !kept->dossier.at)
        kept = kept->before;
    if (kept && session_later(session, STATEMENT_RUN_RECORD,
                              SQL(sql_text(kept->run), sql_int(kept->epoch), sql_text(kept->stage),
                                  sql_int(kept->place), sql_bytes(kept->dossier), sql_int(kept->attempt),
                                  sql_int(kept->crashes), sql_int(kept->losses)),
                              fault) < 0)
        return -1;
    if (kept == record)
        return 0;
    return runs_count(session, record->run, record->epoch, record->attempt, record->crashes, record->losses, fault);
}

static bool begins(const record_t *record)
{
    while (record && !record->begins)
        record = record->before;
    return record;
}

/* Stages and events, many in a statement each. */
static int write_records(session_t *session, const record_t *record, arena_t *arena, fault_t *fault)
{
    const char *stages, *events;
    if (records_stages(record, arena, &stages, fault) < 0 || records_events(record, NULL, arena, &events, fault) < 0)
        return -1;
    /* the run's row first: it is what everybody locks first */
    if (checkpoint(session, record, fault) < 0 || (events && tell(session, record->run, record->epoch, events, fault)))
        return -1;
    if (begins(record) && start(session, record->run, record->epoch, fault) < 0)
        return -1;
    return session_later(session, STATEMENT_RUN_STAGES,
                         SQL(sql_text(record->run), sql_int(record->epoch), sql_text(stages)), fault);
}

int runs_record(session_t *session, const record_t *record, fault_t *fault)
{
    arena_t *arena = arena_new();
    int failed = write_records(session, record, arena, fault);
    arena_destroy(&arena);
    return failed;
}

/* ---- wishes ---- */

static int lock_document(session_t *session, const char *tenant, view_t document, arena_t *arena, sql_rows_t *rows,
                         fault_t *fault)
{
    return session_query(session, STATEMENT_DOCUMENT_LOCK, SQL(sql_text(tenant), sql_view(document)), arena, rows,
                         fault);
}

static int make_run(session_t *session, const retry_t *retry, fault_t *fault)
{
    const char *from = state_before(STATE_UPLOADED);
    const sql_value_t *which = SQL(sql_text(retry->tenant), sql_view(retry->document));
    if (session_later(session, STATEMENT_DOCUMENT_AGAIN,
                      SQL(sql_text(retry->tenant), sql_view(retry->document), sql_text(from), sql_text(retry->run),
                          sql_view(retry->options), sql_text(retry->options_hash)),
                      fault) < 0 ||
        session_later(session, STATEMENT_LETTER_DROP, which, fault) < 0)
        return -1;
    return session_later(session, STATEMENT_RUN_INSERT,
                         SQL(sql_text(retry->run), sql_view(retry->document), sql_text(retry->tenant),
                             sql_text(retry->owner), sql_text(retry->route), sql_int(retry->priority),
                             sql_int(retry->attempts), sql_text(retry->stage), sql_int(retry->place),
                             sql_bytes(retry->dossier)),
                         fault);
}

/* Whether the document can be read again. Without a lock: an earlier attempt at this very run may have been committed,
 * and must not be dropped. */
static int look_at_retry(session_t *session, const retry_t *retry, arena_t *arena, verdict_t *verdict, fault_t *fault)
{
    document_row_t row;
    if (documents_get(session, retry->tenant, retry->document, arena, &row, verdict, fault) < 0)
        return -1;
    if (*verdict == VERDICT_DONE && row.run && strcmp(row.run, retry->run) == 0)
        *verdict = VERDICT_ALREADY;
    else if (*verdict == VERDICT_DONE && !row.sha256)
        *verdict = VERDICT_CONFLICT;
    return 0;
}

/* The new run in place of the one that may be under way. */
static int supersede(session_t *session, const retry_t *retry, arena_t *arena, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    if (documents_drop_run(session, retry->tenant, retry->document, fault) < 0 ||
        lock_document(session, retry->tenant, retry->document, arena, &rows, fault) < 0)
        return -1;
    if (rows.rows)
        return make_run(session, retry, fault);
    *verdict = VERDICT_NOT_FOUND; /* deleted meanwhile */
    return 0;
}

int runs_retry(session_t *session, const retry_t *retry, verdict_t *verdict, fault_t *fault)
{
    arena_t *arena = arena_new();
    int failed = look_at_retry(session, retry, arena, verdict, fault);
    if (!failed && *verdict == VERDICT_DONE)
        failed = supersede(session, retry, arena, verdict, fault);
    arena_destroy(&arena);
    return failed;
}

static int make_cancelled(session_t *session, const char *tenant, view_t document, fault_t *fault)
{
    if (session_later(session, STATEMENT_DOCUMENT_MOVE,
                      SQL(sql_text(tenant), sql_view(document), sql_text(state_name(STATE_CANCELLED)),
                          sql_text(state_before(STATE_CANCELLED))),
                      fault) < 0)
        return -1;
    return session_later(session, STATEMENT_EVENT_ADD,
                         SQL(sql_text(tenant), sql_view(document), sql_text("error"), sql_text(NULL), sql_int(100),
                             sql_text("cancelled"), sql_text("{\"error\":\"cancelled\"}")),
                         fault);
}

static verdict_t verdict_of_cancel(const sql_rows_t *rows)
{
    state_t state;
    if (rows->rows == 0)
        return VERDICT_NOT_FOUND;
    if (!state_parse(sql_cell(rows, 0, 0), &state))
        return VERDICT_ILLEGAL;
    if (state_may(state, STATE_CANCELLED))
        return VERDICT_DONE;
    return state == STATE_CANCELLED ? VERDICT_ALREADY : VERDICT_ILLEGAL;
}

int runs_cancel(session_t *session, const char *tenant, view_t document, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    int failed = documents_drop_run(session, tenant, document, fault);
    if (!failed)
        failed = lock_document(session, tenant, document, arena, &rows, fault);
    if (!failed)
        *verdict = verdict_of_cancel(&rows);
    if (!failed && *verdict == VERDICT_DONE)
        failed = make_cancelled(session, tenant, document, fault);
    arena_destroy(&arena);
    return failed;
}
