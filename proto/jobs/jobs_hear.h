/* jobs_hear: what the brokers of a host say, one handler a command, and what a broker's silence means. Below jobs.h. */
#ifndef YOGI_JOBS_HEAR_H
#define YOGI_JOBS_HEAR_H

#include "jobs_state.h"

void jobs_hear(jobs_t *jobs, uint32_t broker, const message_t *message, int64_t now_us);

/* It is not heard any more: its slots go to the others. Nothing where it was not. */
void jobs_lose_broker(jobs_t *jobs, uint32_t broker);

/* A job that waits or is prepared is not this host's any more. */
void jobs_let_go(jobs_t *jobs, duty_t *duty);

#endif
