/* stamp: see stamp.h. */
#include "stamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* MILLISECONDS_FROM: no number below is one of milliseconds that a school wrote (March 1973). */
static const int64_t MILLISECONDS_FROM = 100000000000;
static const int64_t FIRST_S = -62135596800, LAST_S = 253402300799; /* of the years 1 and 9999 */

/* What is read, and what is left of it. */
typedef struct {
    const char *at, *end;
} text_t;

/* Takes a number of exactly so many digits; false where they are not there. */
static bool take_digits(text_t *text, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++, text->at++) {
        if (text->at == text->end || *text->at < '0' || *text->at > '9')
            return false;
        *number = *number * 10 + (*text->at - '0');
    }
    return true;
}

static bool take_char(text_t *text, const char *any)
{
    bool is = text->at < text->end && strchr(any, *text->at);
    text->at += is;
    return is;
}

/* ".123456789" as microseconds; what is finer than those is cut. */
static bool take_fraction(text_t *text, int *us)
{
    int digits = 0;
    *us = 0;
    if (!take_char(text, "."))
        return true;
    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++, digits++)
        if (digits < 6)
            *us = *us * 10 + (*text->at - '0');
    for (int i = digits; i < 6; i++)
        *us *= 10;
    return digits > 0;
}

/* Seconds that the clock of the text is before UTC's. */
static bool take_zone(text_t *text, int *offset_s)
{
    int hours, minutes = 0;
    *offset_s = 0;
    while (take_char(text, " "))
        continue;
    if (text->at == text->end || (take_char(text, "Zz") && text->at == text->end))
        return true;
    int sign = *text->at == '-' ? -1 : 1;
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours) || hours > 15)
        return false;
    bool colon = take_char(text, ":");
    if ((colon || text->at < text->end) && (!take_digits(text, 2, &minutes) || minutes > 59))
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return text->at == text->end;
}

static bool write_stamp(int64_t s, int us, char out[STAMP_BYTES])
{
    struct tm tm;
    time_t at = (time_t)s;
    if (s < FIRST_S || s > LAST_S || !gmtime_r(&at, &tm))
        return false;
    size_t size = (size_t)snprintf(out, STAMP_BYTES, "%04d-%02d-%02d %02d:%02d:%02d", (tm.tm_year + 1900) % 10000,
                                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (!us)
        return true;
    size += (size_t)snprintf(out + size, STAMP_BYTES - size, ".%06d", us);
    while (out[size - 1] == '0')
        out[--size] = 0;
    return true;
}

/* Whether timegm took the day as it was written: the 30th of February becomes another. */
static bool seconds_of(int year, int month, int day, int hour, int minute, int second, int64_t *s)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60)
        return false;
    *s = (int64_t)timegm(&tm) + hour * 3600 + minute * 60 + second;
    return tm.tm_mday == day && tm.tm_mon == month - 1;
}

bool stamp_parse(const char *bytes, size_t size, char out[STAMP_BYTES])
{
    text_t text = {bytes, bytes + size};
    int year, month, day, hour = 0, minute = 0, second = 0, us = 0, offset_s = 0;
    int64_t s;
    if (!take_digits(&text, 4, &year) || !take_char(&text, "-") || !take_digits(&text, 2, &month) ||
        !take_char(&text, "-") || !take_digits(&text, 2, &day))
        return false;
    if (text.at < text.end) {
        if (!take_char(&text, " Tt") || !take_digits(&text, 2, &hour) || !take_char(&text, ":") ||
            !take_digits(&text, 2, &minute))
            return false;
        if (take_char(&text, ":") && (!take_digits(&text, 2, &second) || !take_fraction(&text, &us)))
            return false;
        if (!take_zone(&text, &offset_s))
            return false;
    }
    return seconds_of(year, month, day, hour, minute, second, &s) && write_stamp(s - offset_s, us, out);
}

bool stamp_number(int64_t number, char out[STAMP_BYTES])
{
    bool is_ms = number >= MILLISECONDS_FROM || number <= -MILLISECONDS_FROM;
    int64_t s = is_ms ? number / 1000 : number;
    int ms = is_ms ? (int)(number % 1000) : 0;
    if (ms < 0)
        ms += 1000, s--;
    return write_stamp(s, ms * 1000, out);
}
