/* requeue: what waited in the demo's queue waits in ours, as runs that the next gateway takes.
 *
 * Of documents: the demo queues one that was uploaded and has not ended; each of these, as far as its bytes are here
 * and no run of ours has had it, becomes a run. Of jobs of its queue (pickup.h): by the job. Done again, nothing is
 * queued twice.
 */
#ifndef YOGI_MOVE_REQUEUE_H
#define YOGI_MOVE_REQUEUE_H

#include "gateway/store/session.h"
#include "side.h"

typedef struct {
    int64_t queued;  /* runs that were made now */
    int64_t waiting; /* runs of ours that wait or are under way, with these */
    int64_t lacking; /* documents that would have to be read, but whose bytes are not here */
} requeue_count_t;

/* ours: a side of our layout. timeout_ms: of SQLite's locks. */
int requeue(side_t *ours, int64_t timeout_ms, requeue_count_t *count, fault_t *fault)
    __attribute__((warn_unused_result));

/* One run that is wanted. Texts are the caller's. */
typedef struct {
    const char *tenant;
    view_t document;
    int attempts;     /* at each stage; fewer than a run has of itself are not meant */
    const char *mark; /* made with it in one transaction, in the table moves; NULL = none */
} requeue_wish_t;

/* Makes the run, durably. DONE; ALREADY: the mark was there, so the run was made before; NOT_FOUND; CONFLICT: there are
 * no bytes of ours to read. */
int requeue_one(database_t *database, const requeue_wish_t *wish, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* Notes by a mark of that name that something is done. *fresh: it was not there. */
int requeue_mark(database_t *database, const char *mark, const char *value, bool *fresh, fault_t *fault)
    __attribute__((warn_unused_result));

/* The beginning of the mark of a document whose reading was asked of a queue of BullMQ instead: it is not queued here.
 * It begins as trip.h's MARKS_OF_JOBS. */
#define REQUEUE_ELSEWHERE "bullmq:"

#endif
