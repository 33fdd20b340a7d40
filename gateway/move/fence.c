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
