/* repeat: see repeat.h. */
#include "repeat.h"

#include "proto/base/chance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_SECONDS = 24 * 3600 };

int repeat_next(const repeat_t *repeat, zones_t *zones, int64_t prev_ms, int64_t now_ms, int64_t *next_ms,
                fault_t *fault)
{
    if (!repeat->pattern == !repeat->every_ms)
        return fault_set(fault, FAULT_USAGE, "a scheduler has either a pattern or \"every\", this one has %s",
                         repeat->pattern ? "both" : "neither");
    if ((repeat->limit >= 0 && repeat->count + 1 > repeat->limit) || now_ms > repeat->span.last_ms)
        return 0;
    int64_t from = prev_ms > now_ms ? prev_ms : now_ms;
    if (repeat->every_ms) {
        *next_ms = now_ms;
        return 1;
    }
    const zone_t *zone = zones_find(zones, repeat->tz, fault);
    cron_ways_t ways = {repeat->seed, (uint32_t)chance_mix((uint64_t)now_ms), repeat->strict};
    cron_t cron;
    if (!zone || cron_parse(repeat->pattern, &ways, &cron, fault) < 0)
        return -1;
    return cron_next(&cron, zone, &repeat->span, from, next_ms);
}

/* ---- dates ---- */

/* Exactly so many digits. */
static bool read_digits(const char **at, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

static bool read_sign(const char **at, char sign)
{
    return **at == sign && (*at)++;
}

/* "09:00", "09:00:30" or "09:00:30.5" as milliseconds. */
static bool read_clock(const char **at, int64_t *ms)
{
    int hour, minute, second = 0;
    if (!read_digits(at, 2, &hour) || !read_sign(at, ':') || !read_digits(at, 2, &minute) ||
        (read_sign(at, ':') && !read_digits(at, 2, &second)) || hour > 24 || minute > 59 || second > 59)
        return false;
    *ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000;
    if (!read_sign(at, '.'))
        return true;
    int digits = 0;
    for (int weight = 100; **at >= '0' && **at <= '9'; (*at)++, weight /= 10, digits++)
        *ms += weight * (**at - '0');
    return digits > 0;
}

/* The end of a date: Z, +02:00, or nothing, where the zone's clocks count. */
static bool read_end(const char **at, const zone_t *zone, int64_t *ms)
{
    int hours, minutes;
    if (read_sign(at, 'Z'))
        return true;
    if (!**at) {
        int64_t seconds = *ms / 1000 - (*ms % 1000 < 0);
        *ms -= (seconds - zone_utc(zone, seconds)) * 1000;
        return true;
    }
    int sign = **at == '-' ? 1 : -1;
    if (!strchr("+-", *(*at)++) || !read_digits(at, 2, &hours) || (read_sign(at, ':'), !read_digits(at, 2, &minutes)))
        return false;
    *ms += sign * (int64_t)(hours * 60 + minutes) * 60000;
    return true;
}

int repeat_date(const char *text, const zone_t *zone, int64_t *ms, fault_t *fault)
{
    int year, month, day;
    int64_t clock = 0;
    const char *at = text;
    if (!read_digits(&at, 4, &year) || !read_sign(&at, '-') || !read_digits(&at, 2, &month) || !read_sign(&at, '-') ||
        !read_digits(&at, 2, &day) || month < 1 || month > 12 || day < 1 || day > zone_month_days(year, month))
        goto bad;
    *ms = zone_days(year, month, day) * DAY_SECONDS * 1000;
    if (!*at)
        return 0;
    if ((!read_sign(&at, 'T') && !read_sign(&at, ' ')) || !read_clock(&at, &clock))
        goto bad;
    *ms += clock;
    if (read_end(&at, zone, ms) && !*at)
        return 0;
bad:
    return fault_set(fault, FAULT_USAGE, "\"%.40s\" is no date such as 2026-03-01T09:00:00.000Z", text);
}
