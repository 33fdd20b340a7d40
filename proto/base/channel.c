/* channel: see channel.h. Two byte queues, and beside each a short queue of descriptors: on the way out with the offset
 * at which each must go, on the way in in the order they came, for the frames that say they carry one.
 */
#include "channel.h"
#include "buf.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* HEAD: bytes before the body. READ: bytes asked of the socket at once; a socket buffer holds about 200 kB. */
enum { HEAD = 8, READ = 256 * 1024 };

typedef struct {
    size_t offset; /* byte of `out` it travels with */
    int fd;        /* ours */
} departing_t;

struct channel {
    int fd;                                  /* the socket */
    size_t most;                             /* largest body, bytes */
    buf_t out;                               /* queued bytes */
    size_t sent;                             /* of out, already written */
    departing_t departing[CHANNEL_FDS_MOST]; /* descriptors to send, by offset */
    size_t departing_count;
    buf_t in;                      /* bytes read */
    size_t taken;                  /* of in, already handed out */
    int arrived[CHANNEL_FDS_MOST]; /* descriptors read, oldest first */
    size_t arrived_count;
    bool closed; /* the peer has closed its end */
    bool cut;    /* it takes nothing more */
};

channel_t *channel_new(int fd, size_t most)
{
    assert(fd >= 0 && most > 0 && most <= UINT32_MAX);
    channel_t *channel = calloc(1, sizeof *channel);
    if (!channel)
        abort();
    channel->fd = fd;
    channel->most = most;
    return channel;
}

void channel_destroy(channel_t **channel)
{
    if (!channel || !*channel)
        return;
    channel_t *self = *channel;
    *channel = NULL;
    for (size_t i = 0; i < self->departing_count; i++)
        close(self->departing[i].fd);
    for (size_t i = 0; i < self->arrived_count; i++)
        close(self->arrived[i]);
    close(self->fd);
    buf_free(&self->out);
    buf_free(&self->in);
    free(self);
}

int channel_fd(const channel_t *channel)
{
    return channel->fd;
}

int channel_send(channel_t *channel, uint8_t type, const void *bytes, size_t size, int fd, fault_t *fault)
{
    if (size > channel->most)
        return fault_set(fault, FAULT_TOO_LARGE, "a message of %zu bytes is over the limit of %zu", size,
                         channel->most);
    if (fd >= 0) {
        if (channel->departing_count == CHANNEL_FDS_MOST)
            return fault_set(fault, FAULT_SYSTEM, "more than %d descriptors wait to be sent", CHANNEL_FDS_MOST);
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
            return fault_set(fault, FAULT_SYSTEM, "a descriptor cannot be duplicated: %s", strerror(errno));
        channel->departing[channel->departing_count++] = (departing_t){channel->out.size, copy};
    }
    unsigned char head[HEAD] = {size & 0xFF, size >> 8 & 0xFF, size >> 16 & 0xFF, size >> 24 & 0xFF, type, fd >= 0, 'Y',
                                'G'};
    buf_add(&channel->out, head, HEAD);
    buf_add(&channel->out, bytes, size);
    return 0;
}

