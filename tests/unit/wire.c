/* The wire between two processes' ends in one: over ipc and tcp, with CURVE and without, and with everything that
 * strangers may send. A raw ZeroMQ socket plays the stranger. */
#include "proto/wire/wire.h"
#include "check.h"
#include "proto/base/clock.h"
#include "proto/wire/certificate.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

enum { PATIENCE_US = 20000000, MANY = 1000 };

/* A folder of its own for each test's sockets. */
static int make_folder(void **state)
{
    char *folder = strdup("/tmp/yogi-wire-XXXXXX");
    *state = folder && mkdtemp(folder) ? folder : NULL;
    return *state ? 0 : -1;
}

static int drop_folder(void **state)
{
    char path[200];
    snprintf(path, sizeof path, "%s/broker", (char *)*state);
    unlink(path);
    int done = rmdir(*state);
    free(*state);
    return done;
}

static wire_t *make(const wire_plan_t *plan)
{
    static const wire_plan_t plain;
    fault_t fault = {0};
    wire_t *wire = wire_new(plan ? plan : &plain, &fault);
    if (!wire)
        fail_msg("%s", fault.text);
    return wire;
}

static endpoint_t endpoint_of(const char *text)
{
    endpoint_t endpoint;
    fault_t fault = {0};
    if (endpoint_parse(text, &endpoint, &fault) < 0)
        fail_msg("%s", fault.text);
    return endpoint;
}

static endpoint_t path_of(void **state)
{
    char text[200];
    snprintf(text, sizeof text, "ipc://%s/broker", (char *)*state);
    return endpoint_of(text);
}

/* Listens there; the address in force. */
static endpoint_t listen_at(wire_t *wire, const endpoint_t *endpoint)
{
    char bound[ENDPOINT_TEXT];
    fault_t fault = {0};
    if (wire_listen(wire, endpoint, bound, &fault) < 0)
        fail_msg("%s", fault.text);
    return endpoint_of(bound);
}

static void connect_to(wire_t *wire, const endpoint_t *endpoint)
{
    fault_t fault = {0};
    if (wire_connect(wire, endpoint, &fault) < 0)
        fail_msg("%s", fault.text);
}

/* The next event of a wire; `other` is kept going meanwhile. False after so long. */
static bool next_within(wire_t *wire, wire_t *other, wire_event_t *event, int64_t us)
{
    struct pollfd polls[2 * WIRE_POLLS_MOST];
    for (int64_t end_us = clock_now_us() + us; clock_now_us() < end_us;) {
        wire_flush(wire);
        if (other)
            wire_flush(other);
        if (wire_receive(wire, event))
            return true;
        size_t count = wire_poll(wire, polls);
        if (other)
            count += wire_poll(other, polls + count);
        if (!wire_is_ready(wire) && !(other && wire_is_ready(other)))
            poll(polls, count, 50);
    }
    return false;
}

static wire_event_t next(wire_t *wire, wire_t *other)
{
    wire_event_t event;
    if (!next_within(wire, other, &event, PATIENCE_US))
        fail_msg("nothing came");
    return event;
}

static message_t numbered(uint64_t number)
{
    return (message_t){.command = COMMAND_CREDIT, .number = number, .stage = slice_of("ocr"), .slots = 1};
}

/* There and back: the first message brings the peer's number; then many both ways, in order. */
static void talk(wire_t *broker, wire_t *actor)
{
    message_t hello = numbered(1), answer = {.command = COMMAND_GOODBYE};
    wire_put(actor, 0, &hello); /* before there is a connection */
    wire_event_t event = next(broker, actor);
    assert_int_equal(event.kind, WIRE_MESSAGES);
    assert_int_equal(event.count, 1);
    assert_true(message_equal(&event.messages[0], &hello));
    uint64_t peer = event.peer;
    wire_put(broker, peer, &answer);
    event = next(actor, broker);
    assert_int_equal(event.peer, 0);
    assert_int_equal(event.messages[0].command, COMMAND_GOODBYE);
    for (uint64_t i = 2; i < MANY; i++) {
        message_t message = numbered(i);
        wire_put(actor, 0, &message);
    }
    for (uint64_t i = 2; i < MANY;) {
        event = next(broker, actor);
        assert_int_equal(event.peer, peer);
        assert_in_range(event.count, 1, MESSAGE_FRAME_MOST);
        for (size_t j = 0; j < event.count; j++)
            assert_int_equal(event.messages[j].number, i++);
    }
    assert_true(wire_counts(actor).frames_out < MANY / 32); /* together in few frames */
}

