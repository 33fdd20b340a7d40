/* Lanes of errands: one of a job at a time, the others in their order, jobs beside each other; RECORDs that wait for
 * company and go along; and runs that are known without a question. */
#include "gateway/outbox/lanes.h"
#include "check.h"
#include "gateway/outbox/fresh.h"

static void done(store_task_t *task)
{
    (void)task;
}

static errand_t *errand_of(errand_kind_t kind, uint64_t job)
{
    errand_t *errand = errand_new(kind, "owner", done, NULL);
    errand_set_job(errand, (ident_t){job, job}, 1);
    return errand;
}

static void test_order_within_a_job(void **state)
{
    (void)state;
    lanes_t lanes = {.room = 0};
    errand_t *errands[5];
    for (int i = 0; i < 5; i++) {
        errands[i] = errand_of(ERRAND_COUNT, 7);
        assert_ptr_equal(lanes_put(&lanes, errands[i], 0), i == 0 ? errands[i] : NULL);
        assert_true(lanes_has(&lanes, errands[i]->job));
    }
    for (int i = 0; i < 5; i++)
        assert_ptr_equal(lanes_next(&lanes, errands[i], 0), i < 4 ? errands[i + 1] : NULL);
    assert_false(lanes_has(&lanes, errands[0]->job));
    errand_t *late = errand_of(ERRAND_COUNT, 7);
    assert_ptr_equal(lanes_put(&lanes, late, 0), late); /* the lane was empty again */
    assert_null(lanes_next(&lanes, late, 0));
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
        first[i] = errand_of(ERRAND_COUNT, i + 1), second[i] = errand_of(ERRAND_COUNT, i + 1);
        assert_ptr_equal(lanes_put(&lanes, first[i], 0), first[i]);
        assert_null(lanes_put(&lanes, second[i], 0));
    }
    for (size_t i = 0; i < JOBS; i += 2) { /* half of them are done; the others' second ones go with the lanes */
        assert_ptr_equal(lanes_next(&lanes, first[i], 0), second[i]);
        assert_null(lanes_next(&lanes, second[i], 0));
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
    int64_t next_us = INT64_MAX;
    errand_t *first = errand_of(ERRAND_RECORD, 7), *second = errand_of(ERRAND_RECORD, 7);
    errand_t *end = errand_of(ERRAND_FINISH, 7), *late = errand_of(ERRAND_RECORD, 7);
    record_t own = {.stage = "validation"};
    end->finish.record = &own;
    assert_null(lanes_put(&lanes, first, 0)); /* they wait */
    assert_null(lanes_put(&lanes, second, 0));
    assert_ptr_equal(second->record.before, &first->record);
    assert_null(lanes_due(&lanes, 0, &next_us));
    assert_int_equal(next_us, HELD_MS * 1000);
    assert_ptr_equal(lanes_put(&lanes, end, 0), end);
    assert_ptr_equal(end->finish.record, &own); /* what is its own comes behind what goes along */
    assert_ptr_equal(own.before, &second->record);
    assert_ptr_equal(second->record.before, &first->record);
    assert_null(lanes_due(&lanes, INT64_MAX, &next_us));
    assert_null(lanes_put(&lanes, late, 0)); /* it stands behind what is in the store */
    assert_ptr_equal(lanes_part(&lanes, end), first);
    assert_null(own.before);
    assert_null(second->record.before);
    assert_true(first->alone && second->alone && end->alone && !late->alone);
    assert_ptr_equal(lanes_next(&lanes, first, 0), second);
    assert_ptr_equal(lanes_next(&lanes, second, 0), end);
    assert_null(lanes_next(&lanes, end, 0)); /* the late one waits */
    assert_true(lanes_has(&lanes, late->job));
    assert_ptr_equal(lanes_due(&lanes, HELD_MS * 1000, &next_us), late);
    assert_null(lanes_next(&lanes, late, 0));
    assert_false(lanes_has(&lanes, late->job));
    end->finish.record = NULL;
    errand_destroy(&first), errand_destroy(&second), errand_destroy(&end), errand_destroy(&late);
    lanes_free(&lanes);
}

/* What does not join sends on what is held back; what is costly does not wait; what is behind one in the store goes
 * along afterwards. */
static void test_no_company(void **state)
{
    (void)state;
    lanes_t lanes = {.room = 0};
    errand_t *record = errand_of(ERRAND_RECORD, 7), *count = errand_of(ERRAND_COUNT, 7);
    errand_t *cheap = errand_of(ERRAND_RECORD, 7), *costly = errand_of(ERRAND_RECORD, 7);
    costly->costly = true;
    assert_null(lanes_put(&lanes, record, 0));
    assert_ptr_equal(lanes_put(&lanes, count, 0), record);
    assert_ptr_equal(lanes_next(&lanes, record, 0), count);
    assert_null(lanes_put(&lanes, cheap, 0));
    assert_null(lanes_put(&lanes, costly, 0));
    assert_ptr_equal(lanes_next(&lanes, count, 0), costly);
    assert_ptr_equal(costly->before, cheap);
    assert_null(lanes_next(&lanes, costly, 0));
    errand_destroy(&record), errand_destroy(&count), errand_destroy(&costly); /* with what goes along */
    errand_t *failed = errand_of(ERRAND_FINISH, 7), *alone = errand_of(ERRAND_RECORD, 7);
    errand_join(failed, alone); /* an end without a record of its own */
    assert_ptr_equal(failed->finish.record, &alone->record);
    assert_ptr_equal(errand_part(failed), alone);
    assert_null(failed->finish.record);
    errand_destroy(&failed), errand_destroy(&alone);
    errand_t *left = errand_of(ERRAND_RECORD, 8), *behind = errand_of(ERRAND_RECORD, 8);
    assert_null(lanes_put(&lanes, left, 0)); /* held back at the end, with what goes along: freed with the lanes */
    assert_null(lanes_put(&lanes, behind, 0));
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
        held_put(&held, errands[i] = errand_of(ERRAND_RECORD, i + 1), (int64_t)i);
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
        held_put(&held, errands[i] = errand_of(ERRAND_RECORD, i + 1), 0);
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
        fresh_put(&fresh, errand_of(ERRAND_WANT, i));
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
                                       cmocka_unit_test(test_jobs_beside_each_other),
                                       cmocka_unit_test(test_company),
                                       cmocka_unit_test(test_no_company),
                                       cmocka_unit_test(test_held),
                                       cmocka_unit_test(test_fresh)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
