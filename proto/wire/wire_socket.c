/* wire_socket: see wire_socket.h. */
#include "wire_socket.h"
#include "gate.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

/* LINGER: how long a GOODBYE may take to leave. RECONNECT: a broker that comes back is found within 2 s, HELLO
 * included. CONNECT: an attempt to connect is given up and made anew; left to itself TCP doubles its waits, and a host
 * would find a network that was away for a minute only another half a minute after its return. PING, PONG: a connection
 * whose other end is gone without a word is made anew. HANDSHAKE: who connects and says nothing is cut off.
 * CONNECTIONS: as many as may stand in a queue to be accepted. */
enum {
    LINGER_MS = 500,
    RECONNECT_MS = 100,
    RECONNECT_MOST_MS = 1000,
    CONNECT_MS = 2000,
    PING_MS = 2000,
    PONG_MS = 4000,
    HANDSHAKE_MS = 5000,
    BACKLOG = 1024,
};

void *wire_context(fault_t *fault)
{
    void *context = zmq_ctx_new();
    if (!context)
        fault_set(fault, FAULT_SYSTEM, "no ZeroMQ context: %s", zmq_strerror(errno));
    return context;
}

static void set(void *socket, int option, int value)
{
    int done = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(done == 0); /* every value is within libzmq's limits */
}

static void set_limits(void *socket)
{
    int64_t most = MESSAGE_FRAME_BYTES_MOST;
    int done = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
    assert(done == 0);
    set(socket, ZMQ_SNDHWM, WIRE_QUEUE_MOST);
    set(socket, ZMQ_RCVHWM, WIRE_UNREAD_MOST);
    set(socket, ZMQ_LINGER, LINGER_MS);
    set(socket, ZMQ_HEARTBEAT_IVL, PING_MS);
    set(socket, ZMQ_HEARTBEAT_TIMEOUT, PONG_MS);
    set(socket, ZMQ_HEARTBEAT_TTL, PONG_MS);
    set(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
}

/* Z85 keys; what is no key is refused by libzmq. */
static int set_key(void *socket, int option, const char *key, const char *what, fault_t *fault)
{
    if (key && strlen(key) == KEY_TEXT - 1 && zmq_setsockopt(socket, option, key, KEY_TEXT) == 0)
        return 0;
    return fault_set(fault, FAULT_SETTING, "the %s key is no CURVE key (40 characters of Z85)", what);
}

/* CURVE where it belongs; refuses TCP beyond loopback without it. */
static int secure(void *socket, const wire_plan_t *plan, const endpoint_t *endpoint, bool listens, fault_t *fault)
{
    if (endpoint->kind != ENDPOINT_TCP)
        return 0;
    if (!plan->secret_key) {
        if (endpoint->loopback || plan->insecure)
            return 0;
        return fault_set(
            fault, FAULT_SETTING,
            "%s reaches beyond this machine and there are no CURVE keys: everybody could read and change the "
            "documents; make keys (yogi keys new) and set YOGI_KEYS and %s (YOGI_INSECURE=1 goes without)",
            endpoint->text, listens ? "YOGI_BROKER_ALLOW" : "YOGI_BROKER_KEY");
    }
    if (set_key(socket, ZMQ_CURVE_PUBLICKEY, plan->public_key, "public", fault) < 0 ||
        set_key(socket, ZMQ_CURVE_SECRETKEY, plan->secret_key, "secret", fault) < 0)
        return -1;
    if (listens) {
        set(socket, ZMQ_CURVE_SERVER, 1);
        int done = zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, GATE_DOMAIN, strlen(GATE_DOMAIN));
        assert(done == 0); /* with a domain nobody gets in where no gate answers */
        return 0;
    }
    return set_key(socket, ZMQ_CURVE_SERVERKEY, plan->server_key, "broker's", fault);
}

static void *new_socket(void *context, int type, const wire_plan_t *plan, const endpoint_t *endpoint, fault_t *fault)
{
    void *socket = zmq_socket(context, type);
    if (!socket) {
        fault_set(fault, FAULT_SYSTEM, "no socket for %s: %s", endpoint->text, zmq_strerror(errno));
        return NULL;
    }
    set_limits(socket);
    if (endpoint->ipv6)
        set(socket, ZMQ_IPV6, 1);
    if (secure(socket, plan, endpoint, type == ZMQ_ROUTER, fault) == 0)
        return socket;
    zmq_close(socket);
    return NULL;
}

/* libzmq removes the path of another process's socket and takes its place, so whether somebody listens is asked first.
 */
static bool is_in_use(const endpoint_t *endpoint)
{
    if (endpoint->kind != ENDPOINT_IPC)
        return false;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.*s", ENDPOINT_PATH_MOST, endpoint->text + strlen("ipc://"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool answered = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    return answered;
}

static int listen_at(void *socket, const endpoint_t *endpoint, fault_t *fault)
{
    bool used = is_in_use(endpoint);
    if (!used && zmq_bind(socket, endpoint->text) == 0)
        return 0;
    if (used || errno == EADDRINUSE)
        return fault_set(fault, FAULT_SETTING, "%s is in use: is a broker running there already?", endpoint->text);
    return fault_set(fault, FAULT_SETTING, "cannot listen at %s: %s", endpoint->text, zmq_strerror(errno));
}

void *wire_router(void *context, const wire_plan_t *plan, const endpoint_t *endpoint, char bound[ENDPOINT_TEXT],
                  fault_t *fault)
{
    void *socket = new_socket(context, ZMQ_ROUTER, plan, endpoint, fault);
    if (!socket)
        return NULL;
    set(socket, ZMQ_ROUTER_MANDATORY, 1);
    set(socket, ZMQ_BACKLOG, BACKLOG);
    if (listen_at(socket, endpoint, fault) < 0) {
        zmq_close(socket);
        return NULL;
    }
    size_t size = ENDPOINT_TEXT;
    if (bound && zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size) < 0)
        snprintf(bound, ENDPOINT_TEXT, "%s", endpoint->text);
    return socket;
}

void *wire_dealer(void *context, const wire_plan_t *plan, const endpoint_t *endpoint, fault_t *fault)
{
    void *socket = new_socket(context, ZMQ_DEALER, plan, endpoint, fault);
    if (!socket)
        return NULL;
    set(socket, ZMQ_IMMEDIATE, 1); /* nothing gathers for a broker that is away */
    set(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    set(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MOST_MS);
    set(socket, ZMQ_CONNECT_TIMEOUT, CONNECT_MS);
    return socket;
}

int wire_dial(void *socket, const char *endpoint, fault_t *fault)
{
    if (zmq_connect(socket, endpoint) == 0)
        return 0;
    return fault_set(fault, FAULT_SETTING, "cannot connect to %s: %s", endpoint, zmq_strerror(errno));
}

void wire_hang_up(void *socket, const char *endpoint)
{
    while (zmq_disconnect(socket, endpoint) < 0 && errno == EINTR)
        ; /* ENOENT: it is gone already */
}

int wire_descriptor(void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    int done = zmq_getsockopt(socket, ZMQ_FD, &fd, &size);
    assert(done == 0);
    return fd;
}

int wire_events(void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    while (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) < 0 && errno == EINTR)
        ;
    return events;
}
