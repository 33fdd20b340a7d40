/* wire: see wire.h. Making sockets is in wire_socket.c.
 *
 * The routing id that a ROUTER gives to a peer without a name is a zero and 32 bits that count up (libzmq router.cpp):
 * these bits and the number of the socket are the peer's number, so that no table is needed.
 */
#include "wire.h"
#include "backlog.h"
#include "gate.h"
#include "proto/base/buf.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "watch.h"
#include "wire_socket.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* A frame is closed when it has reached BATCH bytes. PATIENCE: so long ACKs and ACCEPTEDs wait for company:
 * nobody waits for them, and a frame of their own would wake a process for nothing (measured: four stages at 1,000
 * documents a second, where the next job for the same host comes within some milliseconds). GATE_DRAIN: strangers
 * answered in a turn. CUTS_TOLD: so many handshakes in a row end in the middle before it is told: one alone is a broker
 * that was killed just then. BOXES: peers written to in one turn before all are flushed; PLACES is twice that. */
enum {
    BATCH_BYTES = 64 * 1024,
    PATIENCE_US = 5000,
    BOXES = 1024,
    PLACES = 2 * BOXES,
    ROUTING_ID = 5,
    GATE_DRAIN = 64,
    CUTS_TOLD = 3,
    TOLD_BYTES = ENDPOINT_TEXT + 200,
};

/* What gathers for a peer in this turn, and, while nobody waits for any of it, in the next ones. */
typedef struct {
    uint64_t peer;
    int64_t due_us; /* when it leaves at the latest; 0 = not yet known */
    bool urgent;    /* it leaves with this turn */
    uint32_t place; /* in the index */
    uint32_t count; /* messages in it */
    buf_t bytes;
} box_t;

typedef struct {
    void *socket;
    int fd;                       /* edge-triggered: tells only that ZMQ_EVENTS may have changed */
    buf_t held;                   /* the newest frame, where there is no connection yet */
    bool curve;                   /* who listens: its frames have keys */
    watch_t *watch;               /* who connects by TCP: of its handshakes */
    int watch_fd;                 /* of its socket */
    bool dead;                    /* ZeroMQ has given up there: to be connected again */
    uint32_t cuts;                /* handshakes in a row that ended in the middle */
    char endpoint[ENDPOINT_TEXT]; /* who connects: where to */
} line_t;

struct wire {
    wire_plan_t plan;
    void *context;
    bool listens, connects;
    line_t lines[ENDPOINTS_MOST];
    uint32_t line_count;
    gate_t *gate;                           /* of lines with CURVE that listen; NULL = none */
    const allow_t *allow;                   /* who is let in there */
    int gate_fd;                            /* of its socket */
    char stranger[TOLD_BYTES];              /* the last one that was refused, for people; "" = it was told */
    char told[TOLD_BYTES];                  /* of the last event */
    uint32_t turn;                          /* line that is read next */
    uint32_t drained;                       /* frames taken in this turn */
    zmq_msg_t frame;                        /* the last one received */
    message_t messages[MESSAGE_FRAME_MOST]; /* of it; they point into it */
    box_t *boxes;                           /* BOXES; their buffers are kept */
    uint32_t box_count;                     /* in use */
    uint16_t index[PLACES];                 /* box + 1 by the hash of its peer; 0 = none */
    uint64_t *gone;                         /* peers that a flush found unreachable; room for BOXES */
    uint32_t gone_count;
    backlog_t *backlog; /* what has not left yet */
    int64_t due_us;     /* when the first of the boxes that wait must leave */
    wire_counts_t counts;
};

wire_t *wire_new(const wire_plan_t *plan, fault_t *fault)
{
    assert(!plan->secret_key == !plan->public_key);
    void *context = wire_context(fault);
    if (!context)
        return NULL;
    wire_t *wire = memory_new(1, sizeof *wire);
    wire->plan = *plan;
    wire->context = context;
    wire->allow = plan->allow;
    wire->boxes = memory_new(BOXES, sizeof *wire->boxes);
    wire->gone = memory_new(BOXES, sizeof *wire->gone);
    wire->backlog = backlog_new();
    wire->due_us = INT64_MAX;
    zmq_msg_init(&wire->frame);
    return wire;
}

