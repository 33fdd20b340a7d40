/* requeue: what waited in the demo's queue waits in ours. The demo queues a document that was uploaded and has not
 * ended; each of these, as far as its bytes are here and no run of ours has had it, becomes a run that the next gateway
 * takes. Done again, nothing is queued twice.
 */
#ifndef YOGI_MOVE_REQUEUE_H
#define YOGI_MOVE_REQUEUE_H

#include "side.h"

typedef struct {
    int64_t queued;  /* runs that were made now */
    int64_t waiting; /* runs of ours that wait or are under way, with these */
    int64_t lacking; /* documents that would have to be read, but whose bytes are not here */
} requeue_count_t;

/* ours: a side of our layout. timeout_ms: of SQLite's locks. */
int requeue(side_t *ours, int64_t timeout_ms, requeue_count_t *count, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
