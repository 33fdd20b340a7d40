/* bridge: a full peer of BullMQ's queues. One thread with a poll loop: connections to Redis, the owner's end of the
 * brokers, signals; and one more thread that renews locks (renewer.h).
 *
 *     Redis ◀─▶ queue (one for each; slots of jobs) ◀─▶ local (noop), errands (jobs at the brokers)
 *
 * Ends: at SIGTERM nothing more is fetched; what is in hand ends, or is given back when YOGI_DRAIN_SECONDS are over;
 * then it waits for Redis to take that, some seconds at most. Logs: JSON lines; counts stand in Redis (tally.h).
 */
#ifndef YOGI_BRIDGE_H
#define YOGI_BRIDGE_H

#include "proto/process.h"

/* What is said on the standard output: a line "started QUEUE …" as soon as it runs, whatever Redis does; a line "ready
 * QUEUE …" once every queue has been asked for jobs. The latter is what the service manager is told too, in any case.
 */
typedef enum { BRIDGE_SAYS_NOTHING, BRIDGE_SAYS_START, BRIDGE_SAYS_READY } bridge_says_t;

/* Runs until it is told to end. Returns the exit code. */
int bridge_run(process_t *process, bridge_says_t says);

#endif
