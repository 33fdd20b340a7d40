/* store_sqlite: see store_sqlite.h. */
#include "store_sqlite.h"
#include "proto/base/buf.h"
#include "proto/base/memory.h"
#include "store_sqlite_common.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pages kept in memory by each connection, KiB. */
#define CACHE "2048"

typedef struct {
    database_t base;
    sqlite3 *handle; /* NULL: not connected */
    sqlite3_stmt *prepared[STATEMENT_COUNT];
    char *path;
    int64_t timeout_ms;
    bool relaxed; /* synchronous is NORMAL */
} sqlite_t;

static sqlite_t *of(database_t *database)
{
    return (sqlite_t *)database;
}

/* ---- failures ---- */

static int fail(sqlite_t *sqlite, const char *what, fault_t *fault)
{
    int code = sqlite->handle ? sqlite3_extended_errcode(sqlite->handle) : SQLITE_CANTOPEN, plain = code & 0xFF;
    sqlite->base.again = code == SQLITE_BUSY_SNAPSHOT || plain == SQLITE_LOCKED; /* plain BUSY has waited its time */
    sqlite->base.lost = plain == SQLITE_IOERR || plain == SQLITE_CANTOPEN || plain == SQLITE_FULL;
    return sqlite_fault(sqlite->handle, sqlite->path, what, fault);
}

static int execute(sqlite_t *sqlite, const char *text, const char *what, fault_t *fault)
{
    if (sqlite3_exec(sqlite->handle, text, NULL, NULL, NULL) != SQLITE_OK)
        return fail(sqlite, what, fault);
    return 0;
}

/* ---- connection ---- */

static void disconnect(database_t *database)
{
    sqlite_t *sqlite = of(database);
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(sqlite->prepared[i]);
        sqlite->prepared[i] = NULL;
    }
    if (sqlite->handle && sqlite3_close(sqlite->handle) != SQLITE_OK)
        assert(!"a statement of SQLite was not finalized");
    sqlite->handle = NULL;
}

/* The change to a write-ahead log does not wait for others by itself: all that start together do it at once. */
static int use_log(sqlite_t *sqlite, fault_t *fault)
{
    for (int64_t left_ms = sqlite->timeout_ms;; left_ms -= 10) {
        int code = sqlite3_exec(sqlite->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_OK)
            return 0;
        if ((code != SQLITE_BUSY && code != SQLITE_LOCKED) || left_ms <= 0)
            return fail(sqlite, "the write-ahead log", fault);
        sqlite3_sleep(10);
    }
}

/* A new file is nobody else's (0600); its log follows it. It is made under another name: closing any descriptor of a
 * database's file would give up the locks that other connections of this process have on it (fcntl's locks are the
 * process's), and then somebody else's last connection takes the log away from under them. What goes wrong here SQLite
 * tells. */
