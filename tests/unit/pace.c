/* How many jobs wait at a host, from runs, round trips and documents. */
#include "proto/jobs/pace.h"
#include "check.h"

enum { MS = 1000, SECOND = 1000000 };

/* What a stage settles at when every job is like this. */
static uint32_t settled(uint32_t workers, uint32_t most, int64_t run_us, int64_t trip_us, int64_t fetch_us)
{
    pace_t pace;
    pace_open(&pace, workers, most);
    for (int i = 0; i < 100; i++) {
        pace_ran(&pace, run_us);
        pace_tripped(&pace, trip_us);
        if (fetch_us)
            pace_fetched(&pace, fetch_us);
        pace_settle(&pace);
    }
    return pace.waiting;
}

static void test_rule(void **state)
{
    (void)state;
    assert_int_equal(settled(2, 1000, 20, 200, 0), 40);     /* 2 × 2 × 10 */
    assert_int_equal(settled(2, 64, 20, 1000, 0), 64);      /* bounded */
    assert_int_equal(settled(2, 64, 2 * SECOND, MS, 0), 0); /* none behind a long one */
    assert_int_equal(settled(2, 64, 2 * SECOND, 500, 0), 0);
    assert_int_equal(settled(1, 64, 10 * MS, MS, 0), 1); /* a tenth of its time would be lost */
    assert_int_equal(settled(1, 64, 64 * MS, MS, 0), 1); /* the edge */
    assert_int_equal(settled(1, 64, 66 * MS, MS, 0), 0); /* and past it */
    assert_int_equal(settled(2, 64, 600 * MS, MS, 0), 0);
    assert_int_equal(settled(2, 64, 600 * MS, MS, 100 * MS), 1); /* its document comes while another is read */
    assert_int_equal(settled(4, 64, 600 * MS, MS, 600 * MS), 9);
    assert_int_equal(settled(8, 0, 20, 1000, 0), 0); /* the operator wants none */
    assert_int_equal(settled(1, 64, 0, 0, 0), 2);    /* times that the clock cannot tell */
}

static void test_before_it_is_measured(void **state)
{
    (void)state;
    pace_t pace;
    pace_open(&pace, 4, 64);
    assert_int_equal(pace.waiting, 1);
    pace_tripped(&pace, 300);
    assert_false(pace_settle(&pace));
    assert_int_equal(pace.waiting, 1);
    pace_open(&pace, 4, 64);
    pace_ran(&pace, 100); /* no trip yet: about one on this machine */
    assert_true(pace_settle(&pace));
    assert_int_equal(pace.waiting, 16);
    pace_open(&pace, 4, 64);
    assert_true(pace_lasts(&pace, SECOND)); /* nor a run */
    assert_true(pace_settle(&pace));
    assert_int_equal(pace.waiting, 0);
    pace_open(&pace, 4, 0);
    assert_int_equal(pace.waiting, 0);
}

/* Brokers are not told of every flutter. */
static void test_calm(void **state)
{
    (void)state;
    pace_t pace;
    pace_open(&pace, 2, 1000);
    int changes = 0;
    for (int i = 0; i < 1000; i++) {
        pace_ran(&pace, i % 2 ? 18 : 22);
        pace_tripped(&pace, i % 3 ? 190 : 220);
        changes += pace_settle(&pace);
    }
    assert_in_range(pace.waiting, 27, 60);
    assert_in_range(changes, 1, 3);
}

/* A stage that was quick and is slow now: it is known before the first slow job is over. */
static void test_lasting_job(void **state)
{
    (void)state;
    pace_t pace;
    pace_open(&pace, 2, 64);
    for (int i = 0; i < 50; i++) {
        pace_ran(&pace, 20);
        pace_tripped(&pace, 300);
        pace_settle(&pace);
    }
    assert_int_equal(pace.waiting, 60);
    assert_false(pace_lasts(&pace, 50 * MS)); /* a hiccup of the machine */
    assert_true(pace_lasts(&pace, SECOND));   /* a second's look */
    assert_true(pace_settle(&pace));
    assert_int_equal(pace.waiting, 0);
    pace_ran(&pace, 600 * MS);
    assert_false(pace_lasts(&pace, 900 * MS)); /* as it is now */
}

/* And back. */
static void test_quick_again(void **state)
{
    (void)state;
    pace_t pace;
    pace_open(&pace, 2, 64);
    for (int i = 0; i < 20; i++) {
        pace_ran(&pace, SECOND);
        pace_tripped(&pace, 300);
        pace_settle(&pace);
    }
    assert_int_equal(pace.waiting, 0);
    int jobs = 0;
    for (; pace.waiting < 30 && jobs < 1000; jobs++) {
        pace_ran(&pace, 20);
        pace_settle(&pace);
    }
    assert_in_range(jobs, 50, 120); /* a few milliseconds of such jobs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule),        cmocka_unit_test(test_before_it_is_measured), cmocka_unit_test(test_calm),
        cmocka_unit_test(test_lasting_job), cmocka_unit_test(test_quick_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
