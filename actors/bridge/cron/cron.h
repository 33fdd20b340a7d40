/* cron: patterns that say when, as BullMQ's job schedulers carry them; what they mean is what cron-parser 5 of npm
 * takes them to mean, to the second, with its ways at changes of summer time.
 *
 *     [second] minute hour day-of-month month day-of-week
 *
 * A field is * (or ?), a number, a range, a list, any of them with a step; names of months and days of any case; L is
 * the last day of a month, 5L its last Friday, 5#3 its third; H is a number by chance (of the seed, where one is
 * given), H/15 and H(0-29) likewise. Fields that are missing stand in front: 0 for the second, * for the others.
 * @yearly @annually
 * @monthly @weekly @daily @hourly @minutely @secondly @weekdays @weekends stand for patterns. Where day-of-month and
 * day-of-week both say something, either is enough. A number twice in a list is an error. There is no W: cron-parser
 * has none. What it takes by accident alone (letters beside an H, 5#1.5) is refused.
 *
 * For the schedulers of the bridge. Pure: no clock, no environment, no allocation that outlives a call.
 */
#ifndef YOGI_CRON_H
#define YOGI_CRON_H

#include "proto/base/fault.h"
#include "proto/zone.h"

#include <stdbool.h>
#include <stdint.h>

/* Longest pattern, in bytes: listing every value of every field needs half of it. */
enum { CRON_PATTERN_MOST = 1024 };

/* Plain data, made by cron_parse; bit n of a set is the number n. */
typedef struct {
    uint64_t seconds, minutes; /* 0 … 59 */
    uint32_t hours;            /* 0 … 23 */
    uint32_t days;             /* of the month, 1 … 31 */
    uint32_t months;           /* 1 … 12 */
    uint32_t weekdays;         /* 0 Sunday … 6 */
    uint32_t last_weekdays;    /* those that count in the last seven days of a month */
    int nth;                   /* which of a month the weekdays are, 1 … 5; 0 = every one */
    bool last_day;             /* of the month counts too */
    bool any_day;              /* the field of the day of the month is * */
    bool any_weekday;          /* the field of the day of the week is * */
} cron_t;

/* How H falls, and how strict to be. */
typedef struct {
    const char *seed; /* the same text gives the same numbers; NULL or "": by `chance` */
    uint32_t chance;  /* any number; for patterns without a seed */
    bool strict;      /* six fields, not both days, no H that its range cannot hold */
} cron_ways_t;

/* The time in which a pattern counts, Unix milliseconds. {CRON_ALWAYS} is all time. */
typedef struct {
    int64_t first_ms, last_ms; /* both inclusive */
} cron_span_t;
#define CRON_ALWAYS INT64_MIN, INT64_MAX

/* -1 with FAULT_USAGE, which names the field: the pattern is none. ways may be NULL. */
int cron_parse(const char *pattern, const cron_ways_t *ways, cron_t *cron, fault_t *fault)
    __attribute__((warn_unused_result));

/* The first moment after `after_ms` (Unix milliseconds) by the clocks of the zone; false where there is none within the
 * span, or none that cron-parser finds in its ten thousand steps (30 February, among others). */
bool cron_next(const cron_t *cron, const zone_t *zone, const cron_span_t *span, int64_t after_ms, int64_t *next_ms)
    __attribute__((warn_unused_result));

#endif
