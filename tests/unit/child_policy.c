/* The policy of supervision without a process: every transition, every deadline, the throttle. */
#include "proto/base/child_policy.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

static const child_terms_t terms = {
    .start_us = 1000, .silence_us = 2000, .stop_us = 500, .rest_us = 100, .rest_most_us = 1500, .deaths_most = 3};

static void test_table(void **state)
{
    (void)state;
    /* a letter for each state: Down Starting Idle Busy Ending Resting; . = a programming error */
    static const char *const rows[CHILD_STATES] = {
        /* START READY JOB ANSWERED STOP GONE RESTED */
        [CHILD_DOWN] = "S...D..", [CHILD_STARTING] = ".I..ER.", [CHILD_IDLE] = "..B.ER.",
        [CHILD_BUSY] = "...IED.", [CHILD_ENDING] = "....ED.",   [CHILD_RESTING] = "....D.D",
    };
    static const char letters[] = "DSIBER";
    for (int from = 0; from < CHILD_STATES; from++)
        for (int event = 0; event < CHILD_EVENTS; event++) {
            const char *letter = strchr(letters, rows[from][event]);
            int want = letter ? (int)(letter - letters) : -1;
            int got = child_next((child_state_t)from, (child_event_t)event, false);
            if (got != want)
                fail_msg("%s, event %d: %d instead of %d", child_state_name((child_state_t)from), event, got, want);
            /* one that has answered a job is not thrown back by the throttle */
            int after = child_next((child_state_t)from, (child_event_t)event, true);
            assert_int_equal(after, want == CHILD_RESTING ? CHILD_DOWN : want);
        }
}

/* Takes an event at a time. */
static void at(child_policy_t *policy, int64_t now_us, child_event_t event)
{
    child_policy_event(policy, &terms, event, now_us, INT64_MAX);
}

/* The verdict comes at that time, and not a microsecond before. */
static void expect(const child_policy_t *policy, int64_t when_us, child_verdict_t verdict)
{
    assert_int_equal(child_policy_due(policy, &terms), when_us);
    assert_int_equal(child_policy_verdict(policy, &terms, when_us - 1), CHILD_NOTHING);
    assert_int_equal(child_policy_verdict(policy, &terms, when_us), verdict);
}

static void test_deadlines(void **state)
{
    (void)state;
    child_policy_t policy = {0};
    assert_int_equal(child_policy_due(&policy, &terms), INT64_MAX);
    at(&policy, 10000, CHILD_START);
    expect(&policy, 11000, CHILD_LATE_START);
    at(&policy, 10500, CHILD_READY);
    assert_int_equal(child_policy_due(&policy, &terms), INT64_MAX); /* nothing presses an idle one */
    at(&policy, 20000, CHILD_JOB);
    expect(&policy, 22000, CHILD_SILENT);
    child_policy_alive(&policy, 21500);
    expect(&policy, 23500, CHILD_SILENT);
    at(&policy, 22000, CHILD_ANSWERED);
    assert_int_equal(child_policy_due(&policy, &terms), INT64_MAX);
    at(&policy, 30000, CHILD_STOP);
    expect(&policy, 30500, CHILD_LATE_END);
    at(&policy, 30100, CHILD_GONE);
    assert_int_equal(policy.state, CHILD_DOWN);
}

/* A job with a deadline of its own: progress does not move it. */
static void test_job_deadline(void **state)
{
    (void)state;
    child_policy_t policy = {0};
    at(&policy, 0, CHILD_START);
    at(&policy, 0, CHILD_READY);
    child_policy_event(&policy, &terms, CHILD_JOB, 1000, 4500);
    expect(&policy, 3000, CHILD_SILENT);
    child_policy_alive(&policy, 2900);
    expect(&policy, 4500, CHILD_OVERDUE);
    child_policy_alive(&policy, 4400);
    expect(&policy, 4500, CHILD_OVERDUE);
    at(&policy, 4500, CHILD_GONE);
    at(&policy, 4600, CHILD_START); /* a crash in a job throttles nothing */
    at(&policy, 4700, CHILD_READY);
    at(&policy, 4800, CHILD_JOB); /* and its deadline is not the next one's */
    expect(&policy, 6800, CHILD_SILENT);
}

static void test_no_limits(void **state)
{
    (void)state;
    static const child_terms_t none = {.rest_us = 1, .rest_most_us = 1};
    child_policy_t policy = {0};
    child_policy_event(&policy, &none, CHILD_START, 5, INT64_MAX);
    assert_int_equal(child_policy_due(&policy, &none), INT64_MAX);
    child_policy_event(&policy, &none, CHILD_READY, 5, INT64_MAX);
    child_policy_event(&policy, &none, CHILD_JOB, 5, INT64_MAX);
    assert_int_equal(child_policy_due(&policy, &none), INT64_MAX);
    assert_int_equal(child_policy_verdict(&policy, &none, INT64_MAX - 1), CHILD_NOTHING);
}

/* Dies before its first job again and again; each rest is twice the last, up to a longest. */
static void test_throttle(void **state)
{
    (void)state;
    static const int64_t rests_us[] = {100, 200, 400, 800, 1500, 1500, 1500};
    child_policy_t policy = {0};
    int64_t now_us = 1000;
    for (int i = 0; i < 7; i++) {
        assert_int_equal(child_policy_gave_up(&policy, &terms), i >= 3);
        at(&policy, now_us, CHILD_START);
        if (i % 2)
            at(&policy, now_us, CHILD_READY); /* being ready is not having worked */
        at(&policy, now_us, CHILD_GONE);
        assert_int_equal(policy.state, CHILD_RESTING);
        expect(&policy, now_us + rests_us[i], CHILD_AWAKE);
        now_us += rests_us[i];
        at(&policy, now_us, CHILD_RESTED);
        assert_int_equal(policy.state, CHILD_DOWN);
    }
    at(&policy, now_us, CHILD_START);
    at(&policy, now_us, CHILD_READY);
    at(&policy, now_us, CHILD_JOB);
    at(&policy, now_us, CHILD_ANSWERED); /* one job done, and all is forgiven */
    assert_false(child_policy_gave_up(&policy, &terms));
    at(&policy, now_us, CHILD_GONE);
    assert_int_equal(policy.state, CHILD_DOWN);
    at(&policy, now_us, CHILD_START); /* the next process has not worked yet */
    at(&policy, now_us, CHILD_GONE);
    expect(&policy, now_us + 100, CHILD_AWAKE);
}

/* Many early deaths must not overflow the rest. */
static void test_throttle_for_ever(void **state)
{
    (void)state;
    static const child_terms_t patient = {.rest_us = 100000, .rest_most_us = 30000000};
    child_policy_t policy = {0};
    for (int i = 0; i < 1000; i++) {
        child_policy_event(&policy, &patient, CHILD_START, 0, INT64_MAX);
        child_policy_event(&policy, &patient, CHILD_GONE, 0, INT64_MAX);
        assert_in_range(policy.rested_us, 100000, 30000000);
        child_policy_event(&policy, &patient, CHILD_RESTED, policy.rested_us, INT64_MAX);
        assert_false(child_policy_gave_up(&policy, &patient));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),     cmocka_unit_test(test_deadlines), cmocka_unit_test(test_job_deadline),
        cmocka_unit_test(test_no_limits), cmocka_unit_test(test_throttle),  cmocka_unit_test(test_throttle_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
