/* store_sqlite_bulk: see bulk.h and store_sqlite.h. Rows are read by stepping and written by a prepared INSERT.
 *
 * A file with a rollback journal (the demo's) has no readers beside a writer: whoever reads it for long stops the
 * demo. It is therefore copied first, some pages at a time, and the copy is read. One with a write-ahead log is read in
 * a transaction.
 */
#include "bulk.h"
#include "proto/base/buf.h"
#include "proto/base/memory.h"
#include "store_sqlite.h"
#include "store_sqlite_common.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* COPY_PAGES: of a step, a few milliseconds. COPY_ROUNDS: times that the file's steps are tried while others write it,
 * each time from the beginning; then it is copied in one go, and they wait. BUSY_MS: how long another's lock is waited
 * for, as the demo waits: its own transactions take milliseconds. */
enum { COPY_PAGES = 2048, COPY_ROUNDS = 4, BUSY_MS = 5000 };

typedef struct {
    bulk_t base;
    sqlite3 *file;      /* itself */
    sqlite3 *copy;      /* what was copied by freeze; NULL = the file is read */
    sqlite3_stmt *read; /* the open stream */
    sqlite3_stmt *load; /* the INSERT of the open stream */
    char *path;
    char *copy_path; /* NULL: never copied */
    bool frozen;     /* in a transaction of reading */
    size_t columns;  /* of the stream that is read */
    size_t loads;    /* of the one that is written */
} sqlite_bulk_t;

static sqlite_bulk_t *of(bulk_t *bulk)
{
    return (sqlite_bulk_t *)bulk;
}

static sqlite3 *reader(const sqlite_bulk_t *sqlite)
{
    return sqlite->copy ? sqlite->copy : sqlite->file;
}

static int fail(const sqlite_bulk_t *sqlite, sqlite3 *handle, const char *what, fault_t *fault)
{
    return sqlite_fault(handle, sqlite->path, what, fault);
}

/* ---- statements ---- */

static int script(bulk_t *bulk, const char *text, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    if (sqlite3_exec(sqlite->file, text, NULL, NULL, NULL) != SQLITE_OK)
        return fail(sqlite, sqlite->file, "a statement of a move", fault);
    return 0;
}

static int bind_all(sqlite3_stmt *prepared, const sql_value_t *values, size_t count)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite_bind(prepared, (int)i + 1, &values[i]);
    return code;
}

/* To SQLite "$2" is a name: its place is that of its first use. */
static int bind_named(sqlite3_stmt *prepared, const sql_value_t *values, size_t count)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        char name[24];
        snprintf(name, sizeof name, "$%zu", i + 1);
        code = sqlite_bind(prepared, sqlite3_bind_parameter_index(prepared, name), &values[i]);
    }
    return code;
}

static int ask(bulk_t *bulk, const char *text, const sql_value_t *values, size_t count, arena_t *arena,
               sql_rows_t *rows, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    sqlite3 *handle = rows ? reader(sqlite) : sqlite->file;
    sqlite3_stmt *prepared = NULL;
    size_t room = 0;
    if (rows)
        *rows = (sql_rows_t){0};
    int code = sqlite3_prepare_v2(handle, text, -1, &prepared, NULL);
    if (code == SQLITE_OK)
        code = bind_named(prepared, values, count);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(prepared);
        if (code == SQLITE_ROW && rows)
            sqlite_add_row(prepared, arena, rows, &room);
    }
    int failed = code == SQLITE_DONE ? 0 : fail(sqlite, handle, "a statement of a move", fault);
    if (rows)
        rows->affected = sqlite3_changes64(handle);
    sqlite3_finalize(prepared);
    return failed;
}

/* ---- one state ---- */

/* Copies the whole file, in steps between which others may write. */
static int copy_pages(sqlite3_backup *backup)
{
    int code = SQLITE_OK, before = 0;
    for (int rounds = 0; code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED;) {
        code = sqlite3_backup_step(backup, rounds < COPY_ROUNDS ? COPY_PAGES : -1);
        int left = sqlite3_backup_remaining(backup);
        rounds += left > before; /* it has begun again */
        before = left;
    }
    return code;
}

