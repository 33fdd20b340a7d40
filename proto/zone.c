/* zone: see zone.h. A zone is kept as one list of shifts: those the file lists, and behind them those of its
 * footer's rule (a POSIX TZ string) up to the year 2100. Its last stretch that follows the rule is written as two
 * yearly observances, whatever comes before as one observance a shift.
 */
#include "zone.h"

#include "base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MOST = 1 << 18, /* bytes; the largest zone of tzdata 2025b has 3,700 */
    SHIFTS_MOST = 4096,  /* the most are some 250 in a file, and 2 a year from the rule */
    YEAR_LAST = 2100,    /* to which the rule is laid out; calendars go on by the RRULE */
    LISTED_MOST = 80,    /* shifts written one by one: 40 years of a zone whose rule no RRULE can say */
    NAME_MOST = 60,      /* of a zone; the longest is 32. A TZID line then needs no folding */
    LABEL_MOST = 16,     /* of an abbreviation, "BST" */
    DAY_SECONDS = 24 * 3600,
};

/* A shift before this (the year 1811, before any zone had one) stands for "always". */
static const int64_t ANCIENT = -5000000000;

/* From `at` on, clocks stand `offset` ahead of UTC. */
typedef struct {
    int64_t at;             /* UTC seconds */
    int32_t offset;         /* seconds east */
    bool summer;            /* daylight saving time */
    char label[LABEL_MOST]; /* "BST" */
} shift_t;

/* A day of every year: POSIX TZ's Mm.w.d, Jn or n, and the local time of the change. */
typedef struct {
    char kind;            /* 'M', 'J' (1 … 365, 29 February not counted) or 'N' (0 … 365) */
    int month, week, day; /* of 'M': 1 … 12, 1 … 5 (5 = last), 0 Sunday … 6; else day alone */
    int32_t seconds;      /* after midnight; may be negative or beyond a day */
} rule_t;

struct zone {
    char name[NAME_MOST + 1];
    shift_t first;    /* before every shift; its `at` means nothing */
    shift_t *shifts;  /* by time */
    size_t count;     /* of shifts */
    bool rules;       /* the footer has summer time: the two below are set */
    rule_t rule[2];   /* start and end of summer time */
    shift_t state[2]; /* what holds from each rule on: summer, winter */
};

