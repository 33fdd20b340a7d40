/* xlsx_format: see xlsx_format.h.
 *
 * Dates and times are written in full; of numbers the places behind the point, the per cent sign, thousands and literal
 * text. What is beyond that (fractions, exponents, conditions) is shown as a general number.
 */
#include "xlsx_format.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *xlsx_format_builtin(int id)
{
    static const char *const codes[] = {
        [0] = "General",        [1] = "0",          [2] = "0.00",      [3] = "#,##0",
        [4] = "#,##0.00",       [9] = "0%",         [10] = "0.00%",    [14] = "m/d/yyyy",
        [15] = "d-mmm-yy",      [16] = "d-mmm",     [17] = "mmm-yy",   [18] = "h:mm AM/PM",
        [19] = "h:mm:ss AM/PM", [20] = "h:mm",      [21] = "h:mm:ss",  [22] = "m/d/yyyy h:mm",
        [37] = "#,##0",         [38] = "#,##0",     [39] = "#,##0.00", [40] = "#,##0.00",
        [45] = "mm:ss",         [46] = "[h]:mm:ss", [47] = "mm:ss",
    };
    return id >= 0 && id < (int)(sizeof codes / sizeof *codes) && codes[id] ? codes[id] : "General";
}

/* A moment, split up. */
typedef struct {
    long long days;  /* whole days of the number */
    long long total; /* seconds of the whole number */
    int year, month, day, weekday, hour, minute, second;
} moment_t;

/* Civil date of a day number from 1970 (Howard Hinnant's days algorithm). */
static void civil(long long days, moment_t *m)
{
    m->weekday = (int)(((days % 7) + 11) % 7); /* 1970-01-01 was a Thursday, 4 */
    days += 719468;
    long long era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
    long long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
              doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    long long mp = (5 * doy + 2) / 153;
    m->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    m->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    m->year = (int)(yoe + era * 400 + (m->month <= 2));
}

static moment_t split(double value, bool since_1904)
{
    moment_t m = {.total = llround(value * 86400)};
    m.days = m.total / 86400;
    long long rest = m.total % 86400;
    m.hour = (int)(rest / 3600), m.minute = (int)(rest / 60 % 60), m.second = (int)(rest % 60);
    /* 25569 days from 1899-12-30 to 1970; before 1900-03-01 the count is one off (the leap day that never was) */
    civil(since_1904 ? m.days - 24107 : m.days - 25569 + (m.days < 60), &m);
    return m;
}

/* Behind a quoted text, an escaped letter or brackets at `at`; at itself where there is none. */
static const char *skip_literal(const char *at)
{
    if (*at == '"') {
        const char *end = strchr(at + 1, '"');
        return end ? end + 1 : at + strlen(at);
    }
    if ((*at == '\\' || *at == '_' || *at == '*') && at[1])
        return at + 2;
    if (*at == '[' && !strchr("hms", tolower((unsigned char)at[1]))) {
        const char *end = strchr(at, ']');
        return end ? end + 1 : at + strlen(at);
    }
    return at;
}

/* Length of the section at code, up to ";" or the end. */
static size_t section_length(const char *code)
{
    const char *at = code;
    while (*at && *at != ';') {
        const char *next = skip_literal(at);
        at = next > at ? next : at + 1;
    }
    return (size_t)(at - code);
}

static bool is_date(const char *code, const char *end)
{
    if (strncasecmp(code, "General", 7) == 0)
        return false;
    for (const char *at = code; at < end;) {
        const char *next = skip_literal(at);
        if (next == at && strchr("ymdhsYMDHS", *at))
            return true;
        at = next > at ? next : at + 1;
    }
    return false;
}

/* Whether an "m" at `at` means minutes: after hours or before seconds. */
static bool is_minutes(const char *code, const char *at, const char *end)
{
    const char *back = at, *on = at;
    while (back > code && !isalpha((unsigned char)back[-1]))
        back--;
    if (back > code && tolower((unsigned char)back[-1]) == 'h')
        return true;
    while (on < end && tolower((unsigned char)*on) == 'm')
        on++;
    while (on < end && !isalpha((unsigned char)*on))
        on++;
    return on < end && tolower((unsigned char)*on) == 's';
}

static void add_name(buf_t *out, const char *const *names, int index, size_t count)
{
    if (count >= 4)
        buf_text(out, names[index]);
    else
        buf_add(out, names[index], 3);
}

/* One run of the same letter. */
static void add_field(char letter, size_t count, bool minutes, bool twelve, const moment_t *m, buf_t *out)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    int hour = twelve ? (m->hour + 11) % 12 + 1 : m->hour;
    const char *pair = count >= 2 ? "%02d" : "%d";
    int value = letter == 'h'   ? hour
                : letter == 's' ? m->second
                : letter == 'd' ? m->day
                : minutes       ? m->minute
                                : m->month;
    if (letter == 'y' && count <= 2)
        buf_format(out, "%02d", m->year % 100);
    else if (letter == 'y')
        buf_format(out, "%04d", m->year);
    else if (letter == 'd' && count >= 3)
        add_name(out, days, m->weekday, count);
    else if (letter == 'm' && !minutes && count >= 3)
        add_name(out, months, m->month - 1, count);
    else if (pair[1] == '0')
        buf_format(out, "%02d", value);
    else
        buf_format(out, "%d", value);
}

