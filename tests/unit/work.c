/* What supervisor and worker say to each other goes over a real channel and comes back the same. */
#include "proto/work.h"
#include "check.h"
#include "proto/pack.h"

#include <string.h>
#include <sys/socket.h>

static void test_messages(void **state)
{
    (void)state;
    int ends[2];
    fault_t fault = {0};
    channel_frame_t frame;
    arena_t *arena = arena_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    channel_t *a = channel_new(ends[0], WORK_FRAME_MOST), *b = channel_new(ends[1], WORK_FRAME_MOST);
    work_end_t end = {.end = "fail", .fault = "damaged", .message = "page 2 is cut off", .cpu_us = 1234567};
    assert_int_equal(work_send(a, WORK_END, &work_end_schema, &end, -1, &fault), 0);
    work_ready_t ready = {.stage = "ocr", .wants_bytes = true, .missing = "files (no Landlock)"};
    assert_int_equal(work_send(a, WORK_READY, &work_ready_schema, &ready, -1, &fault), 0);
    assert_int_equal(channel_flush(a, &fault), 0);

    work_end_t end_back = {0};
    assert_int_equal(channel_receive(b, &frame, &fault), 1);
    assert_int_equal(frame.type, WORK_END);
    assert_int_equal(pack_decode(&work_end_schema, frame.bytes, frame.size, arena, &end_back, &fault), 0);
    assert_string_equal(end_back.end, "fail");
    assert_string_equal(end_back.fault, "damaged");
    assert_string_equal(end_back.message, "page 2 is cut off");
    assert_int_equal(end_back.cpu_us, 1234567);

    work_ready_t ready_back = {0};
    assert_int_equal(channel_receive(b, &frame, &fault), 1);
    assert_int_equal(pack_decode(&work_ready_schema, frame.bytes, frame.size, arena, &ready_back, &fault), 0);
    assert_string_equal(ready_back.stage, "ocr");
    assert_true(ready_back.wants_bytes);
    assert_string_equal(ready_back.missing, "files (no Landlock)");

    work_job_t job = {0};
    assert_int_equal(pack_decode(&work_job_schema, "\x80", 1, arena, &job, &fault), -1); /* an attempt is a must */
    channel_destroy(&a);
    channel_destroy(&b);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
