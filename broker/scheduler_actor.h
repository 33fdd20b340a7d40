/* scheduler_actor: what actors say. An answer counts when its token is the one under which the job runs at this actor;
 * any other is stale: acknowledged where it would be sent again, and dropped. A room of the scheduler
 * (scheduler_state.h). */
#ifndef YOGI_BROKER_SCHEDULER_ACTOR_H
#define YOGI_BROKER_SCHEDULER_ACTOR_H

#include "scheduler_state.h"

void scheduler_credit(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_started(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_actor_progress(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_done(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_failed(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_return(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_offer(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_actor_heartbeat(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);

#endif
