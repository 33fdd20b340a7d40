/* wire_socket: makes the sockets of a wire with their limits and keys. For wire.c alone. */
#ifndef YOGI_WIRE_SOCKET_H
#define YOGI_WIRE_SOCKET_H

#include "wire.h"

/* A context with one thread of input and output; NULL with the fault. */
void *wire_context(fault_t *fault);

/* A ROUTER that listens there, or a DEALER that is to connect there (wire_dial); NULL with the fault. */
void *wire_router(void *context, const wire_plan_t *plan, const endpoint_t *endpoint, char bound[ENDPOINT_TEXT],
                  fault_t *fault);
void *wire_dealer(void *context, const wire_plan_t *plan, const endpoint_t *endpoint, fault_t *fault);

/* Connects a DEALER, or connects it again where ZeroMQ has given up. -1 with the fault. */
int wire_dial(void *socket, const char *endpoint, fault_t *fault) __attribute__((warn_unused_result));
void wire_hang_up(void *socket, const char *endpoint);

int wire_descriptor(void *socket); /* ZMQ_FD */
int wire_events(void *socket);     /* ZMQ_EVENTS */

#endif