static line_t *add_line(wire_t *wire, void *socket)
{
    line_t *line = &wire->lines[wire->line_count++];
    *line = (line_t){.socket = socket, .fd = wire_descriptor(socket)};
    return line;
}

int wire_listen(wire_t *wire, const endpoint_t *endpoint, char bound[ENDPOINT_TEXT], fault_t *fault)
{
    assert(!wire->connects && wire->line_count < ENDPOINTS_MOST);
    wire->listens = true;
    bool curve = wire->plan.secret_key && endpoint->kind == ENDPOINT_TCP;
    assert(!curve || wire->allow);
    if (curve && !wire->gate && !(wire->gate = gate_new(wire->context, fault))) /* before anybody can knock */
        return -1;
    void *socket = wire_router(wire->context, &wire->plan, endpoint, bound, fault);
    if (!socket)
        return -1;
    add_line(wire, socket)->curve = curve;
    wire->gate_fd = wire->gate ? wire_descriptor(gate_socket(wire->gate)) : -1;
    return 0;
}

int wire_connect(wire_t *wire, const endpoint_t *endpoint, fault_t *fault)
{
    assert(!wire->listens && wire->line_count < ENDPOINTS_MOST);
    wire->connects = true;
    void *socket = wire_dealer(wire->context, &wire->plan, endpoint, fault);
    if (!socket)
        return -1;
    line_t *line = add_line(wire, socket); /* whatever comes now, it is closed with the wire */
    memcpy(line->endpoint, endpoint->text, sizeof line->endpoint);
    if (endpoint->kind == ENDPOINT_TCP) {
        if (!(line->watch = watch_new(wire->context, socket, fault)))
            return -1;
        line->watch_fd = wire_descriptor(watch_socket(line->watch));
    }
    return wire_dial(socket, line->endpoint, fault) < 0 ? -1 : (int)(line - wire->lines);
}

void wire_allow(wire_t *wire, const allow_t *allow)
{
    assert(allow);
    wire->allow = allow;
}

wire_counts_t wire_counts(const wire_t *wire)
{
    return wire->counts;
}

/* ---- out ---- */

/* Whether the system took the frame; false and errno. */
static bool send_bytes(wire_t *wire, uint64_t peer, void *socket, buf_t *bytes)
{
    zmq_msg_t frame;
    backlog_fill(wire->backlog, peer, bytes, &frame);
    while (zmq_msg_send(&frame, socket, ZMQ_DONTWAIT) < 0)
        if (errno != EINTR) {
            int why = errno;
            if (why == EAGAIN) /* back to who may keep it */
                buf_add(bytes, zmq_msg_data(&frame), zmq_msg_size(&frame));
            zmq_msg_close(&frame);
            errno = why;
            return false;
        }
    return true;
}

/* Where ZeroMQ has given up, whoever says something there tries again: HELLO comes every half a second. */
static void redial(line_t *line)
{
    if (!line->dead)
        return;
    line->dead = false;
    wire_hang_up(line->socket, line->endpoint);
    fault_t fault;
    int dialled = wire_dial(line->socket, line->endpoint, &fault);
    line->dead = dialled < 0; /* no memory, say */
}

static void send_to_broker(wire_t *wire, uint32_t number, buf_t *bytes)
{
    line_t *line = &wire->lines[number];
    redial(line);
    if (send_bytes(wire, number, line->socket, bytes)) {
        wire->counts.frames_out++;
        return;
    }
    wire->counts.lost += line->held.size > 0;
    buf_clear(&line->held);
    buf_add(&line->held, bytes->bytes, bytes->size);
}

