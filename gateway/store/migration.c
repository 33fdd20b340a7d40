/* migration: see migration.h. */
#include "migration.h"
#include "migration_table.h"
#include "proto/base/hash.h"

#include <string.h>

static const char TABLE[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL, applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

const migration_t *migration_list(dialect_t dialect, size_t *count)
{
    *count = dialect == DIALECT_POSTGRES ? migrations_postgres_count : migrations_sqlite_count;
    return dialect == DIALECT_POSTGRES ? migrations_postgres : migrations_sqlite;
}

static const char *checksum(const migration_t *migration, char out[HASH_HEX])
{
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, migration->text, strlen(migration->text));
    return hash_hex(&hash, out);
}

/* What was run before, in its order; none where the table is not there. */
static int read_present(database_t *database, arena_t *arena, sql_rows_t *rows, fault_t *fault)
{
    static const char *const look[DIALECTS] = {
        [DIALECT_POSTGRES] = "SELECT 1 FROM pg_class WHERE oid = to_regclass('schema_migrations')",
        [DIALECT_SQLITE] = "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'",
    };
    const driver_t *driver = database->driver;
    if (driver->ask(database, look[driver->dialect], arena, rows, fault) < 0)
        return -1;
    if (rows->rows == 0)
        return 0;
    return driver->ask(database, "SELECT number, name, checksum FROM schema_migrations ORDER BY number", arena, rows,
                       fault);
}

/* Whether the ones there are the first ones of ours, unchanged. Tells how many of ours are there. */
static int compare(const sql_rows_t *rows, const migration_t *list, size_t count, size_t *there, fault_t *fault)
{
    char sum[HASH_HEX];
    *there = 0;
    for (size_t i = 0; i < rows->rows && i < count; i++) {
        const migration_t *migration = &list[i];
        if (sql_cell_int(rows, i, 0) != migration->number)
            return fault_set(fault, FAULT_SETTING,
                             "the database has migration %s where this program has %s; it is not one of Yogi's, or was "
                             "made by a version that was never released",
                             sql_cell(rows, i, 1), migration->name);
        if (strcmp(sql_cell(rows, i, 2), checksum(migration, sum)) != 0)
            return fault_set(
                fault, FAULT_SETTING,
                "migration %s has run on the database with another text than it has here; use the program that "
                "it was made by, or restore the database from a backup",
                migration->name);
        (*there)++;
    }
    return 0;
}

static int look(database_t *database, migration_state_t *state, size_t *there, fault_t *fault)
{
    size_t count;
    const migration_t *list = migration_list(database->driver->dialect, &count);
    arena_t *arena = arena_new();
    sql_rows_t rows = {0};
    int failed = read_present(database, arena, &rows, fault);
    if (!failed)
        failed = compare(&rows, list, count, there, fault);
    if (!failed)
        *state = (migration_state_t){
            .known = list[count - 1].number,
            .present = rows.rows ? (int)sql_cell_int(&rows, rows.rows - 1, 0) : 0,
        };
    arena_destroy(&arena);
    return failed;
}

static int run_one(database_t *database, const migration_t *migration, fault_t *fault)
{
    char sum[HASH_HEX];
    buf_t entry = {0};
    buf_format(&entry, "INSERT INTO schema_migrations (number, name, checksum) VALUES (%d, '%s', '%s')",
               migration->number, migration->name, checksum(migration, sum));
    int failed = database->driver->script(database, migration->text, fault);
    if (!failed)
        failed = database->driver->script(database, entry.bytes, fault);
    buf_free(&entry);
    return failed ? fault_prefix(fault, migration->name) : 0;
}

/* Within the one transaction: what another has run while this one waited is not run again. */
static int run_missing(database_t *database, migration_state_t *state, fault_t *fault)
{
    size_t count, there;
    const migration_t *list = migration_list(database->driver->dialect, &count);
    if (look(database, state, &there, fault) < 0)
        return -1;
    if (there == 0 && database->driver->script(database, TABLE, fault) < 0)
        return -1;
    for (size_t i = there; i < count; i++) {
        if (run_one(database, &list[i], fault) < 0)
            return -1;
        state->run++;
        state->present = list[i].number;
    }
    return 0;
}

int migration_run(database_t *database, migration_state_t *state, fault_t *fault)
{
    size_t there, count;
    migration_list(database->driver->dialect, &count);
    if (look(database, state, &there, fault) < 0)
        return -1;
    if (there == count)
        return 0;
    if (database->driver->seize(database, fault) == 0 && run_missing(database, state, fault) == 0 &&
        database->driver->commit(database, fault) == 0)
        return 0;
    database->driver->rollback(database);
    return -1;
}

int migration_check(database_t *database, migration_state_t *state, fault_t *fault)
{
    size_t there, count;
    const migration_t *list = migration_list(database->driver->dialect, &count);
    if (look(database, state, &there, fault) < 0)
        return -1;
    if (there < count)
        return fault_set(fault, FAULT_SETTING, "the database lacks migration %s; run `yogi migrate` first",
                         list[there].name);
    return 0;
}