int64_t zone_days(int year, int month, int day)
{
    /* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March */
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void zone_date(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

int zone_weekday(int64_t days)
{
    return (int)(((days + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

int zone_month_days(int year, int month)
{
    int64_t next = month == 12 ? zone_days(year + 1, 1, 1) : zone_days(year, month + 1, 1);
    return (int)(next - zone_days(year, month, 1));
}

/* Local seconds of the rule in a year. */
static int64_t rule_local(const rule_t *rule, int year)
{
    int64_t days;
    if (rule->kind == 'M') {
        int64_t first = zone_days(year, rule->month, 1);
        int sunday_based = (zone_weekday(first) + 1) % 7;
        int day = (rule->day - sunday_based + 7) % 7 + (rule->week - 1) * 7;
        while (day >= zone_month_days(year, rule->month))
            day -= 7;
        days = first + day;
    } else {
        days = zone_days(year, 1, 1) + rule->day - (rule->kind == 'J');
        if (rule->kind == 'J' && rule->day >= 60 && zone_month_days(year, 2) == 29)
            days++;
    }
    return days * DAY_SECONDS + rule->seconds;
}

/* --- the footer, a POSIX TZ string --- */

static bool read_number(const char **at, int most, int *value)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    long number = strtol(*at, &end, 10);
    *at = end;
    *value = (int)number;
    return number <= most;
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool read_clock(const char **at, int32_t *seconds)
{
    int sign = **at == '-' ? -1 : 1, part[3] = {0};
    if (**at == '-' || **at == '+')
        (*at)++;
    if (!read_number(at, 167, &part[0]))
        return false;
    for (int i = 1; i < 3 && **at == ':'; i++) {
        (*at)++;
        if (!read_number(at, 59, &part[i]))
            return false;
    }
    *seconds = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return true;
}

static bool read_label(const char **at, char label[LABEL_MOST])
{
    bool quoted = **at == '<';
    const char *from = *at + quoted;
    size_t length = quoted ? strcspn(from, ">") : strcspn(from, "+-,0123456789");
    if (length < 3 || length >= LABEL_MOST || (quoted && from[length] != '>'))
        return false;
    memcpy(label, from, length);
    label[length] = 0;
    *at = from + length + quoted;
    return true;
}

static bool read_rule(const char **at, rule_t *rule)
{
    if (*(*at)++ != ',')
        return false;
    rule->kind = **at == 'M' || **at == 'J' ? *(*at)++ : 'N';
    if (rule->kind == 'M') {
        if (!read_number(at, 12, &rule->month) || *(*at)++ != '.' || !read_number(at, 5, &rule->week) ||
            *(*at)++ != '.' || !read_number(at, 6, &rule->day) || rule->month < 1 || rule->week < 1)
            return false;
    } else if (!read_number(at, 365, &rule->day)) {
        return false;
    }
    rule->seconds = 2 * 3600;
    if (**at != '/')
        return true;
    (*at)++;
    return read_clock(at, &rule->seconds);
}

/* Sets rules and states of a footer with summer time; without one, or where it cannot be understood, the zone has the
 * file's shifts alone. */
static void read_footer(zone_t *zone, const char *footer)
{
    shift_t *summer = &zone->state[0], *winter = &zone->state[1];
    int32_t west;
    if (!read_label(&footer, winter->label) || !read_clock(&footer, &west) || !*footer)
        return;
    winter->offset = -west;
    summer->offset = winter->offset + 3600;
    summer->summer = true;
    if (!read_label(&footer, summer->label))
        return;
    if (*footer != ',') {
        if (!read_clock(&footer, &west))
            return;
        summer->offset = -west;
    }
    zone->rules = read_rule(&footer, &zone->rule[0]) && read_rule(&footer, &zone->rule[1]) && !*footer;
}

/* The shift that the footer's rule `which` makes in a year. */
static shift_t rule_shift(const zone_t *zone, int which, int year)
{
    shift_t shift = zone->state[which];
    shift.at = rule_local(&zone->rule[which], year) - zone->state[!which].offset;
    return shift;
}

/* --- the file --- */

static int64_t big_endian(const unsigned char *bytes, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return size == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

typedef struct {
    size_t utc, std, leaps, times, types, chars; /* counts, in the header's order */
} header_t;

/* The header at `at` and the bytes of the data block behind it, with times of `width` bytes; false where it is none. */
static bool read_header(const buf_t *file, size_t at, int width, header_t *header, size_t *block)
{
    if (at + 44 > file->size || memcmp(file->bytes + at, "TZif", 4) != 0)
        return false;
    size_t *counts[] = {&header->utc, &header->std, &header->leaps, &header->times, &header->types, &header->chars};
    for (int i = 0; i < 6; i++) {
        int64_t count = big_endian((const unsigned char *)file->bytes + at + 20 + 4 * i, 4);
        if (count < 0 || count > FILE_MOST)
            return false;
        *counts[i] = (size_t)count;
    }
    *block = header->times * (size_t)(width + 1) + header->types * 6 + header->chars +
             header->leaps * (size_t)(width + 4) + header->std + header->utc;
    return header->types > 0 && *block <= file->size - at - 44;
}

static bool read_type(const unsigned char *types, const header_t *header, size_t index, shift_t *shift)
{
    const unsigned char *type = types + index * 6;
    const char *label = (const char *)types + header->types * 6 + type[5];
    if (index >= header->types || type[5] >= header->chars)
        return false;
    shift->offset = (int32_t)big_endian(type, 4);
    shift->summer = type[4] != 0;
    snprintf(shift->label, sizeof shift->label, "%.*s", (int)(header->chars - type[5]), label);
    return true;
}

/* The second data block (64 bits) and the footer of a TZif file of version 2 or later. */
static bool read_zone(zone_t *zone, const buf_t *file)
{
    header_t header;
    size_t block, second;
    if (!read_header(file, 0, 4, &header, &block) || file->bytes[4] < '2')
        return false;
    second = 44 + block;
    if (!read_header(file, second, 8, &header, &block) || header.times > SHIFTS_MOST / 2)
        return false;
    const unsigned char *times = (const unsigned char *)file->bytes + second + 44;
    const unsigned char *indices = times + header.times * 8, *types = indices + header.times;
    if (!read_type(types, &header, 0, &zone->first))
        return false;
    zone->shifts = memory_new(SHIFTS_MOST, sizeof *zone->shifts);
    for (size_t i = 0; i < header.times; i++) {
        const shift_t *last = zone->count ? &zone->shifts[zone->count - 1] : &zone->first;
        shift_t *shift = &zone->shifts[zone->count];
        shift->at = big_endian(times + i * 8, 8);
        if (!read_type(types, &header, indices[i], shift) || (zone->count && shift->at <= last->at))
            return false;
        /* zic puts in shifts that change nothing, as at 2038-01-19 03:14:07 */
        zone->count +=
            shift->offset != last->offset || shift->summer != last->summer || strcmp(shift->label, last->label) != 0;
    }
    const char *footer = (const char *)times + block, *end = file->bytes + file->size;
    char text[128] = "";
    if (footer < end && *footer == '\n')
        snprintf(text, sizeof text, "%.*s", (int)strcspn(footer + 1, "\n"), footer + 1);
    read_footer(zone, text);
    return true;
}

/* Lays the footer's rule out behind the file's shifts. */
static void extend(zone_t *zone)
{
    int year = 1970, month, day;
    if (zone->count && zone->shifts[zone->count - 1].at > 0)
        zone_date(zone->shifts[zone->count - 1].at / DAY_SECONDS, &year, &month, &day);
    for (; zone->rules && year <= YEAR_LAST; year++) {
        shift_t pair[2] = {rule_shift(zone, 0, year), rule_shift(zone, 1, year)};
        int early = pair[1].at < pair[0].at;
        for (int i = 0; i < 2; i++) {
            const shift_t *next = &pair[early ^ i];
            if (zone->count < SHIFTS_MOST && (!zone->count || next->at > zone->shifts[zone->count - 1].at))
                zone->shifts[zone->count++] = *next;
        }
    }
}

static bool name_well_formed(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t length = strlen(name);
    return length > 0 && length <= NAME_MOST && strspn(name, allowed) == length && name[0] != '/';
}

zone_t *zone_open(const char *directory, const char *name, fault_t *fault)
{
    zone_t *zone = NULL;
    buf_t path = {0}, bytes = {0};
    FILE *file = NULL;
    if (!name_well_formed(name))
        goto bad;
    buf_format(&path, "%s/%s", directory, name);
    if (!(file = fopen(buf_string(&path), "rbe")))
        goto bad;
    char block[4096];
    for (size_t n; bytes.size < FILE_MOST && (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(&bytes, block, n);
    zone = memory_new(1, sizeof *zone);
    snprintf(zone->name, sizeof zone->name, "%s", name);
    if (!read_zone(zone, &bytes)) {
        zone_close(&zone);
        goto bad;
    }
    extend(zone);
    zone->shifts = memory_grow(zone->shifts, zone->count + 1, sizeof *zone->shifts); /* what was not needed goes back */
    goto done;
bad:
    fault_set(fault, FAULT_USAGE,
              "no time zone \"%.80s\" in %s: give one as Europe/London or America/New_York, or UTC (the Debian package "
              "tzdata has them)",
              name, directory);
done:
    if (file)
        fclose(file);
    buf_free(&path);
    buf_free(&bytes);
    return zone;
}

zone_t *zone_fixed(int32_t offset)
{
    zone_t *zone = memory_new(1, sizeof *zone);
    zone->first.offset = offset;
    return zone;
}

void zone_close(zone_t **zone)
{
    if (!*zone)
        return;
    free((*zone)->shifts);
    free(*zone);
    *zone = NULL;
}

/* --- asking and writing --- */

/* How many shifts lie at or before a moment. */
static size_t shifts_until(const zone_t *zone, int64_t utc)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->shifts[middle].at <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What holds before shift i. */
static const shift_t *before(const zone_t *zone, size_t i)
{
    return i ? &zone->shifts[i - 1] : &zone->first;
}

/* What the rule says of a moment behind all shifts: the latest change of its year or of those beside it. */
static int32_t ruled_offset(const zone_t *zone, int64_t utc)
{
    int year, month, day;
    shift_t latest = {.at = INT64_MIN};
    zone_date(utc / DAY_SECONDS, &year, &month, &day);
    for (int i = -1; i <= 1; i++)
        for (int which = 0; which < 2; which++) {
            shift_t shift = rule_shift(zone, which, year + i);
            if (shift.at <= utc && shift.at > latest.at)
                latest = shift;
        }
    return latest.offset;
}

int32_t zone_offset(const zone_t *zone, int64_t utc)
{
    size_t count = shifts_until(zone, utc);
    return count == zone->count && count && zone->rules ? ruled_offset(zone, utc) : before(zone, count)->offset;
}

int64_t zone_utc(const zone_t *zone, int64_t local)
{
    int64_t utc = local - before(zone, shifts_until(zone, local))->offset;
    return local - before(zone, shifts_until(zone, utc))->offset;
}

/* The RRULE of a rule into out, or false where RFC 5545 has no words for it. A change after 24:00 or before 0:00 falls
 * on another day, so its days of the month move along. */
static bool rule_words(const rule_t *rule, buf_t *out)
{
    static const char *const days[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
    int moved = rule->seconds >= 0 ? rule->seconds / DAY_SECONDS : -((DAY_SECONDS - 1 - rule->seconds) / DAY_SECONDS);
    if (rule->kind != 'M') {
        if (rule->kind == 'N' || moved)
            return false;
        int year, month, day;
        zone_date(zone_days(1970, 1, 1) + rule->day - 1, &year, &month, &day); /* 1970 has no 29 February, like Jn */
        buf_format(out, "RRULE:FREQ=YEARLY;BYMONTH=%d;BYMONTHDAY=%d\r\n", month, day);
        return true;
    }
    const char *day = days[((rule->day + moved) % 7 + 7) % 7];
    if (!moved) {
        buf_format(out, "RRULE:FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s\r\n", rule->month, rule->week == 5 ? -1 : rule->week,
                   day);
        return true;
    }
    int length = zone_month_days(1970, rule->month);
    int first = (rule->week == 5 ? length - 6 : rule->week * 7 - 6) + moved;
    if (first < 1 || first + 6 > length || (rule->month == 2 && rule->week == 5))
        return false;
    buf_format(out, "RRULE:FREQ=YEARLY;BYMONTH=%d;BYMONTHDAY=", rule->month);
    for (int i = 0; i < 7; i++)
        buf_format(out, "%s%d", i ? "," : "", first + i);
    buf_format(out, ";BYDAY=%s\r\n", day);
    return true;
}

static void write_offset(const char *property, int32_t offset, buf_t *out)
{
    int size = abs(offset);
    buf_format(out, "%s:%c%02d%02d", property, offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    if (size % 60)
        buf_format(out, "%02d", size % 60);
    buf_text(out, "\r\n");
}

/* One observance: shift i from the offset that held before it; rrule "" for a single one. */
static void write_shift(const zone_t *zone, size_t i, const char *rrule, buf_t *out)
{
    const shift_t *shift = &zone->shifts[i], *old = before(zone, i);
    const char *kind = shift->summer && shift->offset > old->offset ? "DAYLIGHT" : "STANDARD";
    int64_t local = shift->at + old->offset,
            days = (local - ((local % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS) / DAY_SECONDS;
    int year, month, day, seconds = (int)(local - days * DAY_SECONDS);
    zone_date(days, &year, &month, &day);
    buf_format(out, "BEGIN:%s\r\nDTSTART:%04d%02d%02dT%02d%02d%02d\r\n", kind, year, month, day, seconds / 3600,
               seconds / 60 % 60, seconds % 60);
    write_offset("TZOFFSETFROM", old->offset, out);
    write_offset("TZOFFSETTO", shift->offset, out);
    buf_format(out, "TZNAME:%s\r\n%sEND:%s\r\n", shift->label, rrule, kind);
}

/* The first shift from which all follow the footer's rule; count where none does. */
static size_t ruled_from(const zone_t *zone)
{
    size_t i = zone->count;
    for (; zone->rules && i > 0; i--) {
        const shift_t *shift = &zone->shifts[i - 1];
        int year, month, day, which = shift->summer ? 0 : 1;
        zone_date((shift->at + before(zone, i - 1)->offset) / DAY_SECONDS, &year, &month, &day);
        shift_t wanted = rule_shift(zone, which, year);
        if (shift->at < 0 || wanted.at != shift->at || wanted.offset != shift->offset)
            break;
    }
    return i;
}

void zone_write(const zone_t *zone, int64_t from, int64_t until, buf_t *out)
{
    buf_t rrules[2] = {{0}};
    bool yearly = zone->rules && rule_words(&zone->rule[0], &rrules[0]) && rule_words(&zone->rule[1], &rrules[1]);
    size_t now = shifts_until(zone, zone_utc(zone, from)), ruled = yearly ? ruled_from(zone) : zone->count;
    buf_format(out, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n", zone->name);
    size_t first = now;
    if (now == 0 || zone->shifts[now - 1].at < ANCIENT) {
        buf_text(out, "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n");
        write_offset("TZOFFSETFROM", before(zone, now)->offset, out);
        write_offset("TZOFFSETTO", before(zone, now)->offset, out);
        buf_format(out, "TZNAME:%s\r\nEND:STANDARD\r\n", before(zone, now)->label);
    } else {
        first = now - 1;
    }
    for (size_t i = first; i < zone->count && i < first + LISTED_MOST; i++) {
        if (i >= now && zone->shifts[i].at > until)
            break;
        if (i >= ruled && i + 1 < zone->count) {
            for (size_t k = i; k < i + 2; k++)
                write_shift(zone, k, buf_string(&rrules[zone->shifts[k].summer ? 0 : 1]), out);
            break;
        }
        write_shift(zone, i, "", out);
    }
    buf_text(out, "END:VTIMEZONE\r\n");
    buf_free(&rrules[0]);
    buf_free(&rrules[1]);
}
