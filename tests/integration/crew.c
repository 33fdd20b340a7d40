/* A crew of real workers in their sandbox, with the stage noop, which does what its document asks for: every way in
 * which a job can end, and that no other job is touched by it. The first argument is the path of yogi-worker.
 */
#include "crew_help.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

static int64_t until_us;

static bool time_is_over(const crew_t *crew)
{
    (void)crew;
    return clock_now_us() >= until_us;
}

/* A crew of one takes a job of that manner, fails with that fault, and takes the next job with a new process. */
static void expect_replaced(const worker_plan_t *plan, const char *wish, fault_code_t code, const char *words)
{
    crew_t *crew = make(plan, 1);
    begin(crew, 7, wish);
    pid_t pid = crew_pid(crew, 7);
    assert_true(pid > 0);
    expect_fault(crew, 7, code, words);
    assert_true(kill(pid, 0) < 0 && errno == ESRCH);
    settle(crew, all_ready);
    begin(crew, 8, NULL);
    assert_true(crew_pid(crew, 8) != pid);
    expect_done(crew, 8);
    crew_destroy(&crew);
}

static void test_passes_through(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 1);
    begin(crew, 1, "slow 0");
    assert_int_equal(crew_free(crew), 0);
    pid_t pid = crew_pid(crew, 1);
    crew_event_t event = next(crew);
    fault_t fault = {0};
    dossier_t *dossier = dossier_decode(event.result.dossier.bytes, event.result.dossier.size, &fault);
    if (!dossier)
        fail_msg("%s", fault.text);
    assert_string_equal(dossier->document.filename, "week.png");
    assert_string_equal(dossier->options.noop, "slow 0");
    const trail_t *trail = dossier_trail(dossier, "noop");
    assert_non_null(trail);
    assert_int_equal(trail->attempt, 2);
    assert_string_equal(trail->host, "here");
    dossier_destroy(&dossier);
    worker_result_free(&event.result);
    for (uint64_t key = 2; key < 50; key++) { /* one process does them all */
        settle(crew, all_ready);
        begin(crew, key, NULL);
        assert_int_equal(crew_pid(crew, key), pid);
        expect_done(crew, key);
    }
    crew_destroy(&crew);
}

static void test_progress(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 1);
    begin(crew, 1, "parts 20");
    int last = 0;
    crew_event_t event;
    for (event = next(crew); event.kind == CREW_PROGRESS; event = next(crew)) {
        assert_int_equal(event.key, 1);
        assert_int_equal(event.total, 20);
        assert_in_range(event.done, last + 1, 20);
        last = event.done;
    }
    assert_int_equal(event.result.end, WORKER_NEXT);
    worker_result_free(&event.result);
    crew_destroy(&crew);
}

/* One of three crashes, one hangs, and the third does not notice; in which order they end is the machine's to say. */
static void test_others_go_on(void **state)
{
    (void)state;
    static const fault_code_t faults[] = {[1] = FAULT_CRASHED, [2] = FAULT_TIMEOUT, [3] = FAULT_NONE};
    worker_plan_t plan = plan_of(3000000); /* a sanitizer takes its time to report a crash */
    crew_t *crew = make(&plan, 3);
    begin(crew, 1, "crash");
    begin(crew, 2, "hang");
    begin(crew, 3, "slow 150");
    for (int left = 3; left; left--) {
        crew_event_t event = next(crew);
        assert_in_range(event.key, 1, 3);
        if (event.result.fault.code != faults[event.key])
            fail_msg("job %d: %s", (int)event.key, event.result.fault.text);
        worker_result_free(&event.result);
    }
    settle(crew, all_ready);
    crew_destroy(&crew);
}

static void test_crash(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    expect_replaced(&plan, "crash", FAULT_CRASHED, "the worker");
    expect_replaced(&plan, "exit", FAULT_CRASHED, "exit code 3");
}

static void test_broken_answers(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    expect_replaced(&plan, "garbage", FAULT_MESSAGE, "not a frame");
    expect_replaced(&plan, "too-large", FAULT_MESSAGE, "over the limit");
}

/* A stage that takes no document has no library that starts threads. */
static void test_thread(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    expect_replaced(&plan, "thread", FAULT_CRASHED,
                    "ended by its sandbox"); /* unnamed: glibc blocks signals meanwhile */
}

