/* form_ics: the week as a calendar, RFC 5545. One VEVENT a block, repeated weekly from the first such weekday on or
 * after the term's start until its end (without one: without end).
 *
 * - Times: with a zone TZID and a VTIMEZONE of the system's database; "UTC" needs none; without a zone they are
 * floating (RFC 5545 section 3.3.5, form 1), which is what a page means: the clock on the wall.
 * - Weeks: where timetables or blocks carry a week, the labels in sorted order ("A" before "B") take turns, INTERVAL =
 * how many there are, the first in the calendar week (from Monday) of the term's start. A lone A, B, 1 or 2 is one of
 * two.
 * - A block without an end has no DTEND: by section 3.6.1 it ends where it starts. A block without a weekday or a start
 * cannot be placed, nor can one whose first turn comes after the term's end: X-YOGI-LEFT-OUT counts them.
 * - UIDs follow from the document's hash (or its name) and what the block says, DTSTAMP from the term's start: the same
 * document gives the same calendar, and importing it again replaces events instead of doubling them.
 * - A block below the gate is STATUS:TENTATIVE.
 */
#include "base/text.h"
#include "form_words.h"
#include "form_writers.h"
#include "zone.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_OCTETS = 75, /* of a content line before it is folded, RFC 5545 section 3.1 */
    WEEKS_MOST = 52,  /* labels that take turns: a label a week of a year */
    DAY_SECONDS = 24 * 3600,
};

/* What the events of one calendar share. */
typedef struct {
    const dossier_t *dossier;
    arena_t *arena;                /* for this calendar alone */
    buf_t *out;                    /* where it goes */
    zone_t *zone;                  /* NULL: UTC or floating */
    const char *tz;                /* as asked for, NULL = floating */
    bool utc;                      /* tz is UTC */
    int64_t start, end;            /* of the term, days since 1970; end INT64_MAX = open */
    const char *weeks[WEEKS_MOST]; /* labels, sorted */
    int week_count;                /* of labels */
    int cycle;                     /* weeks after which all repeats */
    size_t events, left_out;       /* written, not written */
    list_t uids;                   /* uint64_t, those given so far */
} calendar_t;

/* --- content lines --- */

/* Appends a content line, folded: CRLF and a space after at most 75 octets, never inside a character. */
static void add_line(buf_t *out, const char *line)
{
    size_t room = LINE_OCTETS;
    while (strlen(line) > room) {
        size_t size = room;
        while (size > 1 && ((unsigned char)line[size] & 0xC0) == 0x80)
            size--;
        buf_add(out, line, size);
        buf_text(out, "\r\n ");
        line += size;
        room = LINE_OCTETS - 1; /* the space counts */
    }
    buf_text(out, line);
    buf_text(out, "\r\n");
}

/* Appends a TEXT value, escaped by section 3.3.11. */
static void add_escaped(buf_t *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\,;", *text))
            buf_char(out, '\\');
        if (*text == '\n')
            buf_text(out, "\\n");
        else
            buf_char(out, *text);
    }
}

static void add_text_line(buf_t *out, const char *property, const char *text)
{
    buf_t line = {0};
    buf_text(&line, property);
    add_escaped(&line, text);
    add_line(out, buf_string(&line));
    buf_free(&line);
}

/* --- dates --- */

/* Days since 1970 of "YYYY-MM-DD"; false where it is none. */
static bool read_date(const char *text, int64_t *days)
{
    int part[3] = {0}, y, m, d;
    if (strlen(text) != 10)
        return false;
    for (int i = 0, k = 0; i < 10; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : !text_is_digit((unsigned char)text[i]))
            return false;
        k += dash;
        part[k] = dash ? 0 : part[k] * 10 + text[i] - '0';
    }
    int year = part[0], month = part[1], day = part[2];
    if (year < 1900 || month < 1 || month > 12)
        return false;
    *days = zone_days(year, month, day);
    zone_date(*days, &y, &m, &d);
    return y == year && m == month && d == day; /* 30 February comes back as 2 March */
}

