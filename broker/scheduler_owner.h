/* scheduler_owner: what owners say. A room of the scheduler (scheduler_state.h). */
#ifndef YOGI_BROKER_SCHEDULER_OWNER_H
#define YOGI_BROKER_SCHEDULER_OWNER_H

#include "scheduler_state.h"

void scheduler_submit(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);
void scheduler_cancel(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);
void scheduler_owner_ack(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);
void scheduler_owner_stats(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);

#endif