static void test_memory(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    plan.memory_bytes = 300 << 20;
    expect_replaced(&plan, "eat", FAULT_MEMORY, "more than the 300 MB");
}

/* Tells progress for ever, so that no silence ends it. */
static void test_cpu_time(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(20000000);
    plan.cpu_us = 1000000;
    expect_replaced(&plan, "spin", FAULT_TIMEOUT, "more than 1 s of CPU time");
}

static void test_deadline_of_the_job(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 1);
    int64_t start_us = clock_now_us();
    begin_until(crew, 5, "hang", start_us + 200000);
    expect_fault(crew, 5, FAULT_TIMEOUT, "by its deadline");
    assert_in_range(clock_now_us() - start_us, 200000, 5000000);
    crew_destroy(&crew);
}

/* Killed by somebody else: told apart from a crash of its own, which would be held against the document. */
static void test_kill_from_outside(void **state)
{
    (void)state;
    static const int signals[] = {SIGKILL, SIGTERM, SIGHUP};
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 1);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        begin(crew, i, "hang");
        assert_int_equal(kill(crew_pid(crew, i), signals[i]), 0);
        expect_fault(crew, i, FAULT_KILLED, "was ended by signal");
        settle(crew, all_ready);
    }
    crew_destroy(&crew);
}

/* One talks without end, and the jobs of the other are done all the same. */
static void test_flood(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 2);
    crew_event_t event;
    begin(crew, 1, "flood");
    poll(NULL, 0, 300); /* thousands of messages stand in the socket by now, each with a higher number */
    event = next(crew);
    assert_int_equal(event.kind, CREW_PROGRESS);
    assert_in_range(event.done, 0, 1000); /* they are not all taken at once */
    for (uint64_t key = 2; key < 12; key++) {
        begin(crew, key, "slow 1");
        for (event = next(crew); event.kind == CREW_PROGRESS; event = next(crew))
            assert_int_equal(event.key, 1);
        assert_int_equal(event.key, key);
        worker_result_free(&event.result);
    }
    assert_true(crew_cancel(crew, 1));
    expect_fault(crew, 1, FAULT_CANCELLED, "cancelled");
    crew_destroy(&crew);
}

/* Where nobody watches, the kernel's own limit of CPU time stands. */
static void test_limit_of_the_kernel(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    plan.cpu_us = 7000000;
    crew_t *crew = make(&plan, 1);
    begin(crew, 1, "slow 600");
    char path[64], text[4096] = "";
    snprintf(path, sizeof path, "/proc/%d/limits", (int)crew_pid(crew, 1));
    until_us = clock_now_us() + 300000;
    settle(crew, time_is_over);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    long long seconds = 0;
    assert_int_equal(sscanf(strstr(text, "Max cpu time"), "Max cpu time %lld", &seconds), 1);
    assert_in_range(seconds, 8, 120);
    expect_done(crew, 1);
    crew_destroy(&crew);
}

static void test_cancel(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 2);
    begin(crew, 1, "hang");
    begin(crew, 2, "slow 100");
    assert_false(crew_cancel(crew, 3));
    assert_true(crew_cancel(crew, 1));
    assert_false(crew_cancel(crew, 1));
    expect_fault(crew, 1, FAULT_CANCELLED, "cancelled");
    expect_done(crew, 2);
    settle(crew, all_ready);
    crew_destroy(&crew);
}

static void test_ends_by_the_stage(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 1);
    begin(crew, 1, "fail encrypted");
    pid_t pid = crew_pid(crew, 1);
    expect_fault(crew, 1, FAULT_ENCRYPTED, "as the option noop wants it");
    settle(crew, all_ready);
    begin(crew, 2, "juggle");
    expect_fault(crew, 2, FAULT_USAGE, "does not know \"juggle\"");
    settle(crew, all_ready);
    begin(crew, 3, "end not-a-timetable");
    assert_int_equal(crew_pid(crew, 3), pid); /* to fail is no crime */
    crew_event_t event = next(crew);
    assert_int_equal(event.result.end, WORKER_END);
    assert_true(event.result.answered);
    worker_result_free(&event.result);
    crew_destroy(&crew);
}

