/* watch: what becomes of the handshakes of a socket that connects, by ZeroMQ's monitor. For wire.c alone, on its
 * thread.
 *
 * Needed because ZeroMQ gives up for good, without a word, when the other side refuses the key or does not speak the
 * same mechanism: a host that was started before its key was on the list would never be heard.
 */
#ifndef YOGI_WIRE_WATCH_H
#define YOGI_WIRE_WATCH_H

#include "proto/base/fault.h"

typedef struct watch watch_t;

typedef enum {
    WATCH_NOTHING, /* nothing has happened */
    WATCH_IN,      /* the other side has let us in */
    WATCH_CUT,     /* it hung up in the middle: ZeroMQ tries again */
    WATCH_KEY,     /* it refuses our key: ZeroMQ has given up */
    WATCH_MANNER,  /* only one side uses keys, or it is no ZeroMQ: ZeroMQ has given up */
} watch_news_t;

/* Watches a socket that has not connected yet. NULL with the fault. */
watch_t *watch_new(void *context, void *socket, fault_t *fault);

/* Before its socket is closed. Takes NULL; nulls the caller's pointer. */
void watch_destroy(watch_t **watch);

void *watch_socket(const watch_t *watch); /* to wait for */

watch_news_t watch_take(watch_t *watch); /* the next news */

#endif
