/* store_postgres_bulk: see bulk.h and store_postgres.h. Rows travel by COPY in its text form.
 * Source: PostgreSQL 15, COPY, "Text Format".
 */
#include "bulk.h"
#include "proto/base/buf.h"
#include "proto/base/memory.h"
#include "store_postgres.h"
#include "store_postgres_common.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that are gathered before they are handed to libpq. */
enum { CHUNK = 64 * 1024, NUMBER_TEXT = 32 };

typedef struct {
    bulk_t base;
    PGconn *connection;
    char *row;      /* of the stream that is read: libpq's memory */
    bool reading;   /* a COPY TO is open */
    bool loading;   /* a COPY FROM is open */
    size_t columns; /* of the open stream */
    buf_t out;      /* of COPY FROM, not handed over yet */
} postgres_bulk_t;

static postgres_bulk_t *of(bulk_t *bulk)
{
    return (postgres_bulk_t *)bulk;
}

static int fail_lost(postgres_bulk_t *pg, const char *what, fault_t *fault)
{
    return postgres_fault_lost(pg->connection, what, fault);
}

/* Whether an answer has this status; the answer is freed. */
static int expect(postgres_bulk_t *pg, PGresult *result, ExecStatusType wanted, const char *what, fault_t *fault)
{
    bool lost = false, again = false;
    int failed = PQresultStatus(result) == wanted
                     ? 0
                     : postgres_fault_result(pg->connection, result, what, &lost, &again, fault);
    PQclear(result);
    return failed;
}

/* Takes the answers that are left, so that the connection is free again. The first bad one is told. */
static int drain(postgres_bulk_t *pg, const char *what, fault_t *fault)
{
    int failed = 0;
    for (PGresult *result; (result = PQgetResult(pg->connection));) {
        ExecStatusType status = PQresultStatus(result);
        bool lost = false, again = false;
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failed)
            failed = postgres_fault_result(pg->connection, result, what, &lost, &again, fault);
        PQclear(result);
        if (PQstatus(pg->connection) == CONNECTION_BAD)
            return failed ? failed : fail_lost(pg, what, fault);
    }
    return failed;
}

/* ---- statements ---- */

static int script(bulk_t *bulk, const char *text, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    PGresult *result = PQexec(pg->connection, text);
    ExecStatusType status = PQresultStatus(result);
    return expect(pg, result, status == PGRES_TUPLES_OK ? status : PGRES_COMMAND_OK, "a statement of a move", fault);
}

/* What libpq wants of the values. */
typedef struct {
    const char *at[BULK_COLUMNS_MOST];
    int sizes[BULK_COLUMNS_MOST], formats[BULK_COLUMNS_MOST];
    char numbers[BULK_COLUMNS_MOST][NUMBER_TEXT];
} packed_t;

/* Texts are copied for their zero into the buffer, which is reserved before: pointers into it stay. */
static void pack(packed_t *packed, const sql_value_t *values, size_t count, buf_t *texts)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += values[i].view.size + 1;
    buf_reserve(texts, bytes);
    for (size_t i = 0; i < count; i++) {
        const sql_value_t *value = &values[i];
        packed->at[i] = packed->numbers[i];
        switch (value->kind) {
        case SQL_NULL:
            packed->at[i] = NULL;
            break;
        case SQL_TEXT:
            packed->at[i] = buf_string(texts) + texts->size;
            buf_add(texts, value->view.at, value->view.size);
            buf_add(texts, "", 1);
            break;
        case SQL_BYTES:
            packed->at[i] = value->view.at;
            packed->sizes[i] = (int)value->view.size;
            packed->formats[i] = 1;
            break;
        case SQL_REAL:
            snprintf(packed->numbers[i], NUMBER_TEXT, "%.17g", value->real);
            break;
        default:
            snprintf(packed->numbers[i], NUMBER_TEXT, "%lld", (long long)value->number);
        }
    }
}