/* "20250901T090000" into out. */
static char *stamp(int64_t seconds, char out[32])
{
    int64_t days = seconds / DAY_SECONDS;
    int year, month, day, rest = (int)(seconds - days * DAY_SECONDS);
    zone_date(days, &year, &month, &day);
    snprintf(out, 32, "%04d%02d%02dT%02d%02d%02d", year, month, day, rest / 3600, rest / 60 % 60, rest % 60);
    return out;
}

/* The term and the zone of the options into the calendar. */
static int read_options(const form_options_t *options, calendar_t *calendar, fault_t *fault)
{
    const char *start = options->term_start ? options->term_start : options->today;
    calendar->end = INT64_MAX;
    if (start && !read_date(start, &calendar->start))
        return fault_set(fault, FAULT_USAGE, "\"%s\" is not a date: give the term's start as 2026-09-01", start);
    if (options->term_end && !read_date(options->term_end, &calendar->end))
        return fault_set(fault, FAULT_USAGE, "\"%s\" is not a date: give the term's end as 2026-12-18",
                         options->term_end);
    if (start && calendar->end < calendar->start)
        return fault_set(fault, FAULT_USAGE, "the term ends on %s, before it starts on %s", options->term_end, start);
    calendar->tz = options->tz;
    calendar->utc = options->tz && (strcmp(options->tz, "UTC") == 0 || strcmp(options->tz, "Etc/UTC") == 0);
    if (!options->tz || calendar->utc)
        return 0;
    calendar->zone = zone_open(options->zoneinfo ? options->zoneinfo : ZONE_FOLDER, options->tz, fault);
    return calendar->zone ? 0 : -1;
}

int form_ics_check(const form_options_t *options, fault_t *fault)
{
    calendar_t calendar = {0};
    int result = read_options(options, &calendar, fault);
    zone_close(&calendar.zone);
    return result;
}

/* --- weeks that take turns --- */

static void add_week(calendar_t *calendar, const char *label)
{
    if (!label || !*label)
        return;
    int at = 0;
    while (at < calendar->week_count && strcmp(calendar->weeks[at], label) < 0)
        at++;
    if ((at < calendar->week_count && strcmp(calendar->weeks[at], label) == 0) || calendar->week_count == WEEKS_MOST)
        return;
    memmove(&calendar->weeks[at + 1], &calendar->weeks[at],
            (size_t)(calendar->week_count - at) * sizeof *calendar->weeks);
    calendar->weeks[at] = label;
    calendar->week_count++;
}

static void find_weeks(calendar_t *calendar)
{
    for (size_t t = 0; t < calendar->dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, calendar->dossier->timetables, t);
        add_week(calendar, timetable->week);
        for (size_t b = 0; b < timetable->timeblocks.count; b++)
            add_week(calendar, LIST_AT(timeblock_t, timetable->timeblocks, b)->week);
    }
    if (calendar->week_count == 1) { /* one page of two */
        const char *lone = calendar->weeks[0];
        if (strcmp(lone, "B") == 0 || strcmp(lone, "2") == 0)
            add_week(calendar, lone[0] == 'B' ? "A" : "1");
        else if (strcmp(lone, "A") == 0 || strcmp(lone, "1") == 0)
            add_week(calendar, lone[0] == 'A' ? "B" : "2");
    }
    calendar->cycle = calendar->week_count > 1 ? calendar->week_count : 1;
}

/* The turn of a label, from 0; -1 for a block of every week. */
static int turn_of(const calendar_t *calendar, const char *label)
{
    for (int i = 0; label && calendar->cycle > 1 && i < calendar->week_count; i++)
        if (strcmp(calendar->weeks[i], label) == 0)
            return i;
    return -1;
}

