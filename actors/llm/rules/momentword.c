/* momentword: see momentword.h. */
#include "momentword.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* The number that the first form of an entry of the section is, -1 for none; *end behind the form. */
static int take_named(const char *at, const char *section, const char **end)
{
    size_t length;
    int entry = text_is_letter(momentpart_point(at)) ? vocabulary_prefix(section, at, &length) : -1;
    if (entry < 0)
        return -1;
    *end = at + length;
    return atoi(vocabulary_name(section, entry));
}

/* The number that stands at `at` in digits or as a word, -1 for none. */
static int take_number(const char *at, const char **end)
{
    if (text_is_digit(momentpart_point(at))) {
        bool mended = false;
        int value, digits = momentpart_digits(at, 2, false, &value, &mended);
        *end = at + digits;
        return digits && !momentpart_is_glue(momentpart_point(*end)) ? value : -1;
    }
    return take_named(at, "number", end);
}

/* "half past nine", "10 to 9": "10 to" needs words, being the beginning of a range. */
bool momentword_past(const char *at, const reading_t *first, reading_t *out)
{
    const char *next, *end;
    (void)first;
    int minutes = take_named(at, "part", &next);
    if (minutes < 0)
        minutes = take_number(at, &next);
    if (minutes <= 0 || minutes > 30 || minutes % 5 != 0)
        return false;
    next = momentpart_skip_space(next);
    const char *past = momentpart_take_word(next, "past");
    const char *before = past || text_is_digit(momentpart_point(at)) ? NULL : momentpart_take_word(next, "before");
    if (!past && !before)
        return false;
    int hour = take_number(momentpart_skip_space(past ? past : before), &end);
    *out = (reading_t){.shape = SHAPE_SAID, .loud = true, .end = end};
    if (hour < 1 || hour > 12)
        return false;
    return momentpart_set(out, past ? hour : (hour + 10) % 12 + 1, past ? minutes : HOUR - minutes, false);
}

/* "nine thirty", "nine o'clock", "nine am"; "half nine" is half past. */
bool momentword_hours(const char *at, const reading_t *first, reading_t *out)
{
    const char *next, *end;
    half_t half;
    (void)first;
    if (text_is_digit(momentpart_point(at)))
        return false;
    int part = take_named(at, "part", &next), hour = part < 0 ? take_number(at, &next) : part, minute = 0;
    if (hour < 1)
        return false;
    *out = (reading_t){.shape = SHAPE_SAID, .loud = true, .end = next};
    next = *next == '-' ? next + 1 : momentpart_skip_space(next);
    if (part < 0 && (momentpart_take_half(next, &half) || momentpart_take_word(next, "clock")))
        return hour <= 12 && momentpart_set(out, hour, 0, false);
    if (text_is_digit(momentpart_point(next)) || (minute = take_number(next, &end)) < 0)
        return false;
    out->end = end;
    if (part >= 0)
        return part == HOUR / 2 && minute <= 12 && momentpart_set(out, minute, part, false);
    return hour <= 12 && minute >= 10 && momentpart_set(out, hour, minute, false);
}

/* The number that a form of the section stands for, less than nothing for "30 to"; false where none stands at `at`. */
static bool take_signed(const char *at, const char *section, int *value, const char **end)
{
    size_t length;
    int entry = text_is_letter(momentpart_point(at)) ? vocabulary_prefix(section, at, &length) : -1;
    if (entry < 0 || momentpart_is_glue(momentpart_point(at + length)))
        return false;
    const char *name = vocabulary_name(section, entry);
    *value = strstr(name, " to") ? -atoi(name) : atoi(name);
    *end = at + length;
    return true;
}

/* The hour before or behind what is said of it: a word of these languages, or figures. */
static int take_hour(const char *at, const char **end)
{
    int hour;
    if (text_is_digit(momentpart_point(at)))
        return take_number(at, end);
    return take_signed(at, "hour", &hour, end) ? hour : -1;
}

bool momentword_foreign(const char *at, const reading_t *first, reading_t *out)
{
    const char *next, *end;
    int hour, minutes;
    (void)first;
    if (take_signed(at, "clocklead", &minutes, &next)) {
        next = momentpart_skip_space(next);
        if (minutes == -HOUR / 2 && text_is_digit(momentpart_point(next)))
            return false; /* "half 9" is half past nine in English */
        hour = take_hour(next, &end);
    } else {
        hour = take_hour(at, &next);
        if (hour < 1 || !take_signed(momentpart_skip_space(next), "clocktail", &minutes, &end))
            return false;
    }
    if (hour < 1 || hour > 12)
        return false;
    *out = (reading_t){.shape = SHAPE_SAID, .loud = true, .end = end};
    return momentpart_set(out, minutes < 0 ? (hour + 10) % 12 + 1 : hour, minutes < 0 ? HOUR + minutes : minutes,
                          false);
}

bool momentword_noon(const char *at, const reading_t *first, reading_t *out)
{
    (void)first;
    *out = (reading_t){.moment = {HALF, HALF_DAY}, .shape = SHAPE_SAID, .end = momentpart_take_word(at, "noon")};
    return out->end != NULL;
}
