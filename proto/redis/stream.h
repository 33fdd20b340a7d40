/* stream: bytes to and from one address, plain or through TLS, without blocking. For redis.c alone, which is the one
 * that waits. The only file of this folder that sees OpenSSL is stream.c.
 */
#ifndef YOGI_REDIS_STREAM_H
#define YOGI_REDIS_STREAM_H

#include "proto/base/fault.h"
#include "redis_place.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

typedef struct stream stream_t;

/* Begins to connect to that socket address. NULL with the fault (FAULT_UNAVAILABLE, or FAULT_SETTING for files of
 * certificates that cannot be used). host is the name that the certificate must be for. */
stream_t *stream_open(const redis_place_t *place, const struct sockaddr *address, socklen_t size, const char *host,
                      fault_t *fault);
void stream_close(stream_t **stream); /* takes NULL; nulls the caller's pointer */

/* Goes on with connecting and the TLS handshake: 1 when bytes can flow, 0 when it must be called again after a wait, -1
 * with the fault. */
int stream_connect(stream_t *stream, fault_t *fault) __attribute__((warn_unused_result));

/* Bytes taken or given; 0 when none can be now; -1 with the fault: it has ended. */
ssize_t stream_read(stream_t *stream, void *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));
ssize_t stream_write(stream_t *stream, const void *bytes, size_t size, fault_t *fault)
    __attribute__((warn_unused_result));

/* What to wait for; more: bytes are left to be written. */
struct pollfd stream_poll(const stream_t *stream, bool more);

/* Whether bytes lie in the stream that no descriptor tells of. */
bool stream_is_ready(const stream_t *stream);

#endif
