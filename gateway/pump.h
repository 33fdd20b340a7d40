/* pump: hands what has happened to documents on to the streams that watch them, whichever gateway did the work.
 *
 * One thread for all streams. While there are any, it looks into the store when the bell is rung here and once a second
 * besides: at the greatest number of an event, and only where that has grown at the events behind it. A document whose
 * end was missed (its events were swept, it was deleted) is found by a look at its row now and then. Streams are ended
 * PUMP_LINGER_MS after the end of their document.
 */
#ifndef YOGI_GATEWAY_PUMP_H
#define YOGI_GATEWAY_PUMP_H

#include "http/http.h"
#include "proto/base/log.h"
#include "store/store.h"

typedef struct pump pump_t;

enum { PUMP_LINGER_MS = 1000 };

pump_t *pump_new(store_t *store, const log_t *log);

/* Begins; before the first watch. */
void pump_start(pump_t *pump, http_t *http);

/* Ends its thread, before http is destroyed; streams stay as they are. */
void pump_stop(pump_t *pump);
void pump_destroy(pump_t **pump); /* takes NULL; nulls the caller's pointer */

/* The stream is to get everything of this document of the tenant behind the event of this number. */
void pump_watch(pump_t *pump, call_number_t stream, const char *tenant, const char *document, int64_t number);

/* The stream has got its last event. */
void pump_linger(pump_t *pump, call_number_t stream);

/* Something has changed in the store. From any thread. */
void pump_ring(pump_t *pump);

uint64_t pump_watches(pump_t *pump); /* now */

#endif
