/* backlog: how many bytes were handed to ZeroMQ for each peer and have not left this process yet, so that a peer that
 * does not read cannot fill its memory. ZeroMQ counts frames only, and a frame may have 64 MiB. For wire.c alone.
 *
 * A frame is counted from backlog_fill until ZeroMQ has written it or dropped it, which one of its threads tells. What
 * ZeroMQ and the system have in their buffers for a connection (some hundred kB) is not counted any more.
 */
#ifndef YOGI_WIRE_BACKLOG_H
#define YOGI_WIRE_BACKLOG_H

#include "proto/base/buf.h"

#include <stdint.h>
#include <zmq.h>

typedef struct backlog backlog_t;

backlog_t *backlog_new(void);

/* ZeroMQ has let go of every frame: its context is gone. Takes NULL; nulls the caller's pointer. */
void backlog_destroy(backlog_t **backlog);

/* Bytes that wait for this peer. */
size_t backlog_bytes(const backlog_t *backlog, uint64_t peer);

/* Makes a ZeroMQ frame for this peer of the bytes; the buffer is empty afterwards, and its memory kept or given away.
 */
void backlog_fill(backlog_t *backlog, uint64_t peer, buf_t *bytes, zmq_msg_t *frame);

#endif
