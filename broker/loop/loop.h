/* loop: the broker's sockets, clock and signals around its scheduler.
 *
 * One thread. A turn takes up to WIRE_DRAIN_MOST frames, steps the scheduler for each of their messages, sends what
 * lies at hand in one frame for each peer, and waits for the next. When the process is told to end the scheduler takes
 * no new jobs, and the loop ends when those that are here have left, or when their grace time is over; what is left
 * then is submitted again elsewhere by its owners, as PROTOCOL.md says.
 */
#ifndef YOGI_BROKER_LOOP_H
#define YOGI_BROKER_LOOP_H

#include "proto/process.h"

typedef struct loop loop_t;

/* Reads the settings and listens. NULL with the fault. The process outlives it. */
loop_t *loop_new(process_t *process, fault_t *fault);

/* Runs until it was told to end. */
void loop_run(loop_t *loop);

void loop_destroy(loop_t **loop); /* takes NULL; nulls the caller's pointer */

#endif
