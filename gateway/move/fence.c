/* fence: see fence.h. */
#include "fence.h"

static const char *const events[] = {"INSERT", "UPDATE", "DELETE"};
enum { EVENTS = sizeof events / sizeof *events };

#define SAID "this installation has moved and is kept for going back; write to the new one, or see yogi migrate status"

static const char postgres_function[] =
    "CREATE OR REPLACE FUNCTION yogi_fence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
    "current_setting('yogi.move', true) IS DISTINCT FROM 'on' THEN RAISE EXCEPTION '" SAID
    "' USING ERRCODE = 'read_only_sql_transaction'; END IF; RETURN NULL; END $$; ";

static void raise_postgres(const char *table, buf_t *text)
{
    buf_format(
        text,
        "DROP TRIGGER IF EXISTS yogi_fence ON %s; CREATE TRIGGER yogi_fence BEFORE INSERT OR UPDATE OR DELETE OR "
        "TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION yogi_fence(); ",
        table, table);
}

static void raise_sqlite(const char *table, buf_t *text)
{
    for (size_t i = 0; i < EVENTS; i++)
        buf_format(text,
                   "CREATE TRIGGER IF NOT EXISTS yogi_fence_%s_%s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, '" SAID
                   "'); END; ",
                   table, events[i], events[i], table);
}

static void lift_sqlite(const char *table, buf_t *text)
{
    for (size_t i = 0; i < EVENTS; i++)
        buf_format(text, "DROP TRIGGER IF EXISTS yogi_fence_%s_%s; ", table, events[i]);
}

static int run(side_t *side, bool raising, fault_t *fault)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    buf_t text = {0};
    buf_text(&text, raising && !side->path ? postgres_function : "");
    for (size_t i = 0; i < count; i++) {
        if (!side->present[i])
            continue;
        if (side->path && raising)
            raise_sqlite(tables[i].name, &text);
        else if (side->path)
            lift_sqlite(tables[i].name, &text);
        else if (raising)
            raise_postgres(tables[i].name, &text);
        else
            buf_format(&text, "DROP TRIGGER IF EXISTS yogi_fence ON %s; ", tables[i].name);
    }
    if (!raising && !side->path)
        buf_text(&text, "DROP FUNCTION IF EXISTS yogi_fence()");
    int failed = bulk_script(side->writer, buf_string(&text), fault);
    buf_free(&text);
    return failed;
}

/* A trigger is its table's owner's to make. No lock is taken: others are at work. */
static int ask_postgres(side_t *side, sql_rows_t *rows, fault_t *fault)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    buf_t text = {0};
    buf_text(&text, "SELECT has_schema_privilege(current_schema(), 'CREATE'), (SELECT min(relname::text) FROM pg_class "
                    "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND NOT "
                    "pg_has_role(relowner, 'USAGE') AND relname IN (''");
    for (size_t i = 0; i < count; i++)
        if (side->present[i])
            buf_format(&text, ", '%s'", tables[i].name);
    buf_text(&text, "))");
    int failed = bulk_ask(side->writer, buf_string(&text), NULL, 0, side->arena, rows, fault);
    buf_free(&text);
    return failed;
}

static int may_raise_postgres(side_t *side, fault_t *fault)
{
    sql_rows_t rows;
    if (ask_postgres(side, &rows, fault) < 0)
        return -1;
    const char *strange = sql_cell(&rows, 0, 1);
    if (strange)
        return fault_set(fault, FAULT_SETTING,
                         "%s cannot be fenced against writing: its table %s belongs to another role; name that role in "
                         "the address",
                         side->shown, strange);
    if (sql_cell_bool(&rows, 0, 0))
        return 0;
    return fault_set(fault, FAULT_SETTING,
                     "%s cannot be fenced against writing: this role may make no function there; GRANT CREATE ON its "
                     "SCHEMA",
                     side->shown);
}

int fence_may_raise(side_t *side, fault_t *fault)
{
    fault_t unused;
    if (!side->path)
        return may_raise_postgres(side, fault);
    int failed = bulk_script(side->writer, "BEGIN IMMEDIATE", fault);
    (void)bulk_script(side->writer, "ROLLBACK", &unused);
    return failed ? fault_prefix(fault, "the source cannot be fenced against writing") : 0;
}

int fence_raise(side_t *side, fault_t *fault)
{
    return run(side, true, fault);
}

int fence_lift(side_t *side, fault_t *fault)
{
    return run(side, false, fault);
}

int fence_stands(side_t *side, bool *stands, fault_t *fault)
{
    static const char *const look[DIALECTS] = {
        [DIALECT_POSTGRES] = "SELECT 1 FROM pg_trigger WHERE tgname = 'yogi_fence' AND tgrelid = "
                             "to_regclass('documents')",
        [DIALECT_SQLITE] = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = "
                           "'yogi_fence_documents_INSERT'",
    };
    sql_rows_t rows;
    if (bulk_ask(side->writer, look[side->writer->driver->dialect], NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    *stands = rows.rows > 0;
    return 0;
}