static int ask(bulk_t *bulk, const char *text, const sql_value_t *values, size_t count, arena_t *arena,
               sql_rows_t *rows, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    packed_t packed = {0};
    buf_t texts = {0};
    assert(count <= BULK_COLUMNS_MOST);
    buf_text(&texts, "");
    pack(&packed, values, count, &texts);
    PGresult *result = PQexecParams(pg->connection, text, (int)count, NULL, packed.at, packed.sizes, packed.formats, 0);
    ExecStatusType status = PQresultStatus(result);
    if (rows && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK))
        postgres_take_rows(result, arena, rows);
    buf_free(&texts);
    return expect(pg, result, status == PGRES_TUPLES_OK ? status : PGRES_COMMAND_OK, "a statement of a move", fault);
}

static int freeze(bulk_t *bulk, fault_t *fault)
{
    return script(bulk, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", fault);
}

static void thaw(bulk_t *bulk)
{
    fault_t unused;
    if (PQtransactionStatus(of(bulk)->connection) != PQTRANS_IDLE)
        (void)script(bulk, "ROLLBACK", &unused);
}

/* ---- out ---- */

static int read_rows(bulk_t *bulk, const char *query, size_t columns, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    buf_t text = {0};
    assert(!pg->reading && !pg->loading && columns <= BULK_COLUMNS_MOST);
    buf_format(&text, "COPY (%s) TO STDOUT", query);
    int failed = expect(pg, PQexec(pg->connection, text.bytes), PGRES_COPY_OUT, "to read a table", fault);
    buf_free(&text);
    pg->reading = !failed;
    pg->columns = columns;
    return failed;
}

/* What stands behind a backslash, from *from on, which moves behind it. */
static char unescape(const char **from)
{
    static const char letters[] = "bfnrtv", meant[] = "\b\f\n\r\t\v";
    char c = *(*from)++;
    const char *known = c ? strchr(letters, c) : NULL;
    return known ? meant[known - letters] : c;
}

/* Takes one field off *from, in place. */
static sql_value_t take_field(char **from)
{
    const char *at = *from;
    char *to = *from, *begin = *from;
    if (at[0] == '\\' && at[1] == 'N') {
        *from += at[2] == '\t' ? 3 : 2;
        return (sql_value_t){.kind = SQL_NULL};
    }
    while (*at && *at != '\t' && *at != '\n') {
        char c = *at++;
        *to++ = c == '\\' ? unescape(&at) : c;
    }
    *from = (char *)at + (*at == '\t');
    return (sql_value_t){.kind = SQL_TEXT, .view = {begin, (size_t)(to - begin)}};
}

/* The next row; texts of bytes ("\x…") are left as they are: value_bytes of their reader knows them. */
static int next(bulk_t *bulk, sql_value_t *row, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    PQfreemem(pg->row);
    pg->row = NULL;
    int size = PQgetCopyData(pg->connection, &pg->row, 0);
    if (size > 0) {
        char *at = pg->row;
        for (size_t i = 0; i < pg->columns; i++)
            row[i] = take_field(&at);
        return 1;
    }
    pg->reading = false;
    return size == -1 ? drain(pg, "to read a table", fault) : fail_lost(pg, "to read a table", fault);
}

static void stop(bulk_t *bulk)
{
    postgres_bulk_t *pg = of(bulk);
    fault_t unused;
    PQfreemem(pg->row);
    pg->row = NULL;
    if (!pg->reading)
        return;
    PGcancel *cancel = PQgetCancel(pg->connection);
    char said[256];
    if (cancel)
        PQcancel(cancel, said, sizeof said);
    PQfreeCancel(cancel);
    for (char *rest = NULL; PQgetCopyData(pg->connection, &rest, 0) > 0; PQfreemem(rest))
        continue;
    (void)drain(pg, "to read a table", &unused);
    pg->reading = false;
}

/* ---- in ---- */

static int load(bulk_t *bulk, const char *table, const char *columns, size_t count, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    buf_t text = {0};
    assert(!pg->reading && !pg->loading && count <= BULK_COLUMNS_MOST);
    buf_format(&text, "COPY %s (%s) FROM STDIN", table, columns);
    int failed = expect(pg, PQexec(pg->connection, text.bytes), PGRES_COPY_IN, "to fill a table", fault);
    buf_free(&text);
    pg->loading = !failed;
    pg->columns = count;
    return failed;
}

static void add_text(buf_t *out, const char *at, size_t size)
{
    buf_reserve(out, 2 * size);
    for (size_t i = 0, plain = 0; i <= size; i++) {
        const char *escape = i == size       ? ""
                             : at[i] == '\\' ? "\\\\"
                             : at[i] == '\n' ? "\\n"
                             : at[i] == '\r' ? "\\r"
                             : at[i] == '\t' ? "\\t"
                                             : NULL;
        if (!escape)
            continue;
        buf_add(out, at + plain, i - plain);
        buf_text(out, escape);
        plain = i + 1;
    }
}

static void add_bytes(buf_t *out, const char *at, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    buf_text(out, "\\\\x");
    buf_reserve(out, 2 * size);
    for (size_t i = 0; i < size; i++) {
        buf_char(out, digits[(unsigned char)at[i] >> 4]);
        buf_char(out, digits[at[i] & 15]);
    }
}

static void add_value(buf_t *out, const sql_value_t *value)
{
    switch (value->kind) {
    case SQL_NULL:
        buf_text(out, "\\N");
        break;
    case SQL_TEXT:
        add_text(out, value->view.at, value->view.size);
        break;
    case SQL_BYTES:
        add_bytes(out, value->view.at, value->view.size);
        break;
    case SQL_REAL:
        buf_format(out, "%.17g", value->real);
        break;
    default:
        buf_format(out, "%lld", (long long)value->number);
    }
}

static int hand_over(postgres_bulk_t *pg, fault_t *fault)
{
    int put = pg->out.size ? PQputCopyData(pg->connection, pg->out.bytes, (int)pg->out.size) : 1;
    buf_clear(&pg->out);
    return put == 1 ? 0 : fail_lost(pg, "to fill a table", fault);
}

static int add(bulk_t *bulk, const sql_value_t *row, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    for (size_t i = 0; i < pg->columns; i++) {
        if (i)
            buf_char(&pg->out, '\t');
        add_value(&pg->out, &row[i]);
    }
    buf_char(&pg->out, '\n');
    return pg->out.size < CHUNK ? 0 : hand_over(pg, fault);
}

static int loaded(bulk_t *bulk, fault_t *fault)
{
    postgres_bulk_t *pg = of(bulk);
    int failed = hand_over(pg, fault);
    pg->loading = false;
    if (!failed && PQputCopyEnd(pg->connection, NULL) != 1)
        failed = fail_lost(pg, "to fill a table", fault);
    return failed ? failed : drain(pg, "to fill a table", fault);
}

/* ---- connection ---- */

static void close_it(bulk_t *bulk)
{
    postgres_bulk_t *pg = of(bulk);
    PQfreemem(pg->row);
    PQfinish(pg->connection);
    buf_free(&pg->out);
    free(pg);
}

/* A statement of a move takes as long as it takes. yogi.move: the fence of a store that was left lets moves through. */
static const char session[] = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; "
                              "SET extra_float_digits = 1; SET statement_timeout = 0; "
                              "SET idle_in_transaction_session_timeout = 0; SET yogi.move = 'on'; "
                              "SET synchronous_commit = off";

bulk_t *postgres_bulk_new(const postgres_plan_t *plan, fault_t *fault)
{
    static const bulk_driver_t driver = {.name = "PostgreSQL",
                                         .dialect = DIALECT_POSTGRES,
                                         .close = close_it,
                                         .script = script,
                                         .ask = ask,
                                         .freeze = freeze,
                                         .thaw = thaw,
                                         .read = read_rows,
                                         .next = next,
                                         .stop = stop,
                                         .load = load,
                                         .add = add,
                                         .loaded = loaded};
    postgres_bulk_t *pg = memory_new(1, sizeof *pg);
    bulk_t *bulk = &pg->base;
    int failed = 0;
    pg->base.driver = &driver;
    pg->connection = PQconnectdbParams(plan->keywords, plan->values, 0);
    if (PQstatus(pg->connection) != CONNECTION_OK)
        failed = fail_lost(pg, "cannot be reached", fault);
    else
        failed = postgres_check(pg->connection, fault);
    if (failed || script(bulk, session, fault) < 0)
        bulk_close(&bulk);
    return bulk;
}
