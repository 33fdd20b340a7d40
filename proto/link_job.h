/* link_job: the jobs of a link from state to state; see the diagram in link.h. link_job_move is the one place that sets
 * a state; which list a job is in follows from it. For link.c alone. */
#ifndef YOGI_LINK_JOB_H
#define YOGI_LINK_JOB_H

#include "link_state.h"

link_job_t *link_job_find(const link_t *link, ident_t id);
link_job_t *link_job_add(link_t *link, ident_t id, uint64_t epoch);
void link_job_remove(link_t *link, link_job_t *job);
void link_job_move(link_t *link, link_job_t *job, link_job_state_t state, uint32_t broker); /* the one setter */
void link_job_due(link_t *link, link_job_t *job, int64_t due_us); /* sets its timer; 0 = none */
void link_job_raise(link_t *link, link_job_t *job);               /* leaves its broker for the next epoch */
void link_job_busy(link_t *link, link_job_t *job,
                   int64_t now); /* back, to wait again; often enough, and another broker is tried */
void link_job_timeout(link_t *link, link_job_t *job, int64_t now);
void link_call_off(link_t *link, link_job_t *job, int64_t now); /* CANCEL to its broker, again until answered */
void link_pump(link_t *link, int64_t now);                      /* asks for what may be sent */
void link_broker_forgot(link_t *link, uint32_t broker);         /* it has none of its jobs any more */
void link_broker_left(link_t *link, uint32_t broker);           /* its jobs go to others */

#endif
