/* timetext: spans of time. A span is one moment (moment.h), or two with a dash or a word between them; what shapes the
 * two have, and whether they lie well together, says how much they are a range.
 *
 * Called by the rules of the engine for every line and cell. Never fails, never allocates, keeps nothing. */
#include "actors/llm/rules/timetext.h"
#include "moment.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <string.h>

enum {
    LONGEST_SAID = 9 * HOUR,
    LONGEST_BARE = 4 * HOUR,
    LONGEST_LOOSE = 3 * HOUR
}; /* of a range with a bare end: a school day; two double lessons; one lesson, or a lesson and a break */

enum {
    MENDED_MOST = 32,   /* bytes of a range of which hardly a digit was read */
    SHORTEST_MENDED = 5 /* minutes that it lasts */
};

/* What may be taken for a time depends on where it stands. */
typedef struct {
    const char *text; /* the whole text */
    bool only;        /* nothing else is in it */
} place_t;

/* ---- between two moments */

static const char *take_dash(const char *at)
{
    static const char *const dashes[] = {"->", "=>", "-", "–", "—", "−",   "‐", "‑", "‒",
                                         "―",  "~",  "→", "=", ">", "...", "…", NULL};
    for (const char *const *dash = dashes; *dash; dash++)
        if (strncmp(at, *dash, strlen(*dash)) == 0)
            return at + strlen(*dash);
    return NULL;
}

static const char *take_dashes(const char *at)
{
    const char *end = take_dash(at), *more;
    while (end && (more = take_dash(momentpart_skip_space(end))))
        end = more;
    return end;
}

/* Behind the dash or word between two times and the spaces around it, or NULL. `between`: "and" is one too. */
static const char *take_joint(const char *at, bool between)
{
    if (*at == '.' && take_dash(momentpart_skip_space(at + 1))) /* "8.00. – 8.45." */
        at++;
    at = momentpart_skip_space(at);
    const char *end = *at == '/' ? at + 1 : take_dashes(at);
    if (!end && *at == '\'') /* "'til" */
        at++;
    if (!end)
        end = momentpart_take_word(at, "to");
    if (!end && between)
        end = momentpart_take_word(at, "and");
    if (!end)
        return NULL;
    const char *next = momentpart_skip_space(end), *at_word = momentpart_take_word(next, "at");
    return at_word ? momentpart_skip_space(at_word) : next; /* "dalle ore 8 alle ore 9" */
}

/* ---- spans */

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
    bool loose = a->shape == SHAPE_LOOSE && b->shape == SHAPE_SPACED && !b->zero; /* "9 20 – 10 05" */
    if ((a->shape != b->shape && !loose) || (is_year(a) && is_year(b)))
        return 0;
    if (a->shape == SHAPE_BARE)
        return only ? 0.4 : 0;
    if (a->shape == SHAPE_SPACED)
        return 0.8;
    if (a->shape == SHAPE_LOOSE)
        return only ? 0.6 : 0;
    if (b->zero && !a->zero && a->digits < 4)
        return 0; /* a telephone's number: 720-0930 */
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
    if (a->shape == SHAPE_LOOSE && lasts > LONGEST_LOOSE)
        return 0;
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
    case SHAPE_LOOSE:
        return 0;
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
    reading_t a, b = {.shape = SHAPE_BARE};
    if (!moment_read(at, NULL, &a) || !moment_starts_well(place->text, at, &a))
        return false;
    *out = (timespan_t){.start = a.moment, .end = {-1, HALF_UNKNOWN}, .from = (size_t)(at - place->text)};
    const char *next = take_joint(a.end, momentpart_is_after(place->text, at, "between")), *end = a.end;
    if (next && moment_read(next, &a, &b)) {
        out->end = b.moment;
        share_half(&out->start, &out->end);
        out->trust = range_trust(&a, &b, out, place->only);
        end = b.end;
    }
    if (out->trust <= 0) {
        out->start = a.moment;
        out->end = (moment_t){-1, HALF_UNKNOWN};
        out->trust = *a.end == '/' && text_is_digit(momentpart_point(a.end + 1)) ? 0 : lone_trust(&a, place->only);
        out->closes = momentpart_is_after(place->text, at, "until");
        end = a.end;
    }
    out->length = (size_t)(end - at);
    if (out->trust <= 0 || !moment_is_counted(place->text, at, &a))
        return out->trust > 0;
    if (out->end.minute < 0)
        return false;
    bool clocks = a.shape == SHAPE_CLOCK && b.shape == SHAPE_CLOCK && is_round(&a) && is_round(&b);
    return (b.shape == SHAPE_SAID && !b.loud) ||                                 /* "Lab 2-4pm" */
           (clocks && a.mark && momentpart_is_after(place->text, at, "period")); /* "Lesson 9.00 – 9.45" */
}

/* Only at its beginning a word may be a time, but misread digits may follow other letters. */
static bool may_begin(const char *text, const char *at)
{
    return strchr("0123456789", *at) ||
           (text_is_letter(momentpart_point(at)) &&
            (at == text || !momentpart_is_glue(momentpart_point(momentpart_step_back(text, at)))));
}

size_t timetext_find(const char *text, timespan_t *out, size_t room)
{
    place_t place = {text, false};
    size_t count = 0;
    for (const char *at = text, *next = text; *at && count < room; at = next) {
        text_next(&next);
        if (may_begin(text, at) && read_span(&place, at, &out[count])) {
            next = at + out[count].length;
            count++;
        }
    }
    return count;
}

/* ---- the whole text */

