/* What browser sessions have chosen: replaced, extended, over, and nobody else's. */
#include "gateway/store/choices.h"
#include "trial.h"

#include <stdlib.h>

static const int64_t MINUTE_MS = 60 * 1000;

static int64_t now_ms(trial_t *t)
{
    sql_rows_t rows =
        trial_ask(t, trial_is_postgres(t) ? "SELECT (extract(epoch from now()) * 1000)::bigint"
                                          : "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)");
    return sql_cell_int(&rows, 0, 0);
}

static choice_t get(trial_t *t, const char *tenant, const char *of, verdict_t wanted)
{
    choice_t choice;
    VERDICT(t, choices_get(&t->session, tenant, of, t->arena, &choice, &t->verdict, &t->fault), wanted);
    return choice;
}

static void end(trial_t *t, const char *of)
{
    trial_ask(t, "UPDATE llm_choices SET expires_at = '2020-01-01 00:00:00+00:00' WHERE session = '%s'", of);
}

static void test_replaced(void **state)
{
    trial_t *t = *state;
    const char *of = trial_id(t), *other = trial_id(t);
    choice_t one = {.provider = "claude", .model = "m-1", .secret = "c2VhbGVk", .minutes = 15};
    choice_t two = {.provider = "rules", .minutes = 7};
    get(t, t->tenant, of, VERDICT_NOT_FOUND);
    VERDICT(t, choices_put(&t->session, t->tenant, of, &one, &t->verdict, &t->fault), VERDICT_DONE);
    choice_t got = get(t, t->tenant, of, VERDICT_DONE);
    assert_string_equal(got.provider, "claude");
    assert_string_equal(got.model, "m-1");
    assert_string_equal(got.secret, "c2VhbGVk");
    assert_int_equal(got.minutes, 15);
    assert_true(llabs(got.expires_ms - now_ms(t) - 15 * MINUTE_MS) < MINUTE_MS);
    get(t, t->other, of, VERDICT_NOT_FOUND);
    get(t, t->tenant, other, VERDICT_NOT_FOUND);

    VERDICT(t, choices_put(&t->session, t->tenant, of, &two, &t->verdict, &t->fault), VERDICT_DONE);
    got = get(t, t->tenant, of, VERDICT_DONE);
    assert_string_equal(got.provider, "rules");
    assert_null(got.model);
    assert_null(got.secret);
    assert_int_equal(got.minutes, 7);
    DO(t, choices_drop(&t->session, t->other, of, &t->fault));
    get(t, t->tenant, of, VERDICT_DONE);
    DO(t, choices_drop(&t->session, t->tenant, of, &t->fault));
    get(t, t->tenant, of, VERDICT_NOT_FOUND);
    DO(t, choices_drop(&t->session, t->tenant, of, &t->fault));
}

static void test_time(void **state)
{
    trial_t *t = *state;
    const char *of = trial_id(t);
    choice_t choice = {.provider = "rules", .minutes = 7};
    int64_t minutes = 0, forgotten = 0;
    VERDICT(t, choices_extend(&t->session, t->tenant, of, 0, &minutes, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, choices_put(&t->session, t->tenant, of, &choice, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, choices_extend(&t->session, t->tenant, of, 30, &minutes, &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(minutes, 30);
    choice_t got = get(t, t->tenant, of, VERDICT_DONE);
    assert_int_equal(got.minutes, 7);
    assert_true(llabs(got.expires_ms - now_ms(t) - 30 * MINUTE_MS) < MINUTE_MS);
    VERDICT(t, choices_extend(&t->session, t->tenant, of, 0, &minutes, &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(minutes, 7);
    got = get(t, t->tenant, of, VERDICT_DONE);
    assert_true(llabs(got.expires_ms - now_ms(t) - 7 * MINUTE_MS) < MINUTE_MS);

    end(t, of);
    get(t, t->tenant, of, VERDICT_NOT_FOUND);
    VERDICT(t, choices_extend(&t->session, t->tenant, of, 30, &minutes, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    const char *stays = trial_id(t);
    VERDICT(t, choices_put(&t->session, t->tenant, stays, &choice, &t->verdict, &t->fault), VERDICT_DONE);
    DO(t, choices_sweep(&t->session, &forgotten, &t->fault));
    assert_true(forgotten >= 1);
    sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM llm_choices WHERE session = '%s'", of);
    assert_int_equal(sql_cell_int(&rows, 0, 0), 0);
    get(t, t->tenant, stays, VERDICT_DONE);
}

static void test_many(void **state)
{
    trial_t *t = *state;
    choice_t choice = {.provider = "rules", .minutes = 7};
    const char *first = trial_id(t), *more = trial_id(t);
    VERDICT(t, choices_put(&t->session, t->tenant, first, &choice, &t->verdict, &t->fault), VERDICT_DONE);
    trial_ask(t,
              "%s INSERT INTO llm_choices (tenant, session, provider, minutes, expires_at) SELECT '%s', 's' || i, "
              "'rules', 7, "
              "'2999-01-01 00:00:00+00:00' FROM n",
              trial_is_postgres(t) ? "WITH n AS (SELECT generate_series(1, 4999) i)"
                                   : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)",
              t->tenant);
    VERDICT(t, choices_put(&t->session, t->tenant, more, &choice, &t->verdict, &t->fault), VERDICT_ILLEGAL);
    get(t, t->tenant, more, VERDICT_NOT_FOUND);
    VERDICT(t, choices_put(&t->session, t->tenant, first, &choice, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, choices_put(&t->session, t->other, more, &choice, &t->verdict, &t->fault), VERDICT_DONE);
    end(t, "s1");
    VERDICT(t, choices_put(&t->session, t->tenant, more, &choice, &t->verdict, &t->fault), VERDICT_DONE);
    trial_ask(t, "DELETE FROM llm_choices WHERE tenant = '%s'", t->tenant);
}

int test_choices(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest choices[] = {TEST(test_replaced), TEST(test_time), TEST(test_many)};
    return cmocka_run_group_tests(choices, trial_begin_group, trial_end_group);
}