static void test_ipc(void **state)
{
    wire_t *broker = make(NULL), *actor = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    connect_to(actor, &endpoint);
    talk(broker, actor);
    wire_destroy(&actor);
    wire_destroy(&broker);
}

static void test_tcp_and_ipv6(void **state)
{
    (void)state;
    static const char *const wanted[] = {"tcp://127.0.0.1:*", "tcp://[::1]:*"};
    for (int i = 0; i < 2; i++) {
        wire_t *broker = make(NULL), *actor = make(NULL);
        endpoint_t endpoint = endpoint_of(wanted[i]);
        fault_t fault = {0};
        char bound[ENDPOINT_TEXT];
        if (wire_listen(broker, &endpoint, bound, &fault) == 0) { /* a machine may have no IPv6 */
            endpoint = endpoint_of(bound);
            connect_to(actor, &endpoint);
            talk(broker, actor);
        } else {
            assert_int_equal(i, 1);
        }
        wire_destroy(&actor);
        wire_destroy(&broker);
    }
}

/* The largest body goes through, and the frame behind it stays apart. */
static void test_large(void **state)
{
    wire_t *broker = make(NULL), *owner = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    connect_to(owner, &endpoint);
    char *bytes = calloc(1, MESSAGE_BODY_MOST);
    message_t small = numbered(1);
    message_t large = {
        .command = COMMAND_SUBMIT, .job = {1, 2}, .epoch = 1, .names = {slice_of("ocr")}, .name_count = 1};
    large.body = (slice_t){bytes, MESSAGE_BODY_MOST};
    wire_put(owner, 0, &small);
    wire_event_t event = next(broker, owner); /* connected */
    wire_put(owner, 0, &small);
    wire_put(owner, 0, &large);
    wire_put(owner, 0, &small);
    event = next(broker, owner);
    assert_int_equal(event.count, 2);
    assert_int_equal(event.messages[1].body.size, MESSAGE_BODY_MOST);
    event = next(broker, owner);
    assert_int_equal(event.count, 1);
    free(bytes);
    wire_destroy(&owner);
    wire_destroy(&broker);
}

/* ACKs alone wait for company, in their place before it; they leave when their time has come, and at the end. */
static void test_acks_wait(void **state)
{
    wire_t *broker = make(NULL), *actor = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    connect_to(actor, &endpoint);
    message_t hello = numbered(1), other = {.command = COMMAND_GOODBYE};
    message_t ack = {.command = COMMAND_ACK, .acked = COMMAND_DONE, .job = {1, 2}, .token = {3, 4}};
    wire_put(actor, 0, &hello);
    uint64_t peer = next(broker, actor).peer;
    assert_true(wire_deadline(broker) == INT64_MAX);
    wire_put(broker, peer, &ack);
    wire_flush(broker);
    assert_int_equal(wire_counts(broker).frames_out, 0);
    assert_true(wire_deadline(broker) < clock_now_us() + PATIENCE_US);
    wire_put(broker, peer, &other);
    wire_flush(broker);
    wire_event_t event = next(actor, NULL);
    assert_int_equal(event.count, 2);
    assert_true(message_equal(&event.messages[0], &ack));
    assert_int_equal(event.messages[1].command, COMMAND_GOODBYE);
    assert_true(wire_deadline(broker) == INT64_MAX);
    wire_put(broker, peer, &ack);
    event = next(actor, broker); /* in its time */
    assert_int_equal(event.count, 1);
    wire_put(broker, peer, &ack);
    wire_destroy(&broker);
    event = next(actor, NULL);
    assert_true(message_equal(&event.messages[0], &ack));
    wire_destroy(&actor);
}

/* Who has gone is told when something is sent to it; what is sent is lost and counted. */
static void test_gone(void **state)
{
    wire_t *broker = make(NULL), *actor = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    connect_to(actor, &endpoint);
    message_t message = numbered(1);
    wire_put(actor, 0, &message);
    uint64_t peer = next(broker, actor).peer;
    wire_destroy(&actor);
    wire_event_t event = {0};
    int64_t end_us = clock_now_us() + PATIENCE_US;
    while (clock_now_us() < end_us && !next_within(broker, NULL, &event, 20000))
        wire_put(broker, peer, &message);
    assert_int_equal(event.kind, WIRE_GONE);
    assert_int_equal(event.peer, peer);
    assert_int_equal(wire_counts(broker).lost, 1);
    wire_destroy(&broker);
}

