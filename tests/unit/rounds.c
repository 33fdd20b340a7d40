/* rounds: when the outbox asks the store again, and that it never asks twice at once. */
#include "gateway/outbox/rounds.h"

#include "check.h"

#include <stdio.h>

enum { LEASE_MS = 15000 };

static void done(store_task_t *task)
{
    (void)task;
}

/* The answer to one, with so many runs in it, and a fault or none. */
static void answer(rounds_t *rounds, errand_kind_t kind, size_t count, fault_code_t code, int64_t now_us)
{
    errand_t *errand = errand_new(kind, "me", done, NULL);
    rounds_fill(rounds, errand);
    errand->task.fault.code = code;
    errand->taken.count = count;
    errand->taken.rows = arena_array(errand->arena, count + 1, sizeof *errand->taken.rows);
    for (size_t i = 0; i < count; i++)
        errand->taken.rows[i].run = arena_format(errand->arena, "run-%zu", i);
    rounds_done(rounds, errand, now_us);
    errand_destroy(&errand);
}

static void assert_due(rounds_t *rounds, errand_kind_t kind, int64_t now_us, bool due, int64_t next)
{
    int64_t next_us = INT64_MAX;
    assert_int_equal(rounds_due(rounds, kind, now_us, &next_us), due);
    assert_int_equal(next_us, next);
}

static void test_one_at_a_time(void **state)
{
    (void)state;
    rounds_t rounds;
    rounds_begin(&rounds, LEASE_MS, 1000000);
    assert_due(&rounds, ERRAND_HOLD, 1000000, true, INT64_MAX);
    assert_due(&rounds, ERRAND_HOLD, 90000000, false, INT64_MAX); /* it is being asked: nothing to wait for */
    answer(&rounds, ERRAND_HOLD, 0, FAULT_NONE, 2000000);
    assert_due(&rounds, ERRAND_HOLD, 6999999, false, 7000000); /* a third of the lease later */
    assert_due(&rounds, ERRAND_HOLD, 7000000, true, INT64_MAX);
    answer(&rounds, ERRAND_HOLD, 0, FAULT_UNAVAILABLE, 8000000);
    assert_due(&rounds, ERRAND_HOLD, 8000000, false, 8300000); /* sooner, where it failed */
}

static void test_more_to_take(void **state)
{
    (void)state;
    rounds_t rounds;
    rounds_begin(&rounds, LEASE_MS, 0);
    assert_due(&rounds, ERRAND_TAKE, 0, true, INT64_MAX);
    answer(&rounds, ERRAND_TAKE, RUNS_TAKE_MOST, FAULT_NONE, 10);
    assert_due(&rounds, ERRAND_TAKE, 10, true, INT64_MAX); /* there may be more */
    answer(&rounds, ERRAND_TAKE, RUNS_TAKE_MOST - 1, FAULT_NONE, 20);
    assert_due(&rounds, ERRAND_TAKE, 20, false, 2000020);
}

static void test_all_that_is_ours(void **state)
{
    (void)state;
    rounds_t rounds;
    rounds_begin(&rounds, LEASE_MS, 0);
    assert_due(&rounds, ERRAND_MINE, 0, false, 30000000);
    assert_due(&rounds, ERRAND_MINE, 30000000, true, INT64_MAX);
    assert_string_equal(rounds.compared, "");
    answer(&rounds, ERRAND_MINE, ERRAND_MINE_MOST, FAULT_NONE, 31000000);
    assert_string_equal(rounds.compared, "run-499"); /* goes on behind it, at once */
    assert_due(&rounds, ERRAND_MINE, 31000000, true, INT64_MAX);
    answer(&rounds, ERRAND_MINE, 3, FAULT_NONE, 32000000);
    assert_string_equal(rounds.compared, "");
    assert_due(&rounds, ERRAND_MINE, 32000000, false, 62000000);
}

static void test_look(void **state)
{
    (void)state;
    rounds_t rounds;
    rounds_begin(&rounds, LEASE_MS, 0);
    assert_false(rounds_looks(&rounds));
    rounds_look(&rounds);
    assert_true(rounds_looks(&rounds));
    assert_due(&rounds, ERRAND_CALLED_OFF, 5, true, INT64_MAX);
    answer(&rounds, ERRAND_CALLED_OFF, 0, FAULT_NONE, 10);
    assert_false(rounds_looks(&rounds));
    assert_due(&rounds, ERRAND_CALLED_OFF, 10, false, 500010);
    rounds_look(&rounds);
    assert_due(&rounds, ERRAND_CALLED_OFF, 11, true, INT64_MAX);
}

/* Somebody says so while the last look is under way, which may have been too early to see it. */
static void test_look_during_a_look(void **state)
{
    (void)state;
    rounds_t rounds;
    rounds_begin(&rounds, LEASE_MS, 0);
    assert_due(&rounds, ERRAND_CALLED_OFF, 5, true, INT64_MAX);
    rounds_look(&rounds);
    answer(&rounds, ERRAND_CALLED_OFF, 0, FAULT_NONE, 10);
    assert_true(rounds_looks(&rounds));
    assert_due(&rounds, ERRAND_CALLED_OFF, 10, true, INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_at_a_time), cmocka_unit_test(test_more_to_take),
                                       cmocka_unit_test(test_all_that_is_ours), cmocka_unit_test(test_look),
                                       cmocka_unit_test(test_look_during_a_look)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
