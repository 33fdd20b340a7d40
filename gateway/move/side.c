/* side: see side.h. */
#include "side.h"
#include "gateway/store/migration.h"
#include "gateway/store/store_open.h"
#include "gateway/store/store_sqlite.h"
#include "proto/base/clock.h"
#include "proto/redact.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A clock that is further off than this from the database's makes leases and URLs wrong. */
enum { CLOCK_OFF_S = 300 };

size_t side_index(const table_t *table)
{
    size_t count;
    return (size_t)(table - catalog_tables(&count));
}

/* ---- addresses ---- */

/* The absolute path of a file that may not be there yet; NULL when its folder is not there. */
static const char *absolute(arena_t *arena, const char *path)
{
    char *real = realpath(path, NULL);
    if (real) {
        const char *kept = arena_text(arena, real);
        free(real);
        return kept;
    }
    const char *slash = strrchr(path, '/');
    const char *folder = slash ? arena_text_n(arena, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
    real = realpath(folder, NULL);
    if (!real)
        return NULL;
    const char *kept = arena_format(arena, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : path);
    free(real);
    return kept;
}

static int open_sqlite(side_t *side, const side_plan_t *plan, const char *path, fault_t *fault)
{
    struct stat status;
    side->path = absolute(side->arena, path);
    bool there = side->path && stat(side->path, &status) == 0;
    if (!side->path || (!there && !plan->may_create))
        return fault_set(fault, FAULT_INPUT, "the %s %s is not there", plan->what, path);
    if (there && !S_ISREG(status.st_mode))
        return fault_set(fault, FAULT_INPUT, "the %s %s is no file", plan->what, path);
    const char *copy = arena_format(side->arena, "%s/%s.copy", plan->work, plan->what);
    side->reader = side->writer = sqlite_bulk_new(side->path, copy, plan->may_create, fault);
    if (!side->reader)
        return fault_prefix(fault, plan->what);
    side->identity = arena_format(side->arena, "sqlite:%s", side->path);
    return 0;
}

/* Which database of which server, whatever the way to it. */
static int identify_postgres(side_t *side, fault_t *fault)
{
    sql_rows_t rows;
    if (bulk_ask(side->writer,
                 "SELECT (SELECT system_identifier::text FROM pg_control_system()), current_database(), "
                 "current_schema(), extract(epoch FROM now())::bigint",
                 NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    if (!sql_cell(&rows, 0, 2))
        return fault_set(fault, FAULT_SETTING, "%s has no schema to put tables in; see its search_path",
                         sql_cell(&rows, 0, 1));
    side->identity = arena_format(side->arena, "postgres:%s/%s/%s", sql_cell(&rows, 0, 0), sql_cell(&rows, 0, 1),
                                  sql_cell(&rows, 0, 2));
    side->shown = arena_format(side->arena, "postgres:%s", sql_cell(&rows, 0, 1));
    int64_t off_s = sql_cell_int(&rows, 0, 3) - clock_wall_ms() / 1000;
    if (off_s > CLOCK_OFF_S || off_s < -CLOCK_OFF_S)
        return fault_set(fault, FAULT_SETTING,
                         "the clock of this machine and that of PostgreSQL are %lld s apart; set the one that is wrong",
                         (long long)llabs(off_s));
    return 0;
}

static int open_postgres(side_t *side, const side_plan_t *plan, const char *url, fault_t *fault)
{
    settings_t settings = *plan->settings;
    buf_t warnings = {0};
    if (*url)
        settings.database_url = url;
    int failed = postgres_plan(&settings, side->arena, &side->postgres, &warnings, fault);
    buf_free(&warnings);
    if (!failed && side->postgres.pooled)
        failed = fault_set(fault, FAULT_SETTING,
                           "a move needs PostgreSQL itself, not a pooler in transaction mode; name its own address");
    if (failed || !(side->writer = postgres_bulk_new(&side->postgres, fault)) ||
        !(side->reader = postgres_bulk_new(&side->postgres, fault)))
        return fault_prefix(fault, plan->what);
    return identify_postgres(side, fault);
}

/* What the settings mean where no address was given. */
static const char *standard_address(side_t *side, const side_plan_t *plan, fault_t *fault)
{
    if (postgres_wanted(plan->settings))
        return "postgres:";
    const char *folder = store_open_folder(plan->settings, side->arena, fault);
    return folder ? arena_format(side->arena, "sqlite:%s/app.db", folder) : NULL;
}

static int open_store(side_t *side, const side_plan_t *plan, fault_t *fault)
{
    const char *address = plan->address ? plan->address : standard_address(side, plan, fault);
    char shown[REDACT_BYTES];
    if (!address)
        return -1;
    side->address = address;
    side->shown =
        strstr(address, "://")
            ? arena_text(side->arena,
                         redact_url(strncmp(address, "postgres:postgres", 17) == 0 ? address + 9 : address, shown))
            : address;
    if (strncmp(address, "sqlite:", 7) == 0 && address[7])
        return open_sqlite(side, plan, address + 7, fault);
    if (strncmp(address, "postgres://", 11) == 0 || strncmp(address, "postgresql://", 13) == 0)
        return open_postgres(side, plan, address, fault);
    if (strncmp(address, "postgres:", 9) == 0)
        return open_postgres(side, plan, address + 9, fault);
    redact_url(address, shown);
    return fault_set(fault, FAULT_USAGE, "%s: a store is sqlite:FILE or postgres:URL", shown);
}

/* ---- what is there ---- */

/* Whether the name stands in the list "a,b.c". */
static bool is_dropped(const char *drop, const char *table, const char *column)
{
    char name[200];
    snprintf(name, sizeof name, "%s%s%s", table, column ? "." : "", column ? column : "");
    for (const char *at = drop; at && *at; at += strcspn(at, ","), at += *at == ',') {
        size_t size = strcspn(at, ",");
        if (strlen(name) == size && strncmp(at, name, size) == 0)
            return true;
    }
    return false;
}

/* Takes one column of one table into account; what nobody knows is added to the list. */
static void note(side_t *side, const char *drop, const char *table_name, const char *column_name, buf_t *unknown)
{
    const table_t *table = catalog_table(table_name);
    const column_t *column = table ? catalog_column(table, column_name) : NULL;
    if (catalog_is_housekeeping(table_name) || is_dropped(drop, table_name, NULL) ||
        is_dropped(drop, table_name, column_name))
        return;
    if (!column) {
        buf_format(unknown, "%s%s%s%s", unknown->size ? ", " : "", table_name, table ? "." : "",
                   table ? column_name : "");
        return;
    }
    side->present[side_index(table)] = true;
    side->has[side_index(table)][column - table->column] = true;
}

static int note_all(side_t *side, const char *drop, fault_t *fault)
{
    static const char *const look[DIALECTS] = {
        [DIALECT_POSTGRES] = "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN "
                             "information_schema.tables t USING (table_schema, table_name) WHERE "
                             "table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY 1, "
                             "c.ordinal_position",
        [DIALECT_SQLITE] = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = "
                           "'table' ORDER BY 1, c.cid",
    };
    sql_rows_t rows;
    buf_t unknown = {0};
    const char *last = "";
    if (bulk_ask(side->writer, look[side->writer->driver->dialect], NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    memset(side->has, 0, sizeof side->has);
    memset(side->present, 0, sizeof side->present);
    side->marked = false;
    bool ours = false, any = false;
    for (size_t i = 0; i < rows.rows; i++) {
        const char *table = sql_cell(&rows, i, 0);
        ours = ours || strcmp(table, "schema_migrations") == 0;
        side->marked = side->marked || strcmp(table, "moves") == 0;
        any = any || !catalog_is_housekeeping(table) || strcmp(table, "schema_migrations") == 0;
        if (!catalog_table(table) && strcmp(table, last) == 0)
            continue; /* an unknown table is told once */
        note(side, drop, table, sql_cell(&rows, i, 1), &unknown);
        last = table;
    }
    side->layout = ours ? LAYOUT_YOGI : any ? LAYOUT_DEMO : LAYOUT_EMPTY;
    int failed = unknown.size ? fault_set(fault, FAULT_INPUT,
                                          "%s has tables or columns that a move does not know: %s; name those that may "
                                          "stay behind in --drop",
                                          side->address, unknown.bytes)
                              : 0;
    buf_free(&unknown);
    return failed;
}

/* What a row is nothing without cannot stay behind. */
static int check_drop(const char *drop, fault_t *fault)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    if (is_dropped(drop, "documents", NULL))
        return fault_set(fault, FAULT_USAGE, "--drop documents: they cannot stay behind, everything belongs to them");
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < tables[i].columns; c++) {
            const column_t *column = &tables[i].column[c];
            bool wanted = c < tables[i].keys || (column->needed && !column->standard && !column->instead);
            if (wanted && is_dropped(drop, tables[i].name, column->name))
                return fault_set(fault, FAULT_USAGE, "--drop %s.%s: a row of %s is none without it", tables[i].name,
                                 column->name, tables[i].name);
        }
    return 0;
}

/* The key of a table, and the documents themselves, cannot be missing. */
static int check_keys(const side_t *side, fault_t *fault)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    if (side->layout != LAYOUT_EMPTY && !side->present[side_index(catalog_table("documents"))])
        return fault_set(fault, FAULT_INPUT, "%s has no table documents: it is no installation of the demo or of Yogi",
                         side->address);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; side->present[i] && k < tables[i].keys; k++)
            if (!side->has[i][k])
                return fault_set(fault, FAULT_INPUT, "%s: the table %s has no column %s", side->address, tables[i].name,
                                 tables[i].column[k].name);
    return 0;
}

static int check_schema(side_t *side, fault_t *fault)
{
    sql_rows_t rows;
    size_t count;
    const migration_t *list = migration_list(side->writer->driver->dialect, &count);
    side->schema = 0;
    if (side->layout != LAYOUT_YOGI)
        return 0;
    if (bulk_ask(side->writer, "SELECT max(number) FROM schema_migrations", NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    side->schema = (int)sql_cell_int(&rows, 0, 0);
    if (side->schema > list[count - 1].number)
        return fault_set(fault, FAULT_INPUT,
                         "%s has the schema %d, which is newer than this program's %d; use the program that made it",
                         side->address, side->schema, list[count - 1].number);
    return 0;
}

int side_look(side_t *side, const char *drop, fault_t *fault)
{
    return check_drop(drop, fault) < 0 || note_all(side, drop, fault) < 0 || check_schema(side, fault) < 0 ||
                   check_keys(side, fault) < 0
               ? -1
               : 0;
}

int side_open(side_t *side, const side_plan_t *plan, fault_t *fault)
{
    *side = (side_t){.arena = arena_new()};
    if (open_store(side, plan, fault) < 0)
        return -1;
    return side_look(side, plan->drop, fault);
}

void side_close(side_t *side)
{
    if (side->reader == side->writer)
        side->reader = NULL;
    bulk_close(&side->reader);
    bulk_close(&side->writer);
    arena_destroy(&side->arena);
}

/* ---- */

/* Through the gateway's own connection, which migrations are written for. */
database_t *side_database(side_t *side, int64_t timeout_ms)
{
    return side->path ? sqlite_new(side->path, timeout_ms) : postgres_new(&side->postgres);
}

int side_migrate(side_t *side, int64_t timeout_ms, fault_t *fault)
{
    migration_state_t state;
    database_t *database = side_database(side, timeout_ms);
    int failed = database->driver->connect(database, fault) < 0 || migration_run(database, &state, fault) < 0 ? -1 : 0;
    database->driver->destroy(database);
    return failed;
}

value_place_t side_place(const side_t *side)
{
    return !side->path ? VALUE_TO_POSTGRES : side->layout == LAYOUT_DEMO ? VALUE_TO_DEMO : VALUE_TO_SQLITE;
}

int side_has_rows(side_t *side, const table_t *table, bool *has, fault_t *fault)
{
    char text[160];
    sql_rows_t rows;
    *has = false;
    if (!side->present[side_index(table)])
        return 0;
    snprintf(text, sizeof text, "SELECT 1 FROM %s LIMIT 1", table->name);
    if (bulk_ask(side->writer, text, NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    *has = rows.rows > 0;
    return 0;
}

int side_count(side_t *side, const table_t *table, int64_t *count, fault_t *fault)
{
    char text[160];
    sql_rows_t rows;
    *count = 0;
    if (!side->present[side_index(table)])
        return 0;
    snprintf(text, sizeof text, "SELECT count(*) FROM %s", table->name);
    if (bulk_ask(side->writer, text, NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    *count = sql_cell_int(&rows, 0, 0);
    return 0;
}