static void send_to_peer(wire_t *wire, box_t *box)
{
    uint32_t id = (uint32_t)box->peer;
    uint8_t name[ROUTING_ID] = {0, (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
    void *socket = wire->lines[(box->peer >> 32) - 1].socket;
    int sent;
    while ((sent = zmq_send(socket, name, sizeof name, ZMQ_SNDMORE | ZMQ_DONTWAIT)) < 0 && errno == EINTR)
        ;
    if (sent >= 0 && send_bytes(wire, box->peer, socket, &box->bytes)) {
        wire->counts.frames_out++;
        return;
    }
    wire->counts.lost++;
    if (sent < 0 && errno == EHOSTUNREACH && wire->gone_count < BOXES)
        wire->gone[wire->gone_count++] = box->peer;
}

static void send_box(wire_t *wire, box_t *box)
{
    if (box->count == 0)
        return;
    if (backlog_bytes(wire->backlog, box->peer) >= WIRE_BACKLOG_MOST)
        wire->counts.lost++; /* it does not read */
    else if (wire->listens)
        send_to_peer(wire, box);
    else
        send_to_broker(wire, (uint32_t)box->peer, &box->bytes);
    buf_clear(&box->bytes);
    box->count = 0;
    box->urgent = false;
    box->due_us = 0;
}

/* Where the index is searched for a peer first. */
static uint32_t home_of(uint64_t peer)
{
    return (uint32_t)(peer * UINT64_C(0x9E3779B97F4A7C15) >> 32) % PLACES;
}

/* The next unused box belongs to this peer, which has none. */
static box_t *place_box(wire_t *wire, uint64_t peer)
{
    uint32_t place = home_of(peer);
    while (wire->index[place])
        place = (place + 1) % PLACES;
    box_t *box = &wire->boxes[wire->box_count++];
    wire->index[place] = (uint16_t)wire->box_count;
    box->peer = peer;
    box->place = place;
    return box;
}

/* The box of a peer, which is made where there is none. */
static box_t *find_box(wire_t *wire, uint64_t peer)
{
    for (uint32_t place = home_of(peer); wire->index[place]; place = (place + 1) % PLACES)
        if (wire->boxes[wire->index[place] - 1].peer == peer)
            return &wire->boxes[wire->index[place] - 1];
    return place_box(wire, peer);
}

/* Whether the box stays in the next turn. */
static bool may_wait(box_t *box, int64_t now_us)
{
    if (box->count == 0 || box->urgent || now_us == INT64_MAX)
        return false;
    if (box->due_us == 0)
        box->due_us = now_us + PATIENCE_US;
    return now_us < box->due_us;
}

/* Sends the boxes that must leave by then; those that stay come to the beginning. The newest go first: what was said
 * last came of the rest, and somebody waits for it. */
static void flush(wire_t *wire, int64_t now_us)
{
    uint32_t count = wire->box_count, kept = 0;
    wire->due_us = INT64_MAX;
    for (uint32_t i = count; i-- > 0;) {
        box_t *box = &wire->boxes[i];
        wire->index[box->place] = 0;
        if (!may_wait(box, now_us))
            send_box(wire, box);
        else if (box->due_us < wire->due_us)
            wire->due_us = box->due_us;
    }
    wire->box_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (wire->boxes[i].count > 0) {
            box_t stays = wire->boxes[i];
            wire->boxes[i] = wire->boxes[kept];
            wire->boxes[kept++] = stays;
        }
    for (uint32_t i = 0; i < kept; i++)
        place_box(wire, wire->boxes[i].peer);
}

void wire_put(wire_t *wire, uint64_t peer, const message_t *message)
{
    assert(wire->listens ? peer >> 32 > 0 && peer >> 32 <= wire->line_count : peer < wire->line_count);
    if (wire->box_count == BOXES)
        flush(wire, INT64_MAX);
    box_t *box = find_box(wire, peer);
    message_encode(message, &box->bytes);
    box->count++;
    box->urgent |= message->command != COMMAND_ACK && message->command != COMMAND_ACCEPTED;
    if (box->count == MESSAGE_FRAME_MOST || box->bytes.size >= BATCH_BYTES)
        send_box(wire, box);
}

/* What waited for a connection leaves as soon as there is one. */
static void send_held(wire_t *wire, uint32_t number)
{
    line_t *line = &wire->lines[number];
    if (line->held.size && wire_events(line->socket) & ZMQ_POLLOUT &&
        send_bytes(wire, number, line->socket, &line->held))
        wire->counts.frames_out++;
}

void wire_flush(wire_t *wire)
{
    for (uint32_t i = 0; i < wire->line_count; i++)
        send_held(wire, i);
    if (wire->box_count > 0)
        flush(wire, clock_now_us());
}

int64_t wire_deadline(const wire_t *wire)
{
    return wire->due_us;
}

void wire_destroy(wire_t **at)
{
    if (!at || !*at)
        return;
    wire_t *wire = *at;
    flush(wire, INT64_MAX);
    zmq_msg_close(&wire->frame);
    for (uint32_t i = 0; i < wire->line_count; i++) {
        watch_destroy(&wire->lines[i].watch);
        zmq_close(wire->lines[i].socket);
        buf_free(&wire->lines[i].held);
    }
    gate_destroy(&wire->gate);
    while (zmq_ctx_term(wire->context) < 0 && errno == EINTR)
        ;
    backlog_destroy(&wire->backlog);
    for (uint32_t i = 0; i < BOXES; i++)
        buf_free(&wire->boxes[i].bytes);
    free(wire->boxes);
    free(wire->gone);
    free(wire);
    *at = NULL;
}

/* ---- in ---- */

/* Passes over what is left of a message of several frames. Whether there was anything. */
static bool skip_rest(wire_t *wire, void *socket)
{
    bool any = false;
    while (zmq_msg_more(&wire->frame)) {
        any = true;
        if (zmq_msg_recv(&wire->frame, socket, ZMQ_DONTWAIT) < 0)
            break;
    }
    return any;
}

/* The number of the peer that a ROUTER has named in front of its message; 0 where the peer has named itself. */
static uint64_t read_peer(const wire_t *wire, uint32_t number)
{
    zmq_msg_t *frame = (zmq_msg_t *)(uintptr_t)&wire->frame; /* libzmq's accessors take no const */
    const uint8_t *name = zmq_msg_data(frame);
    if (zmq_msg_size(frame) != ROUTING_ID || name[0] != 0)
        return 0;
    return (uint64_t)(number + 1) << 32 | (uint32_t)name[1] << 24 | (uint32_t)name[2] << 16 | (uint32_t)name[3] << 8 |
           name[4];
}

/* The key of the sender, if it is on the list. */
static const allow_entry_t *read_key(wire_t *wire)
{
    const char *key = zmq_msg_gets(&wire->frame, "User-Id"); /* the gate gave it */
    return key ? allow_find(wire->allow, key) : NULL;
}

/* One ZeroMQ message of a line: 1 and it is in *event, 0 when none is there, -1 when it was dropped. */
static int receive_from(wire_t *wire, uint32_t number, wire_event_t *event)
{
    void *socket = wire->lines[number].socket;
    *event = (wire_event_t){.peer = number};
    if (zmq_msg_recv(&wire->frame, socket, ZMQ_DONTWAIT) < 0)
        return 0;
    wire->counts.frames_in++;
    bool whole = true;
    if (wire->listens) {
        event->peer = read_peer(wire, number);
        whole = zmq_msg_more(&wire->frame) && zmq_msg_recv(&wire->frame, socket, ZMQ_DONTWAIT) >= 0;
    }
    if (skip_rest(wire, socket))
        whole = false;
    if (wire->listens && event->peer == 0) {
        wire->counts.nameless++;
        return -1;
    }
    if (wire->lines[number].curve && !(event->key = read_key(wire))) {
        wire->counts.barred++;
        return -1;
    }
    int count =
        whole ? message_decode_frame(zmq_msg_data(&wire->frame), zmq_msg_size(&wire->frame), wire->messages, NULL) : -1;
    event->kind = count < 0 ? WIRE_BAD : WIRE_MESSAGES;
    event->messages = wire->messages;
    event->count = count < 0 ? 0 : (size_t)count;
    return 1;
}

/* ---- handshakes ---- */

static void answer_strangers(wire_t *wire)
{
    stranger_t stranger;
    for (int answered = 0, came; answered < GATE_DRAIN && (came = gate_answer(wire->gate, wire->allow, &stranger));
         answered++) {
        if (came > 0)
            continue;
        wire->counts.strangers++;
        snprintf(wire->stranger, sizeof wire->stranger, "%s with the key %s is not on the allow-list", stranger.address,
                 *stranger.key ? stranger.key : "(none)");
    }
}

/* News of a handshake that somebody wants to hear of; false when there are none. */
static bool hear_handshake(wire_t *wire, line_t *line, wire_event_t *event)
{
    static const char *const reasons[] = {
        [WATCH_CUT] =
            "it hangs up in the middle of each handshake: is YOGI_BROKER_KEY its key, does it want keys, and is "
            "it a broker that answers there?",
        [WATCH_KEY] = "it does not let this key in: is YOGI_KEYS on its allow-list (YOGI_BROKER_ALLOW)?",
        [WATCH_MANNER] = "one side uses keys and the other does not (YOGI_KEYS here and there), or it is no broker",
    };
    watch_news_t news;
    do {
        news = line->watch ? watch_take(line->watch) : WATCH_NOTHING;
        line->cuts = news == WATCH_CUT ? line->cuts + 1 : news == WATCH_IN ? 0 : line->cuts;
    } while (news == WATCH_IN || (news == WATCH_CUT && line->cuts < CUTS_TOLD));
    if (news == WATCH_NOTHING)
        return false;
    line->dead |= news == WATCH_KEY || news == WATCH_MANNER;
    snprintf(wire->told, sizeof wire->told, "%s: %s", line->endpoint, reasons[news]);
    event->kind = WIRE_REFUSED;
    event->text = wire->told;
    event->final = news == WATCH_KEY;
    return true;
}

/* What is to be told of handshakes: one at a time. */
static bool hear_handshakes(wire_t *wire, wire_event_t *event)
{
    *event = (wire_event_t){0};
    if (wire->gate)
        answer_strangers(wire);
    if (wire->stranger[0]) {
        *event = (wire_event_t){.kind = WIRE_REFUSED, .text = memcpy(wire->told, wire->stranger, sizeof wire->told)};
        wire->stranger[0] = 0;
        return true;
    }
    for (uint32_t i = 0; i < wire->line_count; i++)
        if (hear_handshake(wire, &wire->lines[i], event)) {
            event->peer = i;
            return true;
        }
    return false;
}

bool wire_receive(wire_t *wire, wire_event_t *event)
{
    if (wire->drained == 0 && hear_handshakes(wire, event)) {
        wire->drained++; /* the next news in the next turn */
        return true;
    }
    if (wire->gone_count) {
        *event = (wire_event_t){.kind = WIRE_GONE, .peer = wire->gone[--wire->gone_count]};
        return true;
    }
    for (uint32_t empty = 0; empty < wire->line_count && wire->drained < WIRE_DRAIN_MOST;) {
        int got = receive_from(wire, wire->turn, event);
        wire->drained += got != 0;
        if (got <= 0)
            wire->turn = (wire->turn + 1) % wire->line_count;
        if (got > 0)
            return true;
        empty = got == 0 ? empty + 1 : 0;
    }
    if (wire->drained == WIRE_DRAIN_MOST) /* the others first, next time */
        wire->turn = (wire->turn + 1) % wire->line_count;
    wire->drained = 0;
    return false;
}

bool wire_is_ready(wire_t *wire)
{
    bool ready = wire->gone_count > 0 || (wire->gate && wire_events(gate_socket(wire->gate)) & ZMQ_POLLIN);
    for (uint32_t i = 0; i < wire->line_count; i++) {
        int events = wire_events(wire->lines[i].socket);
        ready |= (events & ZMQ_POLLIN) || (wire->lines[i].held.size && events & ZMQ_POLLOUT);
        ready |= wire->lines[i].watch && wire_events(watch_socket(wire->lines[i].watch)) & ZMQ_POLLIN;
    }
    return ready;
}

size_t wire_poll(const wire_t *wire, struct pollfd *polls)
{
    size_t count = 0;
    if (wire->gate)
        polls[count++] = (struct pollfd){wire->gate_fd, POLLIN, 0};
    for (uint32_t i = 0; i < wire->line_count; i++) {
        polls[count++] = (struct pollfd){wire->lines[i].fd, POLLIN, 0};
        if (wire->lines[i].watch)
            polls[count++] = (struct pollfd){wire->lines[i].watch_fd, POLLIN, 0};
    }
    return count;
}
