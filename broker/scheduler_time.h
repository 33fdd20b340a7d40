/* scheduler_time: all timed work of the scheduler: what is due among the jobs, and, once in a heartbeat, silence,
 * heartbeats, what must be sent again, and stages that nobody serves. A room of the scheduler (scheduler_state.h). */
#ifndef YOGI_BROKER_SCHEDULER_TIME_H
#define YOGI_BROKER_SCHEDULER_TIME_H

#include "scheduler_state.h"

void scheduler_tick(scheduler_t *s, int64_t now);
void scheduler_forgive(scheduler_t *s, int64_t now); /* a leap of the clock is nobody's silence */

#endif
