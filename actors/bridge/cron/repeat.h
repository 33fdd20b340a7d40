/* repeat: whether a job scheduler of BullMQ goes on, and when it runs next: from the options that each of its jobs
 * carries (`opts.repeat`). For the bridge, which asks at every job of a scheduler that it fetches. Pure but for the
 * files of zones.
 */
#ifndef YOGI_CRON_REPEAT_H
#define YOGI_CRON_REPEAT_H

#include "cron.h"
#include "zones.h"

/* Plain data; REPEAT_DEFAULTS is one that says nothing. Texts are borrowed. */
typedef struct {
    const char *pattern; /* NULL: by `every` */
    const char *tz;      /* of the pattern; NULL: this machine's own */
    const char *seed;    /* `hashSeed`, of an H in the pattern; NULL: none */
    bool strict;         /* of the pattern */
    int64_t every_ms;    /* 0: by the pattern */
    int64_t limit;       /* runs at most; -1: any number */
    int64_t count;       /* of the run that is in hand; 0: not said, the first */
    cron_span_t span;    /* startDate and endDate */
} repeat_t;
#define REPEAT_DEFAULTS                                                                                                \
    {                                                                                                                  \
        .limit = -1, .span = { CRON_ALWAYS }                                                                           \
    }

/* 1: it runs next at *next_ms (by `every` BullMQ's script works that out itself: it is now). 0: it is over. -1 with
 * FAULT_USAGE: the options are none. prev_ms: for when the run in hand was planned, 0 = not said. */
int repeat_next(const repeat_t *repeat, zones_t *zones, int64_t prev_ms, int64_t now_ms, int64_t *next_ms,
                fault_t *fault) __attribute__((warn_unused_result));

/* A date as JSON has it, "2026-03-01T09:00:00.000Z", with an offset for the Z, by the zone's clocks without either, or
 * the day alone (then in UTC, as JavaScript has it), in Unix milliseconds. -1 with FAULT_USAGE. */
int repeat_date(const char *text, const zone_t *zone, int64_t *ms, fault_t *fault) __attribute__((warn_unused_result));

#endif