static int make_copy(sqlite_bulk_t *sqlite, fault_t *fault)
{
    static const char settings[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";
    unlink(sqlite->copy_path);
    if (sqlite3_open(sqlite->copy_path, &sqlite->copy) != SQLITE_OK ||
        sqlite3_exec(sqlite->copy, settings, NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_fault(sqlite->copy, sqlite->copy_path, "to be made as a copy", fault);
    sqlite3_backup *backup = sqlite3_backup_init(sqlite->copy, "main", sqlite->file, "main");
    int code = backup ? copy_pages(backup) : SQLITE_ERROR;
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE)
        return sqlite_fault(sqlite->copy, sqlite->copy_path, "to take a copy of the file", fault);
    return 0;
}

static void thaw(bulk_t *bulk)
{
    sqlite_bulk_t *sqlite = of(bulk);
    if (sqlite->copy) {
        sqlite3_close(sqlite->copy);
        unlink(sqlite->copy_path);
    }
    sqlite->copy = NULL;
    if (sqlite->frozen)
        sqlite3_exec(sqlite->file, "ROLLBACK", NULL, NULL, NULL);
    sqlite->frozen = false;
}

static bool has_log(sqlite3 *handle)
{
    sqlite3_stmt *look = NULL;
    bool is = sqlite3_prepare_v2(handle, "PRAGMA journal_mode", -1, &look, NULL) == SQLITE_OK &&
              sqlite3_step(look) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(look, 0), "wal") == 0;
    sqlite3_finalize(look);
    return is;
}

static int freeze(bulk_t *bulk, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    if (sqlite->copy_path && !has_log(sqlite->file)) {
        int failed = make_copy(sqlite, fault);
        if (failed)
            thaw(bulk);
        return failed;
    }
    int failed = script(bulk, "BEGIN; SELECT 1 FROM sqlite_master", fault);
    sqlite->frozen = !failed;
    return failed;
}

/* ---- out ---- */

static int read_rows(bulk_t *bulk, const char *query, size_t columns, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    assert(!sqlite->read && columns <= BULK_COLUMNS_MOST);
    if (sqlite3_prepare_v2(reader(sqlite), query, -1, &sqlite->read, NULL) != SQLITE_OK)
        return fail(sqlite, reader(sqlite), "to read a table", fault);
    sqlite->columns = columns;
    return 0;
}

static sql_value_t value_of(sqlite3_stmt *prepared, int column)
{
    switch (sqlite3_column_type(prepared, column)) {
    case SQLITE_NULL:
        return (sql_value_t){.kind = SQL_NULL};
    case SQLITE_INTEGER:
        return (sql_value_t){.kind = SQL_INT, .number = sqlite3_column_int64(prepared, column)};
    case SQLITE_FLOAT:
        return (sql_value_t){.kind = SQL_REAL, .real = sqlite3_column_double(prepared, column)};
    case SQLITE_BLOB: {
        const char *at = sqlite3_column_blob(prepared, column);
        return (sql_value_t){.kind = SQL_BYTES, .view = {at ? at : "", (size_t)sqlite3_column_bytes(prepared, column)}};
    }
    default: {
        const char *at = (const char *)sqlite3_column_text(prepared, column);
        return (sql_value_t){.kind = SQL_TEXT, .view = {at ? at : "", (size_t)sqlite3_column_bytes(prepared, column)}};
    }
    }
}

static void stop(bulk_t *bulk)
{
    sqlite3_finalize(of(bulk)->read);
    of(bulk)->read = NULL;
}

static int next(bulk_t *bulk, sql_value_t *row, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    int code = sqlite3_step(sqlite->read);
    if (code != SQLITE_ROW) {
        int failed = code == SQLITE_DONE ? 0 : fail(sqlite, reader(sqlite), "to read a table", fault);
        stop(bulk);
        return failed;
    }
    for (size_t i = 0; i < sqlite->columns; i++)
        row[i] = value_of(sqlite->read, (int)i);
    return 1;
}

/* ---- in ---- */

static int load(bulk_t *bulk, const char *table, const char *columns, size_t count, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    buf_t text = {0};
    assert(!sqlite->load);
    buf_format(&text, "INSERT INTO %s (%s) VALUES (", table, columns);
    for (size_t i = 0; i < count; i++)
        buf_format(&text, "%s?%zu", i ? ", " : "", i + 1);
    buf_char(&text, ')');
    int code = sqlite3_prepare_v2(sqlite->file, text.bytes, -1, &sqlite->load, NULL);
    buf_free(&text);
    sqlite->loads = count;
    return code == SQLITE_OK ? 0 : fail(sqlite, sqlite->file, "to fill a table", fault);
}

static int add(bulk_t *bulk, const sql_value_t *row, fault_t *fault)
{
    sqlite_bulk_t *sqlite = of(bulk);
    int code = bind_all(sqlite->load, row, sqlite->loads);
    if (code == SQLITE_OK)
        code = sqlite3_step(sqlite->load);
    int failed = code == SQLITE_DONE ? 0 : fail(sqlite, sqlite->file, "to fill a table", fault);
    sqlite3_reset(sqlite->load);
    return failed;
}

static int loaded(bulk_t *bulk, fault_t *fault)
{
    (void)fault;
    sqlite3_finalize(of(bulk)->load);
    of(bulk)->load = NULL;
    return 0;
}

/* ---- connection ---- */

static void close_it(bulk_t *bulk)
{
    sqlite_bulk_t *sqlite = of(bulk);
    stop(bulk);
    sqlite3_finalize(sqlite->load);
    thaw(bulk);
    if (sqlite3_close(sqlite->file) != SQLITE_OK)
        assert(!"a statement of SQLite was not finalized");
    free(sqlite->path);
    free(sqlite->copy_path);
    free(sqlite);
}

/* Opens it for writing; where that is not allowed, for reading. */
static int open_file(sqlite_bulk_t *sqlite, bool create, fault_t *fault)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(sqlite->path, &sqlite->file,
                               flags | SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), NULL);
    if (code != SQLITE_OK && !create) {
        sqlite3_close(sqlite->file);
        code = sqlite3_open_v2(sqlite->path, &sqlite->file, flags | SQLITE_OPEN_READONLY, NULL);
    }
    sqlite3_busy_timeout(sqlite->file, BUSY_MS);
    if (code == SQLITE_OK) /* the first look at its bytes; and all that is written spills to nobody who reads beside */
        code =
            sqlite3_exec(sqlite->file, "PRAGMA schema_version; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY",
                         NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fail(sqlite, sqlite->file, "to open", fault);
}

bulk_t *sqlite_bulk_new(const char *path, const char *copy_path, bool create, fault_t *fault)
{
    static const bulk_driver_t driver = {.name = "SQLite",
                                         .dialect = DIALECT_SQLITE,
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
    sqlite_bulk_t *sqlite = memory_new(1, sizeof *sqlite);
    bulk_t *bulk = &sqlite->base;
    sqlite->base.driver = &driver;
    sqlite->path = strdup(path);
    sqlite->copy_path = copy_path ? strdup(copy_path) : NULL;
    if (open_file(sqlite, create, fault) < 0)
        bulk_close(&bulk);
    return bulk;
}
