/* renewer: keeps the locks of jobs that are being worked on, in a thread of its own with a connection of its own, so
 * that nothing that the loop does can delay it. A lock is renewed when a third of its time is over, and tried again
 * until it is done or the lock is lost.
 *
 * For:    the bridge's loop, on one other thread. Calls here wait for a mutex that is held for microseconds.
 * Tells:  of locks that are another's or nobody's any more, by a descriptor and renewer_take.
 */
#ifndef YOGI_BRIDGE_RENEWER_H
#define YOGI_BRIDGE_RENEWER_H

#include "calls.h"
#include "proto/base/log.h"
#include "proto/redis/redis_place.h"

typedef struct renewer renewer_t;

typedef struct {
    const redis_place_t *place; /* borrowed while it lives */
    const log_t *log;           /* likewise */
    size_t queues;              /* how many there are */
    const uint32_t *slots;      /* of each; for renewer_new alone */
} renewer_plan_t;

/* A lost lock: of which queue and slot, and the number that renewer_hold gave. */
typedef struct {
    uint32_t queue, slot;
    uint64_t number;
} renewer_lost_t;

/* NULL with the fault: no thread. */
renewer_t *renewer_new(const renewer_plan_t *plan, fault_t *fault);
void renewer_destroy(renewer_t **renewer); /* waits for the thread, which takes a second at most; takes NULL */

/* How the locks of this queue are called; again whenever it changes. The scene is copied, what it refers to borrowed.
 */
void renewer_set(renewer_t *renewer, uint32_t queue, const call_scene_t *scene);

/* From now on this job's lock is kept; one for each slot. Returns a number. */
uint64_t renewer_hold(renewer_t *renewer, uint32_t queue, uint32_t slot, span_t id);
void renewer_release(renewer_t *renewer, uint32_t queue, uint32_t slot);

int renewer_fd(const renewer_t *renewer);                     /* readable when there is something to take */
bool renewer_take(renewer_t *renewer, renewer_lost_t *lost);  /* the next lost lock; false when there is none */
uint64_t renewer_renewed(renewer_t *renewer, uint32_t queue); /* locks renewed so far */

#endif
