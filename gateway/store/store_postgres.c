/* store_postgres: see store_postgres.h. The connection, its pipeline and its failures. */
#include "store_postgres.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "store_postgres_common.h"

#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AWAITED: statements on the way, several groups of tasks. UNREAD: bytes on the way before answers are taken, so that
 * neither side waits for the other with full buffers and nothing here grows without limit. */
enum { AWAITED_MOST = 512, UNREAD_MOST = 4 * 1024 * 1024, NUMBER_TEXT = 32 };

/* What the server has to say itself that a statement's time is over. */
enum { GRACE_MS = 2000 };

/* The types of parameters by their letters. Source: pg_type.dat. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25, OID_FLOAT8 = 701 };

typedef enum { AWAIT_PREPARED, AWAIT_PLAIN, AWAIT_ROWS } await_kind_t;

/* A statement that was sent and is not answered. */
typedef struct {
    await_kind_t kind;
    statement_t statement; /* STATEMENT_COUNT: BEGIN and its like */
} await_t;

typedef struct {
    database_t base;
    const postgres_plan_t *plan;
    PGconn *connection; /* NULL: not connected */
    bool prepared[STATEMENT_COUNT];
    char *texts[STATEMENT_COUNT]; /* expanded */
    await_t awaited[AWAITED_MOST];
    size_t awaited_count;
    size_t unread; /* bytes sent since answers were last taken */
} postgres_t;

static postgres_t *of(database_t *database)
{
    return (postgres_t *)database;
}

/* ---- failures ---- */

static int fail_lost(postgres_t *pg, const char *what, fault_t *fault)
{
    pg->base.lost = true;
    return postgres_fault_lost(pg->connection, what, fault);
}

static int fail_result(postgres_t *pg, const char *what, const PGresult *result, fault_t *fault)
{
    bool lost = false;
    int failed = postgres_fault_result(pg->connection, result, what, &lost, &pg->base.again, fault);
    pg->base.lost = pg->base.lost || lost;
    return failed;
}

static const char *name_of(const await_t *await)
{
    return await->statement == STATEMENT_COUNT ? "a transaction" : statement_name(await->statement);
}

/* ---- waiting ---- */

/* The server has not even told that the time is over: it, or the way to it, is gone. It is not asked to cancel: that
 * waits for an answer, too, and without an end. */
static int fail_late(postgres_t *pg, fault_t *fault)
{
    pg->base.lost = true;
    return fault_set(fault, FAULT_UNAVAILABLE, "PostgreSQL has not answered in %lld s (YOGI_STORE_SECONDS)",
                     (long long)(pg->plan->timeout_ms / 1000));
}

