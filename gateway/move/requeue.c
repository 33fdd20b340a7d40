/* requeue: see requeue.h. Runs are made by the store's own call, as when a user wants a document to be read again. */
#include "requeue.h"
#include "gateway/outbox/outbox.h"
#include "gateway/store/runs.h"
#include "proto/base/ident.h"
#include "proto/base/mark.h"

static const char wanted[] = "SELECT tenant, id, sha256 FROM documents d WHERE status IN ('uploaded', 'processing', "
                             "'processing_ai') AND run IS NULL ORDER BY created_at, id";

/* In the order of their upload: ids of runs sort by their making. */
static int queue_one(database_t *database, const char *tenant, view_t document, verdict_t *verdict, fault_t *fault)
{
    session_t session = {database, STORE_WRITE};
    char run[IDENT_TEXT];
    ident_t ident;
    if (ident_new(&ident, fault) < 0)
        return -1;
    retry_t retry = {.tenant = tenant,
                     .document = document,
                     .run = ident_format(ident, run),
                     .owner = "", /* nobody: the first gateway takes it */
                     .route = OUTBOX_ROUTE,
                     .attempts = OUTBOX_ATTEMPTS,
                     .place = -1};
    int failed = database->driver->begin(database, STORE_WRITE, fault);
    if (!failed)
        failed = runs_retry(&session, &retry, verdict, fault);
    MARK("move.queued");
    if (!failed && database->driver->commit(database, fault) == 0)
        return 0;
    database->driver->rollback(database);
    return -1;
}

static int queue_all(database_t *database, const sql_rows_t *rows, requeue_count_t *count, fault_t *fault)
{
    for (size_t i = 0; i < rows->rows; i++) {
        verdict_t verdict = VERDICT_CONFLICT;
        bool has_bytes = sql_cell(rows, i, 2) != NULL;
        if (has_bytes && queue_one(database, sql_cell(rows, i, 0), sql_cell_view(rows, i, 1), &verdict, fault) < 0)
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
