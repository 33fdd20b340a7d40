/* moment: see moment.h. Each shape has a reader; the first that holds is taken, so the clear ones come first. */
#include "moment.h"
#include "momentword.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

static bool is_number(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_money(uint32_t point)
{
    return point == '$' || point == 0xA3 || point == 0x20AC || point == 0xA5 || point == '%';
}

/* ---- 9.00 */

/* Behind the hour, or NULL. An hour at the end of a range may be torn: "10:06-1 0:51". */
static const char *take_hour(const char *at, bool loose, bool second, int *hour, reading_t *out)
{
    int unit;
    out->digits = momentpart_digits(at, 2, loose, hour, &out->mended);
    bool torn =
        second && out->digits == 1 && (*hour == 1 || *hour == 2) && at[1] == ' ' && is_number(at[2]) && at[3] == ':';
    if (!torn || momentpart_digits(at + 2, 1, false, &unit, &out->mended) != 1)
        return out->digits ? at + out->digits : NULL;
    *hour = *hour * 10 + unit;
    out->digits = 2;
    out->mended = out->apart = true;
    return at + 3;
}

/* "10h15", "10 h 15", "13u30". */
static const char *take_letter(const char *at, reading_t *out)
{
    const char *letter = momentpart_skip_space(at);
    if (*letter != 'h' && *letter != 'u' && !(*letter == 'H' && letter == at))
        return NULL;
    const char *next = momentpart_skip_space(letter + 1);
    out->mark = 'h';
    out->apart |= letter != at || next != letter + 1;
    return next;
}

/* Behind the mark between hour and minute, or NULL. */
static const char *take_mark(const char *at, bool dash, reading_t *out)
{
    const char *colon = momentpart_skip_space(at), *letter = take_letter(at, out);
    if (letter)
        return letter;
    if (*colon == ':') {
        const char *next = momentpart_skip_space(colon + 1);
        out->mark = ':';
        out->apart |= colon != at || next != colon + 1;
        out->mended |= out->apart;
        return next;
    }
    out->mark = *at;
    if (*at == ',' || *at == ';')
        out->mended = out->unsure = true;
    return *at && (strchr(".,;", *at) || (dash && *at == '-')) ? at + 1 : NULL;
}

/* Two digits of a minute; "0 0" too where a colon went before. */
static const char *take_minute(const char *at, bool loose, int *minute, reading_t *out)
{
    int count = momentpart_digits(at, 2, loose, minute, &out->mended), second;
    if (count == 2)
        return at + 2;
    const char *rest = momentpart_skip_space(at + count);
    if (count != 1 || out->mark != ':' || rest == at + 1 ||
        momentpart_digits(rest, 1, false, &second, &out->mended) != 1)
        return NULL;
    *minute = *minute * 10 + second;
    out->mended = out->apart = true;
    return rest + 1;
}

/* Enough tells that letters stand for digits: two of them, the hour of "9:OO", the am of "Io:Isam". */
static bool is_digits_enough(const char *from, const char *mark, const char *to)
{
    int count = 0;
    for (const char *at = from; at < to; at++)
        count += is_number(*at);
    bool zeros = strspn(mark + 1, "oO") >= 2 && to == mark + 3;
    half_t half;
    return count >= 2 || (count == 1 && is_number(*from) && zeros) || (*mark == ':' && momentpart_take_half(to, &half));
}

static bool has_rare_letters(const char *from, const char *to)
{
    for (; from < to; from++)
        if (strchr("BZis", *from))
            return true;
    return false;
}

/* `second`: it ends a range; `dash`: and may have a dash before its minute, "11:20-11-35". */
static bool read_digits(const char *at, bool loose, bool second, bool dash, reading_t *out)
{
    int hour, minute;
    *out = (reading_t){.shape = SHAPE_CLOCK};
    const char *behind = take_hour(at, loose, second, &hour, out);
    const char *next = behind ? take_mark(behind, dash, out) : NULL;
    const char *end = next ? take_minute(next, loose, &minute, out) : NULL;
    if (end && out->mark == ':' && hour > 23 && hour < 30 && minute &&
        minute % 5 == 0) { /* "24:25": a one read as a two */
        hour -= 10;
        out->mended = out->unsure = true;
    }
    if (!end || !momentpart_set(out, hour, minute, *at == '0' && out->digits == 2))
        return false;
    if (loose && (!is_digits_enough(at, behind, end) || (out->mark != ':' && has_rare_letters(at, end))))
        return false;
    if (out->mark != ':' && !is_number(*at) && (at + 1 == behind || !is_number(at[1])))
        out->unsure = true;                                                        /* "S.45" */
    if (out->mark == ':' && *end == ':' && is_number(end[1]) && is_number(end[2])) /* seconds */
        end += 3;
    if (out->mark == 'h' && strncmp(end, "min", 3) == 0)
        end += 3;
    out->end = end;
    return true;
}

static bool read_clock(const char *at, const reading_t *first, reading_t *out)
{
    return read_digits(at, false, first != NULL, false, out);
}

static bool read_mended(const char *at, const reading_t *first, reading_t *out)
{
    return read_digits(at, true, first != NULL, false, out);
}

static bool read_dashed(const char *at, const reading_t *first, reading_t *out)
{
    return first && first->shape >= SHAPE_CLOCK && first->mark && read_digits(at, false, true, true, out);
}

/* ---- other numbers */

/* The digit that a superscript is, -1 for none. */
static int raised_digit(uint32_t point)
{
    return point == 0xB9                        ? 1
           : point == 0xB2 || point == 0xB3     ? (int)(point - 0xB0)
           : point == 0x2070                    ? 0
           : point >= 0x2074 && point <= 0x2079 ? (int)(point - 0x2070)
                                                : -1;
}

/* "8²⁵" */
static bool read_raised(const char *at, const reading_t *first, reading_t *out)
{
    int hour;
    (void)first;
    *out = (reading_t){.shape = SHAPE_CLOCK, .mark = '^'};
    out->digits = momentpart_digits(at, 2, false, &hour, &out->mended);
    out->end = at + out->digits;
    int ten = raised_digit(text_next(&out->end)), one = ten < 0 ? -1 : raised_digit(text_next(&out->end));
    return out->digits && one >= 0 && raised_digit(momentpart_point(out->end)) < 0 &&
           momentpart_set(out, hour, ten * 10 + one, *at == '0');
}

static bool read_compact(const char *at, const reading_t *first, reading_t *out)
{
    int value;
    (void)first;
    *out = (reading_t){.shape = SHAPE_COMPACT};
    out->digits = momentpart_digits(at, 4, false, &value, &out->mended);
    out->end = at + out->digits;
    return out->digits >= 3 && momentpart_set(out, value / 100, value % 100, *at == '0');
}

/* "09 00"; the hour of one digit is loose. */
static bool read_spaced(const char *at, const reading_t *first, reading_t *out)
{
    int hour, minute;
    (void)first;
    *out = (reading_t){.shape = SHAPE_SPACED};
    out->digits = momentpart_digits(at, 2, false, &hour, &out->mended);
    if (!out->digits || at[out->digits] != ' ')
        return false;
    if (out->digits == 1)
        out->shape = SHAPE_LOOSE;
    out->end = at + out->digits + 3;
    return momentpart_digits(at + out->digits + 1, 2, false, &minute, &out->mended) == 2 && minute % 5 == 0 &&
           momentpart_set(out, hour, minute, *at == '0');
}

static bool read_bare(const char *at, const reading_t *first, reading_t *out)
{
    int hour;
    (void)first;
    *out = (reading_t){.shape = SHAPE_BARE};
    out->digits = momentpart_digits(at, 2, false, &hour, &out->mended);
    out->end = at + out->digits;
    return out->digits && momentpart_set(out, hour, 0, *at == '0');
}

/* ---- what follows the number */

/* "8:30a": only grown to hour and minute, since "9a" is a class. */
static const char *take_brief_half(const reading_t *reading, half_t *half)
{
    const char *at = reading->end;
    char first = (char)(*at | 0x20);
    if (!reading->mark || reading->mark == 'h' || (first != 'a' && first != 'p') ||
        momentpart_is_glue(momentpart_point(at + 1)))
        return NULL;
    *half = first == 'a' ? HALF_AM : HALF_PM;
    return at + 1;
}

/* "Tlam", "1lam", "liam": eleven, whose ones OCR took for letters; only before am or pm. */
static bool read_misread(const char *at, const reading_t *first, reading_t *out)
{
    half_t half;
    (void)first;
    *out = (reading_t){.shape = SHAPE_BARE, .digits = 2, .mended = true, .end = at + 2};
    if (!at[0] || !strchr("1lITi", at[0]) || !at[1] || !strchr("1lIi", at[1]) || !momentpart_take_half(at + 2, &half))
        return false;
    return momentpart_set(out, 11, 0, false);
}

static void say_half(reading_t *reading, half_t half)
{
    reading->shape = SHAPE_SAID;
    reading->unsure = false;
    if (reading->moment.minute >= HALF + HOUR)
        return; /* "13:15 pm" says it twice */
    reading->moment.half = half;
    reading->moment.minute = reading->moment.minute % HALF + (half == HALF_PM ? HALF : 0);
}

/* "0900 hrs", "10.30 hrs"; "4.30 hours" last that long. */
static const char *take_hours(reading_t *reading, const char *at)
{
    const char *end = momentpart_take_word(at, "hours");
    bool lasts = reading->shape == SHAPE_CLOCK && reading->moment.minute < 6 * HOUR && !reading->zero;
    if (!end || lasts || reading->shape <= SHAPE_LOOSE || reading->shape == SHAPE_SAID)
        return NULL;
    if (reading->shape == SHAPE_COMPACT && reading->digits == 4)
        reading->shape = SHAPE_CLOCK;
    return end;
}

/* "9h", "13u"; with a space between it may last that long, and "9H" is a class. */
static const char *take_hour_letter(reading_t *reading, const char *at)
{
    bool capital = *at == 'H' && at == reading->end;
    if ((*at != 'h' && *at != 'u' && !capital) || !reading->digits || momentpart_is_glue(momentpart_point(at + 1)))
        return NULL;
    if (reading->shape < SHAPE_CLOCK && !capital) {
        reading->unsure = at != reading->end || *at == 'u';
        reading->shape = SHAPE_CLOCK;
    }
    return at + 1;
}

static void take_suffix(reading_t *reading)
{
    const char *at = momentpart_skip_space(reading->end), *end;
    half_t half;
    reading_t noon;
    if ((end = momentpart_take_half(at, &half))) {
        reading->loud = reading->loud || (at != reading->end && !reading->mark);
        say_half(reading, half);
    } else if ((end = take_brief_half(reading, &half))) {
        say_half(reading, half);
    } else if (reading->moment.minute == HALF && momentword_noon(at, NULL, &noon)) {
        *reading = noon;
        return;
    } else if ((end = momentpart_take_word(at, "clock"))) {
        reading->shape = reading->shape == SHAPE_SAID ? SHAPE_SAID : SHAPE_CLOCK;
        reading->unsure = false;
    } else if (!(end = take_hours(reading, at))) {
        end = take_hour_letter(reading, at);
    }
    if (end)
        reading->end = end;
}

/* ---- what stands around it */

/* "03.09.", a day of a month; "9.10." ends a sentence. */
static bool is_date(const reading_t *reading)
{
    int minute = reading->moment.minute % HOUR;
    return reading->shape == SHAPE_CLOCK && reading->mark == '.' && *reading->end == '.' && minute > 0 &&
           minute <= 12 && (reading->zero || minute % 5 != 0);
}

/* "4.50 EUR", "10.30 km", "1.15 hours", "five to eleven year olds". */
static bool is_measure(const reading_t *reading)
{
    const char *at = momentpart_skip_space(reading->end);
    if (reading->shape == SHAPE_SAID ? reading->digits > 0 : reading->mark == ':')
        return false;
    return is_money(momentpart_point(at)) || momentpart_take_word(at, "measure") || momentpart_take_word(at, "hours");
}

static bool ends_well(const reading_t *reading, bool second)
{
    const char *at = reading->end;
    if (reading->shape != SHAPE_SAID && is_money(momentpart_point(momentpart_skip_space(at))))
        return false;
    bool slash = *at == '/' && reading->mark && reading->shape >= SHAPE_CLOCK; /* "8h00/8h55" */
    if ((*at && strchr(".,:/", *at) && is_number(at[1]) && !slash && strncmp(at, "..", 2) != 0) || is_date(reading) ||
        is_measure(reading))
        return false;
    if (reading->shape < SHAPE_CLOCK &&
        (*at == '/' || (second && *at == '-' && momentpart_is_glue(momentpart_point(at + 1)))))
        return false;
    return !momentpart_is_glue(momentpart_point(at)) && raised_digit(momentpart_point(at)) < 0;
}

bool moment_starts_well(const char *text, const char *at, const reading_t *reading)
{
    if (at == text)
        return true;
    const char *before = momentpart_step_back(text, at);
    uint32_t point = momentpart_point(before),
             second = before > text ? momentpart_point(momentpart_step_back(text, before)) : 0;
    if (momentpart_is_glue(point) || is_money(point))
        return false;
    if (point < 0x80 && strchr(".,:/", (char)point) && text_is_digit(second))
        return false;
    bool joined = point < 0x80 && strchr(".-/#+&", (char)point);
    if (reading->loud && reading->digits) /* "Year 9-10 PM" */
        return !joined || !text_is_digit(second);
    return reading->shape >= SHAPE_CLOCK || !joined || !momentpart_is_glue(second);
}

bool moment_is_counted(const char *text, const char *at, const reading_t *reading)
{
    if (reading->shape == SHAPE_SAID && !reading->loud)
        return false;
    if (reading->shape == SHAPE_CLOCK && (reading->mark == ':' || momentpart_is_after(text, at, "at")))
        return false;
    return momentpart_is_after(text, at, "counted");
}

bool moment_read(const char *at, const reading_t *first, reading_t *out)
{
    static bool (*const shapes[])(const char *, const reading_t *, reading_t *) = {
        read_clock,      read_mended, read_raised, read_compact,     read_spaced,     momentword_foreign,
        momentword_past, read_bare,   read_dashed, momentword_hours, momentword_noon, read_misread,
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (!shapes[i](at, first, out))
            continue;
        take_suffix(out);
        if (ends_well(out, first != NULL))
            return true;
    }
    return false;
}
