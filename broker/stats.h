/* stats: what the broker counts, for each stage and in all, and how it becomes a report (proto/report.h). Histograms
 * have buckets that double, from under a millisecond on, so that sums over brokers are sums of buckets.
 */
#ifndef YOGI_BROKER_STATS_H
#define YOGI_BROKER_STATS_H

#include "proto/base/arena.h"
#include "proto/report.h"
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

void histogram_add(histogram_t *histogram, int64_t us);

/* The counts as a list in the arena. */
reals_t histogram_counts(const histogram_t *histogram, arena_t *arena);

#endif
