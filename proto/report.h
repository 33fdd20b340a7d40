/* report: what a broker tells of itself, the body of STATS: for `yogi stats`, and for gateways, which add the reports
 * of all brokers up.
 */
#ifndef YOGI_REPORT_H
#define YOGI_REPORT_H

#include "schema.h"

/* A stage. */
typedef struct {
    extras_t extras;
    const char *stage;
    int64_t runnable, running, delayed, held; /* jobs now */
    int64_t oldest_ms;                        /* age of the longest queued */
    int64_t actors, slots;                    /* that serve it */
    int64_t done, failed, retried, lost;      /* since the start */
    reals_t wait_ms, run_ms;                  /* counts by bucket */
    double wait_sum_ms, run_sum_ms;           /* sums */
} stats_stage_t;

typedef struct {
    extras_t extras;
    int64_t uptime_ms;                   /* of the broker */
    int64_t jobs, jobs_most;             /* here, and the limit */
    int64_t bytes, bytes_most;           /* reserved, and the limit */
    int64_t record_bytes;                /* of results that wait for their owners */
    int64_t owners, actors;              /* connected */
    int64_t accepted, refused, finished; /* since the start */
    int64_t stale;                       /* answers dropped by their token or epoch */
    int64_t bad;                         /* messages that made no sense */
    list_t stages;                       /* stats_stage_t */
} stats_t;

extern const schema_t stats_stage_schema, stats_schema;

#endif
