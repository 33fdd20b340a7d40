/* moment: see moment.h. */
#include "moment.h"

enum { DAY_SECONDS = 24 * 3600 };

moment_t moment_at(const zone_t *zone, int64_t utc)
{
    moment_t moment = {.zone = zone, .utc = utc, .offset = zone_offset(zone, utc)};
    int64_t local = utc + moment.offset, days = local / DAY_SECONDS - (local % DAY_SECONDS < 0);
    int clock = (int)(local - days * DAY_SECONDS);
    zone_date(days, &moment.year, &moment.month, &moment.day);
    moment.hour = clock / 3600;
    moment.minute = clock / 60 % 60;
    moment.second = clock % 60;
    return moment;
}

/* A local time by the zone's clocks; `offset` is the guess that decides between two. */
static moment_t at_local(const zone_t *zone, int64_t local, int32_t offset)
{
    int32_t second = zone_offset(zone, local - offset);
    if (second == offset)
        return moment_at(zone, local - offset);
    int32_t third = zone_offset(zone, local - second);
    if (third == second)
        return moment_at(zone, local - second);
    return moment_at(zone, local - (second < third ? second : third)); /* clocks never show it */
}

moment_t moment_set(const moment_t *moment, int year, int month, int day, int hour, int minute, int second)
{
    int months = month - 1, years = months / 12;
    int64_t days = zone_days(year + years, months % 12 + 1, 1) + day - 1;
    return at_local(moment->zone, days * DAY_SECONDS + hour * 3600 + minute * 60 + second, moment->offset);
}

moment_t moment_next_month(const moment_t *moment)
{
    int year = moment->year + moment->month / 12, month = moment->month % 12 + 1;
    int most = zone_month_days(year, month), day = moment->day < most ? moment->day : most;
    moment_t next = moment_set(moment, year, month, day, moment->hour, moment->minute, moment->second);
    return moment_set(&next, next.year, next.month, 1, 0, 0, 0);
}

moment_t moment_day(const moment_t *moment)
{
    return moment_set(moment, moment->year, moment->month, moment->day, 0, 0, 0);
}

moment_t moment_next_day(const moment_t *moment)
{
    moment_t next =
        moment_set(moment, moment->year, moment->month, moment->day + 1, moment->hour, moment->minute, moment->second);
    return moment_day(&next);
}

moment_t moment_next_hour(const moment_t *moment)
{
    moment_t next = moment_at(moment->zone, moment->utc + 3600);
    return moment_set(&next, next.year, next.month, next.day, next.hour, 0, 0);
}

moment_t moment_next_minute(const moment_t *moment)
{
    moment_t next = moment_at(moment->zone, moment->utc + 60);
    return moment_set(&next, next.year, next.month, next.day, next.hour, next.minute, 0);
}

int moment_weekday(const moment_t *moment)
{
    return (zone_weekday(zone_days(moment->year, moment->month, moment->day)) + 1) % 7;
}
