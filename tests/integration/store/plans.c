/* Every statement of the gateway stays on an index: with tables filled, the database is asked how it would go about
 * each one, and reading a whole table that grows with use is refused.
 */
#include "gateway/store/statement.h"
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>

/* Tables that grow with use; the others have a row for each gateway or school. */
static const char *const large[] = {"documents",         "processing_jobs", "timetables",   "timetable_versions",
                                    "dossiers",          "document_words",  "blobs",        "outbox",
                                    "call_offs",         "idempotency",     "dead_letters", "api_keys",
                                    "processing_events", "feed_tokens",     "llm_choices",  "pictures"};

/* Rows of every large table, so that an index is worth its while. */
static const char *const fill_postgres =
    "INSERT INTO tenants (id, name) SELECT 'plan' || i, 'x' FROM generate_series(1, 20) i ON CONFLICT DO NOTHING;"
    "INSERT INTO blobs (tenant, sha256, bytes, state, held_until, birth) SELECT 'plan' || i % 20, md5(i::text), 1, "
    "CASE "
    "WHEN i % 100 = 0 THEN 'pending' ELSE 'present' END, now(), 'x' FROM generate_series(1, 10000) i;"
    "INSERT INTO documents (id, tenant, filename, file_path, file_type, status, sha256, run, created_at) SELECT "
    "'plan-' || "
    "i, 'plan' || i % 20, 'x', 'x', 'x', 'completed', md5(i::text), 'r', now() - i * interval '1 second' FROM "
    "generate_series(1, 10000) i;"
    "INSERT INTO document_words SELECT tenant, 'word' || substr(id, 6), id FROM documents WHERE id LIKE 'plan-%';"
    "INSERT INTO processing_jobs (tenant, document_id, run, job_type) SELECT tenant, id, 'r', 'ocr' FROM documents "
    "WHERE id "
    "LIKE 'plan-%';"
    "INSERT INTO timetables (id, tenant, document_id, position) SELECT id, tenant, id, 0 FROM documents WHERE id LIKE "
    "'plan-%';"
    "INSERT INTO timetable_versions (timetable_id, version, tenant, content) SELECT id, 1, tenant, '{}' FROM documents "
    "WHERE "
    "id LIKE 'plan-%';"
    "INSERT INTO dossiers SELECT id, tenant, 'r', '\\x00' FROM documents WHERE id LIKE 'plan-%';"
    "INSERT INTO outbox (run, document_id, tenant, owner, route) SELECT id, id, tenant, 'owner' || length(id), 'ocr' "
    "FROM "
    "documents WHERE id LIKE 'plan-%';"
    "INSERT INTO owners SELECT 'owner' || i, now() + interval '1 day' FROM generate_series(1, 20) i ON CONFLICT DO "
    "NOTHING;"
    "INSERT INTO call_offs SELECT 'owner' || i % 20, i::text FROM generate_series(1, 10000) i;"
    "INSERT INTO idempotency SELECT 'plan' || i % 20, i::text, 0, 'f', 'd' FROM generate_series(1, 10000) i;"
    "INSERT INTO processing_events (tenant, document_id, event_type) SELECT tenant, id, 'progress' FROM documents "
    "WHERE id "
    "LIKE 'plan-%';"
    "INSERT INTO dead_letters SELECT id, id, tenant, 's', 'e', 'm', 1, 1, 1, '{}' FROM documents WHERE id LIKE "
    "'plan-%';"
    "INSERT INTO api_keys (id, tenant, name, role, hash) SELECT 'plan' || i, 'plan' || 1 + i % 20, 'x', 'admin', "
    "'plan' || i "
    "FROM generate_series(1, 10000) i;"
    "INSERT INTO feed_tokens SELECT id, tenant, id FROM documents WHERE id LIKE 'plan-%';"
    "INSERT INTO llm_choices SELECT 'plan' || i % 20, md5(i::text), 'p', 'm', NULL, 7, now() + interval '1 hour' FROM "
    "generate_series(1, 10000) i;"
    "INSERT INTO pictures SELECT id, 1, 15, tenant, 'p', sha256, 1 FROM documents WHERE id LIKE 'plan-%';";

