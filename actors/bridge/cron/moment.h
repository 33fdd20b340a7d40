/* moment: a second on the clocks of a zone, and the ways to move it. Where clocks jump, a local time that is not there
 * becomes the one an hour (or what the jump has) later, and one that is there twice stays in the half it is in, else is
 * the first: as luxon of npm has it, on which cron-parser stands. For cron_next.c. Pure.
 */
#ifndef YOGI_CRON_MOMENT_H
#define YOGI_CRON_MOMENT_H

#include "proto/zone.h"

#include <stdint.h>

/* Plain data, made by moment_at; the fields follow from the first two. */
typedef struct {
    const zone_t *zone;       /* borrowed */
    int64_t utc;              /* seconds since 1970 */
    int32_t offset;           /* of the zone then, seconds east */
    int year, month, day;     /* month 1 … 12 */
    int hour, minute, second; /* of the clock */
} moment_t;

moment_t moment_at(const zone_t *zone, int64_t utc);

/* The same clocks at other fields, which may run over (day 32, month 13). */
moment_t moment_set(const moment_t *moment, int year, int month, int day, int hour, int minute, int second);

/* On to the next one's beginning. */
moment_t moment_next_month(const moment_t *moment);
moment_t moment_next_day(const moment_t *moment);
moment_t moment_next_hour(const moment_t *moment);
moment_t moment_next_minute(const moment_t *moment);

/* Its day begins here. */
moment_t moment_day(const moment_t *moment);

int moment_weekday(const moment_t *moment); /* 0 Sunday … 6 */

#endif
