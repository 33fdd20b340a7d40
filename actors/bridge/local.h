/* local: jobs of the stage noop that the bridge answers itself, without an actor. */
#ifndef YOGI_BRIDGE_LOCAL_H
#define YOGI_BRIDGE_LOCAL_H

#include "noop.h"
#include "queue.h"

/* Ends the job in the slot, now or when its time has come. False for what only an actor can do (crash, hang); nothing
 * has happened then. */
bool local_work(queue_t *queue, uint32_t slot, const job_t *job, int64_t now_us);

/* Ends it by what the op says, when an actor has done its part. */
void local_end(queue_t *queue, uint32_t slot, const job_t *job, const noop_t *noop, span_t text, int64_t due_us);

#endif