/* The first day on which the block is held. */
static int64_t first_day(const calendar_t *calendar, int weekday, int turn)
{
    int64_t monday = calendar->start - zone_weekday(calendar->start);
    int64_t day = monday + weekday + (turn > 0 ? 7 * turn : 0);
    while (day < calendar->start)
        day += turn < 0 ? 7 : 7 * calendar->cycle;
    return day;
}

/* --- events --- */

static uint64_t mix(uint64_t hash, const char *text)
{
    for (const char *c = text ? text : ""; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u; /* FNV-1a */
    return (hash ^ 31) * 1099511628211u;
}

/* A UID that only this block of this document has, and has every time. */
static void add_uid(calendar_t *calendar, const timetable_t *timetable, const timeblock_t *block, const char *week)
{
    const document_t *document = &calendar->dossier->document;
    uint64_t origin = mix(14695981039346656037u, document->sha256 ? document->sha256 : document->filename);
    const char *const parts[] = {timetable->class_name, timetable->teacher, timetable->term, week, block->day,
                                 block->start_time,     block->end_time,    block->name};
    uint64_t hash = origin;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        hash = mix(hash, parts[i]);
    for (size_t i = 0; i < calendar->uids.count; i++) /* printed twice: the second is another event */
        if (*LIST_AT(uint64_t, calendar->uids, i) == hash) {
            hash = mix(hash, "again");
            i = (size_t)-1;
        }
    *(uint64_t *)list_push(calendar->arena, &calendar->uids, sizeof hash) = hash;
    buf_format(calendar->out, "UID:%016llx-%016llx@yogi\r\n", (unsigned long long)origin, (unsigned long long)hash);
}

/* DTSTART or DTEND at local seconds. */
static void add_time(calendar_t *calendar, const char *property, int64_t seconds)
{
    char text[32];
    if (calendar->zone)
        buf_format(calendar->out, "%s;TZID=%s:%s\r\n", property, calendar->tz, stamp(seconds, text));
    else
        buf_format(calendar->out, "%s:%s%s\r\n", property, stamp(seconds, text), calendar->utc ? "Z" : "");
}

static void add_rule(calendar_t *calendar, int turn)
{
    buf_text(calendar->out, "RRULE:FREQ=WEEKLY");
    if (turn >= 0)
        buf_format(calendar->out, ";INTERVAL=%d", calendar->cycle);
    if (calendar->end != INT64_MAX) {
        char text[32];
        int64_t last = calendar->end * DAY_SECONDS + DAY_SECONDS - 1;
        if (calendar->zone)
            last = zone_utc(calendar->zone, last); /* section 3.3.10: UNTIL is in UTC where DTSTART has a zone */
        buf_format(calendar->out, ";UNTIL=%s%s", stamp(last, text), calendar->tz ? "Z" : "");
    }
    buf_text(calendar->out, "\r\n");
}

static void add_sentence(buf_t *out, const char *text)
{
    if (!text || !*text)
        return;
    if (out->size)
        buf_char(out, '\n');
    buf_text(out, text);
}

static void add_description(calendar_t *calendar, const timetable_t *timetable, const timeblock_t *block)
{
    buf_t text = {0};
    add_sentence(&text, form_clean(calendar->arena, block->notes));
    add_sentence(&text, form_caption(calendar->arena, timetable));
    if (form_inferred(block, "startTime") || form_inferred(block, "endTime"))
        add_sentence(&text, "Times not printed on the page, worked out.");
    if (form_minutes(block->end_time) < 0)
        add_sentence(&text, "The page gives no end.");
    if (text.size)
        add_text_line(calendar->out, "DESCRIPTION:", buf_string(&text));
    buf_free(&text);
}

static void add_event(calendar_t *calendar, const timetable_t *timetable, const timeblock_t *block)
{
    int weekday = timetable_day(block->day), start = form_minutes(block->start_time),
        end = form_minutes(block->end_time);
    const char *week = block->week && *block->week ? block->week : timetable->week;
    int turn = turn_of(calendar, week);
    int64_t day = weekday < 0 ? INT64_MAX : first_day(calendar, weekday, turn);
    if (weekday < 0 || start < 0 || day > calendar->end) {
        calendar->left_out++;
        return;
    }
    buf_t *out = calendar->out;
    char text[32];
    buf_text(out, "BEGIN:VEVENT\r\n");
    add_uid(calendar, timetable, block, week);
    buf_format(out, "DTSTAMP:%sZ\r\n", stamp(calendar->start * DAY_SECONDS, text));
    add_time(calendar, "DTSTART", day * DAY_SECONDS + start * 60);
    if (end > start)
        add_time(calendar, "DTEND", day * DAY_SECONDS + end * 60);
    add_rule(calendar, turn);
    const char *name = form_clean(calendar->arena, block->name);
    add_text_line(out, "SUMMARY:", name && *name ? name : "?");
    add_description(calendar, timetable, block);
    buf_format(out, "STATUS:%s\r\n", form_uncertain(calendar->dossier, block) ? "TENTATIVE" : "CONFIRMED");
    buf_format(out, "X-YOGI-CONFIDENCE:%.2f\r\nEND:VEVENT\r\n", block->confidence);
    calendar->events++;
}

static void add_events(calendar_t *calendar)
{
    for (size_t t = 0; t < calendar->dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, calendar->dossier->timetables, t);
        for (size_t b = 0; b < timetable->timeblocks.count; b++)
            add_event(calendar, timetable, LIST_AT(timeblock_t, timetable->timeblocks, b));
    }
}