/* "AM/PM" or "A/P" at `at`: its length, or 0. */
static size_t half_day(const char *at)
{
    return strncasecmp(at, "AM/PM", 5) == 0 ? 5 : strncasecmp(at, "A/P", 3) == 0 ? 3 : 0;
}

static void add_date(const char *code, const char *end, double value, bool since_1904, buf_t *out)
{
    moment_t m = split(value, since_1904);
    bool twelve = false;
    for (const char *at = code; at < end; at++)
        twelve |= half_day(at) > 0;
    for (const char *at = code; at < end;) {
        const char *next = skip_literal(at);
        char letter = (char)tolower((unsigned char)*at);
        if (half_day(at)) {
            buf_text(out, half_day(at) == 5 ? (m.hour < 12 ? "AM" : "PM") : (m.hour < 12 ? "A" : "P"));
            at += half_day(at);
        } else if (next > at) {
            if (*at == '"' && next - at >= 2)
                buf_add(out, at + 1, (size_t)(next - at) - 2);
            else if (*at == '\\')
                buf_char(out, at[1]);
            else if (*at == '_')
                buf_char(out, ' ');
            at = next;
        } else if (*at == '[') { /* elapsed hours, minutes or seconds */
            char unit = (char)tolower((unsigned char)at[1]);
            buf_format(out, "%lld", unit == 'h' ? m.total / 3600 : unit == 'm' ? m.total / 60 : m.total);
            while (at < end && *at != ']')
                at++;
            at += at < end;
        } else if (strchr("ymdhs", letter)) {
            const char *from = at;
            while (at < end && tolower((unsigned char)*at) == letter)
                at++;
            add_field(letter, (size_t)(at - from), letter == 'm' && is_minutes(code, from, end), twelve, &m, out);
        } else if (*at == '.' && at[1] == '0') { /* parts of seconds: not shown in any timetable */
            at++;
            while (at < end && *at == '0')
                at++;
        } else if (*at == '@') {
            at++;
        } else {
            buf_char(out, *at++);
        }
    }
}

static void add_grouped(buf_t *out, double value, int places, bool grouped)
{
    char digits[64];
    snprintf(digits, sizeof digits, "%.*f", places, value);
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; digits[i]; i++) {
        if (grouped && i > 0 && i < whole && (whole - i) % 3 == 0)
            buf_char(out, ',');
        buf_char(out, digits[i]);
    }
}

/* A plain number with the literal text of its format around it. */
static void add_plain(const char *code, const char *end, double value, buf_t *out)
{
    int places = 0, digits = 0, zeros = 0;
    bool point = false, percent = false, grouped = false, shown = false;
    for (const char *at = code; at < end;) {
        const char *next = skip_literal(at);
        if (next > at) {
            at = next;
            continue;
        }
        if (*at == '0' || *at == '#' || *at == '?') {
            digits++;
            places += point;
            zeros += !point && *at == '0';
        }
        point |= *at == '.', percent |= *at == '%', grouped |= *at == ',';
        at++;
    }
    if (digits == 0 || strpbrk(code, "Ee/") || fabs(value) >= 1e15) {
        buf_format(out, "%.10g", percent ? value * 100 : value);
        return;
    }
    value = percent ? value * 100 : value;
    for (const char *at = code; at < end;) {
        const char *next = skip_literal(at);
        if (next > at) {
            if (*at == '"' && next - at >= 2)
                buf_add(out, at + 1, (size_t)(next - at) - 2);
            else if (*at == '\\')
                buf_char(out, at[1]);
            at = next;
        } else if (strchr("0#?.,", *at)) {
            if (!shown && zeros > 1 && value >= 0 && places == 0)
                buf_format(out, "%0*lld", zeros > 20 ? 20 : zeros, llround(value));
            else if (!shown)
                add_grouped(out, value, places > 15 ? 15 : places, grouped);
            shown = true;
            at++;
        } else {
            buf_char(out, *at++);
        }
    }
}

void xlsx_format_number(double value, const char *code, bool since_1904, buf_t *out)
{
    const char *section = code;
    size_t length = section_length(section);
    if (value < 0 && section[length] == ';') {
        section += length + 1;
        length = section_length(section);
        value = -value;
    }
    const char *end = section + length;
    char copy[256];
    if (length >= sizeof copy || length == 0 || strncasecmp(section, "General", 7) == 0) {
        buf_format(out, "%.10g", value);
        return;
    }
    memcpy(copy, section, length);
    copy[length] = 0;
    end = copy + length;
    /* 2,958,466 is the year 10000: no date is beyond */
    if (is_date(copy, end) && value >= 0 && value < 2958466)
        add_date(copy, end, value, since_1904, out);
    else if (is_date(copy, end))
        buf_format(out, "%.10g", value);
    else
        add_plain(copy, end, value, out);
}
