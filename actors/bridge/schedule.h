/* schedule: the next run of a job scheduler, worked out when a job of it is begun, as Node's workers do it. Pure but
 * for the zones that it opens.
 */
#ifndef YOGI_BRIDGE_SCHEDULE_H
#define YOGI_BRIDGE_SCHEDULE_H

#include "cron/repeat.h"
#include "job.h"

typedef enum { SCHEDULE_NEXT, SCHEDULE_ENDED, SCHEDULE_WRONG } schedule_kind_t;

/* Whether the job's scheduler has an id that a repeatable job of BullMQ 5 and older could have too, which nobody here
 * continues: five parts and more that end in a pattern or a number. A scheduler's own hash has the field `ic` then. */
bool schedule_is_doubtful(const job_t *job);

/* SCHEDULE_NEXT: when, and the options of the next job as msgpack, appended. ENDED: its limit or its end is reached.
 * WRONG with the fault: nobody can tell when. */
schedule_kind_t schedule_next(const job_t *job, zones_t *zones, int64_t now_ms, int64_t *next_ms, buf_t *options,
                              fault_t *fault);

#endif