/* What a calendar program calls it: the school and class of the first timetable, or the document. */
static const char *calendar_name(const calendar_t *calendar)
{
    const dossier_t *dossier = calendar->dossier;
    if (dossier->timetables.count) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, 0);
        const char *caption = form_caption(calendar->arena, timetable);
        const char *school = form_clean(calendar->arena, timetable->school);
        if (school && *school && *caption)
            return arena_format(calendar->arena, "%s · %s", school, caption);
        if (*caption)
            return caption;
        if (school && *school)
            return school;
    }
    return dossier->document.filename ? form_clean(calendar->arena, dossier->document.filename) : "Timetable";
}

int form_ics(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
{
    buf_t events = {0};
    calendar_t calendar = {.dossier = dossier, .arena = arena_new(), .out = &events};
    int result = -1;
    if (!options->term_start && !options->today) {
        fault_set(fault, FAULT_USAGE, "a calendar needs a day to start from: give --term-start 2026-09-01");
        goto done;
    }
    if (read_options(options, &calendar, fault) < 0)
        goto done;
    find_weeks(&calendar);
    add_events(&calendar);
    if (!calendar.events) { /* section 3.6: a calendar has at least one component */
        fault_set(fault, FAULT_NOT_A_TIMETABLE,
                  "no block with a day and a start in the term: the calendar would be empty");
        goto done;
    }
    buf_text(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Yogi//Timetables//EN\r\nCALSCALE:GREGORIAN\r\n");
    add_text_line(out, "X-WR-CALNAME:", calendar_name(&calendar));
    if (calendar.tz)
        buf_format(out, "X-WR-TIMEZONE:%s\r\n", calendar.tz);
    if (calendar.left_out)
        buf_format(out, "X-YOGI-LEFT-OUT:%zu\r\n", calendar.left_out);
    if (calendar.zone)
        zone_write(calendar.zone, calendar.start * DAY_SECONDS,
                   calendar.end == INT64_MAX ? INT64_MAX : (calendar.end + 1) * DAY_SECONDS, out);
    buf_add(out, events.bytes, events.size);
    buf_text(out, "END:VCALENDAR\r\n");
    result = 0;
done:
    zone_close(&calendar.zone);
    arena_destroy(&calendar.arena);
    buf_free(&events);
    return result;
}
