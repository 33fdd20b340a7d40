/* A log line is one line of JSON whatever it is about. */
#include "proto/base/log.h"
#include "check.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static size_t read_pipe(int fd, char *out, size_t size)
{
    ssize_t n = read(fd, out, size - 1);
    out[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static void test_line(void **state)
{
    (void)state;
    int ends[2];
    char line[8192];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    log_t log = {ends[1], LOG_INFO, "test"};
    LOG(&log, LOG_WARNING, "a.thing", {"name", "he said \"x\\y\"\n\x1b[2J", 0}, {"count", NULL, -5});
    size_t size = read_pipe(ends[0], line, sizeof line);
    assert_true(size > 0 && strchr(line, '\n') == line + size - 1);
    assert_non_null(strstr(line, "\"level\":\"warning\",\"process\":\"test\",\"event\":\"a.thing\""));
    assert_non_null(strstr(line, "\"name\":\"he said \\\"x\\\\y\\\" ?[2J\",\"count\":-5}"));
    LOG(&log, LOG_DEBUG, "too.small", {"x", NULL, 1});
    assert_int_equal(read_pipe(ends[0], line, sizeof line), 0);
    close(ends[0]);
    close(ends[1]);
}

static void test_long_text_is_cut(void **state)
{
    (void)state;
    int ends[2];
    char line[16384], lengthy[8000];
    for (size_t i = 0; i + 2 < sizeof lengthy; i += 2)
        memcpy(lengthy + i, "é", 3);
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    log_t log = {ends[1], LOG_DEBUG, "test"};
    LOG(&log, LOG_DEBUG, "cut", {"text", lengthy, 0});
    size_t size = read_pipe(ends[0], line, sizeof line);
    assert_true(size > 1000 && size < LOG_TEXT_MOST + 200);
    assert_string_equal(line + size - 3, "\"}\n");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_line), cmocka_unit_test(test_long_text_is_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
