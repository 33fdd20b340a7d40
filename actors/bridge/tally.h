/* tally: what a bridge counts for each queue since its start. It stands in Redis, as the hash PREFIX:yogi:QUEUE:WORKER
 * with these names, written every some seconds where it has changed and kept for an hour, and in the log at the end.
 */
#ifndef YOGI_BRIDGE_TALLY_H
#define YOGI_BRIDGE_TALLY_H

#include <stdint.h>

#define TALLY_MAP(X)                                                                                                   \
    X(fetched, "jobs taken")                                                                                           \
    X(adopted, "of these, those whose answer was lost with a connection, and which were found again")                  \
    X(completed, "jobs completed")                                                                                     \
    X(failed, "jobs failed for good")                                                                                  \
    X(retried, "jobs put back to be tried again at once")                                                              \
    X(delayed, "jobs put back to be tried again later")                                                                \
    X(handed_back, "jobs given back unfinished at the end")                                                            \
    X(stalled, "jobs whose worker, anybody's, had vanished")                                                           \
    X(lost_locks, "jobs called off because their lock was lost")                                                       \
    X(refused, "results that BullMQ refused: of a job without its lock, or gone")                                      \
    X(unsure, "results whose answer was lost with a connection; told again, they were refused as done or lost")        \
    X(dropped, "results that came when their job was another's already")                                               \
    X(script_errors, "answers of scripts that were errors")                                                            \
    X(abandoned, "jobs given up because Redis refused their end again and again; they stall")                          \
    X(scheduled, "next runs of schedulers that were added")                                                            \
    X(schedule_errors, "next runs of schedulers that could not be worked out or added")                                \
    X(renewals, "locks renewed")                                                                                       \
    X(reconnects, "connections to Redis that came back")

typedef struct {
#define TALLY_FIELD(name, help) uint64_t name;
    TALLY_MAP(TALLY_FIELD)
#undef TALLY_FIELD
} tally_t;

#endif
