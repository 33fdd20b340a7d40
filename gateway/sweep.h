/* sweep: takes away what nobody needs any more: bytes of deleted documents and of uploads that were never accepted,
 * bytes that no row knows, keys of uploads, owners that have ended, old events.
 *
 * A thread of its own makes a round now and then (YOGI_SWEEP_SECONDS) and waits for the store and the blobs. Several
 * gateways sweep side by side: an object has one of them to itself for a time (gateway/store/holds.h). What cannot be
 * done now is done in a later round, with a line in the log.
 */
#ifndef YOGI_GATEWAY_SWEEP_H
#define YOGI_GATEWAY_SWEEP_H

#include "blobs/blobs.h"
#include "proto/base/log.h"
#include "store/store.h"

typedef struct sweep sweep_t;

/* Borrowed while the sweep lives. */
typedef struct {
    const settings_t *settings;
    store_t *store;
    blobs_t *blobs;
    const log_t *log;
} sweep_plan_t;

/* Starts; the first round comes after the first rest. NULL with the fault. */
sweep_t *sweep_new(const sweep_plan_t *plan, fault_t *fault);

/* Ends it after the object in hand. Before the store and the blobs. Takes NULL; nulls the caller's pointer. */
void sweep_destroy(sweep_t **sweep);

#endif
