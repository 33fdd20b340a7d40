/* gate: who gets through to a wire that listens with CURVE: it answers ZeroMQ's questions about keys (ZAP, RFC 27) by
 * an allow-list. For wire.c alone, on its thread.
 *
 * ZeroMQ's own thread asks in the middle of a handshake, over inproc://zeromq.zap.01, and nothing of a peer is taken
 * before the answer. A peer is known by its key from then on (its ZAP user id, "User-Id" of each of its frames), not by
 * the name on the list, which may be given to another key later.
 */
#ifndef YOGI_WIRE_GATE_H
#define YOGI_WIRE_GATE_H

#include "allow.h"

typedef struct gate gate_t;

/* Who was turned away. Plain data. */
typedef struct {
    char key[KEY_TEXT]; /* "" = the question was about none */
    char address[64];   /* of the peer, neutered */
} stranger_t;

/* The ZAP domain of the sockets that it is asked for: sockets of another one are none of its business. */
#define GATE_DOMAIN "yogi"

/* Answers in this ZeroMQ context. NULL with the fault. */
gate_t *gate_new(void *context, fault_t *fault);

void gate_destroy(gate_t **gate); /* takes NULL; nulls the caller's pointer */

void *gate_socket(const gate_t *gate); /* to wait for */

/* Answers the next question: 1 and the peer is let in, -1 and it is not, 0 when there is no question. */
int gate_answer(gate_t *gate, const allow_t *allow, stranger_t *stranger);

#endif
