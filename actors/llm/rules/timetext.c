/* timetext: reads times of day. A moment is read in one of five shapes, from clear to weak; a span is a moment, or two
 * with a dash or a word between them. What stands on either side decides whether a number may be a time at all.
 *
 * Called by the rules of the engine for every line and cell. Never fails, never allocates, keeps nothing. */
#include "actors/llm/rules/timetext.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOUR = 60, HALF = 12 * HOUR, DAY = 24 * HOUR };
enum {
    LONGEST_SAID = 9 * HOUR,
    LONGEST_BARE = 4 * HOUR
}; /* of a range with a bare end: a school day; two double lessons */

typedef enum {
    SHAPE_BARE,    /* 9 */
    SHAPE_SPACED,  /* 09 00 */
    SHAPE_COMPACT, /* 0900, 830 */
    SHAPE_CLOCK,   /* 9.00, 9h, 9 Uhr */
    SHAPE_SAID     /* 9am, 9.30 a.m., noon */
} shape_t;

/* One moment as it was read. */
typedef struct {
    moment_t moment;
    shape_t shape;
    char mark;       /* between hour and minute, 0 for none */
    int digits;      /* of the hour, or of the whole compact number */
    bool zero;       /* begins with one: "0900", "08:50" */
    bool mended;     /* a letter was taken for a digit, or it was put together */
    bool unsure;     /* only another time beside it tells that it is one: "1,55" */
    bool apart;      /* spaces or a line break in it */
    const char *end; /* behind it */
} reading_t;

/* What may be taken for a time depends on where it stands. */
typedef struct {
    const char *text; /* the whole text */
    bool only;        /* nothing else is in it */
} place_t;

/* ---- characters and words */

static const char *skip_space(const char *at)
{
    for (const char *next = at; text_is_space(text_next(&next)); at = next)
        ;
    return at;
}

static uint32_t point_at(const char *at)
{
    return text_next(&at);
}

static const char *step_back(const char *text, const char *at)
{
    do
        at--;
    while (at > text && ((unsigned char)*at & 0xC0) == 0x80);
    return at;
}

