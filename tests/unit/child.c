/* Supervision: real children (this program again) that behave, crash, hang, starve and babble.
 */
#include "proto/base/child.h"
#include "check.h"
#include "proto/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { READY = 1, WORK, ANSWER, FRAME_MOST = 1 << 16 };

/* ---- the child's side: argv[1] says how it behaves ---- */

static void eat(void)
{
    for (;;) {
        char *block = malloc(1 << 20);
        if (!block)
            abort();
        memset(block, 1, 1 << 20);
    }
}

static int be_child(const char *manner)
{
    fault_t fault;
    channel_frame_t frame;
    if (strcmp(manner, "stillborn") == 0) {
        fputs("no model here\n", stderr);
        return 1;
    }
    channel_t *channel = channel_new(3, FRAME_MOST);
    if (channel_send(channel, READY, NULL, 0, -1, &fault) < 0)
        return 1;
    while (channel_wait(channel, &frame, &fault) == 1) {
        if (strcmp(manner, "crash") == 0)
            raise(SIGSEGV);
        if (strcmp(manner, "abort") == 0) {
            fputs("yogi: out of memory\n", stderr);
            signal(SIGABRT, SIG_DFL);
            abort();
        }
        if (strcmp(manner, "hang") == 0)
            pause();
        if (strcmp(manner, "eat") == 0)
            eat();
        if (strcmp(manner, "babble") == 0 && write(3, "????????????", 12) < 0)
            return 1;
        if (strcmp(manner, "look") == 0) { /* what the child finds around it */
            char text[400] = "";
            const char *limit = getenv("OMP_THREAD_LIMIT");
            int death = 0, open_fds = 0, count = 0;
            prctl(PR_GET_PDEATHSIG, &death);
            for (char **entry = environ; *entry; entry++)
                count++;
            for (int fd = 0; fd < 64; fd++)
                open_fds += fcntl(fd, F_GETFD) >= 0;
            snprintf(text, sizeof text, "limit %s death %d variables %d home %d descriptors %d", limit ? limit : "-",
                     death, count, getenv("HOME") != NULL, open_fds);
            if (channel_send(channel, ANSWER, text, strlen(text), -1, &fault) < 0)
                return 1;
            continue;
        }
        if (channel_send(channel, ANSWER, frame.bytes, frame.size, -1, &fault) < 0)
            return 1;
        if (strcmp(manner, "last words") == 0)
            return channel_drain(channel, &fault) < 0;
    }
    channel_destroy(&channel);
    return 0;
}

/* ---- the supervisor's side ---- */

static const char *arguments[] = {"child", "", NULL};
static const char *const keep[] = {"ASAN_OPTIONS", "LSAN_OPTIONS", NULL};

static child_t *make(const char *manner, int64_t job_us, int64_t memory_bytes)
{
    arguments[1] = manner;
    return child_new(&(child_plan_t){.program = "/proc/self/exe",
                                     .arguments = arguments,
                                     .keep = keep,
                                     .memory_bytes = memory_bytes,
                                     .job_us = job_us,
                                     .frame_bytes = FRAME_MOST});
}

/* Waits for the next frame: 1, or -1 with the fault when the child is gone. */
static int next(child_t *child, channel_frame_t *frame, fault_t *fault)
{
    for (;;) {
        int got = child_receive(child, frame, fault);
        if (got)
            return got;
        int64_t next_us = INT64_MAX;
        if (child_tick(child, clock_now_us(), &next_us, fault) < 0)
            return -1;
        struct pollfd polls[CHILD_POLLS];
        size_t count = child_poll(child, polls);
        int64_t left = next_us == INT64_MAX ? 1000 : (next_us - clock_now_us()) / 1000 + 1;
        poll(polls, count, left < 0 ? 0 : (int)left);
    }
}

/* Starts the child and gives it a job. */
static void begin(child_t *child)
{
    fault_t fault = {0};
    channel_frame_t frame;
    assert_int_equal(child_start(child, clock_now_us(), &fault), 0);
    assert_int_equal(child_state(child), CHILD_STARTING);
    if (next(child, &frame, &fault) != 1)
        fail_msg("not ready: %s", fault.text);
    assert_int_equal(frame.type, READY);
    child_ready(child);
    assert_int_equal(channel_send(child_channel(child), WORK, "week", 4, -1, &fault), 0);
    child_job(child, clock_now_us(), INT64_MAX);
    assert_int_equal(child_state(child), CHILD_BUSY);
}

/* Gives a job to a child of that manner, and expects the fault. */
static void expect(const char *manner, int64_t job_us, int64_t memory_bytes, fault_code_t code)
{
    child_t *child = make(manner, job_us, memory_bytes);
    begin(child);
    fault_t fault = {0};
    channel_frame_t frame;
    assert_int_equal(next(child, &frame, &fault), -1);
    if (fault.code != code)
        fail_msg("%s: %s: %s (said: %s)", manner, fault_name(fault.code), fault.text, child_said(child));
    assert_int_equal(child_state(child), CHILD_DOWN);
    assert_int_equal(child_pid(child), 0);
    assert_int_equal(child_start(child, clock_now_us(), &fault), 0); /* it can be replaced at once */
    child_destroy(&child);
}