static void make_file(const char *path)
{
    buf_t name = {0};
    if (access(path, F_OK) == 0 || errno != ENOENT)
        return;
    buf_format(&name, "%s.new-XXXXXX", path);
    int fd = mkstemp(name.bytes);
    if (fd >= 0) {
        close(fd);
        if (renameat2(AT_FDCWD, name.bytes, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
            unlink(name.bytes);
    }
    buf_free(&name);
}

static int connect_to(database_t *database, fault_t *fault)
{
    static const char settings[] =
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; "
        "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" CACHE;
    sqlite_t *sqlite = of(database);
    disconnect(database);
    sqlite->base.lost = sqlite->base.again = false;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int failed = 0;
    make_file(sqlite->path);
    if (sqlite3_open_v2(sqlite->path, &sqlite->handle, flags, NULL) != SQLITE_OK) {
        failed = fail(sqlite, "to open", fault);
    } else {
        sqlite3_busy_timeout(sqlite->handle, (int)sqlite->timeout_ms);
        failed = use_log(sqlite, fault) < 0 || execute(sqlite, settings, "its settings", fault) < 0 ? -1 : 0;
    }
    sqlite->relaxed = false;
    if (failed)
        disconnect(database);
    return failed;
}

static bool connected(const database_t *database)
{
    return ((const sqlite_t *)database)->handle != NULL;
}

static void destroy(database_t *database)
{
    disconnect(database);
    free(of(database)->path);
    free(database);
}

/* ---- statements ---- */

static sqlite3_stmt *prepare(sqlite_t *sqlite, statement_t statement, fault_t *fault)
{
    if (sqlite->prepared[statement])
        return sqlite->prepared[statement];
    buf_t text = {0};
    statement_text(statement, DIALECT_SQLITE, &text);
    int code = sqlite3_prepare_v3(sqlite->handle, text.bytes, (int)text.size + 1, SQLITE_PREPARE_PERSISTENT,
                                  &sqlite->prepared[statement], NULL);
    buf_free(&text);
    if (code != SQLITE_OK)
        fail(sqlite, statement_name(statement), fault);
    return sqlite->prepared[statement];
}

/* Steps to the end. Rows go into *rows, where it is not NULL. */
static int step_all(sqlite_t *sqlite, sqlite3_stmt *prepared, const char *what, arena_t *arena, sql_rows_t *rows,
                    fault_t *fault)
{
    size_t room = 0;
    int64_t before = sqlite3_total_changes64(sqlite->handle);
    int code;
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW)
        if (rows)
            sqlite_add_row(prepared, arena, rows, &room);
    int failed = code == SQLITE_DONE ? 0 : fail(sqlite, what, fault);
    if (rows) /* cascades and triggers do not count, and a statement that wrote nothing leaves the last one's number */
        rows->affected = sqlite3_total_changes64(sqlite->handle) > before ? sqlite3_changes64(sqlite->handle) : 0;
    return failed;
}

static sqlite3_stmt *bind_all(sqlite_t *sqlite, statement_t statement, const sql_value_t *values, fault_t *fault)
{
    sqlite3_stmt *prepared = prepare(sqlite, statement, fault);
    size_t count = prepared ? statement_parameters(statement) : 0;
    for (size_t i = 0; i < count; i++)
        if (sqlite_bind(prepared, (int)i + 1, &values[i]) != SQLITE_OK)
            assert(!"sizes are checked before");
    return prepared;
}

static int finish(sqlite_t *sqlite, sqlite3_stmt *prepared, statement_t statement, arena_t *arena, sql_rows_t *rows,
                  fault_t *fault)
{
    int failed = step_all(sqlite, prepared, statement_name(statement), arena, rows, fault);
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
    return failed;
}

static int query(database_t *database, statement_t statement, const sql_value_t *values, arena_t *arena,
                 sql_rows_t *rows, fault_t *fault)
{
    sqlite_t *sqlite = of(database);
    sqlite3_stmt *prepared = bind_all(sqlite, statement, values, fault);
    return prepared ? finish(sqlite, prepared, statement, arena, rows, fault) : -1;
}

static int later(database_t *database, statement_t statement, const sql_value_t *values, fault_t *fault)
{
    sqlite_t *sqlite = of(database);
    sqlite3_stmt *prepared = bind_all(sqlite, statement, values, fault);
    return prepared ? finish(sqlite, prepared, statement, NULL, NULL, fault) : -1;
}

/* ---- transactions ---- */

static int begin(database_t *database, store_kind_t kind, fault_t *fault)
{
    sqlite_t *sqlite = of(database);
    bool relaxed = kind == STORE_RELAXED;
    sqlite->base.lost = sqlite->base.again = false;
    if (relaxed != sqlite->relaxed) {
        if (execute(sqlite, relaxed ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", "its settings",
                    fault) < 0)
            return -1;
        sqlite->relaxed = relaxed;
    }
    return execute(sqlite, "BEGIN IMMEDIATE", "a transaction", fault);
}

static int commit(database_t *database, fault_t *fault)
{
    return execute(of(database), "COMMIT", "to commit", fault);
}

static void rollback(database_t *database)
{
    sqlite_t *sqlite = of(database);
    if (sqlite->handle && !sqlite3_get_autocommit(sqlite->handle))
        sqlite3_exec(sqlite->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- migrations ---- */

static int seize(database_t *database, fault_t *fault)
{
    return begin(database, STORE_WRITE, fault);
}

static int ask(database_t *database, const char *text, arena_t *arena, sql_rows_t *rows, fault_t *fault)
{
    sqlite_t *sqlite = of(database);
    sqlite3_stmt *prepared = NULL;
    *rows = (sql_rows_t){0};
    if (sqlite3_prepare_v2(sqlite->handle, text, -1, &prepared, NULL) != SQLITE_OK)
        return fail(sqlite, "a question about its schema", fault);
    int failed = step_all(sqlite, prepared, "a question about its schema", arena, rows, fault);
    sqlite3_finalize(prepared);
    return failed;
}

/* Whether the statement adds a column that is there already. */
static bool is_needless(sqlite_t *sqlite, const char *text)
{
    char table[64], column[64];
    bool there = false;
    if (sscanf(text, " ALTER TABLE %63[a-z_] ADD COLUMN %63[a-z0-9_]", table, column) != 2)
        return false;
    sqlite3_stmt *look = NULL;
    if (sqlite3_prepare_v2(sqlite->handle, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", -1, &look, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(look, 1, table, -1, SQLITE_STATIC);
        sqlite3_bind_text(look, 2, column, -1, SQLITE_STATIC);
        there = sqlite3_step(look) == SQLITE_ROW;
    }
    sqlite3_finalize(look);
    return there;
}

/* Behind white space and comments. */
static const char *skip_comments(const char *text)
{
    for (;;) {
        text += strspn(text, " \t\n");
        if (strncmp(text, "--", 2) != 0)
            return text;
        text += strcspn(text, "\n");
    }
}

static int script(database_t *database, const char *text, fault_t *fault)
{
    sqlite_t *sqlite = of(database);
    while (*(text = skip_comments(text))) {
        sqlite3_stmt *prepared = NULL;
        const char *rest = NULL;
        char what[80];
        snprintf(what, sizeof what, "\"%.60s\"", text);
        if (is_needless(sqlite, text)) {
            text += strcspn(text, ";");
            text += *text == ';';
            continue;
        }
        if (sqlite3_prepare_v2(sqlite->handle, text, -1, &prepared, &rest) != SQLITE_OK)
            return fail(sqlite, what, fault);
        int failed = step_all(sqlite, prepared, what, NULL, NULL, fault);
        sqlite3_finalize(prepared);
        if (failed)
            return -1;
        text = rest;
    }
    return 0;
}

database_t *sqlite_new(const char *path, int64_t timeout_ms)
{
    static const driver_t driver = {
        .name = "SQLite",
        .dialect = DIALECT_SQLITE,
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
    sqlite_t *sqlite = memory_new(1, sizeof *sqlite);
    size_t size = strlen(path) + 1;
    sqlite->base.driver = &driver;
    sqlite->path = memcpy(memory_new(size, 1), path, size);
    sqlite->timeout_ms = timeout_ms;
    return &sqlite->base;
}