/* Sends what waits and takes what has come, until there is an answer to read; 0, or -1 when the connection is gone. */
static int wait_for_answer(postgres_t *pg, int64_t until_us, fault_t *fault)
{
    while (PQisBusy(pg->connection)) {
        int unsent = PQflush(pg->connection);
        int64_t left_us = until_us - clock_now_us();
        if (unsent < 0)
            return fail_lost(pg, "cannot be written to", fault);
        if (left_us <= 0)
            return fail_late(pg, fault);
        struct pollfd wait = {PQsocket(pg->connection), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
        poll(&wait, 1, (int)((left_us + 999) / 1000));
        if (wait.revents & (POLLIN | POLLERR | POLLHUP) && !PQconsumeInput(pg->connection))
            return fail_lost(pg, "the connection is gone", fault);
    }
    return 0;
}

/* ---- answers ---- */

/* Looks at one answer. 0, or -1 with the fault. */
static int take_answer(postgres_t *pg, const await_t *await, const PGresult *result, arena_t *arena, sql_rows_t *rows,
                       fault_t *fault)
{
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (await->kind == AWAIT_PREPARED && !good)
        pg->prepared[await->statement] = false;
    if (status == PGRES_PIPELINE_ABORTED) /* for the failure of one before it, which has told its fault */
        return -1;
    if (!good)
        return fail_result(pg, name_of(await), result, fault);
    if (await->kind == AWAIT_ROWS)
        postgres_take_rows(result, arena, rows);
    return 0;
}

/* The answer to one statement, and the NULL that closes it. */
static int collect_one(postgres_t *pg, const await_t *await, int64_t until_us, bool failed, arena_t *arena,
                       sql_rows_t *rows, fault_t *fault)
{
    int answer = 0;
    for (;;) {
        if (wait_for_answer(pg, until_us, failed ? NULL : fault) < 0)
            return -1;
        PGresult *result = PQgetResult(pg->connection);
        if (!result)
            return answer;
        if (take_answer(pg, await, result, arena, rows, failed ? NULL : fault) < 0)
            answer = -1;
        failed = failed || answer < 0;
        PQclear(result);
        if (PQstatus(pg->connection) == CONNECTION_BAD) {
            pg->base.lost = true;
            return -1;
        }
    }
}

/* Takes the answer to the pipeline's end. */
static int collect_sync(postgres_t *pg, int64_t until_us, fault_t *fault)
{
    if (wait_for_answer(pg, until_us, fault) < 0)
        return -1;
    PGresult *result = PQgetResult(pg->connection);
    bool good = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    return good ? 0 : fail_lost(pg, "the connection is gone", fault);
}

/* Takes all answers that are awaited; the rows are the last one's. The first failure is told. */
static int collect(postgres_t *pg, arena_t *arena, sql_rows_t *rows, fault_t *fault)
{
    int64_t until_us = clock_now_us() + (pg->plan->timeout_ms + GRACE_MS) * 1000;
    size_t count = pg->awaited_count;
    int failed = 0;
    pg->awaited_count = 0;
    pg->unread = 0;
    if (!PQpipelineSync(pg->connection))
        return fail_lost(pg, "cannot be written to", fault);
    for (size_t i = 0; i < count && !pg->base.lost; i++)
        if (collect_one(pg, &pg->awaited[i], until_us, failed, arena, rows, fault) < 0)
            failed = -1;
    if (!pg->base.lost && collect_sync(pg, until_us, failed ? NULL : fault) < 0)
        failed = -1;
    if (pg->base.lost && !failed)
        failed = fail_lost(pg, "the connection is gone", fault);
    return failed;
}

/* ---- statements ---- */

static void await(postgres_t *pg, await_kind_t kind, statement_t statement)
{
    assert(pg->awaited_count < AWAITED_MOST);
    pg->awaited[pg->awaited_count++] = (await_t){kind, statement};
}

static const char *text_of(postgres_t *pg, statement_t statement)
{
    if (!pg->texts[statement]) {
        buf_t text = {0};
        statement_text(statement, DIALECT_POSTGRES, &text);
        pg->texts[statement] = text.bytes;
    }
    return pg->texts[statement];
}

static Oid type_of(char kind)
{
    switch (kind) {
    case 'b':
        return OID_BYTEA;
    case 'i':
        return OID_INT8;
    case 'f':
        return OID_FLOAT8;
    case 'o':
        return OID_BOOL;
    default:
        return OID_TEXT;
    }
}

/* What libpq wants of the values of a statement. */
typedef struct {
    Oid types[SQL_VALUES_MOST];
    const char *at[SQL_VALUES_MOST];
    int sizes[SQL_VALUES_MOST], formats[SQL_VALUES_MOST];
    char numbers[SQL_VALUES_MOST][NUMBER_TEXT];
    size_t bytes;
} packed_t;

static void pack_one(packed_t *packed, size_t i, const sql_value_t *value)
{
    char *number = packed->numbers[i];
    switch (value->kind) {
    case SQL_NULL:
        return;
    case SQL_TEXT: /* in binary form a text is its bytes, and needs no zero */
    case SQL_BYTES:
        packed->at[i] = value->view.at;
        packed->sizes[i] = (int)value->view.size;
        packed->formats[i] = 1;
        packed->bytes += value->view.size;
        return;
    case SQL_INT:
        snprintf(number, NUMBER_TEXT, "%lld", (long long)value->number);
        break;
    case SQL_BOOL:
        snprintf(number, NUMBER_TEXT, "%s", value->number ? "t" : "f");
        break;
    case SQL_REAL:
        snprintf(number, NUMBER_TEXT, "%.17g", value->real);
        break;
    }
    packed->at[i] = number;
}

/* Whether the rows must come in binary form: those with bytes in them, whose other columns are text. */
static int binary_rows(statement_t statement)
{
    return statement == STATEMENT_RUN_DOSSIER || statement == STATEMENT_DOSSIER_GET;
}

static int send(postgres_t *pg, statement_t statement, const sql_value_t *values, await_kind_t kind, fault_t *fault)
{
    packed_t packed = {0};
    size_t count = statement_parameters(statement);
    const char *name = statement_name(statement);
    for (size_t i = 0; i < count; i++) {
        packed.types[i] = type_of(statement_kind(statement, i));
        pack_one(&packed, i, &values[i]);
    }
    int sent = 1;
    if (!pg->plan->pooled && !pg->prepared[statement]) {
        sent = PQsendPrepare(pg->connection, name, text_of(pg, statement), (int)count, packed.types);
        pg->prepared[statement] = true;
        await(pg, AWAIT_PREPARED, statement);
    }
    if (sent && pg->plan->pooled)
        sent = PQsendQueryParams(pg->connection, text_of(pg, statement), (int)count, packed.types, packed.at,
                                 packed.sizes, packed.formats, binary_rows(statement));
    else if (sent)
        sent = PQsendQueryPrepared(pg->connection, name, (int)count, packed.at, packed.sizes, packed.formats,
                                   binary_rows(statement));
    await(pg, kind, statement);
    pg->unread += packed.bytes;
    return sent ? 0 : fail_lost(pg, "cannot be written to", fault);
}

static int send_plain(postgres_t *pg, const char *text, fault_t *fault)
{
    int sent = PQsendQueryParams(pg->connection, text, 0, NULL, NULL, NULL, NULL, 0);
    await(pg, AWAIT_PLAIN, STATEMENT_COUNT);
    return sent ? 0 : fail_lost(pg, "cannot be written to", fault);
}

static int later(database_t *database, statement_t statement, const sql_value_t *values, fault_t *fault)
{
    postgres_t *pg = of(database);
    if (send(pg, statement, values, AWAIT_PLAIN, fault) < 0)
        return -1;
    if (pg->awaited_count < AWAITED_MOST - 8 && pg->unread < UNREAD_MOST)
        return 0;
    return collect(pg, NULL, NULL, fault);
}

static int query(database_t *database, statement_t statement, const sql_value_t *values, arena_t *arena,
                 sql_rows_t *rows, fault_t *fault)
{
    postgres_t *pg = of(database);
    if (send(pg, statement, values, AWAIT_ROWS, fault) < 0)
        return -1;
    return collect(pg, arena, rows, fault);
}

/* ---- transactions ---- */

static int begin(database_t *database, store_kind_t kind, fault_t *fault)
{
    postgres_t *pg = of(database);
    char text[64];
    pg->base.lost = pg->base.again = false;
    if (send_plain(pg, "BEGIN", fault) < 0)
        return -1;
    if (kind == STORE_RELAXED && send_plain(pg, "SET LOCAL synchronous_commit = off", fault) < 0)
        return -1;
    if (!pg->plan->pooled)
        return 0;
    snprintf(text, sizeof text, "SET LOCAL statement_timeout = %lld", (long long)pg->plan->timeout_ms);
    return send_plain(pg, text, fault);
}

static int commit(database_t *database, fault_t *fault)
{
    postgres_t *pg = of(database);
    if (send_plain(pg, "COMMIT", fault) < 0 || collect(pg, NULL, NULL, fault) < 0)
        return -1;
    if (PQtransactionStatus(pg->connection) == PQTRANS_IDLE)
        return 0;
    return fail_lost(pg, "a transaction did not end", fault);
}

static void rollback(database_t *database)
{
    postgres_t *pg = of(database);
    if (!pg->connection || pg->base.lost)
        return;
    bool again = pg->base.again;
    if (pg->awaited_count)
        (void)collect(pg, NULL, NULL, NULL);
    if (!pg->base.lost && send_plain(pg, "ROLLBACK", NULL) == 0)
        (void)collect(pg, NULL, NULL, NULL);
    pg->base.again = again;
}

/* ---- connection ---- */

static void disconnect(database_t *database)
{
    postgres_t *pg = of(database);
    PQfinish(pg->connection);
    pg->connection = NULL;
    memset(pg->prepared, 0, sizeof pg->prepared);
    pg->awaited_count = 0;
    pg->unread = 0;
}

static int connect_to(database_t *database, fault_t *fault)
{
    postgres_t *pg = of(database);
    disconnect(database);
    pg->base.lost = pg->base.again = false;
    pg->connection = PQconnectdbParams(pg->plan->keywords, pg->plan->values, 0);
    int failed = 0;
    if (PQstatus(pg->connection) != CONNECTION_OK)
        failed = fail_lost(pg, "cannot be reached", fault);
    else if (postgres_check(pg->connection, fault) < 0)
        failed = -1;
    else if (PQsetnonblocking(pg->connection, 1) != 0 || !PQenterPipelineMode(pg->connection))
        failed = fail_lost(pg, "cannot be used", fault);
    if (failed)
        disconnect(database);
    return failed;
}

static bool connected(const database_t *database)
{
    return ((const postgres_t *)database)->connection != NULL;
}

static void destroy(database_t *database)
{
    postgres_t *pg = of(database);
    disconnect(database);
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        free(pg->texts[i]);
    free(pg);
}

/* ---- migrations: in turn, without a pipeline and as long as they take ---- */

static int run_plain(postgres_t *pg, const char *text, arena_t *arena, sql_rows_t *rows, fault_t *fault)
{
    assert(!pg->awaited_count);
    if (!PQexitPipelineMode(pg->connection) || PQsetnonblocking(pg->connection, 0) != 0)
        return fail_lost(pg, "cannot be used", fault);
    PGresult *result = PQexec(pg->connection, text);
    ExecStatusType status = PQresultStatus(result);
    int failed = 0;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        failed = fail_result(pg, "a change of its schema", result, fault);
    else if (rows)
        postgres_take_rows(result, arena, rows);
    PQclear(result);
    if (!pg->base.lost && (PQsetnonblocking(pg->connection, 1) != 0 || !PQenterPipelineMode(pg->connection)))
        failed = fail_lost(pg, "cannot be used", failed ? NULL : fault);
    return failed;
}

static int seize(database_t *database, fault_t *fault)
{
    postgres_t *pg = of(database);
    pg->base.lost = pg->base.again = false;
    /* the number is ours alone: "yogi" */
    return run_plain(pg, "BEGIN; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(2037344105)", NULL, NULL,
                     fault);
}

static int script(database_t *database, const char *text, fault_t *fault)
{
    return run_plain(of(database), text, NULL, NULL, fault);
}

static int ask(database_t *database, const char *text, arena_t *arena, sql_rows_t *rows, fault_t *fault)
{
    *rows = (sql_rows_t){0};
    return run_plain(of(database), text, arena, rows, fault);
}

database_t *postgres_new(const postgres_plan_t *plan)
{
    static const driver_t driver = {
        .name = "PostgreSQL",
        .dialect = DIALECT_POSTGRES,
        .connect = connect_to,
        .connected = connected,
        .disconnect = disconnect,
        .destroy = destroy,
        .begin = begin,
        .commit = commit,
        .rollback = rollback,
        .later = later,
        .query = query,
        .seize = seize,
        .script = script,
        .ask = ask,
    };
    postgres_t *pg = memory_new(1, sizeof *pg);
    pg->base.driver = &driver;
    pg->plan = plan;
    return &pg->base;
}
