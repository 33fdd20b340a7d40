/* census: how queues stand: `yogi queue ls`. */
#ifndef YOGI_DEPLOY_QUEUE_CENSUS_H
#define YOGI_DEPLOY_QUEUE_CENSUS_H

#include "office.h"

/* name in JSON, title in the table, what it is */
#define CENSUS_MAP(X)                                                                                                  \
    X(waiting, "waiting", "jobs that wait, without those of a priority")                                               \
    X(prioritized, "priority", "jobs that wait with a priority")                                                       \
    X(delayed, "delayed", "jobs that wait for their time")                                                             \
    X(active, "active", "jobs that a worker has")                                                                      \
    X(paused, "paused", "jobs that wait in a paused queue")                                                            \
    X(failed, "failed", "jobs that failed and are kept")

/* Plain data; texts belong to the arena. */
typedef struct {
    const char *queue;
    const char *version; /* that it says itself to be of; "" = nothing */
#define CENSUS_FIELD(name, title, help) int64_t name;
    CENSUS_MAP(CENSUS_FIELD)
#undef CENSUS_FIELD
    int64_t completed, children; /* kept; those that wait for their children */
    bool is_paused;
    int64_t oldest_ms; /* how long the oldest of those that could be taken waits; -1 = none waits */
    int64_t workers;   /* -1 = this user may not ask */
    int64_t lost_locks;
} census_t;

/* Of one queue. -1 with the fault. */
int census_take(office_t *office, const char *queue, census_t *census, fault_t *fault)
    __attribute__((warn_unused_result));

/* Appends a table, or a line of JSON for each. */
void census_table(const census_t *rows, size_t count, buf_t *out);
void census_json(const census_t *rows, size_t count, buf_t *out);

#endif
