/* normal: see normal.h. */
#include "normal.h"

#include "finding.h"
#include "proto/base/text.h"

#include <string.h>

/* Longest text that can be a day or a time, folded; longer ones are neither. */
enum { FORM_BYTES = 32 };

int normal_day(const char *text)
{
    char plain[FORM_BYTES], name[FORM_BYTES];
    if (!text)
        return -1;
    size_t length = strlen(text_plain(text, plain, sizeof plain));
    if (strcmp(plain, "weds") == 0)
        return 2;
    for (int day = 0; length >= 2 && day < TIMETABLE_DAYS; day++)
        if (strncmp(text_plain(timetable_days[day], name, sizeof name), plain, length) == 0)
            return day;
    return -1;
}

/* The number of the digits at *at, which moves behind them; *count is how many there were (4 at most are taken). */
static int take_number(const char **at, int *count)
{
    int number = 0;
    for (*count = 0; *count < 4 && text_is_digit((unsigned char)**at); (*at)++, (*count)++)
        number = number * 10 + **at - '0';
    return number;
}

/* "am", "a.m.", "PM" at *at, which moves behind it: 'a', 'p', or 0 where there is none. */
static char take_half(const char **at)
{
    const char *p = *at + strspn(*at, " ");
    char half = (char)(*p | 32);
    if (half != 'a' && half != 'p')
        return 0;
    p += 1 + (p[1] == '.');
    if ((*p | 32) != 'm')
        return 0;
    *at = p + 1 + (p[1] == '.');
    return half;
}

/* Minutes of an hour as its half of the day counts it, -1 where that half has no such hour. */
static int hour_of(int hour, char half)
{
    if (!half)
        return hour < 24 ? hour : -1;
    if (hour < 1 || hour > 12)
        return -1;
    return hour % 12 + (half == 'p' ? 12 : 0);
}

int normal_minutes(const char *text)
{
    if (!text)
        return -1;
    const char *at = text + strspn(text, " ");
    int digits, more = 0, minute = 0, hour = take_number(&at, &digits);
    if (digits >= 3) {
        minute = hour % 100, hour /= 100, more = 2;
    } else if (digits && *at && strchr(":.hH", *at)) {
        at++;
        minute = take_number(&at, &more);
        if (more != 2 && !(more == 0 && (at[-1] | 32) == 'h'))
            return -1;
        if (more == 2 && *at == ':' && text_is_digit((unsigned char)at[1]) && text_is_digit((unsigned char)at[2]))
            at += 3; /* seconds */
        more = 2;
    }
    char half = take_half(&at);
    hour = digits && (more || half) ? hour_of(hour, half) : -1;
    at += strspn(at, " ");
    return *at || hour < 0 || minute > 59 ? -1 : hour * 60 + minute;
}

/* ---- a dossier ---- */

static void normalise_day(finding_t *finding, timeblock_t *block)
{
    if (!block->day)
        return;
    int day = normal_day(block->day);
    if (day < 0)
        finding_block(finding, finding_add(finding, "\"%s\" is no day of the week", block->day), block);
    block->day = day < 0 ? NULL : timetable_days[day];
}

static void normalise_time(finding_t *finding, timeblock_t *block, const char **time)
{
    if (!*time)
        return;
    int minutes = normal_minutes(*time);
    if (minutes < 0)
        finding_block(finding, finding_add(finding, "\"%s\" is no time of day", *time), block);
    *time = minutes < 0 ? NULL : arena_format(finding->dossier->arena, "%02d:%02d", minutes / 60, minutes % 60);
}

void normal_dossier(dossier_t *dossier)
{
    finding_t days = {.dossier = dossier, .rule = "day-form", .severity = "warning"};
    finding_t times = {.dossier = dossier, .rule = "time-form", .severity = "warning"};
    size_t number = 0;
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        for (size_t b = 0; b < timetable->timeblocks.count; b++) {
            timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, b);
            number++;
            if (!block->id)
                block->id = arena_format(dossier->arena, "block%zu", number);
            normalise_day(&days, block);
            normalise_time(&times, block, &block->start_time);
            normalise_time(&times, block, &block->end_time);
        }
    }
    finding_close(&days);
    finding_close(&times);
}