static bool is_number(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters, digits, the underscore: what makes one word with a number that it touches. */
static bool is_glue(uint32_t point)
{
    return point == '_' || text_is_digit(point) || text_is_letter(point);
}

static bool is_money(uint32_t point)
{
    return point == '$' || point == 0xA3 || point == 0x20AC || point == 0xA5 || point == '%';
}

/* Behind the word at `at`, or NULL if another word stands there. */
static const char *take_word(const char *at, const char *word)
{
    size_t size = strlen(word);
    if (strncasecmp(at, word, size) != 0 || is_glue(point_at(at + size)))
        return NULL;
    return at + size;
}

static const char *take_one_of(const char *at, const char *const *words)
{
    for (; *words; words++) {
        const char *end = take_word(at, *words);
        if (end)
            return end;
    }
    return NULL;
}

static const char *take_dash(const char *at)
{
    static const char *const dashes[] = {"->", "=>", "-", "–", "—", "−", "‐", "‑", "‒", "―", "~", "→", "=", NULL};
    for (const char *const *dash = dashes; *dash; dash++)
        if (strncmp(at, *dash, strlen(*dash)) == 0)
            return at + strlen(*dash);
    return NULL;
}

/* Behind the dash or word between two times and the spaces around it, or NULL. */
static const char *take_joint(const char *at)
{
    static const char *const words[] = {"to", "until", "till", "til", "bis", "à", "À",
                                        "a",  "às",    "Às",   "do",  "tot", NULL};
    at = skip_space(at);
    const char *end = take_dash(at), *more;
    while (end && (more = take_dash(skip_space(end))))
        end = more;
    if (!end)
        end = take_one_of(at, words);
    return end ? skip_space(end) : NULL;
}

/* ---- numbers */

static int digit_of(char c, bool loose, bool *mended)
{
    static const char taken[] = "lIOoS", meant[] = "11005";
    if (is_number(c))
        return c - '0';
    const char *found = loose && c ? strchr(taken, c) : NULL;
    if (!found)
        return -1;
    *mended = true;
    return meant[found - taken] - '0';
}

/* Reads at most `most` digits and returns how many; 0 if there are more. */
static int take_digits(const char *at, int most, bool loose, int *value, bool *mended)
{
    int count = 0, digit;
    for (*value = 0; (digit = digit_of(at[count], loose, mended)) >= 0; count++) {
        if (count == most)
            return 0;
        *value = *value * 10 + digit;
    }
    return count;
}

static bool set_moment(reading_t *out, int hour, int minute, bool zero)
{
    if (hour > 23 || minute > 59)
        return false;
    out->zero = zero;
    bool day = hour > 12 || hour == 0 || (zero && hour >= 7);
    out->moment = (moment_t){hour * HOUR + minute, day ? HALF_DAY : HALF_UNKNOWN};
    return true;
}

/* ---- shapes */

/* Behind the hour, or NULL. An hour at the end of a range may be torn: "10:06-1 0:51". */
static const char *take_hour(const char *at, bool loose, bool second, int *hour, reading_t *out)
{
    int unit;
    out->digits = take_digits(at, 2, loose, hour, &out->mended);
    bool torn =
        second && out->digits == 1 && (*hour == 1 || *hour == 2) && at[1] == ' ' && is_number(at[2]) && at[3] == ':';
    if (!torn || take_digits(at + 2, 1, false, &unit, &out->mended) != 1)
        return out->digits ? at + out->digits : NULL;
    *hour = *hour * 10 + unit;
    out->digits = 2;
    out->mended = out->apart = true;
    return at + 3;
}

/* Behind the mark between hour and minute, or NULL. */
static const char *take_mark(const char *at, bool dash, reading_t *out)
{
    const char *colon = skip_space(at);
    if (*colon == ':') {
        const char *next = skip_space(colon + 1);
        out->mark = ':';
        out->apart |= colon != at || next != colon + 1;
        out->mended |= out->apart;
        return next;
    }
    out->mark = *at == 'H' ? 'h' : *at;
    if (*at == ',' || *at == ';')
        out->mended = out->unsure = true;
    bool good = *at && (strchr(".,;", *at) || out->mark == 'h' || (dash && *at == '-'));
    return good ? at + 1 : NULL;
}

/* Two digits of a minute; "0 0" too where a colon went before. */
static const char *take_minute(const char *at, bool loose, int *minute, reading_t *out)
{
    int count = take_digits(at, 2, loose, minute, &out->mended), second;
    if (count == 2)
        return at + 2;
    const char *rest = skip_space(at + count);
    if (count != 1 || out->mark != ':' || rest == at + 1 || take_digits(rest, 1, false, &second, &out->mended) != 1)
        return NULL;
    *minute = *minute * 10 + second;
    out->mended = out->apart = true;
    return rest + 1;
}

static int count_digits(const char *from, const char *to)
{
    int count = 0;
    for (; from < to; from++)
        count += is_number(*from);
    return count;
}

/* `second`: it ends a range; `dash`: and may have a dash before its minute, "11:20-11-35". */
static bool read_clock(const char *at, bool loose, bool second, bool dash, reading_t *out)
{
    int hour, minute;
    *out = (reading_t){.shape = SHAPE_CLOCK};
    const char *behind = take_hour(at, loose, second, &hour, out);
    const char *next = behind ? take_mark(behind, dash, out) : NULL;
    const char *end = next ? take_minute(next, loose, &minute, out) : NULL;
    if (!end || (loose && count_digits(at, end) < 2) || !set_moment(out, hour, minute, *at == '0' && out->digits == 2))
        return false;
    if (out->mark == ':' && *end == ':' && is_number(end[1]) && is_number(end[2])) /* seconds */
        end += 3;
    out->end = end;
    return true;
}

static bool read_compact(const char *at, reading_t *out)
{
    int value;
    *out = (reading_t){.shape = SHAPE_COMPACT};
    out->digits = take_digits(at, 4, false, &value, &out->mended);
    out->end = at + out->digits;
    return out->digits >= 3 && set_moment(out, value / 100, value % 100, *at == '0');
}

static bool read_spaced(const char *at, reading_t *out)
{
    int hour, minute;
    *out = (reading_t){.shape = SHAPE_SPACED, .digits = 2};
    if (take_digits(at, 2, false, &hour, &out->mended) != 2 || at[2] != ' ')
        return false;
    out->end = at + 5;
    return take_digits(at + 3, 2, false, &minute, &out->mended) == 2 && minute % 5 == 0 &&
           set_moment(out, hour, minute, *at == '0');
}

static bool read_bare(const char *at, reading_t *out)
{
    int hour;
    *out = (reading_t){.shape = SHAPE_BARE};
    out->digits = take_digits(at, 2, false, &hour, &out->mended);
    out->end = at + out->digits;
    return out->digits && set_moment(out, hour, 0, *at == '0');
}

/* Behind "am", "p.m." … and *half, or NULL. */
static const char *take_half(const char *at, half_t *half)
{
    char first = (char)(*at | 0x20);
    if (first != 'a' && first != 'p')
        return NULL;
    at++;
    if (*at == '.')
        at = at[1] == ' ' ? at + 2 : at + 1;
    if ((*at | 0x20) != 'm' || is_glue(point_at(at + 1)))
        return NULL;
    *half = first == 'a' ? HALF_AM : HALF_PM;
    return at[1] == '.' ? at + 2 : at + 1;
}

/* "Tlam", "1lam", "llam": eleven, whose ones OCR took for letters; only before am or pm. */
static bool read_misread(const char *at, reading_t *out)
{
    half_t half;
    *out = (reading_t){.shape = SHAPE_BARE, .digits = 2, .mended = true, .end = at + 2};
    if (!at[0] || !strchr("1lIT", at[0]) || !at[1] || !strchr("1lI", at[1]) || !take_half(at + 2, &half))
        return false;
    return set_moment(out, 11, 0, false);
}

static bool read_noon(const char *at, reading_t *out)
{
    static const char *const words[] = {"noon", "midday", NULL};
    *out = (reading_t){.moment = {HALF, HALF_DAY}, .shape = SHAPE_SAID, .end = take_one_of(at, words)};
    return out->end != NULL;
}

/* ---- what follows the number */

static void say_half(reading_t *reading, half_t half)
{
    reading->shape = SHAPE_SAID;
    reading->unsure = false;
    if (reading->moment.minute >= HALF + HOUR)
        return; /* "13:15 pm" says it twice */
    reading->moment.half = half;
    reading->moment.minute = reading->moment.minute % HALF + (half == HALF_PM ? HALF : 0);
}

static void take_suffix(reading_t *reading)
{
    static const char *const clocks[] = {"Uhr", "o'clock", "o’clock", NULL}, *const hours[] = {"hrs", "hours", NULL};
    const char *at = skip_space(reading->end), *end;
    half_t half;
    reading_t noon;
    if ((end = take_half(at, &half))) {
        say_half(reading, half);
    } else if (reading->moment.minute == HALF && read_noon(at, &noon)) {
        *reading = noon;
        return;
    } else if ((end = take_one_of(at, clocks)) || (end = take_word(reading->end, "h"))) {
        reading->shape = SHAPE_CLOCK;
        reading->unsure = false;
    } else if (reading->shape != SHAPE_BARE) {
        end = take_one_of(at, hours);
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

static bool ends_well(const reading_t *reading, bool second)
{
    const char *at = reading->end;
    if (reading->shape != SHAPE_SAID && is_money(point_at(skip_space(at))))
        return false;
    if ((*at && strchr(".,:/", *at) && is_number(at[1])) || is_date(reading))
        return false;
    if (reading->shape < SHAPE_CLOCK && (*at == '/' || (second && *at == '-' && is_glue(point_at(at + 1)))))
        return false;
    return !is_glue(point_at(at));
}

/* A word before the number that says what it counts. */
static bool is_counted(const char *text, const char *at)
{
    static const char *const words[] = {"year",    "years",  "yr",     "grade", "lesson",  "period",  "room",
                                        "week",    "weeks",  "unit",   "page",  "pages",   "chapter", "class",
                                        "station", "group",  "set",    "block", "stage",   "part",    "level",
                                        "raum",    "klasse", "stunde", "salle", "zimmer",  "day",     "p",
                                        "ks",      "no",     "form",   "term",  "section", NULL};
    while (at > text && (at[-1] == ' ' || at[-1] == '.'))
        at--;
    const char *end = at;
    while (at > text && is_glue(point_at(step_back(text, at))))
        at = step_back(text, at);
    for (const char *const *word = words; at < end && *word; word++)
        if (take_word(at, *word) == end)
            return true;
    return false;
}

static bool starts_well(const char *text, const char *at, const reading_t *reading)
{
    if (at == text)
        return true;
    const char *before = step_back(text, at);
    uint32_t point = point_at(before), second = before > text ? point_at(step_back(text, before)) : 0;
    if (is_glue(point) || is_money(point))
        return false;
    if (point < 0x80 && strchr(".,:/", (char)point) && text_is_digit(second))
        return false;
    if (reading->shape >= SHAPE_CLOCK)
        return !(reading->shape == SHAPE_CLOCK && reading->mark != ':' && is_counted(text, at));
    if (point < 0x80 && strchr(".-/#+&", (char)point) && is_glue(second))
        return false;
    return !is_counted(text, at);
}

/* ---- moments and spans */

/* The first shape that holds. `first` is the other end of the range, if one was read. */
static bool read_moment(const char *at, const reading_t *first, reading_t *out)
{
    bool second = first != NULL, dash = second && first->shape >= SHAPE_CLOCK && first->mark;
    for (int shape = 0; shape < 8; shape++) {
        bool read = shape == 0   ? read_clock(at, false, second, false, out)
                    : shape == 1 ? read_clock(at, true, second, false, out)
                    : shape == 2 ? read_compact(at, out)
                    : shape == 3 ? read_spaced(at, out)
                    : shape == 4 ? read_bare(at, out)
                    : shape == 5 ? dash && read_clock(at, false, true, true, out)
                    : shape == 6 ? read_misread(at, out)
                                 : read_noon(at, out);
        if (!read)
            continue;
        take_suffix(out);
        if (ends_well(out, second))
            return true;
    }
    return false;
}

/* One am or pm behind a range counts for both ends: "12-1pm", but "11-12pm" begins in the morning. */
static void share_half(moment_t *start, const moment_t *end)
{
    if (start->half != HALF_UNKNOWN || (end->half != HALF_AM && end->half != HALF_PM))
        return;
    int minute = start->minute % HALF;
    if (minute + HALF < end->minute)
        *start = (moment_t){minute + HALF, HALF_PM};
    else if (minute < end->minute)
        *start = (moment_t){minute, HALF_AM};
}

static bool is_year(const reading_t *reading)
{
    return reading->digits == 4 && reading->moment.minute >= 19 * HOUR && reading->moment.minute < 21 * HOUR;
}

static bool is_round(const reading_t *reading)
{
    return reading->moment.minute % 5 == 0;
}

/* How much two bare numbers are a range. */
static double weak_range_trust(const reading_t *a, const reading_t *b, bool only)
{
    if (a->shape != b->shape || (is_year(a) && is_year(b)))
        return 0;
    if (a->shape == SHAPE_BARE)
        return only ? 0.4 : 0;
    if (a->shape == SHAPE_SPACED)
        return 0.8;
    if (is_round(a) && is_round(b))
        return 0.85;
    if (a->digits == 4 && b->digits == 4)
        return 0.7;
    return only ? 0.4 : 0; /* rooms 104-106 */
}

/* How much the two are a range, 0 for not at all. */
static double range_trust(const reading_t *a, const reading_t *b, const timespan_t *span, bool only)
{
    int start, end;
    timetext_settle(span, 6 * HOUR, &start, &end);
    int lasts = end < 0 ? DAY : end - start;
    bool said = a->shape == SHAPE_SAID || b->shape == SHAPE_SAID, unsure = a->unsure || b->unsure;
    double mended = a->mended || b->mended ? 0.8 : 1;
    if (a->shape >= SHAPE_CLOCK && b->shape >= SHAPE_CLOCK)
        return unsure && !(is_round(a) && is_round(b)) ? 0 : (end < 0 ? 0.5 : 1) * mended;
    if (a->shape >= SHAPE_CLOCK || b->shape >= SHAPE_CLOCK)
        return unsure || lasts > (said || only ? LONGEST_SAID : LONGEST_BARE) ? 0 : (said ? 0.95 : 0.9) * mended;
    return lasts > LONGEST_SAID ? 0 : weak_range_trust(a, b, only);
}

/* How much the one is a time by itself. */
static double lone_trust(const reading_t *a, bool only)
{
    if (!only && (a->shape < SHAPE_CLOCK || a->apart || a->unsure))
        return 0; /* "Year 3: 12 boys", "1,55 m" */
    switch (a->shape) {
    case SHAPE_BARE:
        return 0.3;
    case SHAPE_SPACED:
        return 0.8;
    case SHAPE_COMPACT:
        return is_year(a) ? 0.2 : a->digits == 3 ? 0.4 : a->zero ? 0.9 : 0.8;
    default:
        return a->unsure ? 0.5 : (a->mark == '.' ? 0.95 : 1) * (a->mended ? 0.8 : 1);
    }
}

static bool read_span(const place_t *place, const char *at, timespan_t *out)
{
    reading_t a, b;
    if (!read_moment(at, NULL, &a) || !starts_well(place->text, at, &a))
        return false;
    *out = (timespan_t){.start = a.moment, .end = {-1, HALF_UNKNOWN}, .from = (size_t)(at - place->text)};
    const char *next = take_joint(a.end), *end = a.end;
    if (next && read_moment(next, &a, &b)) {
        out->end = b.moment;
        share_half(&out->start, &out->end);
        out->trust = range_trust(&a, &b, out, place->only);
        end = b.end;
    }
    if (out->trust <= 0) {
        out->start = a.moment;
        out->end = (moment_t){-1, HALF_UNKNOWN};
        out->trust = lone_trust(&a, place->only);
        end = a.end;
    }
    out->length = (size_t)(end - at);
    return out->trust > 0;
}

size_t timetext_find(const char *text, timespan_t *out, size_t room)
{
    place_t place = {text, false};
    size_t count = 0;
    for (const char *at = text; *at && count < room;) {
        if (strchr("0123456789lIOoSnNmM", *at) && read_span(&place, at, &out[count]))
            at += out[count++].length;
        else
            at++;
    }
    return count;
}

/* ---- the whole text */

static const char *skip_filler(const char *at)
{
    static const char *const words[] = {"from", "time", "times", "at",    "de",      "von", "das", "um",
                                        "uhr",  "h",    "hrs",   "hours", "o'clock", "am",  "pm",  NULL};
    static const char marks[] = ".,;:()[]{}'\"*!?|";
    for (;;) {
        const char *next = skip_space(at), *end = take_dash(next);
        if (!end && *next && strchr(marks, *next))
            end = next + 1;
        if (!end && (end = take_word(next, "•")) == NULL)
            end = take_one_of(next, words);
        if (!end)
            return next;
        at = end;
    }
}

/* Behind the number or Roman numeral that a row begins with, or NULL. */
static const char *skip_numbering(const char *at)
{
    size_t size = strspn(at, "0123456789");
    if (size == 0)
        size = strspn(at, "IVX");
    if (size == 0 || size > 4)
        return NULL;
    at += size;
    if (*at == '.' || *at == ')' || *at == ':')
        at++;
    const char *next = skip_filler(at);
    return next != at ? next : NULL;
}

/* A second lone time behind the first makes a range with it: two lines of one cell. */
static void take_second(const place_t *place, const char *at, timespan_t *span)
{
    timespan_t next, both = *span;
    int start, end;
    /* a comma for a dot makes either unsure; that the second is later makes both sure again */
    if (span->end.minute >= 0 || span->trust < 0.5 || !read_span(place, at, &next) || next.end.minute >= 0 ||
        next.trust < 0.5 || (span->trust < 0.9 && next.trust < 0.9 && next.start.minute == span->start.minute))
        return;
    both.end = next.start;
    share_half(&both.start, &both.end);
    timetext_settle(&both, 6 * HOUR, &start, &end);
    if (end < 0)
        return;
    both.length = next.from + next.length - span->from;
    both.trust = 0.9;
    *span = both;
}

static bool read_only(const char *text, const char *at, timespan_t *out)
{
    place_t place = {text, true};
    if (!read_span(&place, at, out))
        return false;
    const char *end = text + out->from + out->length, *rest = skip_filler(end);
    if (*rest) {
        take_second(&place, rest, out);
        rest = skip_filler(text + out->from + out->length);
    }
    const char *joint = out->end.minute < 0 ? take_joint(end) : NULL;
    if (joint && *skip_filler(joint) == '\0') { /* "8.35 -", "7.45am to": its other end is lost */
        out->trust = out->trust < 0.8 ? out->trust : 0.8;
        return true;
    }
    return *rest == '\0';
}

bool timetext_only(const char *text, timespan_t *out)
{
    const char *at = skip_filler(text);
    if (read_only(text, at, out))
        return true;
    at = skip_numbering(at);
    return at && read_only(text, at, out) && out->trust > 0.5;
}

/* ---- minutes */

int timetext_minute(moment_t moment, int earliest)
{
    int minute = moment.minute;
    if (minute < 0 || minute >= DAY)
        return -1;
    if (moment.half == HALF_AM && minute < HOUR)
        return minute + HALF; /* nobody is at school at midnight: 12.15am is noon */
    if (moment.half == HALF_UNKNOWN && minute < HALF && (minute < 7 * HOUR || minute < earliest))
        return minute + HALF;
    return minute;
}

/* The first reading of an unclear end that lies behind start, or -1. */
static int end_after(int start, int minute)
{
    int early = minute % HALF;
    return early > start ? early : early + HALF > start ? early + HALF : -1;
}

void timetext_settle(const timespan_t *span, int earliest, int *start, int *end)
{
    moment_t first = span->start, last = span->end;
    share_half(&first, &last);
    *start = timetext_minute(first, earliest);
    *end = timetext_minute(last, earliest);
    if (*start < 0 || *end < 0)
        return;
    int morning = first.minute % HALF;
    if (last.half == HALF_DAY && first.half == HALF_UNKNOWN && *start >= *end && morning >= earliest && morning < *end)
        *start = morning; /* "6.30 - 08:00" */
    if (last.half == HALF_UNKNOWN || (*end <= *start && last.half == HALF_AM))
        *end = end_after(*start, last.minute);
    if (*end <= *start)
        *end = -1;
}

char *timetext_format(int minute, char out[6])
{
    unsigned bounded = minute < 0 ? 0 : (unsigned)minute % DAY;
    snprintf(out, 6, "%02u:%02u", bounded / HOUR % 24, bounded % HOUR);
    return out;
}