/* Nothing gathers for a broker that is away: only the newest frame is kept, and one that comes gets it. */
static void test_broker_comes_later(void **state)
{
    wire_t *actor = make(NULL);
    endpoint_t endpoint = path_of(state);
    connect_to(actor, &endpoint);
    for (uint64_t i = 1; i <= 5; i++) {
        message_t message = numbered(i);
        wire_put(actor, 0, &message);
        wire_flush(actor);
    }
    assert_int_equal(wire_counts(actor).lost, 4);
    wire_t *broker = make(NULL);
    listen_at(broker, &endpoint);
    wire_event_t event = next(broker, actor);
    assert_int_equal(event.count, 1);
    assert_int_equal(event.messages[0].number, 5);
    wire_destroy(&actor);
    wire_destroy(&broker);
}

/* A stranger's socket, under this name (NULL = as ZeroMQ chooses). */
static void *stranger(void *context, const endpoint_t *endpoint, const char *name)
{
    void *socket = zmq_socket(context, ZMQ_DEALER);
    int linger = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (name)
        assert_int_equal(zmq_setsockopt(socket, ZMQ_ROUTING_ID, name, strlen(name)), 0);
    assert_int_equal(zmq_connect(socket, endpoint->text), 0);
    return socket;
}

static size_t receive_size(void *socket)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    assert_true(zmq_msg_recv(&frame, socket, 0) >= 0);
    size_t size = zmq_msg_size(&frame);
    zmq_msg_close(&frame);
    return size;
}

/* A peer that does not read: what is for it is kept up to WIRE_BACKLOG_MOST, the rest is lost and counted; when it
 * reads it gets what was kept, and what comes then. */
static void test_unread(void **state)
{
    enum { SIZE = 8 << 20, TRIES = 2 * (WIRE_BACKLOG_MOST / SIZE), FEW = 1, PATIENCE_MS = PATIENCE_US / 1000 };
    wire_t *broker = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_DEALER);
    int few = FEW, patience = PATIENCE_MS, linger = 0;
    zmq_setsockopt(socket, ZMQ_RCVHWM, &few, sizeof few);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    assert_int_equal(zmq_connect(socket, endpoint.text), 0);
    buf_t hello = {0};
    message_t small = numbered(1);
    message_encode(&small, &hello);
    zmq_send(socket, hello.bytes, hello.size, 0);
    uint64_t peer = next(broker, NULL).peer;
    char *bytes = calloc(1, SIZE);
    for (int i = 0; i < TRIES; i++)
        wire_put(broker, peer, &(message_t){.command = COMMAND_STATS, .body = {bytes, SIZE}});
    wire_flush(broker);
    wire_counts_t counts = wire_counts(broker);
    assert_int_equal(counts.frames_out + counts.lost, TRIES);
    assert_in_range(counts.frames_out, WIRE_BACKLOG_MOST / SIZE,
                    WIRE_BACKLOG_MOST / SIZE + 4); /* some are in buffers */
    for (uint64_t i = 0; i < counts.frames_out; i++)
        assert_true(receive_size(socket) > SIZE);
    wire_put(broker, peer, &small);
    wire_flush(broker);
    assert_int_equal(receive_size(socket), hello.size);
    assert_int_equal(wire_counts(broker).lost, counts.lost);
    buf_free(&hello);
    free(bytes);
    zmq_close(socket);
    zmq_ctx_term(context);
    wire_destroy(&broker);
}

static void test_garbage(void **state)
{
    wire_t *broker = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    void *context = zmq_ctx_new(), *socket = stranger(context, &endpoint, NULL);
    buf_t good = {0};
    message_t message = numbered(7);
    message_encode(&message, &good);
    zmq_send(socket, "", 0, 0);                     /* nothing */
    zmq_send(socket, "\x93\x02\x1e\x00", 4, 0);     /* another version */
    zmq_send(socket, good.bytes, good.size - 1, 0); /* cut */
    zmq_send(socket, "a", 1, ZMQ_SNDMORE);          /* two frames */
    zmq_send(socket, good.bytes, good.size, 0);
    for (int i = 0; i < 4; i++) {
        wire_event_t event = next(broker, NULL);
        assert_int_equal(event.kind, WIRE_BAD);
        assert_int_equal(event.count, 0);
    }
    zmq_send(socket, good.bytes, good.size, 0); /* and it is heard as before */
    wire_event_t event = next(broker, NULL);
    assert_int_equal(event.kind, WIRE_MESSAGES);
    assert_true(message_equal(&event.messages[0], &message));
    zmq_close(socket);
    zmq_ctx_term(context);
    buf_free(&good);
    wire_destroy(&broker);
}

