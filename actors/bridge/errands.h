/* errands: jobs of queues that actors behind the brokers do: each is submitted as its owner (proto/link), and its slot
 * is ended by what comes back.
 *
 * For:    the bridge's loop. The brokers' end is made with the first job that needs it.
 * Disk:   Redis has the job: what the link wants to be written down needs nothing more. A job's id at the broker
 * follows from queue, id and attempt, and its epoch from how often it was begun, so that the bridge that takes a job
 * over from a dead one goes on with what the broker has. Store:  where a gateway serves the stage `store`, the route
 * ends with it, and what fails for good is told to it by a job of its own before the job ends in Redis.
 */
#ifndef YOGI_BRIDGE_ERRANDS_H
#define YOGI_BRIDGE_ERRANDS_H

#include "papers/sources.h"
#include "proto/settings.h"
#include "queue.h"

#include <poll.h>

/* Descriptors of the brokers' end. */
enum { ERRANDS_POLLS_MOST = 64 };

typedef struct errands errands_t;

typedef struct {
    const settings_t *settings; /* borrowed while it lives, as all of this */
    const log_t *log;
    const char *name;   /* of this owner for people */
    const char *prefix; /* of queues */
} errands_plan_t;

/* NULL with the fault: a setting of where documents lie is wrong. */
errands_t *errands_new(const errands_plan_t *plan, fault_t *fault);
void errands_destroy(errands_t **errands); /* takes leave of the brokers; takes NULL; nulls the caller's pointer */

/* Begins the work of a slot. Ends it (queue_end) when it is done, maybe in the call. The job stays while the slot works
 * on it. */
void errands_begin(errands_t *errands, queue_t *queue, uint32_t slot, const job_t *job, int64_t now_us);

/* The work of this slot is not wanted any more. */
void errands_cancel(errands_t *errands, queue_t *queue, uint32_t slot);

/* Jobs that brokers still have to be told of, or to tell of. */
uint32_t errands_left(const errands_t *errands);

void errands_step(errands_t *errands, int64_t now_us, int64_t *next_us);
size_t errands_poll(const errands_t *errands, struct pollfd *polls);

/* Whether documents go through brokers from the start: connects to them now. -1 with the fault. */
int errands_open(errands_t *errands, fault_t *fault) __attribute__((warn_unused_result));

#endif
