/* stats: what the broker counts, for each stage and in all, and its written form: the body of STATS. Histograms have
 * buckets that double, from under a millisecond on, so that sums over brokers are sums of buckets.
 */
#ifndef YOGI_BROKER_STATS_H
#define YOGI_BROKER_STATS_H

#include "proto/base/arena.h"
#include "proto/schema.h"

#include <stdint.h>

/* The last bucket holds what took longer than 2^22 ms, an hour and ten minutes. */
enum { STATS_BUCKETS = 24 };

typedef struct {
    uint64_t counts[STATS_BUCKETS]; /* bucket 0: under 1 ms; n: under 2^n ms */
    uint64_t sum_us;                /* of all */
} histogram_t;

/* What happened at a stage since the start. */
typedef struct {
    uint64_t done, failed, retried, lost; /* runs of the stage by how they ended; lost: host or worker vanished */
    histogram_t wait, run;                /* queued until assigned; assigned until answered */
} stage_stats_t;

/* Rows of the report. */
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

void histogram_add(histogram_t *histogram, int64_t us);

/* The counts as a list in the arena. */
reals_t histogram_counts(const histogram_t *histogram, arena_t *arena);

#endif