/* A peer that names itself is not heard; others are. */
static void test_named(void **state)
{
    wire_t *broker = make(NULL);
    endpoint_t endpoint = path_of(state);
    endpoint = listen_at(broker, &endpoint);
    void *context = zmq_ctx_new(), *named = stranger(context, &endpoint, "owner"),
         *plain = stranger(context, &endpoint, NULL);
    buf_t good = {0};
    message_t message = numbered(7);
    message_encode(&message, &good);
    zmq_send(named, good.bytes, good.size, 0);
    wire_event_t event;
    for (int64_t end_us = clock_now_us() + PATIENCE_US; wire_counts(broker).nameless == 0 && clock_now_us() < end_us;)
        assert_false(next_within(broker, NULL, &event, 10000));
    assert_int_equal(wire_counts(broker).nameless, 1);
    zmq_send(plain, good.bytes, good.size, 0);
    event = next(broker, NULL);
    assert_int_equal(event.kind, WIRE_MESSAGES);
    zmq_close(named);
    zmq_close(plain);
    zmq_ctx_term(context);
    buf_free(&good);
    wire_destroy(&broker);
}

/* Keys of a broker and of two peers, of which the list has the first one, or both. */
typedef struct {
    certificate_t broker, first, second;
    allow_t *allow;
} keys_t;

static allow_t *list_of(const certificate_t *first, const certificate_t *second)
{
    buf_t text = {0};
    fault_t fault = {0};
    buf_format(&text, "%s first actor:ocr\n", first->public_key);
    if (second)
        buf_format(&text, "%s second owner\n", second->public_key);
    allow_t *allow = allow_parse(buf_string(&text), text.size, &fault);
    if (!allow)
        fail_msg("%s", fault.text);
    buf_free(&text);
    return allow;
}

static keys_t make_keys(void)
{
    keys_t keys;
    certificate_new("broker", &keys.broker);
    certificate_new("first", &keys.first);
    certificate_new("second", &keys.second);
    keys.allow = list_of(&keys.first, NULL);
    return keys;
}

static wire_t *make_broker(const keys_t *keys)
{
    wire_plan_t plan = {
        .secret_key = keys->broker.secret_key, .public_key = keys->broker.public_key, .allow = keys->allow};
    return make(&plan);
}

static wire_t *make_peer(const certificate_t *own, const char *server_key)
{
    wire_plan_t plan = {.secret_key = own->secret_key, .public_key = own->public_key, .server_key = server_key};
    return make(&plan);
}

/* Waits until a peer is told, each time that it tries, that it is not let in; the broker hears no frame of it. */
static void expect_shut_out(wire_t *broker, wire_t *peer, const char *words, int times)
{
    message_t message = numbered(1);
    wire_event_t event;
    int64_t end_us = clock_now_us() + PATIENCE_US;
    for (int told = 0; told < times;) {
        if (clock_now_us() > end_us)
            fail_msg("it was told %d times, not %d", told, times);
        wire_put(peer, 0, &message);
        while (next_within(broker, peer, &event, 1000))
            assert_int_equal(event.kind, WIRE_REFUSED);
        if (!next_within(peer, broker, &event, 20000))
            continue;
        assert_int_equal(event.kind, WIRE_REFUSED);
        if (!strstr(event.text, words))
            fail_msg("%s: …%s… is not in it", event.text, words);
        told++;
    }
}

static void test_curve(void **state)
{
    (void)state;
    keys_t keys = make_keys();
    wire_t *broker = make_broker(&keys), *actor = make_peer(&keys.first, keys.broker.public_key);
    endpoint_t endpoint = endpoint_of("tcp://127.0.0.1:*");
    endpoint = listen_at(broker, &endpoint);
    connect_to(actor, &endpoint);
    talk(broker, actor);
    message_t message = numbered(1);
    wire_put(actor, 0, &message);
    wire_event_t event = next(broker, actor);
    assert_non_null(event.key);
    assert_string_equal(event.key->name, "first");
    assert_string_equal(event.key->key, keys.first.public_key);
    assert_int_equal(wire_counts(broker).strangers, 0);
    wire_destroy(&actor);
    wire_destroy(&broker);
    allow_destroy(&keys.allow);
}