static void empty(trial_t *t)
{
    database_t *database = t->session.database;
    assert_int_equal(database->driver->script(database,
                                              "DELETE FROM documents WHERE id LIKE 'plan-%';"
                                              "DELETE FROM blobs WHERE tenant LIKE 'plan%';"
                                              "DELETE FROM api_keys WHERE tenant LIKE 'plan%';"
                                              "DELETE FROM idempotency WHERE tenant LIKE 'plan%';"
                                              "DELETE FROM llm_choices WHERE tenant LIKE 'plan%';"
                                              "DELETE FROM call_offs WHERE owner LIKE 'owner%';"
                                              "DELETE FROM owners WHERE id LIKE 'owner%';"
                                              "DELETE FROM tenants WHERE id LIKE 'plan%';",
                                              &t->fault),
                     0);
}

static bool is_large(const char *table, size_t size)
{
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (strlen(large[i]) == size && strncmp(large[i], table, size) == 0)
            return true;
    return false;
}

/* Behind "Seq Scan on " or "SCAN " of a line of a plan; NULL where it has none of a large table. */
static const char *whole_table(const char *line, const char *sign)
{
    const char *at = strstr(line, sign);
    if (!at)
        return NULL;
    at += strlen(sign);
    return is_large(at, strcspn(at, " ")) ? at : NULL;
}

static int complain(const char *statement, const sql_rows_t *plan, const char *sign)
{
    for (size_t i = 0; i < plan->rows; i++) {
        const char *line = sql_cell(plan, i, plan->columns - 1);
        if (!whole_table(line, sign))
            continue;
        print_error("%s reads a whole table:\n", statement);
        for (size_t j = 0; j < plan->rows; j++)
            print_error("    %s\n", sql_cell(plan, j, plan->columns - 1));
        return 1;
    }
    return 0;
}

/* ---- PostgreSQL ---- */

static sql_rows_t plan_postgres(trial_t *t, statement_t statement)
{
    static const char *const types[] = {['b'] = "bytea", ['f'] = "float8", ['i'] = "int8", ['o'] = "bool"};
    buf_t text = {0};
    size_t count = statement_parameters(statement);
    buf_format(&text, "PREPARE plan%s", count ? " (" : "");
    for (size_t i = 0; i < count; i++) {
        char kind = statement_kind(statement, i);
        bool known = kind == 'b' || kind == 'f' || kind == 'i' || kind == 'o';
        buf_format(&text, "%s%s", i ? ", " : "", known ? types[(int)kind] : "text");
    }
    buf_text(&text, count ? ") AS " : " AS ");
    statement_text(statement, DIALECT_POSTGRES, &text);
    trial_ask(t, "%s", text.bytes);
    buf_clear(&text);
    for (size_t i = 0; i < count; i++)
        buf_text(&text, i ? ", NULL" : "(NULL");
    sql_rows_t plan = trial_ask(t, "EXPLAIN EXECUTE plan%s%s", buf_string(&text), count ? ")" : "");
    trial_ask(t, "DEALLOCATE plan");
    buf_free(&text);
    return plan;
}

static void fill(trial_t *t)
{
    database_t *database = t->session.database;
    empty(t);
    if (database->driver->script(database, fill_postgres, &t->fault) < 0)
        fail_msg("%s", t->fault.text);
    trial_ask(t, "ANALYZE");
}

/* Tables as of a new database, with some rows of one tenant, of which it knows nothing yet. */
static const char *const begin_postgres =
    "TRUNCATE documents CASCADE;"
    "INSERT INTO tenants (id, name) VALUES ('plan1', 'x') ON CONFLICT DO NOTHING;"
    "INSERT INTO documents (id, tenant, filename, file_path, file_type, status, run) SELECT 'plan-' || i, 'plan1', "
    "'x', "
    "'x', 'x', 'completed', 'r' FROM generate_series(1, 50) i;"
    "INSERT INTO timetables (id, tenant, document_id, position) SELECT id, tenant, id, 0 FROM documents WHERE id LIKE "
    "'plan-%';"
    "INSERT INTO dead_letters SELECT id, id, tenant, 's', 'e', 'm', 1, 1, 1, '{}' FROM documents WHERE id LIKE "
    "'plan-%';"
    "DELETE FROM pg_statistic WHERE starelid IN ('documents'::regclass, 'timetables'::regclass, "
    "'dead_letters'::regclass);";

