/* channel: bounded frames, and descriptors with them, over one end of a Unix stream socket pair.
 *
 * Used by a supervisor and its child (child.h). A frame is eight bytes of head (size of the body as u32 little-endian,
 * type, number of descriptors 0 or 1, 'Y', 'G') and the body; a descriptor travels by SCM_RIGHTS with the head's first
 * byte (unix(7)). Reading is all or nothing: a frame is handed out whole, or the channel is broken for good. Nothing
 * blocks but channel_wait. A peer that breaks the rules is an operating error, never an assert.
 */
#ifndef YOGI_BASE_CHANNEL_H
#define YOGI_BASE_CHANNEL_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct channel channel_t;

/* One frame as it came. */
typedef struct {
    uint8_t type;      /* the peers' own numbering */
    const char *bytes; /* body; good until the next call on the channel */
    size_t size;       /* bytes of body */
    int fd;            /* descriptor that came along, or -1; belongs to the taker */
} channel_frame_t;

/* Descriptors that may wait on either way: the protocol sends one with a job, and one job at a time. */
enum { CHANNEL_FDS_MOST = 4 };

/* A channel on fd (taken) that refuses bodies of more than `most` bytes. Never NULL. */
channel_t *channel_new(int fd, size_t most);

/* Closes it with everything unsent and every descriptor not handed out; takes NULL; nulls the caller's pointer. */
void channel_destroy(channel_t **channel);

int channel_fd(const channel_t *channel);

/* Queues a frame; bytes are copied and fd (-1 = none) is duplicated. Sends nothing: call channel_flush. -1 with the
 * fault where the body is over the limit or a descriptor cannot be kept. */
int channel_send(channel_t *channel, uint8_t type, const void *bytes, size_t size, int fd, fault_t *fault)
    __attribute__((warn_unused_result));

/* Writes what the socket takes now. 0, or -1 when the peer is gone. */
int channel_flush(channel_t *channel, fault_t *fault) __attribute__((warn_unused_result));

/* Whether something still waits to be flushed (poll for POLLOUT). */
bool channel_is_pending(const channel_t *channel);

/* Whether a flush has met a peer that takes nothing more. What it had said before can still be received. */
bool channel_is_cut(const channel_t *channel);

/* Whether something was read that channel_receive has not handed out: no descriptor tells of it. */
bool channel_is_waiting(const channel_t *channel);

/* The next whole frame: 1 and it is in *frame, 0 when no more has come than was read (wait for the descriptor, and call
 * again), -1 with the fault when the peer closed
 * (FAULT_CRASHED) or broke the rules (FAULT_MESSAGE); after that the channel is of no more use. */
int channel_receive(channel_t *channel, channel_frame_t *frame, fault_t *fault) __attribute__((warn_unused_result));

/* Waits until a frame has come whole (1) or the peer has closed (0); flushes meanwhile. -1 with the fault. For the
 * child, which has nothing else to do. */
int channel_wait(channel_t *channel, channel_frame_t *frame, fault_t *fault) __attribute__((warn_unused_result));

/* Waits until everything is flushed. 0, or -1 when the peer is gone. */
int channel_drain(channel_t *channel, fault_t *fault) __attribute__((warn_unused_result));

#endif
