/* Lanes of errands: one of a job at a time, the others in their order, jobs beside each other; RECORDs that wait for
 * company and go along; and runs that are known without a question. */
#include "gateway/outbox/lanes.h"
#include "check.h"
#include "gateway/outbox/fresh.h"
#include "gateway/outbox/held.h"

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

/* Two RECORDs go along with the end of their run, and each stands for itself again when that cannot be done. */
static void test_company(void **state)
{
    (void)state;
    lanes_t lanes = {.room = 0};
    errand_t *first = errand_of(7), *second = errand_of(7), *end = errand_of(7), *late = errand_of(7);
    record_t own = {.stage = "validation"};
    end->kind = ERRAND_FINISH;
    end->finish.record = &own;
    assert_true(lanes_put(&lanes, first));
    assert_false(lanes_put(&lanes, second));
    assert_false(lanes_put(&lanes, end));
    assert_ptr_equal(lanes_head(&lanes, first->job), first);
    assert_ptr_equal(lanes_join(&lanes, first), second);
    assert_ptr_equal(second->record.before, &first->record);
    assert_ptr_equal(lanes_join(&lanes, second), end);
    assert_ptr_equal(lanes_head(&lanes, first->job), end);
    assert_ptr_equal(end->finish.record, &own); /* what is its own comes behind what goes along */
    assert_ptr_equal(own.before, &second->record);
    assert_ptr_equal(second->record.before, &first->record);
    assert_false(lanes_put(&lanes, late));
    assert_ptr_equal(lanes_part(&lanes, end), first);
    assert_null(own.before);
    assert_null(second->record.before);
    assert_true(first->alone && second->alone && end->alone);
    assert_false(late->alone);
    assert_ptr_equal(lanes_next(&lanes, first), second);
    assert_ptr_equal(lanes_next(&lanes, second), end);
    assert_ptr_equal(lanes_next(&lanes, end), late);
    assert_null(lanes_next(&lanes, late));
    assert_null(lanes_head(&lanes, late->job));
    errand_destroy(&first), errand_destroy(&second), errand_destroy(&late);
    errand_t *failed = errand_of(7), *alone = errand_of(7);
    failed->kind = ERRAND_FINISH; /* one without a record of its own */
    errand_join(failed, alone);
    assert_ptr_equal(failed->finish.record, &alone->record);
    assert_ptr_equal(errand_part(failed), alone);
    assert_null(failed->finish.record);
    errand_join(failed, alone);
    errand_destroy(&failed); /* with what goes along */
    end->finish.record = NULL;
    errand_destroy(&end);
    lanes_free(&lanes);
}

static void test_held(void **state)
{
    (void)state;
    held_t held = {.count = 0};
    errand_t *errands[HELD_MOST + 2];
    int64_t next_us = INT64_MAX;
    assert_null(held_due(&held, 1000, &next_us));
    assert_int_equal(next_us, INT64_MAX);
    for (uint64_t i = 0; i < 3; i++)
        held_put(&held, errands[i] = errand_of(i + 1), (int64_t)i);
    assert_null(held_due(&held, 10, &next_us));
    assert_int_equal(next_us, HELD_MS * 1000);
    held_take(&held, errands[1]); /* from the middle */
    held_take(&held, errands[1]); /* it is out */
    assert_int_equal(held.count, 2);
    assert_ptr_equal(held_due(&held, HELD_MS * 1000, &next_us), errands[0]);
    held_take(&held, errands[0]);
    assert_null(held_due(&held, HELD_MS * 1000, &next_us));
    assert_ptr_equal(held_due(&held, HELD_MS * 1000 + 2, &next_us), errands[2]);
    held_take(&held, errands[2]);
    assert_null(held_due(&held, INT64_MAX, &next_us));
    for (int i = 0; i < 3; i++)
        errand_destroy(&errands[i]);
    for (uint64_t i = 0; i < HELD_MOST + 2; i++) { /* past the limit the first does not wait */
        assert_null(held_due(&held, 0, &next_us));
        held_put(&held, errands[i] = errand_of(i + 1), 0);
        if (held.count > HELD_MOST) {
            assert_ptr_equal(held_due(&held, 0, &next_us), errands[i - HELD_MOST]);
            held_take(&held, errands[i - HELD_MOST]);
            errand_destroy(&errands[i - HELD_MOST]);
        }
    }
    held_free(&held);
    assert_int_equal(held.count, 0);
}

static void test_fresh(void **state)
{
    (void)state;
    static fresh_t fresh;
    for (uint64_t i = 1; i <= FRESH_MOST + 1; i++)
        fresh_put(&fresh, errand_of(i));
    assert_null(fresh_take(&fresh, (ident_t){1, 1})); /* the oldest made room */
    errand_t *last = fresh_take(&fresh, (ident_t){FRESH_MOST + 1, FRESH_MOST + 1});
    errand_t *second = fresh_take(&fresh, (ident_t){2, 2});
    assert_non_null(last);
    assert_non_null(second);
    assert_null(fresh_take(&fresh, (ident_t){2, 2}));
    errand_destroy(&last), errand_destroy(&second);
    fresh_free(&fresh);
    assert_null(fresh_take(&fresh, (ident_t){3, 3}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_within_a_job),
                                       cmocka_unit_test(test_jobs_beside_each_other), cmocka_unit_test(test_company),
                                       cmocka_unit_test(test_held), cmocka_unit_test(test_fresh)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
