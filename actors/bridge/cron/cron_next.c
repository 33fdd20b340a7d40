/* cron_next: the next moment of a pattern; see cron.h. It goes forward field by field, from the month to the second, by
 * the same steps as cron-parser, since what comes out at changes of summer time follows from the steps:
 *
 * - clocks jump over a scheduled hour: it is done in the hour that they land on;
 * - an hour comes twice: it is done once, in its first half, where hours are listed at all.
 */
#include "cron.h"
#include "moment.h"

/* As cron-parser gives up. */
enum { STEPS_MOST = 10000, HOURS = 24, NO_HOUR = -1 };

typedef struct {
    const cron_t *cron;
    moment_t at;       /* where the search is */
    int skipped;       /* first hour that clocks have just jumped over; NO_HOUR */
    int landing;       /* the hour that they landed on */
    int repeated;      /* the hour that they have just come to again; NO_HOUR */
    int64_t day_known; /* days since 1970 of the day that day_shifts is about */
    bool day_shifts;   /* clocks change on it */
} search_t;

static bool has(uint64_t set, int number)
{
    return set >> number & 1;
}

static int first_of(uint64_t set)
{
    return __builtin_ctzll(set);
}

/* The next number of a set after this one, -1 where there is none. */
static int next_of(uint64_t set, int number)
{
    uint64_t rest = set >> number >> 1;
    return rest ? number + 1 + first_of(rest) : -1;
}

/* ---- moving, with an eye on the clocks ---- */

/* Moves on by a step of less than a day, and keeps what clocks did on the way. */
static void move(search_t *search, moment_t to)
{
    int before = search->at.hour, advance = (to.hour - before + HOURS) % HOURS;
    bool every_hour = search->cron->hours == (1u << HOURS) - 1;
    if (!every_hour && to.offset > search->at.offset && advance >= 2) {
        search->skipped = (before + 1) % HOURS;
        search->landing = to.hour;
    } else if (!every_hour && advance == 0 && to.minute == 0 && to.second == 0) {
        search->repeated = to.hour;
    }
    search->at = to;
}

static void set_clock(search_t *search, int hour, int minute, int second)
{
    const moment_t *at = &search->at;
    search->at = moment_set(at, at->year, at->month, at->day, hour, minute, second);
}

/* ---- the day ---- */

static bool matches_day(const cron_t *cron, const moment_t *at)
{
    int weekday = moment_weekday(at), days = zone_month_days(at->year, at->month);
    bool day = has(cron->days, at->day) || (cron->last_day && at->day == days);
    bool week = (has(cron->weekdays, weekday) && (!cron->nth || (at->day + 6) / 7 == cron->nth)) ||
                (has(cron->last_weekdays, weekday) && at->day > days - 7);
    if (cron->any_weekday)
        return day;
    return cron->any_day ? week : day || week;
}

/* Whether clocks change on the day. */
static bool day_shifts(search_t *search)
{
    const moment_t *at = &search->at;
    int64_t day = zone_days(at->year, at->month, at->day);
    if (search->day_known != day) {
        moment_t next = moment_next_day(at);
        search->day_known = day;
        search->day_shifts = moment_day(at).offset != zone_offset(at->zone, next.utc - 1);
    }
    return search->day_shifts;
}

/* ---- hour, minute, second ---- */

/* Whether clocks have jumped over a scheduled hour to this one. */
static bool makes_up(const search_t *search)
{
    int hour = search->at.hour;
    if (search->skipped == NO_HOUR || search->landing != hour)
        return false;
    for (int skipped = search->skipped; skipped != hour; skipped = (skipped + 1) % HOURS)
        if (has(search->cron->hours, skipped))
            return true;
    return false;
}

/* On to the next scheduled hour of the day; by single hours where clocks change. */
static void seek_hour(search_t *search, int hour)
{
    const cron_t *cron = search->cron;
    if (!day_shifts(search))
        set_clock(search, hour, search->at.minute, search->at.second);
    else
        for (int steps = hour - search->at.hour; steps > 0; steps--) {
            move(search, moment_next_hour(&search->at));
            if (search->at.hour >= hour)
                break;
        }
    set_clock(search, search->at.hour, first_of(cron->minutes), search->at.second);
    set_clock(search, search->at.hour, search->at.minute, first_of(cron->seconds));
}

static bool matches_hour(search_t *search)
{
    const cron_t *cron = search->cron;
    int hour = search->at.hour;
    if (makes_up(search))
        return true;
    if (search->repeated == hour) {
        search->repeated = NO_HOUR;
        move(search, moment_next_hour(&search->at));
        return false;
    }
    if (has(cron->hours, hour))
        return true;
    search->skipped = search->landing = NO_HOUR;
    int next = next_of(cron->hours, hour);
    if (next >= 0)
        seek_hour(search, next);
    else
        search->at = moment_next_day(&search->at);
    return false;
}

static bool matches_minute(search_t *search)
{
    const cron_t *cron = search->cron;
    if (has(cron->minutes, search->at.minute))
        return true;
    int next = next_of(cron->minutes, search->at.minute);
    if (next < 0) {
        move(search, moment_next_hour(&search->at));
        next = first_of(cron->minutes);
    }
    set_clock(search, search->at.hour, next, search->at.second);
    set_clock(search, search->at.hour, search->at.minute, first_of(cron->seconds));
    return false;
}

static bool matches_second(search_t *search)
{
    const cron_t *cron = search->cron;
    if (has(cron->seconds, search->at.second))
        return true;
    int next = next_of(cron->seconds, search->at.second);
    if (next < 0) {
        move(search, moment_next_minute(&search->at));
        next = first_of(cron->seconds);
    }
    set_clock(search, search->at.hour, search->at.minute, next);
    return false;
}

/* One step of the search; true: this is it. */
static bool step(search_t *search)
{
    if (!has(search->cron->months, search->at.month)) {
        search->at = moment_next_month(&search->at);
        return false;
    }
    if (!matches_day(search->cron, &search->at)) {
        search->at = moment_next_day(&search->at);
        return false;
    }
    return matches_hour(search) && matches_minute(search) && matches_second(search);
}

bool cron_next(const cron_t *cron, const zone_t *zone, const cron_span_t *span, int64_t after_ms, int64_t *next_ms)
{
    after_ms = after_ms < span->first_ms ? span->first_ms : after_ms > span->last_ms ? span->last_ms : after_ms;
    int64_t after = after_ms / 1000 - (after_ms % 1000 < 0);
    bool whole = after_ms == after * 1000;
    search_t search = {.cron = cron,
                       .at = moment_at(zone, after),
                       .skipped = NO_HOUR,
                       .landing = NO_HOUR,
                       .repeated = NO_HOUR,
                       .day_known = INT64_MIN};
    if (!whole)
        move(&search, moment_at(zone, after + 1));
    for (int steps = 1; steps < STEPS_MOST; steps++) {
        int64_t at_ms = search.at.utc * 1000;
        if (at_ms < span->first_ms || at_ms > span->last_ms)
            return false;
        if (!step(&search))
            continue;
        if (!whole || search.at.utc != after) {
            *next_ms = search.at.utc * 1000;
            return true;
        }
        move(&search, moment_at(zone, search.at.utc + 1));
    }
    return false;
}
