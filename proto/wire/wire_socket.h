/* wire_socket: makes the sockets of a wire with their limits and keys. For wire.c alone. */
#ifndef YOGI_WIRE_SOCKET_H
#define YOGI_WIRE_SOCKET_H

#include "wire.h"

/* A context with one thread of input and output; NULL with the fault. */
void *wire_context(fault_t *fault);

/* A ROUTER that listens there, or a DEALER that connects; NULL with the fault. */
void *wire_router(void *context, const wire_plan_t *plan, const endpoint_t *endpoint, char bound[ENDPOINT_TEXT],
                  fault_t *fault);
void *wire_dealer(void *context, const wire_plan_t *plan, const endpoint_t *endpoint, fault_t *fault);

int wire_descriptor(void *socket); /* ZMQ_FD */
int wire_events(void *socket);     /* ZMQ_EVENTS */

#endif