static void test_good_child(void **state)
{
    (void)state;
    child_t *child = make("good", 0, 0);
    fault_t fault = {0};
    channel_frame_t frame;
    begin(child);
    pid_t pid = child_pid(child);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(next(child, &frame, &fault), 1);
        assert_memory_equal(frame.bytes, "week", 4);
        child_answered(child);
        assert_int_equal(child_state(child), CHILD_IDLE);
        assert_int_equal(channel_send(child_channel(child), WORK, "week", 4, -1, &fault), 0);
        child_job(child, clock_now_us(), INT64_MAX);
    }
    assert_int_equal(next(child, &frame, &fault), 1);
    child_answered(child);
    assert_int_equal(child_pid(child), pid); /* the same process did it all */
    child_stop(child, clock_now_us());
    assert_int_equal(next(child, &frame, &fault), -1);
    assert_int_equal(child_state(child), CHILD_DOWN);
    assert_true(child_peak_bytes(child) > 0);
    assert_true(kill(pid, 0) < 0 && errno == ESRCH); /* reaped */
    child_destroy(&child);
}

static void test_surroundings(void **state)
{
    (void)state;
    child_t *child = make("look", 0, 0);
    fault_t fault = {0};
    channel_frame_t frame;
    char text[400] = "";
    setenv("HOME", "/root", 1);
    unsetenv("ASAN_OPTIONS");
    unsetenv("LSAN_OPTIONS");
    begin(child);
    assert_int_equal(next(child, &frame, &fault), 1);
    memcpy(text, frame.bytes, frame.size);
    assert_string_equal(text, "limit 1 death 9 variables 3 home 0 descriptors 4");
    child_destroy(&child);
}

static void test_crash(void **state)
{
    (void)state;
    expect("crash", 0, 0, FAULT_CRASHED);
}

/* It answers, and dies of what comes next, while another job is on its way to it: the answer counts. */
static void test_last_words(void **state)
{
    (void)state;
    child_t *child = make("last words", 0, 0);
    fault_t fault = {0};
    channel_frame_t frame;
    int64_t next_us = INT64_MAX;
    begin(child);
    assert_int_equal(channel_flush(child_channel(child), &fault), 0);
    struct pollfd gone = {channel_fd(child_channel(child)), 0, 0};
    assert_int_equal(poll(&gone, 1, 60000), 1); /* POLLHUP: it has ended, and nobody has looked yet */
    assert_int_equal(channel_send(child_channel(child), WORK, "more", 4, -1, &fault), 0);
    assert_int_equal(child_tick(child, clock_now_us(), &next_us, &fault), 0);
    struct pollfd polls[CHILD_POLLS];
    assert_true(child_poll(child, polls) > 0);
    assert_int_equal(polls[0].events, POLLIN); /* nothing is to be written to nobody */
    assert_int_equal(next(child, &frame, &fault), 1);
    assert_memory_equal(frame.bytes, "week", 4);
    assert_int_equal(next(child, &frame, &fault), -1);
    assert_int_equal(fault.code, FAULT_CRASHED);
    assert_int_equal(child_state(child), CHILD_DOWN);
    child_destroy(&child);
}

static void test_hang(void **state)
{
    (void)state;
    int64_t start_us = clock_now_us();
    expect("hang", 300000, 0, FAULT_TIMEOUT);
    assert_true(clock_now_us() - start_us >= 300000);
}

static void test_memory(void **state)
{
    (void)state;
    expect("eat", 0, 200 << 20, FAULT_MEMORY);
    expect("abort", 0, 1 << 30, FAULT_MEMORY);
}

static void test_babble(void **state)
{
    (void)state;
    expect("babble", 0, 0, FAULT_MESSAGE);
}

/* A child that dies at its start is not started for ever, and each time a little later. */
static void test_throttle(void **state)
{
    (void)state;
    child_t *child = make("stillborn", 0, 0);
    fault_t fault = {0};
    channel_frame_t frame;
    for (int i = 0; i < CHILD_EARLY_DEATHS_MOST; i++) {
        assert_int_equal(child_start(child, clock_now_us(), &fault), 0);
        assert_int_equal(next(child, &frame, &fault), -1);
        assert_int_equal(child_state(child), CHILD_RESTING);
        int64_t next_us = INT64_MAX;
        assert_int_equal(child_tick(child, clock_now_us(), &next_us, &fault), 0);
        assert_int_equal(child_state(child), CHILD_RESTING);
        assert_true(next_us > clock_now_us());
        int64_t later_us = INT64_MAX;
        assert_int_equal(child_tick(child, next_us, &later_us, &fault), 0);
        assert_int_equal(child_state(child), CHILD_DOWN);
    }
    assert_int_equal(child_start(child, clock_now_us(), &fault), -1);
    assert_non_null(strstr(fault.text, "no model here"));
    child_destroy(&child);
}

static void test_no_program(void **state)
{
    (void)state;
    child_t *child = child_new(&(child_plan_t){
        .program = "/does/not/exist", .arguments = (const char *const[]){"x", NULL}, .frame_bytes = FRAME_MOST});
    fault_t fault = {0};
    channel_frame_t frame;
    assert_int_equal(child_start(child, clock_now_us(), &fault), 0);
    assert_int_equal(next(child, &frame, &fault), -1);
    assert_non_null(strstr(child_said(child), "No such file"));
    child_destroy(&child);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return be_child(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_child), cmocka_unit_test(test_surroundings), cmocka_unit_test(test_crash),
        cmocka_unit_test(test_hang),       cmocka_unit_test(test_memory),       cmocka_unit_test(test_babble),
        cmocka_unit_test(test_throttle),   cmocka_unit_test(test_no_program),   cmocka_unit_test(test_last_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