/* Then one of them is looked up by its id all the same, and not among all of its tenant's. */
static void look_at_new_tables(trial_t *t)
{
    database_t *database = t->session.database;
    static const struct {
        statement_t statement;
        const char *index;
    } rows[] = {{STATEMENT_DOCUMENT_GET, "documents_pkey"},     {STATEMENT_DOCUMENT_LOCK, "documents_pkey"},
                {STATEMENT_DOCUMENT_MOVE, "documents_pkey"},    {STATEMENT_DOCUMENT_FINISH, "documents_pkey"},
                {STATEMENT_DOCUMENT_AGAIN, "documents_pkey"},   {STATEMENT_DOCUMENT_DELETE, "documents_pkey"},
                {STATEMENT_TIMETABLE_GET, "timetables_pkey"},   {STATEMENT_TIMETABLE_LOCK, "timetables_pkey"},
                {STATEMENT_TIMETABLE_PUT, "timetables_pkey"},   {STATEMENT_LETTER_GET, "dead_letters_pkey"},
                {STATEMENT_BLOB_CLAIM, "documents_by_content"}, {STATEMENT_BLOB_LET_GO, "documents_by_content"}};
    empty(t);
    if (database->driver->script(database, begin_postgres, &t->fault) < 0)
        fail_msg("%s", t->fault.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sql_rows_t plan = plan_postgres(t, rows[i].statement);
        bool found = false;
        for (size_t j = 0; j < plan.rows && !found; j++)
            found = strstr(sql_cell(&plan, j, plan.columns - 1), rows[i].index);
        if (!found)
            fail_msg("%s does not use %s", statement_name(rows[i].statement), rows[i].index);
    }
}

static void test_plans_of_postgres(trial_t *t)
{
    int bad = 0;
    look_at_new_tables(t);
    fill(t);
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sql_rows_t plan = plan_postgres(t, (statement_t)i);
        bad += complain(statement_name((statement_t)i), &plan, "Seq Scan on ");
    }
    /* the check itself sees what it looks for */
    sql_rows_t plan = trial_ask(t, "EXPLAIN SELECT * FROM documents WHERE filename = 'x'");
    assert_non_null(whole_table(sql_cell(&plan, 0, 0), "Seq Scan on "));
    empty(t);
    assert_int_equal(bad, 0);
}

/* ---- SQLite ---- */

static void test_plans_of_sqlite(trial_t *t)
{
    int bad = 0;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        buf_t text = {0};
        buf_text(&text, "EXPLAIN QUERY PLAN ");
        statement_text((statement_t)i, DIALECT_SQLITE, &text);
        database_t *database = t->session.database;
        sql_rows_t plan;
        assert_int_equal(database->driver->ask(database, text.bytes, t->arena, &plan, &t->fault), 0);
        bad += complain(statement_name((statement_t)i), &plan, "SCAN ");
        buf_free(&text);
    }
    sql_rows_t plan = trial_ask(t, "EXPLAIN QUERY PLAN SELECT * FROM documents WHERE filename = 'x'");
    assert_non_null(whole_table(sql_cell(&plan, 0, 3), "SCAN "));
    assert_int_equal(bad, 0);
}

static void test_indexes(void **state)
{
    trial_t *t = *state;
    if (trial_is_postgres(t))
        test_plans_of_postgres(t);
    else
        test_plans_of_sqlite(t);
}

int test_plans(void)
{
    const struct CMUnitTest plans[] = {cmocka_unit_test_setup_teardown(test_indexes, trial_begin, trial_end)};
    return cmocka_run_group_tests(plans, trial_begin_group, trial_end_group);
}