/* Writes up to `size` bytes from the queue's front, with a descriptor when fd is one. */
static ssize_t write_some(channel_t *channel, size_t size, int fd)
{
    struct iovec part = {channel->out.bytes + channel->sent, size};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(channel->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int channel_flush(channel_t *channel, fault_t *fault)
{
    while (channel->sent < channel->out.size) {
        bool carries = channel->departing_count && channel->departing[0].offset == channel->sent;
        size_t next = channel->departing_count > carries ? channel->departing[carries].offset : channel->out.size;
        ssize_t n = write_some(channel, next - channel->sent, carries ? channel->departing[0].fd : -1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        if (n < 0) {
            channel->cut = errno == EPIPE || errno == ECONNRESET;
            return fault_set(fault, FAULT_CRASHED, "the other process is gone: %s", strerror(errno));
        }
        if (carries) {
            close(channel->departing[0].fd);
            channel->departing_count--;
            memmove(channel->departing, channel->departing + 1, channel->departing_count * sizeof *channel->departing);
        }
        channel->sent += (size_t)n;
    }
    buf_clear(&channel->out);
    channel->sent = 0;
    return 0;
}

bool channel_is_pending(const channel_t *channel)
{
    return channel->sent < channel->out.size && !channel->cut;
}

bool channel_is_cut(const channel_t *channel)
{
    return channel->cut;
}

bool channel_is_waiting(const channel_t *channel)
{
    return channel->taken < channel->in.size;
}

/* Keeps the descriptors of one recvmsg; too many break the channel. */
static int take_fds(channel_t *channel, struct msghdr *message, fault_t *fault)
{
    bool fits = !(message->msg_flags & MSG_CTRUNC);
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (channel->arrived_count < CHANNEL_FDS_MOST) {
                channel->arrived[channel->arrived_count++] = fd;
            } else {
                close(fd);
                fits = false;
            }
        }
    }
    return fits ? 0 : fault_set(fault, FAULT_MESSAGE, "the other process sent more descriptors than allowed");
}

/* Reads once, waiting or not. 1 when something came and there may be more, 0 when no more is there, -1 on a fault or
 * the end. */
static int read_some(channel_t *channel, bool waits, fault_t *fault)
{
    if (channel->taken) { /* what was handed out is not needed any more */
        memmove(channel->in.bytes, channel->in.bytes + channel->taken, channel->in.size - channel->taken);
        channel->in.size -= channel->taken;
        channel->taken = 0;
    }
    buf_reserve(&channel->in, READ);
    union {
        char room[CMSG_SPACE(CHANNEL_FDS_MOST * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {channel->in.bytes + channel->in.size, READ};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t n;
    do
        n = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC | (waits ? 0 : MSG_DONTWAIT));
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (n <= 0) {
        channel->closed = true;
        return fault_set(fault, FAULT_CRASHED, "the other process has closed the connection");
    }
    channel->in.size += (size_t)n;
    if (take_fds(channel, &message, fault) < 0)
        return -1;
    return n == READ; /* less than was asked for: the socket is empty, and where it is not a descriptor tells */
}

/* Takes a whole frame out of what was read: 1, 0 when more is needed, -1 when the head breaks the rules. */
static int parse(channel_t *channel, channel_frame_t *frame, fault_t *fault)
{
    size_t have = channel->in.size - channel->taken;
    if (have < HEAD)
        return 0;
    const unsigned char *head = (const unsigned char *)channel->in.bytes + channel->taken;
    size_t size = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (head[6] != 'Y' || head[7] != 'G' || head[5] > 1)
        return fault_set(fault, FAULT_MESSAGE, "the other process sent something that is not a frame");
    if (size > channel->most)
        return fault_set(fault, FAULT_MESSAGE, "the other process announced %zu bytes, over the limit of %zu", size,
                         channel->most);
    if (have < HEAD + size)
        return 0;
    *frame = (channel_frame_t){head[4], (const char *)head + HEAD, size, -1};
    if (head[5]) {
        if (!channel->arrived_count)
            return fault_set(fault, FAULT_MESSAGE, "the other process announced a descriptor that did not come");
        frame->fd = channel->arrived[0];
        channel->arrived_count--;
        memmove(channel->arrived, channel->arrived + 1, channel->arrived_count * sizeof *channel->arrived);
    }
    channel->taken += HEAD + size;
    return 1;
}

/* The next frame of what is there; waits for the first bytes of what is not, or not. */
static int receive(channel_t *channel, bool waits, channel_frame_t *frame, fault_t *fault)
{
    int got = parse(channel, frame, fault);
    for (int more = 1; !got && more > 0;) {
        more = read_some(channel, waits, fault);
        got = more < 0 ? -1 : parse(channel, frame, fault);
        waits = false;
    }
    return got;
}

int channel_receive(channel_t *channel, channel_frame_t *frame, fault_t *fault)
{
    return receive(channel, false, frame, fault);
}

int channel_wait(channel_t *channel, channel_frame_t *frame, fault_t *fault)
{
    for (;;) {
        if (channel_flush(channel, fault) < 0)
            return -1;
        bool pending = channel_is_pending(channel);
        int got = receive(channel, !pending, frame, fault);
        if (got > 0)
            return 1;
        if (got < 0)
            return channel->closed && channel->in.size == channel->taken ? 0 : -1;
        struct pollfd ready = {channel->fd, POLLIN | POLLOUT, 0};
        if (pending && poll(&ready, 1, -1) < 0 && errno != EINTR)
            return fault_set(fault, FAULT_SYSTEM, "poll: %s", strerror(errno));
    }
}

int channel_drain(channel_t *channel, fault_t *fault)
{
    for (;;) {
        if (channel_flush(channel, fault) < 0)
            return -1;
        if (!channel_is_pending(channel))
            return 0;
        struct pollfd ready = {channel->fd, POLLOUT, 0};
        if (poll(&ready, 1, -1) < 0 && errno != EINTR)
            return fault_set(fault, FAULT_SYSTEM, "poll: %s", strerror(errno));
    }
}
