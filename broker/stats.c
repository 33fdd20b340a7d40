/* stats: see stats.h. */
#include "stats.h"

void histogram_add(histogram_t *histogram, int64_t us)
{
    uint64_t ms = us > 0 ? (uint64_t)us / 1000 : 0;
    int bucket = ms ? 64 - __builtin_clzll(ms) : 0;
    histogram->counts[bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1]++;
    histogram->sum_us += us > 0 ? (uint64_t)us : 0;
}

reals_t histogram_counts(const histogram_t *histogram, arena_t *arena)
{
    reals_t list = {arena_array(arena, STATS_BUCKETS, sizeof(double)), STATS_BUCKETS};
    for (int i = 0; i < STATS_BUCKETS; i++)
        list.items[i] = (double)histogram->counts[i];
    return list;
}
