/* watch: see watch.h. */
#include "watch.h"
#include "proto/base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct watch {
    void *watched, *socket;
};

enum {
    EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
};

watch_t *watch_new(void *context, void *socket, fault_t *fault)
{
    watch_t *watch = memory_new(1, sizeof *watch);
    char name[64];
    int linger = 0;
    snprintf(name, sizeof name, "inproc://watch-%p", socket);
    watch->socket = zmq_socket(context, ZMQ_PAIR);
    if (watch->socket && zmq_setsockopt(watch->socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_socket_monitor(socket, name, EVENTS) == 0) {
        watch->watched = socket;
        if (zmq_connect(watch->socket, name) == 0)
            return watch;
    }
    fault_set(fault, FAULT_SYSTEM, "a ZeroMQ socket cannot be watched: %s", zmq_strerror(errno));
    watch_destroy(&watch);
    return NULL;
}

void watch_destroy(watch_t **watch)
{
    if (!watch || !*watch)
        return;
    if ((*watch)->watched)
        zmq_socket_monitor((*watch)->watched, NULL, 0);
    if ((*watch)->socket)
        zmq_close((*watch)->socket);
    free(*watch);
    *watch = NULL;
}

void *watch_socket(const watch_t *watch)
{
    return watch->socket;
}

static watch_news_t news_of(uint16_t event)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return WATCH_IN;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return WATCH_KEY;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        return WATCH_MANNER;
    default:
        return WATCH_CUT;
    }
}

/* An event is two frames: its number (16 bits) and value (32), in the machine's order; the endpoint. */
watch_news_t watch_take(watch_t *watch)
{
    uint8_t head[6], endpoint[512];
    if (zmq_recv(watch->socket, head, sizeof head, ZMQ_DONTWAIT) < (int)sizeof head)
        return WATCH_NOTHING;
    if (zmq_recv(watch->socket, endpoint, sizeof endpoint, ZMQ_DONTWAIT) < 0)
        return WATCH_NOTHING;
    uint16_t event;
    memcpy(&event, head, sizeof event);
    return news_of(event);
}
