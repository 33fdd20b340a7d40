/* The parts of the store that need no database: dialects, parameters, words, cursors, and where PostgreSQL is. */
#include "check.h"
#include "gateway/store/cursor_time.h"
#include "gateway/store/dialect.h"
#include "gateway/store/migration.h"
#include "gateway/store/statement.h"
#include "gateway/store/store_postgres.h"
#include "gateway/store/words.h"

#include <stdlib.h>
#include <string.h>

static void expands(const char *statement, const char *postgres, const char *sqlite)
{
    const char *const want[DIALECTS] = {postgres, sqlite};
    for (int i = 0; i < DIALECTS; i++) {
        buf_t text = {0};
        dialect_expand((dialect_t)i, statement, &text);
        assert_string_equal(buf_string(&text), want[i]);
        buf_free(&text);
    }
}

static void test_dialect(void **state)
{
    (void)state;
    expands("SELECT a FROM b WHERE c = $1 AND d = $12", "SELECT a FROM b WHERE c = $1 AND d = $12",
            "SELECT a FROM b WHERE c = ?1 AND d = ?12");
    expands("v->>'$.x' = {json $3}", "v->>'$.x' = $3::jsonb", "v->>'$.x' = ?3");
    expands("{now}", "now()", "strftime('%Y-%m-%d %H:%M:%f','now')");
    expands("{in $2}!", "(now() + $2::float8 * interval '1 millisecond')!",
            "strftime('%Y-%m-%d %H:%M:%f','now',(?2/1000.0)||' seconds')!");
    expands("{among $4 status}", "status = ANY (string_to_array($4, ','))",
            "instr(',' || ?4 || ',', ',' || status || ',') > 0");
    expands("x {lock}", "x FOR UPDATE", "x ");
    expands("", "", "");
}

/* Every statement can be said in both, has as many parameters as it names, and names each one that it uses. */
static void test_statements(void **state)
{
    (void)state;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        for (int dialect = 0; dialect < DIALECTS; dialect++) {
            buf_t text = {0};
            size_t count = statement_parameters((statement_t)i);
            bool used[SQL_VALUES_MOST + 1] = {false};
            statement_text((statement_t)i, (dialect_t)dialect, &text);
            assert_non_null(text.bytes);
            assert_null(strpbrk(text.bytes, "{}"));
            for (const char *p = text.bytes; *p; p++)
                if ((*p == '$' || *p == '?') && p[1] >= '0' && p[1] <= '9') {
                    size_t number = (size_t)atoi(p + 1);
                    assert_in_range(number, 1, count);
                    used[number] = true;
                }
            for (size_t n = 1; n <= count; n++) {
                if (!used[n])
                    fail_msg("%s does not use its parameter %zu", statement_name((statement_t)i), n);
                assert_non_null(strchr("ktjbifo", statement_kind((statement_t)i, n - 1)));
            }
            buf_free(&text);
        }
}

