/* requeue: see requeue.h. Runs are made by the store's own call, as when a user wants a document to be read again. */
#include "requeue.h"
#include "gateway/outbox/outbox.h"
#include "gateway/store/runs.h"
#include "proto/base/ident.h"
#include "proto/base/mark.h"

static const char wanted[] =
    "SELECT tenant, id, sha256 FROM documents d WHERE status IN ('uploaded', 'processing', 'processing_ai') AND NOT "
    "EXISTS (SELECT 1 FROM outbox o WHERE o.document_id = d.id) AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.name = "
    "'" REQUEUE_ELSEWHERE "' || d.id) ORDER BY created_at, id";

/* ---- one ---- */

/* Within a transaction; whether the mark was not there yet. */
static int claim(session_t *session, const char *mark, const char *value, bool *fresh, fault_t *fault)
{
    int64_t written = session_write(session, STATEMENT_MOVE_MARK, SQL(sql_text(mark), sql_text(value)), fault);
    *fresh = written > 0;
    return written < 0 ? -1 : 0;
}

/* In the order of the calls: ids of runs sort by their making. */
static int make(session_t *session, const requeue_wish_t *wish, verdict_t *verdict, fault_t *fault)
{
    char run[IDENT_TEXT];
    ident_t ident;
    bool fresh = true;
    if (ident_new(&ident, fault) < 0)
        return -1;
    retry_t retry = {.tenant = wish->tenant,
                     .document = wish->document,
                     .run = ident_format(ident, run),
                     .owner = "", /* nobody: the first gateway takes it */
                     .route = OUTBOX_ROUTE,
                     .attempts = wish->attempts > OUTBOX_ATTEMPTS ? wish->attempts : OUTBOX_ATTEMPTS,
                     .place = -1};
    if (wish->mark && claim(session, wish->mark, run, &fresh, fault) < 0)
        return -1;
    *verdict = VERDICT_ALREADY;
    return fresh ? runs_retry(session, &retry, verdict, fault) : 0;
}

int requeue_one(database_t *database, const requeue_wish_t *wish, verdict_t *verdict, fault_t *fault)
{
    session_t session = {database, STORE_WRITE};
    if (database->driver->begin(database, STORE_WRITE, fault) < 0)
        return -1;
    int failed = make(&session, wish, verdict, fault);
    MARK("move.queued");
    if (!failed && *verdict == VERDICT_DONE)
        return database->driver->commit(database, fault);
    database->driver->rollback(database); /* with the mark of a run that was not made */
    return failed;
}

int requeue_mark(database_t *database, const char *mark, const char *value, bool *fresh, fault_t *fault)
{
    session_t session = {database, STORE_WRITE};
    if (database->driver->begin(database, STORE_WRITE, fault) < 0)
        return -1;
    if (claim(&session, mark, value, fresh, fault) == 0)
        return database->driver->commit(database, fault);
    database->driver->rollback(database);
    return -1;
}

/* ---- all ---- */

static int queue_all(database_t *database, const sql_rows_t *rows, requeue_count_t *count, fault_t *fault)
{
    for (size_t i = 0; i < rows->rows; i++) {
        verdict_t verdict = VERDICT_CONFLICT;
        requeue_wish_t wish = {.tenant = sql_cell(rows, i, 0), .document = sql_cell_view(rows, i, 1)};
        bool has_bytes = sql_cell(rows, i, 2) != NULL;
        if (has_bytes && requeue_one(database, &wish, &verdict, fault) < 0)
            return -1;
        count->queued += verdict == VERDICT_DONE;
        count->lacking += verdict == VERDICT_CONFLICT;
    }
    return 0;
}

int requeue(side_t *ours, int64_t timeout_ms, requeue_count_t *count, fault_t *fault)
{
    sql_rows_t rows;
    database_t *database = side_database(ours, timeout_ms);
    *count = (requeue_count_t){0};
    int failed = database->driver->connect(database, fault);
    if (!failed)
        failed = bulk_ask(ours->writer, wanted, NULL, 0, ours->arena, &rows, fault);
    if (!failed)
        failed = queue_all(database, &rows, count, fault);
    if (!failed)
        failed = bulk_ask(ours->writer, "SELECT count(*) FROM outbox", NULL, 0, ours->arena, &rows, fault);
    if (!failed)
        count->waiting = sql_cell_int(&rows, 0, 0);
    database->driver->destroy(database);
    return failed;
}