/* Running jobs end, no new one begins, no process stays. */
static void test_drain(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, 3);
    begin(crew, 1, "slow 1000");
    begin(crew, 2, "slow 100");
    pid_t pids[] = {crew_pid(crew, 1), crew_pid(crew, 2)};
    crew_drain(crew);
    assert_int_equal(crew_free(crew), 0);
    expect_done(crew, 2);
    assert_false(crew_is_drained(crew));
    expect_done(crew, 1);
    settle(crew, crew_is_drained);
    for (size_t i = 0; i < 2; i++)
        assert_true(kill(pids[i], 0) < 0 && errno == ESRCH);
    crew_destroy(&crew);
}

/* A worker that crashes while the crew drains is not started again. */
static void test_crash_while_draining(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(300000);
    crew_t *crew = make(&plan, 1);
    begin(crew, 1, "hang");
    crew_drain(crew);
    expect_fault(crew, 1, FAULT_TIMEOUT, "nothing was heard");
    settle(crew, crew_is_drained);
    crew_destroy(&crew);
}

static bool given_up(const crew_t *crew)
{
    return crew_fault(crew)->code != FAULT_NONE;
}

/* Three deaths before a first job: each start later than the last, then no more. */
static void test_throttle(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    plan.program = "/bin/false";
    plan.patient = false;
    crew_t *crew = crew_new(&plan, 1);
    int64_t start_us = clock_now_us();
    settle(crew, given_up);
    assert_in_range(clock_now_us() - start_us, 700000, 20000000); /* rests of 0.1, 0.2 and 0.4 s */
    assert_non_null(strstr(crew_fault(crew)->text, "/bin/false cannot be started"));
    assert_int_equal(crew_free(crew), 0);
    crew_destroy(&crew);
}

/* A patient crew goes on trying, and takes no CPU by it. */
static void test_patience(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    plan.program = "/bin/false";
    crew_t *crew = crew_new(&plan, 1);
    until_us = clock_now_us() + 1200000;
    settle(crew, time_is_over);
    size_t counts[CHILD_STATES];
    crew_count(crew, counts);
    assert_int_equal(counts[CHILD_RESTING] + counts[CHILD_STARTING] + counts[CHILD_DOWN], 1);
    assert_false(given_up(crew));
    crew_drain(crew);
    settle(crew, crew_is_drained);
    crew_destroy(&crew);
}

/* Many jobs over few workers, killed at random meanwhile: each key ends exactly once. */
static void test_storm(void **state)
{
    (void)state;
    enum { JOBS = 300, WORKERS = 4 };
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make(&plan, WORKERS);
    int ended[JOBS] = {0}, killed = 0, lost = 0;
    unsigned seed = 12345;
    size_t begun = 0, finished = 0;
    while (finished < JOBS) {
        settle(crew, one_ready);
        while (begun < JOBS && crew_free(crew)) {
            seed = seed * 1103515245 + 12345;
            bool doomed = (seed >> 16) % 10 == 0;
            begin(crew, begun, doomed ? "hang" : "slow 1");
            if (doomed)
                assert_int_equal(kill(crew_pid(crew, begun), SIGKILL), 0);
            killed += doomed;
            begun++;
        }
        for (size_t under_way = begun - finished; under_way; under_way--) {
            crew_event_t event = next(crew);
            assert_int_equal(event.kind, CREW_ENDED);
            assert_true(event.key < JOBS);
            assert_int_equal(ended[event.key]++, 0);
            lost += event.result.fault.code == FAULT_KILLED;
            worker_result_free(&event.result);
            finished++;
        }
    }
    assert_int_equal(lost, killed);
    assert_true(killed > 10);
    crew_destroy(&crew);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_through),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_others_go_on),
        cmocka_unit_test(test_crash),
        cmocka_unit_test(test_broken_answers),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_thread),
        cmocka_unit_test(test_cpu_time),
        cmocka_unit_test(test_deadline_of_the_job),
        cmocka_unit_test(test_kill_from_outside),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_limit_of_the_kernel),
        cmocka_unit_test(test_ends_by_the_stage),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_crash_while_draining),
        cmocka_unit_test(test_throttle),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_storm),
    };
    if (argc < 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
