/* pace: how many jobs of a stage should wait at a host beside those that are worked on, from what is measured. Pure.
 *
 * A worker that has done a job has its next one a while later, the lead: the answer goes to the broker, a job comes
 * back, and its document is fetched where the stage wants it. Jobs that wait here fill that while, and each of them
 * might have been done by another host meanwhile. So
 *
 *     waiting = 2 × workers × lead / run, rounded up        twice, because leads and runs vary
 *             = 0 where the lead is less than 1/64 of a run: no job is to wait behind a long one for so little
 *             ≤ most, which the operator sets (YOGI_PREFETCH)
 *
 * A stage of microseconds has dozens, one of seconds none, or one where documents are long on the way. Until a job has
 * been measured it is one. Runs and leads are moving averages, each new one an eighth. A change is made only when it is
 * by half or more, so that brokers are not told of every flutter.
 */
#ifndef YOGI_JOBS_PACE_H
#define YOGI_JOBS_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Plain; pace_open makes it. */
typedef struct {
    uint32_t workers, most;
    uint32_t waiting; /* jobs that should wait here */
    int64_t run_us;   /* that a worker is at a job, mean; 0 = not measured */
    int64_t trip_us;  /* from an answer to what the broker says to it */
    int64_t fetch_us; /* that a document takes */
} pace_t;

void pace_open(pace_t *pace, uint32_t workers, uint32_t most);

/* One more of each was measured. */
void pace_ran(pace_t *pace, int64_t us);
void pace_tripped(pace_t *pace, int64_t us);
void pace_fetched(pace_t *pace, int64_t us);

/* A job has been worked on for so long and is not done: from eight times the mean on, and a tenth of a second, that is
 * the mean from now on, so that what a stage was a second ago is forgotten. Whether it is. */
bool pace_lasts(pace_t *pace, int64_t us);

/* Brings `waiting` up to date. Whether it has changed. */
bool pace_settle(pace_t *pace);

#endif