static void test_words(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    words_t words = {0};
    words_add(&words, view_of("Música-2B_música.PDF  Ωmega"), arena);
    assert_string_equal(words_json(&words, words.count, arena), "[\"musica\",\"2b\",\"pdf\",\"ωmega\"]");
    assert_string_equal(words_json(&words, 1, arena), "[\"musica\",\"pdf\",\"ωmega\"]");
    words_add(&words, view_of("\xff not text"), arena);
    words_add(&words, view_of(NULL), arena);
    assert_int_equal(words.count, 4);
    char long_word[400];
    memset(long_word, 'x', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = 0;
    for (size_t i = 1; i < sizeof long_word - 1; i += 2) /* é, so that the cut meets the middle of a letter */
        memcpy(long_word + i, "\xd0\xb6", i + 2 < sizeof long_word ? 2 : 0);
    words_add(&words, view_of(long_word), arena);
    assert_in_range(strlen(words.items[4]), WORD_BYTES_MOST - 3, WORD_BYTES_MOST);
    assert_int_equal(words_longest(&words), 4);
    for (char c = 'a'; c < 'z'; c++)
        words_add(&words, (view_t){&c, 1}, arena);
    assert_int_equal(words.count, WORDS_MOST);
    arena_destroy(&arena);
}

static void test_cursor(void **state)
{
    (void)state;
    const char *cursor = NULL, *after = NULL;
    fault_t fault;
    assert_int_equal(cursor_time_check(&cursor, &after, &fault), 0);
    assert_non_null(cursor);
    assert_non_null(after);
    cursor = "2026-01-31 08:30:00.123456";
    assert_int_equal(cursor_time_check(&cursor, &after, &fault), 0);
    cursor = "2026-01-31 08:30:00' --";
    assert_int_equal(cursor_time_check(&cursor, &after, &fault), -1);
    assert_int_equal(fault.code, FAULT_INPUT);
}

static void test_migrations(void **state)
{
    (void)state;
    size_t postgres, sqlite;
    const migration_t *one = migration_list(DIALECT_POSTGRES, &postgres),
                      *other = migration_list(DIALECT_SQLITE, &sqlite);
    assert_int_equal(postgres, sqlite); /* the same steps, so that a number means the same everywhere */
    for (size_t i = 0; i < postgres; i++) {
        assert_int_equal(one[i].number, (int)i + 1);
        assert_string_equal(one[i].name, other[i].name);
    }
}

/* ---- where PostgreSQL is ---- */

typedef struct {
    arena_t *arena;
    settings_t settings;
    postgres_plan_t plan;
    buf_t warnings;
    fault_t fault;
} target_t;

static int plan_with(target_t *target, char *const *environment)
{
    buf_t problems = {0};
    *target = (target_t){.arena = arena_new()};
    size_t wrong = yogi_settings_load(environment, target->arena, &target->settings, &problems);
    if (wrong)
        fail_msg("%s", problems.bytes);
    return postgres_plan(&target->settings, target->arena, &target->plan, &target->warnings, &target->fault);
}

static const char *value_of(const target_t *target, const char *keyword)
{
    const char *found = NULL;
    for (size_t i = 0; target->plan.keywords[i]; i++)
        if (strcmp(target->plan.keywords[i], keyword) == 0) {
            assert_null(found); /* said once */
            found = target->plan.values[i];
        }
    return found;
}

static void end(target_t *target)
{
    buf_free(&target->warnings);
    arena_destroy(&target->arena);
}

static void test_apart(void **state)
{
    (void)state;
    target_t target;
    char *environment[] = {(char[]){"POSTGRES_HOST=db"},           (char[]){"POSTGRES_PORT=5433"},
                           (char[]){"POSTGRES_DB=yogi"},           (char[]){"POSTGRES_USER=me"},
                           (char[]){"POSTGRES_PASSWORD=p w'd\\"},  (char[]){"POSTGRES_SSLMODE=verify-full"},
                           (char[]){"YOGI_PG_POOLER=transaction"}, NULL};
    assert_int_equal(plan_with(&target, environment), 0);
    assert_true(postgres_wanted(&target.settings));
    assert_string_equal(value_of(&target, "host"), "db");
    assert_string_equal(value_of(&target, "port"), "5433");
    assert_string_equal(value_of(&target, "dbname"), "yogi");
    assert_string_equal(value_of(&target, "password"), "p w'd\\");
    assert_string_equal(value_of(&target, "sslmode"), "verify-full");
    assert_true(target.plan.pooled);
    assert_null(value_of(&target, "options")); /* a pooler refuses them */
    assert_int_equal(target.warnings.size, 0);
    end(&target);
}

static void test_url_first(void **state)
{
    (void)state;
    target_t target;
    char *environment[] = {(char[]){"DATABASE_URL=postgresql://me:secret%40@db:6000/yogi?application_name=mine"},
                           (char[]){"POSTGRES_HOST=other"},
                           (char[]){"POSTGRES_DB=yogi"},
                           (char[]){"POSTGRES_PASSWORD=hidden"},
                           (char[]){"POSTGRES_SSLMODE=require"},
                           NULL};
    assert_int_equal(plan_with(&target, environment), 0);
    assert_string_equal(value_of(&target, "host"), "db");
    assert_string_equal(value_of(&target, "port"), "6000");
    assert_string_equal(value_of(&target, "password"), "secret@");
    assert_string_equal(value_of(&target, "application_name"), "mine");
    assert_string_equal(value_of(&target, "sslmode"), "require"); /* the URL does not say */
    assert_non_null(value_of(&target, "options"));
    assert_non_null(strstr(target.warnings.bytes, "differ in host (db and other)"));
    assert_non_null(strstr(target.warnings.bytes, "differ in password;"));
    assert_null(strstr(target.warnings.bytes, "dbname")); /* that is the same */
    assert_null(strstr(target.warnings.bytes, "hidden"));
    assert_null(strstr(target.warnings.bytes, "secret"));
    end(&target);
}

/* What the URL says of the connection itself is kept, and heard after ours. */
static void test_options_of_the_url(void **state)
{
    (void)state;
    target_t target;
    char *environment[] = {
        (char[]){"DATABASE_URL=postgresql://db/yogi?options=-csearch_path%3Dschool&connect_timeout=60"}, NULL};
    assert_int_equal(plan_with(&target, environment), 0);
    const char *options = value_of(&target, "options");
    assert_non_null(strstr(options, "statement_timeout=30000"));
    assert_string_equal(options + strlen(options) - strlen(" -csearch_path=school"), " -csearch_path=school");
    assert_string_equal(value_of(&target, "connect_timeout"), "60");
    assert_string_equal(value_of(&target, "keepalives_idle"), "30");
    end(&target);
}

static void test_bad_url(void **state)
{
    (void)state;
    target_t target;
    char *environment[] = {(char[]){"DATABASE_URL=postgresql://me:secret@db:6000/yogi?nonsense=1"}, NULL};
    assert_int_equal(plan_with(&target, environment), -1);
    assert_int_equal(target.fault.code, FAULT_SETTING);
    assert_non_null(strstr(target.fault.text, "DATABASE_URL"));
    assert_null(strstr(target.fault.text, "secret"));
    end(&target);
    char *none[] = {NULL};
    assert_int_equal(plan_with(&target, none), 0);
    assert_false(postgres_wanted(&target.settings));
    end(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialect),   cmocka_unit_test(test_statements), cmocka_unit_test(test_words),
        cmocka_unit_test(test_cursor),    cmocka_unit_test(test_migrations), cmocka_unit_test(test_apart),
        cmocka_unit_test(test_url_first), cmocka_unit_test(test_bad_url),    cmocka_unit_test(test_options_of_the_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
