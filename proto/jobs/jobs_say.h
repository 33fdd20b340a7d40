/* jobs_say: what a host says to one of its brokers; each function adds messages to the actions of the call under way.
 * Below jobs.h, which says when.
 */
#ifndef YOGI_JOBS_SAY_H
#define YOGI_JOBS_SAY_H

#include "jobs_state.h"

void say_hello(jobs_t *jobs, uint32_t broker, int64_t now_us); /* where it is time for one, and the host stays */
void say_heartbeat(jobs_t *jobs, uint32_t broker, bool listed);
void say_offer(jobs_t *jobs, const duty_t *duty);
void say_return(jobs_t *jobs, uint32_t broker, const message_t *job);
void say_answer(jobs_t *jobs, duty_t *duty, int64_t now_us); /* (again), where the broker is heard */
void say_changes(jobs_t *jobs);                              /* of slots, to every broker */

#endif