/* No frame of a key that is not on the list; who tries on is let in once it is there, though ZeroMQ itself gives up. */
static void test_stranger(void **state)
{
    (void)state;
    keys_t keys = make_keys();
    wire_t *broker = make_broker(&keys), *actor = make_peer(&keys.second, keys.broker.public_key);
    endpoint_t endpoint = endpoint_of("tcp://127.0.0.1:*");
    endpoint = listen_at(broker, &endpoint);
    connect_to(actor, &endpoint);
    expect_shut_out(broker, actor, "does not let this key in", 3);
    assert_in_range(wire_counts(broker).strangers, 3, 1000);
    assert_int_equal(wire_counts(broker).frames_in, 0);
    allow_t *both = list_of(&keys.first, &keys.second);
    wire_allow(broker, both);
    message_t message = numbered(2);
    wire_event_t event = {.kind = WIRE_REFUSED};
    for (int64_t end_us = clock_now_us() + PATIENCE_US; event.kind == WIRE_REFUSED && clock_now_us() < end_us;) {
        wire_put(actor, 0, &message);
        if (!next_within(broker, actor, &event, 50000))
            event.kind = WIRE_REFUSED;
    }
    assert_int_equal(event.kind, WIRE_MESSAGES);
    assert_string_equal(event.key->name, "second");
    wire_destroy(&actor);
    wire_destroy(&broker);
    allow_destroy(&both);
    allow_destroy(&keys.allow);
}

