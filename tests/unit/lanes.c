/* Lanes of errands: one of a job at a time, the others in their order, jobs beside each other. */
#include "gateway/outbox/lanes.h"
#include "check.h"

static void done(store_task_t *task)
{
    (void)task;
}

static errand_t *errand_of(uint64_t job)
{
    errand_t *errand = errand_new(ERRAND_RECORD, "owner", done, NULL);
    errand_set_job(errand, (ident_t){job, job}, 1);
    return errand;
}

static void test_order_within_a_job(void **state)
{
    (void)state;
    lanes_t lanes = {.room = 0};
    errand_t *errands[5];
    for (int i = 0; i < 5; i++) {
        errands[i] = errand_of(7);
        assert_int_equal(lanes_put(&lanes, errands[i]), i == 0);
        assert_true(lanes_has(&lanes, errands[i]->job));
    }
    for (int i = 0; i < 5; i++)
        assert_ptr_equal(lanes_next(&lanes, errands[i]), i < 4 ? errands[i + 1] : NULL);
    assert_false(lanes_has(&lanes, errands[0]->job));
    errand_t *late = errand_of(7);
    assert_true(lanes_put(&lanes, late)); /* the lane was empty again */
    assert_null(lanes_next(&lanes, late));
    errand_destroy(&late);
    for (int i = 0; i < 5; i++)
        errand_destroy(&errands[i]);
    lanes_free(&lanes);
}

static void test_jobs_beside_each_other(void **state)
{
    (void)state;
    enum { JOBS = 1000 };
    lanes_t lanes = {.jobs.seed = 99};
    static errand_t *first[JOBS], *second[JOBS];
    for (uint64_t i = 0; i < JOBS; i++) {
        first[i] = errand_of(i + 1), second[i] = errand_of(i + 1);
        assert_true(lanes_put(&lanes, first[i]));
        assert_false(lanes_put(&lanes, second[i]));
    }
    for (size_t i = 0; i < JOBS; i += 2) { /* half of them are done; the others' second ones go with the lanes */
        assert_ptr_equal(lanes_next(&lanes, first[i]), second[i]);
        assert_null(lanes_next(&lanes, second[i]));
        errand_destroy(&second[i]);
    }
    lanes_free(&lanes);
    for (size_t i = 0; i < JOBS; i++)
        errand_destroy(&first[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_within_a_job),
                                       cmocka_unit_test(test_jobs_beside_each_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