static const char *skip_words(const char *at, const char *const *sections)
{
    static const char marks[] = ".,;:()[]{}'\"*!?|";
    for (half_t half;;) {
        const char *next = momentpart_skip_space(at), *end = take_dash(next);
        if (!end && *next && strchr(marks, *next))
            end = next + 1;
        if (!end && strncmp(next, "•", strlen("•")) == 0)
            end = next + strlen("•");
        for (const char *const *section = sections; !end && *section; section++)
            end = momentpart_take_word(next, *section);
        if (!end && !(end = momentpart_take_half(next, &half)))
            return next;
        at = end;
    }
}

static const char *skip_before(const char *at)
{
    static const char *const sections[] = {"at", "between", "until", NULL};
    return skip_words(at, sections);
}

static const char *skip_behind(const char *at)
{
    static const char *const sections[] = {"at", "clock", "hours", NULL};
    return skip_words(at, sections);
}

/* Behind the number or Roman numeral that a row begins with, or NULL. */
static const char *skip_numbering(const char *at)
{
    size_t size = strspn(at, "0123456789");
    if (size > 1 && *at == '0') /* no number of a row: "0800 1111" */
        return NULL;
    if (size == 0)
        size = strspn(at, "IVX");
    if (size == 0 || size > 4)
        return NULL;
    at += size;
    if (*at == '.' || *at == ')' || *at == ':')
        at++;
    const char *next = skip_before(at);
    return next != at ? next : NULL;
}

/* Two compact numbers on one line are a telephone's unless they are round: "0800 1111". */
static bool may_pair(const place_t *place, const timespan_t *a, const timespan_t *b)
{
    const char *from = place->text + a->from, *end = place->text + b->from;
    bool clock = strcspn(from, ".:h,;") < a->length;
    return clock || memchr(from, '\n', (size_t)(end - from)) || (a->start.minute % 5 == 0 && b->start.minute % 5 == 0);
}

/* A second lone time behind the first makes a range with it: two lines of one cell. */
static void take_second(const place_t *place, const char *at, timespan_t *span)
{
    timespan_t next, both = *span;
    int start, end;
    /* a comma for a dot makes either unsure; that the second is later makes both sure again */
    if (span->end.minute >= 0 || span->trust < 0.5 || !read_span(place, at, &next) || next.end.minute >= 0 ||
        next.trust < 0.5 || !may_pair(place, span, &next) ||
        (span->trust < 0.9 && next.trust < 0.9 && next.start.minute == span->start.minute))
        return;
    both.end = next.start;
    both.closes = false;
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
    const char *end = text + out->from + out->length, *rest = skip_behind(end);
    if (*rest) {
        take_second(&place, rest, out);
        rest = skip_behind(text + out->from + out->length);
    }
    const char *joint = out->end.minute < 0 ? take_joint(end, false) : NULL;
    if (joint && *skip_behind(joint) == '\0') { /* "8.35 -", "7.45am to": its other end is lost */
        out->trust = out->trust < 0.8 ? out->trust : 0.8;
        return true;
    }
    return *rest == '\0';
}

/* "till 10.30": the words before a time are part of it, brackets are not. */
static void take_words(const char *text, timespan_t *span)
{
    for (const char *at = text, *next = text; at < text + span->from; at = next) {
        if (!text_is_letter(text_next(&next)))
            continue;
        span->length += span->from - (size_t)(at - text);
        span->from = (size_t)(at - text);
        return;
    }
}

/* Writes the text with digits for everything that OCR makes of them; false where other letters stand in it. */
static bool mend_all(const char *text, char *out, size_t size)
{
    static const struct {
        const char *taken;
        char meant;
    } rows[] = {{"I", '1'}, {"l", '1'}, {"L", '1'}, {"i", '1'}, {"|", '1'}, {"O", '0'}, {"o", '0'},
                {"Q", '0'}, {"S", '5'}, {"s", '5'}, {"§", '5'}, {"$", '5'}, {"B", '8'}, {"Z", '2'}};
    size_t used = 0;
    for (const char *at = text, *next = text; *at; at = next) {
        uint32_t point = text_next(&next);
        size_t row = 0, rows_count = sizeof rows / sizeof *rows;
        while (row < rows_count && strncmp(at, rows[row].taken, strlen(rows[row].taken)) != 0)
            row++;
        size_t bytes = row < rows_count ? 1 : (size_t)(next - at);
        if ((row == rows_count && text_is_letter(point)) || used + bytes >= size)
            return false;
        memcpy(out + used, row < rows_count ? &rows[row].meant : at, bytes);
        used += bytes;
    }
    out[used] = '\0';
    return true;
}

/* "Il.OO—ILI§": nothing but what OCR makes of digits, and a range of an hour or two if it is read so. */
static bool read_mended_range(const char *text, timespan_t *out)
{
    char mended[MENDED_MOST];
    int start, end;
    const char *first = momentpart_skip_space(text);
    if (!mend_all(first, mended, sizeof mended) || !read_only(mended, mended, out) || out->end.minute < 0)
        return false;
    timetext_settle(out, 6 * HOUR, &start, &end);
    bool clock = strpbrk(mended, ".:") != NULL, fives = out->start.minute % 5 == 0 && out->end.minute % 5 == 0;
    out->from = (size_t)(first - text);
    out->length = strlen(first);
    out->trust = 0.6;
    return clock && fives && end - start >= SHORTEST_MENDED && end - start <= LONGEST_LOOSE;
}

bool timetext_only(const char *text, timespan_t *out)
{
    const char *at = skip_before(text);
    if (read_only(text, at, out)) {
        take_words(text, out);
        const char *first = momentpart_skip_space(text);
        out->closes = out->end.minute < 0 && (out->closes || take_dash(first) || momentpart_take_word(first, "until"));
        return true;
    }
    at = skip_numbering(at);
    return (at && read_only(text, at, out) && out->trust > 0.5) || read_mended_range(text, out);
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