/* A broker that dies in the middle of a handshake, once and again, is no reason to tell people of keys. */
static void test_cut_off(void **state)
{
    (void)state;
    keys_t keys = make_keys();
    wire_t *broker = make_broker(&keys), *actor = make_peer(&keys.first, keys.broker.public_key);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    char text[ENDPOINT_TEXT];
    snprintf(text, sizeof text, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    endpoint_t endpoint = endpoint_of(text);
    connect_to(actor, &endpoint);
    for (int times = 0; times < 2; times++) {
        struct pollfd one = {listener, POLLIN, 0};
        assert_int_equal(poll(&one, 1, PATIENCE_US / 1000), 1);
        close(accept(listener, NULL, NULL));
    }
    close(listener);
    listen_at(broker, &endpoint);
    talk(broker, actor);
    wire_destroy(&actor);
    wire_destroy(&broker);
    allow_destroy(&keys.allow);
}

/* Who has the wrong key of the broker, or no keys at all, or meets a broker without keys. */
static void test_wrong_keys(void **state)
{
    (void)state;
    keys_t keys = make_keys();
    wire_t *broker = make_broker(&keys), *open = make(NULL);
    endpoint_t endpoint = endpoint_of("tcp://127.0.0.1:*"), open_endpoint = listen_at(open, &endpoint);
    endpoint = listen_at(broker, &endpoint);
    wire_t *deceived = make_peer(&keys.first, keys.second.public_key), *plain = make(NULL),
           *careful = make_peer(&keys.first, keys.broker.public_key);
    connect_to(deceived, &endpoint);
    connect_to(plain, &endpoint);
    connect_to(careful, &open_endpoint);
    expect_shut_out(broker, deceived, "hangs up", 2);
    expect_shut_out(broker, plain, "", 2);
    expect_shut_out(open, careful, "", 2); /* it says nothing to a broker that proves nothing */
    assert_int_equal(wire_counts(broker).frames_in, 0);
    assert_int_equal(wire_counts(open).frames_in, 0);
    wire_destroy(&deceived);
    wire_destroy(&plain);
    wire_destroy(&careful);
    wire_destroy(&broker);
    wire_destroy(&open);
    allow_destroy(&keys.allow);
}

/* A key that has left the list is not heard any more, though its connection stands; the others notice nothing. */
static void test_taken_off(void **state)
{
    (void)state;
    keys_t keys = make_keys();
    allow_t *both = list_of(&keys.first, &keys.second);
    wire_t *broker = make_broker(&keys), *first = make_peer(&keys.first, keys.broker.public_key),
           *second = make_peer(&keys.second, keys.broker.public_key);
    wire_allow(broker, both);
    endpoint_t endpoint = endpoint_of("tcp://127.0.0.1:*");
    endpoint = listen_at(broker, &endpoint);
    connect_to(first, &endpoint);
    connect_to(second, &endpoint);
    talk(broker, first);
    talk(broker, second);
    wire_allow(broker, keys.allow);
    message_t message = numbered(1);
    wire_put(second, 0, &message);
    wire_event_t event;
    for (int64_t end_us = clock_now_us() + PATIENCE_US; wire_counts(broker).barred == 0 && clock_now_us() < end_us;)
        assert_false(next_within(broker, second, &event, 10000));
    assert_int_equal(wire_counts(broker).barred, 1);
    wire_put(first, 0, &message);
    event = next(broker, first);
    assert_string_equal(event.key->name, "first");
    wire_allow(broker, both); /* and back */
    wire_put(second, 0, &message);
    event = next(broker, second);
    assert_string_equal(event.key->name, "second");
    wire_destroy(&first);
    wire_destroy(&second);
    wire_destroy(&broker);
    allow_destroy(&both);
    allow_destroy(&keys.allow);
}

/* A path of this machine needs no keys, beside a port that does. */
static void test_path_beside(void **state)
{
    keys_t keys = make_keys();
    wire_t *broker = make_broker(&keys), *actor = make(NULL);
    endpoint_t port = endpoint_of("tcp://127.0.0.1:*"), path = path_of(state);
    listen_at(broker, &port);
    listen_at(broker, &path);
    connect_to(actor, &path);
    talk(broker, actor);
    message_t message = numbered(1);
    wire_put(actor, 0, &message);
    assert_null(next(broker, actor).key);
    wire_destroy(&actor);
    wire_destroy(&broker);
    allow_destroy(&keys.allow);
}

static void expect_refused(const wire_plan_t *plan, const endpoint_t *endpoint, bool listens, const char *words)
{
    wire_t *wire = make(plan);
    fault_t fault = {0};
    int done = listens ? wire_listen(wire, endpoint, NULL, &fault) : wire_connect(wire, endpoint, &fault);
    if (done >= 0)
        fail_msg("%s was taken", endpoint->text);
    if (fault.code != FAULT_SETTING || !strstr(fault.text, words) || !strstr(fault.text, endpoint->text))
        fail_msg("%s: …%s… is not in it", fault.text, words);
    wire_destroy(&wire);
}

static void test_beyond_loopback(void **state)
{
    (void)state;
    endpoint_t everywhere = endpoint_of("tcp://*:*"), elsewhere = endpoint_of("tcp://192.0.2.1:4010");
    expect_refused(NULL, &everywhere, true, "YOGI_INSECURE=1");
    expect_refused(NULL, &elsewhere, false, "YOGI_INSECURE=1");
    wire_plan_t insecure = {.insecure = true};
    wire_t *wire = make(&insecure);
    listen_at(wire, &everywhere);
    wire_destroy(&wire);
}

static void test_in_use(void **state)
{
    wire_t *broker = make(NULL);
    endpoint_t path = path_of(state), port = endpoint_of("tcp://127.0.0.1:*");
    listen_at(broker, &path);
    port = listen_at(broker, &port);
    expect_refused(NULL, &path, true, "in use");
    expect_refused(NULL, &port, true, "in use");
    wire_destroy(&broker);
    endpoint_t nowhere = endpoint_of("ipc:///nonexistent/folder/broker");
    expect_refused(NULL, &nowhere, true, "cannot listen");
}

/* The path of a broker that was killed does not keep the next one from starting. */
static void test_left_behind(void **state)
{
    endpoint_t path = path_of(state);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.*s", ENDPOINT_PATH_MOST, path.text + strlen("ipc://"));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    wire_t *broker = make(NULL), *actor = make(NULL);
    listen_at(broker, &path);
    connect_to(actor, &path);
    talk(broker, actor);
    wire_destroy(&actor);
    wire_destroy(&broker);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_ipc),          cmocka_unit_test(test_tcp_and_ipv6),    WITH_FOLDER(test_large),
        WITH_FOLDER(test_gone),         WITH_FOLDER(test_broker_comes_later),   WITH_FOLDER(test_garbage),
        WITH_FOLDER(test_named),        cmocka_unit_test(test_curve),           cmocka_unit_test(test_stranger),
        cmocka_unit_test(test_cut_off), cmocka_unit_test(test_wrong_keys),      cmocka_unit_test(test_taken_off),
        WITH_FOLDER(test_path_beside),  cmocka_unit_test(test_beyond_loopback), WITH_FOLDER(test_in_use),
        WITH_FOLDER(test_left_behind),
        WITH_FOLDER(test_unread),
        WITH_FOLDER(test_acks_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
