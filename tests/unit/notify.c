/* What a service manager hears: whole datagrams to a path or an abstract name, beats when they are due and not before.
 */
#include "proto/base/notify.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEARD_MOST = 1024 };

/* A manager's end at this name, which is put into the environment. */
static int listen_at(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t size = strlen(name);
    assert_true(size < sizeof at.sun_path);
    memcpy(at.sun_path, name, size);
    if (name[0] == '@')
        at.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (name[0] == '/'));
    assert_int_equal(bind(fd, (struct sockaddr *)&at, bytes), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

/* The next datagram, "" where there is none. */
static const char *heard(int fd)
{
    static char words[HEARD_MOST];
    ssize_t n = recv(fd, words, sizeof words - 1, 0);
    words[n > 0 ? n : 0] = 0;
    return words;
}

static void hear_all_words(const char *name)
{
    int fd = listen_at(name);
    notify_t notify;
    notify_open(&notify);
    assert_true(notify.fd >= 0);
    notify_ready(&notify, "listens");
    assert_string_equal(heard(fd), "READY=1\nSTATUS=listens");
    notify_ready(&notify, NULL);
    assert_string_equal(heard(fd), "READY=1");
    notify_status(&notify, "2 jobs\nREADY=1");
    assert_null(strchr(heard(fd), '\n')); /* one line stays one line */
    notify_stopping(&notify, "ends");
    assert_string_equal(heard(fd), "STOPPING=1\nSTATUS=ends");
    notify_close(&notify);
    notify_ready(&notify, "closed");
    assert_string_equal(heard(fd), "");
    close(fd);
}

static void test_path_and_abstract(void **state)
{
    (void)state;
    char folder[] = "/tmp/yogi-notify-XXXXXX", path[64], name[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(name, sizeof name, "@yogi-notify-%d", (int)getpid());
    hear_all_words(path);
    hear_all_words(name);
    unlink(path);
    rmdir(folder);
}

static void test_long_status_is_cut(void **state)
{
    (void)state;
    char name[64], status[4096];
    snprintf(name, sizeof name, "@yogi-notify-long-%d", (int)getpid());
    memset(status, 'x', sizeof status);
    status[sizeof status - 1] = 0;
    int fd = listen_at(name);
    notify_t notify;
    notify_open(&notify);
    notify_status(&notify, status);
    assert_int_equal(strlen(heard(fd)), strlen("STATUS=") + NOTIFY_STATUS_MOST);
    notify_close(&notify);
    close(fd);
}

static void test_beats(void **state)
{
    (void)state;
    char name[64], pid[32];
    snprintf(name, sizeof name, "@yogi-notify-beat-%d", (int)getpid());
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_USEC", "3000000", 1);
    setenv("WATCHDOG_PID", pid, 1);
    int fd = listen_at(name);
    notify_t notify;
    notify_open(&notify);
    assert_int_equal(notify.beat_us, 1000000);
    notify_beat(&notify, "alive", 5000000);
    assert_string_equal(heard(fd), "WATCHDOG=1\nSTATUS=alive");
    assert_int_equal(notify.next_us, 6000000);
    notify_beat(&notify, "alive", 5999999);
    assert_string_equal(heard(fd), "");
    notify_beat(&notify, "alive", 6000000);
    assert_string_equal(heard(fd), "WATCHDOG=1\nSTATUS=alive");
    assert_null(getenv("NOTIFY_SOCKET")); /* children do not speak for it */
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    notify_close(&notify);
    close(fd);
}

static int64_t beat_of(const char *patience, const char *pid)
{
    char name[64];
    notify_t notify;
    snprintf(name, sizeof name, "@yogi-notify-odd-%d", (int)getpid());
    int fd = listen_at(name);
    setenv("WATCHDOG_USEC", patience, 1);
    setenv("WATCHDOG_PID", pid, 1);
    notify_open(&notify);
    int64_t beat_us = notify.beat_us;
    assert_int_equal(notify.next_us, beat_us ? 0 : INT64_MAX);
    notify_close(&notify);
    close(fd);
    return beat_us;
}

static void test_odd_watchdogs(void **state)
{
    (void)state;
    char pid[32], other[32];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    snprintf(other, sizeof other, "%d", (int)getpid() + 1);
    assert_int_equal(beat_of("9000000", pid), 3000000);
    assert_int_equal(beat_of("9000000", other), 0); /* it is meant for another process */
    assert_int_equal(beat_of("9000000s", pid), 0);
    assert_int_equal(beat_of("-9", pid), 0);
    assert_int_equal(beat_of("99999999999999999999999", pid), 0);
    assert_int_equal(beat_of("0", pid), 0);
}

/* Nobody listens, or at a place that no socket can have: nothing happens. */
static void test_nobody(void **state)
{
    (void)state;
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = 0;
    const char *const names[] = {"", "/", "@", "relative", "vsock:2:1234", longest};
    notify_t notify;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        notify_open(&notify);
        assert_int_equal(notify.fd, -1);
        notify_ready(&notify, "x");
        notify_beat(&notify, "x", INT64_MAX - 1);
        notify_close(&notify);
    }
    setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    notify_open(&notify);
    notify_ready(&notify, "x");
    notify_close(&notify);
    unsetenv("NOTIFY_SOCKET");
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_and_abstract),
        cmocka_unit_test(test_long_status_is_cut),
        cmocka_unit_test(test_beats),
        cmocka_unit_test(test_odd_watchdogs),
        cmocka_unit_test(test_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
