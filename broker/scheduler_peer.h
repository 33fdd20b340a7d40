/* scheduler_peer: owners and actors come, by HELLO, and go. A room of the scheduler (scheduler_state.h). */
#ifndef YOGI_BROKER_SCHEDULER_PEER_H
#define YOGI_BROKER_SCHEDULER_PEER_H

#include "scheduler_state.h"

void scheduler_hello(scheduler_t *s, const event_t *event, int64_t now);
void scheduler_forget_owner(scheduler_t *s, owner_t *owner, int64_t now); /* with its jobs */
void scheduler_forget_actor(scheduler_t *s, actor_t *actor, int64_t now); /* its jobs are lost to it */

/* Who speaks over this connection: its number in `peers`. False when it is nobody who has said HELLO. */
bool scheduler_knows(const scheduler_t *s, uint64_t handle, uint32_t *number);

/* Ends every session of the key of these rights, and tells it why. */
void scheduler_bar(scheduler_t *s, const rights_t *rights, int64_t now);

/* REFUSED without a job, to be filled in further. */
message_t *scheduler_refuse_peer(scheduler_t *s, uint64_t handle, refused_t reason, const char *text);

/* The peer may come back on another one; silence decides. */
void scheduler_connection_gone(scheduler_t *s, uint64_t handle);

#endif
