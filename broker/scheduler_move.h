/* scheduler_move: jobs from state to state; see the diagram in job.h. Being in a list is the state: leaving one and
 * entering the other happen in one place. A room of the scheduler (scheduler_state.h). */
#ifndef YOGI_BROKER_SCHEDULER_MOVE_H
#define YOGI_BROKER_SCHEDULER_MOVE_H

#include "scheduler_state.h"

void scheduler_move(scheduler_t *s, job_t *job, job_state_t state, int64_t now); /* but to a server */
void scheduler_bind(scheduler_t *s, job_t *job, server_t *server, token_t token, job_state_t state, int64_t now);

/* At the end of its stage's queue, in its owner's turn. */
void scheduler_enqueue(scheduler_t *s, job_t *job, int64_t now);

/* Its stage is done: on to that place of its route. */
void scheduler_hand_over(scheduler_t *s, job_t *job, uint8_t next, int64_t now);
void scheduler_unhold(scheduler_t *s, job_t *job, int64_t now); /* a RECORD was acknowledged */
void scheduler_retry(scheduler_t *s, job_t *job, slice_t fault, slice_t text, int64_t now);
void scheduler_postpone(scheduler_t *s, job_t *job, int64_t now); /* there is no room for its result now */
void scheduler_lose(scheduler_t *s, job_t *job, int64_t now);     /* whoever had it has it no more */
void scheduler_doom(scheduler_t *s, job_t *job, outcome_kind_t outcome, int64_t now); /* ends it, at its actor first */
void scheduler_end_doomed(scheduler_t *s, job_t *job, int64_t now);
/* Its last stage is done, and made this beside the dossier. */
void scheduler_complete(scheduler_t *s, job_t *job, slice_t attachment, int64_t now);
void scheduler_end(scheduler_t *s, job_t *job, outcome_kind_t outcome, failed_t class, slice_t fault, slice_t text,
                   int64_t now);
void scheduler_free(scheduler_t *s, job_t *job, int64_t now);

void scheduler_timer(scheduler_t *s, job_t *job);     /* sets its timer by its state */
void scheduler_dispatch(scheduler_t *s, int64_t now); /* assigns what can be assigned */

#endif
