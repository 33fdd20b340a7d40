/* scheduler_debt: whose a job is, and what its owner is owed: RECORDs and FINISHED, until they are acknowledged. A room
 * of the scheduler (scheduler_state.h). */
#ifndef YOGI_BROKER_SCHEDULER_DEBT_H
#define YOGI_BROKER_SCHEDULER_DEBT_H

#include "scheduler_state.h"

void scheduler_attach(scheduler_t *s, owner_t *owner, job_t *job); /* its owner is this one now */
void scheduler_detach(scheduler_t *s, job_t *job);

/* Room for a dossier of that size, if the job may grow so far. */
bool scheduler_make_room(scheduler_t *s, job_t *job, uint32_t bytes);

uint64_t scheduler_bytes_most(const scheduler_t *s); /* that may be reserved at this moment */

/* One more; holds the body; to be filled in, then pumped. */
record_t *scheduler_owe(scheduler_t *s, job_t *job, record_kind_t kind, blob_t *body, slice_t attachment);
void scheduler_owe_counts(scheduler_t *s, job_t *job, int64_t now);
void scheduler_owe_anew(scheduler_t *s, record_t *record, owner_t *owner); /* to this owner, under a new token */
void scheduler_settle(scheduler_t *s, job_t *job, record_t *record);       /* the record is owed no more */

void scheduler_pump(scheduler_t *s, owner_t *owner, int64_t now);   /* sends what its window allows */
void scheduler_resend(scheduler_t *s, owner_t *owner, int64_t now); /* what has waited too long for its ACK */
void scheduler_unsend(scheduler_t *s, owner_t *owner);              /* all that was sent waits again */

#endif
