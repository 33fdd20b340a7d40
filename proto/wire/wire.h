/* wire: messages over ZeroMQ sockets; no other room touches their frames, and CURVE is used in this folder alone.
 *
 * For:    the loops of yogi-broker (which listens: a ROUTER for each endpoint), of yogi-actor and of owners (which
 *         connect: a DEALER for each broker). One thread, beside ZeroMQ's own.
 * Sends:  messages gather in a frame for each peer until wire_flush, at the end of a turn of the loop: what lies at
 *         hand goes together, nothing waits for more, but ACKs and ACCEPTEDs alone do, for some milliseconds
 *         (wire_deadline).
 * Loses:  what cannot be sent now (no connection, a full queue), as PROTOCOL.md lets every message be lost; it is
 *         counted. Only the newest frame for a broker that has no connection yet is kept until it has one: a HELLO.
 * Peers:  to one who listens a connection is a number that ZeroMQ's own routing id gives, never used again in 2^32
 *         connections. A peer that names itself is not heard: names may come back, and be another's.
 * Keys:   who listens with keys hears those on its allow-list alone (gate.h), and is told with every event which key
 *         it is. Who connects and is not let in is told why (watch.h) and tries again with each of its HELLOs.
 * Limits: a frame of MESSAGE_FRAME_BYTES_MOST (ZeroMQ cuts off who sends more); WIRE_QUEUE_MOST frames for a peer,
 *         above the sum of credits and windows, and WIRE_BACKLOG_MOST bytes and a frame more; WIRE_UNREAD_MOST frames
 *         of a peer unread, then it must wait; WIRE_DRAIN_MOST frames taken in a turn.
 * Errors: of settings and the system when sockets are made; later whatever comes from a peer is an event.
 */
#ifndef YOGI_WIRE_H
#define YOGI_WIRE_H

#include "allow.h"
#include "endpoint.h"
#include "proto/message.h"

#include <poll.h>

typedef struct wire wire_t;

/* QUEUE: the largest window of an owner, and room for what needs no credit. UNREAD: several
 * turns' worth of full frames, and few enough of large ones: what is unread is in memory. DRAIN: measured (TESTBED:
 * past it nothing is gained). POLLS: a descriptor of each socket, and one beside it. */
enum {
    WIRE_QUEUE_MOST = MESSAGE_WINDOW_MOST + 16384,
    WIRE_UNREAD_MOST = 64,
    WIRE_DRAIN_MOST = 256,
    WIRE_POLLS_MOST = 2 * ENDPOINTS_MOST,
};

/* Keys are Z85 texts of 40 characters, borrowed for the calls that make sockets. CURVE is for TCP: an ipc:// path is
 * guarded by its folder. */
typedef struct {
    const char *secret_key; /* of this process; NULL = no CURVE */
    const char *public_key; /* belongs to it */
    const char *server_key; /* public key of the brokers, for who connects */
    const allow_t *allow;   /* keys that are let in, for who listens with keys (asserted); borrowed until wire_allow */
    bool insecure;          /* TCP beyond loopback without CURVE is not refused */
} wire_plan_t;

/* Bytes that wait for one peer: from there on what is for it is lost, as it does not read. Above what windows and
 * credits let be under way to one that does: owner_bytes or actor_bytes of the scheduler, the body that reached them,
 * and small messages beside. */
#define WIRE_BACKLOG_MOST (MESSAGE_BODY_MOST + UINT32_C(96) * 1024 * 1024)

typedef enum {
    WIRE_MESSAGES, /* a frame came from peer */
    WIRE_BAD,      /* peer sent what is no frame of messages */
    WIRE_GONE,     /* peer cannot be reached any more (who listens hears it when it sends) */
    WIRE_REFUSED,  /* a handshake failed: the broker `peer` does not let us in; or, to who listens, a stranger was not
                      let in (of many in a turn only the last one is told) */
} wire_kind_t;

typedef struct {
    wire_kind_t kind;
    uint64_t peer;
    const message_t *messages; /* good until the next wire_receive */
    size_t count;              /* of them */
    const allow_entry_t *key;  /* of the sender on the list; NULL = it came over an endpoint without CURVE */
    const char *text;          /* WIRE_REFUSED: why, for people; good until the next wire_receive */
    bool final;                /* WIRE_REFUSED: so it will stay until somebody changes a setting */
} wire_event_t;

/* Since the start. */
typedef struct {
    uint64_t frames_in, frames_out; /* whole ones */
    uint64_t lost;                  /* frames that could not be sent */
    uint64_t nameless;              /* frames dropped because their sender had named itself */
    uint64_t barred;                /* frames dropped because the key of their sender is not on the list any more */
    uint64_t strangers;             /* handshakes refused because of their key */
} wire_counts_t;

/* NULL with the fault where ZeroMQ cannot be had. */
wire_t *wire_new(const wire_plan_t *plan, fault_t *fault);

/* What was put still leaves for a moment; takes NULL; nulls the caller's pointer. */
void wire_destroy(wire_t **wire);

/* Listens there. Writes the address in force (a port that the system has chosen) to bound, which may be NULL. -1 with
 * the fault: in use, not allowed, refused by the system. */
int wire_listen(wire_t *wire, const endpoint_t *endpoint, char bound[ENDPOINT_TEXT], fault_t *fault)
    __attribute__((warn_unused_result));

/* Connects there, now and whenever the connection is lost. Returns the peer's number, 0 for the first one; -1 with the
 * fault. A wire either listens or connects (asserted); at most ENDPOINTS_MOST times. */
int wire_connect(wire_t *wire, const endpoint_t *endpoint, fault_t *fault) __attribute__((warn_unused_result));

/* The message, which is encoded at once, is for that peer. */
void wire_put(wire_t *wire, uint64_t peer, const message_t *message);

/* Hands what was put to ZeroMQ, but for peers for whom there are ACKs and ACCEPTEDs alone, until wire_deadline. */
void wire_flush(wire_t *wire);

/* When wire_flush must be called again; INT64_MAX = nothing waits. Hosts send neither. */
int64_t wire_deadline(const wire_t *wire);

/* The next event; false when there is none, or enough for a turn. */
bool wire_receive(wire_t *wire, wire_event_t *event) __attribute__((warn_unused_result));

/* Whether there is something to receive though no descriptor may tell: ask before each wait. */
bool wire_is_ready(wire_t *wire);

/* Another allow-list from now on: whose key is not on it is not heard any more. Borrowed until the next one. */
void wire_allow(wire_t *wire, const allow_t *allow);

/* Descriptors to wait for: writes at most WIRE_POLLS_MOST and returns how many. */
size_t wire_poll(const wire_t *wire, struct pollfd *polls);

wire_counts_t wire_counts(const wire_t *wire);

#endif
