/* The channel: whole frames or nothing, descriptors with the frame they belong to, and no trust in the other side. */
#include "proto/base/channel.h"
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1 << 20 };

typedef struct {
    channel_t *a, *b;
} pair_t;

static void open_pair(pair_t *pair)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    pair->a = channel_new(ends[0], MOST);
    pair->b = channel_new(ends[1], MOST);
}

static void close_pair(pair_t *pair)
{
    channel_destroy(&pair->a);
    channel_destroy(&pair->b);
}

static void test_frames(void **state)
{
    (void)state;
    pair_t pair;
    fault_t fault;
    channel_frame_t frame;
    open_pair(&pair);
    assert_int_equal(channel_receive(pair.b, &frame, &fault), 0);
    assert_int_equal(channel_send(pair.a, 7, "week", 4, -1, &fault), 0);
    assert_int_equal(channel_send(pair.a, 8, NULL, 0, -1, &fault), 0);
    assert_true(channel_is_pending(pair.a));
    assert_int_equal(channel_flush(pair.a, &fault), 0);
    assert_false(channel_is_pending(pair.a));
    assert_int_equal(channel_receive(pair.b, &frame, &fault), 1);
    assert_int_equal(frame.type, 7);
    assert_int_equal(frame.size, 4);
    assert_memory_equal(frame.bytes, "week", 4);
    assert_int_equal(frame.fd, -1);
    assert_int_equal(channel_receive(pair.b, &frame, &fault), 1);
    assert_int_equal(frame.type, 8);
    assert_int_equal(frame.size, 0);
    assert_int_equal(channel_receive(pair.b, &frame, &fault), 0);
    close_pair(&pair);
}

/* A frame larger than any socket buffer goes through in parts while both sides take turns. */
static void test_large_frame(void **state)
{
    (void)state;
    pair_t pair;
    fault_t fault;
    channel_frame_t frame;
    open_pair(&pair);
    char *bytes = malloc(MOST);
    for (int i = 0; i < MOST; i++)
        bytes[i] = (char)(i * 31 >> 3);
    assert_int_equal(channel_send(pair.a, 1, bytes, MOST, -1, &fault), 0);
    int got = 0, turns = 0;
    for (; !got && turns < 1000; turns++) {
        assert_int_equal(channel_flush(pair.a, &fault), 0);
        got = channel_receive(pair.b, &frame, &fault);
    }
    assert_int_equal(got, 1);
    assert_true(turns > 1);
    assert_int_equal(frame.size, MOST);
    assert_memory_equal(frame.bytes, bytes, MOST);
    free(bytes);
    close_pair(&pair);
}

static void test_own_limit(void **state)
{
    (void)state;
    pair_t pair;
    fault_t fault;
    open_pair(&pair);
    char *bytes = calloc(1, MOST + 1);
    assert_int_equal(channel_send(pair.a, 1, bytes, MOST + 1, -1, &fault), -1);
    assert_int_equal(fault.code, FAULT_TOO_LARGE);
    assert_false(channel_is_pending(pair.a));
    free(bytes);
    close_pair(&pair);
}

/* Descriptors arrive with their own frames, between frames that have none. */
static void test_descriptors(void **state)
{
    (void)state;
    pair_t pair;
    fault_t fault;
    channel_frame_t frame;
    open_pair(&pair);
    for (int round = 0; round < 10; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(channel_send(pair.a, 1, "none", 4, -1, &fault), 0);
        assert_int_equal(channel_send(pair.a, 2, "with", 4, ends[0], &fault), 0);
        assert_int_equal(channel_send(pair.a, 3, "with", 4, ends[1], &fault), 0);
        assert_int_equal(channel_send(pair.a, 4, "none", 4, -1, &fault), 0);
        close(ends[0]);
        close(ends[1]);
        assert_int_equal(channel_flush(pair.a, &fault), 0);
        int fds[5] = {-1, -1, -1, -1, -1};
        for (int type = 1; type <= 4; type++) {
            assert_int_equal(channel_receive(pair.b, &frame, &fault), 1);
            assert_int_equal(frame.type, type);
            fds[type] = frame.fd;
        }
        assert_int_equal(fds[1], -1);
        assert_int_equal(fds[4], -1);
        assert_true(fcntl(fds[2], F_GETFD) & FD_CLOEXEC);
        char byte = 0;
        assert_int_equal(write(fds[3], "!", 1), 1);
        assert_int_equal(read(fds[2], &byte, 1), 1);
        assert_int_equal(byte, '!');
        close(fds[2]);
        close(fds[3]);
    }
    close_pair(&pair);
}

/* Nobody takes the frame: the descriptor is closed with the channel (the pipe's other end sees it). */
static void test_unclaimed_descriptor(void **state)
{
    (void)state;
    pair_t pair;
    fault_t fault;
    int ends[2];
    channel_frame_t frame;
    open_pair(&pair);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(channel_send(pair.a, 1, "x", 1, ends[1], &fault), 0);
    assert_int_equal(channel_send(pair.a, 2, "y", 1, ends[1], &fault), 0);
    close(ends[1]);
    assert_int_equal(channel_flush(pair.a, &fault), 0);
    assert_int_equal(channel_receive(pair.b, &frame, &fault), 1);
    close(frame.fd);
    close_pair(&pair);
    struct pollfd end = {ends[0], POLLIN, 0};
    assert_int_equal(poll(&end, 1, 1000), 1);
    assert_true(end.revents & POLLHUP);
    close(ends[0]);
}

/* What a hostile peer may write. */
static void test_broken_rules(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes;
        size_t size;
    } rows[] = {
        {"wrong letters", "\4\0\0\0\1\0XX", 8},
        {"huge length", "\xFF\xFF\xFF\xFF\1\0YG", 8},
        {"one over the limit", "\1\0\x10\0\1\0YG", 8},
        {"two descriptors", "\0\0\0\0\1\2YG", 8},
        {"a descriptor that does not come", "\0\0\0\0\1\1YG", 8},
        {"text", "GET / HTTP/1.1\r\n\r\n", 18},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int ends[2];
        fault_t fault = {0};
        channel_frame_t frame;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        channel_t *channel = channel_new(ends[0], MOST);
        assert_int_equal(write(ends[1], rows[i].bytes, rows[i].size), rows[i].size);
        if (channel_receive(channel, &frame, &fault) != -1 || fault.code != FAULT_MESSAGE)
            fail_msg("%s: fault %s", rows[i].name, fault_name(fault.code));
        channel_destroy(&channel);
        close(ends[1]);
    }
}

/* A frame cut off at every byte is never handed out. */
static void test_cut_frames(void **state)
{
    (void)state;
    static const char whole[] = "\5\0\0\0\1\0YGhello";
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        int ends[2];
        fault_t fault = {0};
        channel_frame_t frame;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        channel_t *channel = channel_new(ends[0], MOST);
        assert_int_equal(write(ends[1], whole, size), size);
        assert_int_equal(channel_receive(channel, &frame, &fault), 0);
        close(ends[1]);
        assert_int_equal(channel_receive(channel, &frame, &fault), -1);
        assert_int_equal(fault.code, FAULT_CRASHED);
        channel_destroy(&channel);
    }
}

/* Frames that come byte by byte are put together. */
static void test_dribble(void **state)
{
    (void)state;
    static const char stream[] = "\2\0\0\0\1\0YGab\0\0\0\0\2\0YG\3\0\0\0\3\0YGxyz";
    int ends[2], frames = 0;
    fault_t fault = {0};
    channel_frame_t frame;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    channel_t *channel = channel_new(ends[0], MOST);
    for (size_t i = 0; i < sizeof stream - 1; i++) {
        assert_int_equal(write(ends[1], stream + i, 1), 1);
        if (channel_receive(channel, &frame, &fault) == 1)
            assert_int_equal(frame.type, ++frames);
    }
    assert_int_equal(frames, 3);
    close(ends[1]);
    assert_int_equal(channel_wait(channel, &frame, &fault), 0); /* a clean end */
    channel_destroy(&channel);
}

static void test_peer_gone(void **state)
{
    (void)state;
    pair_t pair;
    fault_t fault = {0};
    open_pair(&pair);
    channel_destroy(&pair.b);
    assert_int_equal(channel_send(pair.a, 1, "x", 1, -1, &fault), 0);
    assert_int_equal(channel_flush(pair.a, &fault), -1);
    assert_int_equal(fault.code, FAULT_CRASHED);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_large_frame),
        cmocka_unit_test(test_own_limit),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_unclaimed_descriptor),
        cmocka_unit_test(test_broken_rules),
        cmocka_unit_test(test_cut_frames),
        cmocka_unit_test(test_dribble),
        cmocka_unit_test(test_peer_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
