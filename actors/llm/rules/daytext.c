/* daytext: see daytext.h. */
#include "daytext.h"
#include "proto/base/text.h"
#include "proto/timetable.h"
#include "vocabulary.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static_assert((int)DAY_COUNT == (int)TIMETABLE_DAYS, "days are numbered as a timetable's");

enum { WORDS_MOST = 12, TEXT_MOST = 160, WORK_WEEK = 31 };

typedef struct {
    int day; /* DAY_NONE for other words */
    double trust;
    bool joins; /* and, &, comma: days beside it are a list */
    bool range; /* to, dash */
    bool quiet; /* a date, a month, "day", "week", "A": no other word */
} dayword_t;

const char *daytext_name(int day)
{
    return timetable_days[day];
}

/* "MonA", "Fri2": a day with its week grown to it. Returns the day, -1 for none. */
static int read_day_of_week(const char *word, size_t letters)
{
    char day[16];
    size_t bytes = strlen(word);
    if (letters < 4 || bytes >= sizeof day || (word[bytes - 1] != 'A' && word[bytes - 1] != 'B') ||
        (word[1] >= 'A' && word[1] <= 'Z'))
        return -1;
    memcpy(day, word, bytes - 1);
    day[bytes - 1] = 0;
    return vocabulary_find("days", day);
}

/* One word as a day. Short forms of other languages than English collide with other words, and are trusted less. */
static dayword_t read_day(const char *word)
{
    size_t letters = text_length(word);
    int entry = vocabulary_find("days", word);
    if (entry < 0)
        entry = read_day_of_week(word, letters);
    if (entry >= 0 && entry < DAY_COUNT) {
        static const double english[] = {0, 0.3, 0.6, 0.95, 0.95}, foreign[] = {0, 0.15, 0.3, 0.6, 0.9};
        vocabulary_reading_t reading;
        bool ours = !vocabulary_readings("days", word, &reading, 1) || reading.language == 0;
        return (dayword_t){.day = entry, .trust = letters < 5 ? (ours ? english : foreign)[letters] : 1};
    }
    if (letters >= 5) { /* plural, misread, clipped */
        int near;
        int limit = letters >= 8 ? 2 : 1;
        if (vocabulary_nearest("days", word, limit, &near) <= limit && near >= 0 && near < DAY_COUNT)
            return (dayword_t){.day = near, .trust = 0.7};
    }
    return (dayword_t){.day = DAY_NONE};
}

static bool is_quiet(const char *word)
{
    return isdigit((unsigned char)word[0]) || text_length(word) == 1 || vocabulary_find("months", word) >= 0 ||
           vocabulary_find("day", word) >= 0 || vocabulary_find("week", word) >= 0 || strcmp(word, "st") == 0 ||
           strcmp(word, "nd") == 0 || strcmp(word, "rd") == 0 || strcmp(word, "th") == 0;
}

/* Words of letters or digits; marks between them count as joins and ranges of their own. */
static size_t words_of(const char *text, dayword_t *out, bool *too_many)
{
    size_t n = 0;
    *too_many = false;
    for (const char *at = text; *at;) {
        const char *next = at;
        uint32_t p = text_next(&next);
        char word[64];
        size_t length = 0;
        dayword_t w = {.day = DAY_NONE};
        if (text_is_letter(p) || text_is_digit(p)) {
            bool digit = text_is_digit(p);
            const char *end = next;
            for (const char *probe = end; *probe; end = probe) {
                uint32_t q = text_next(&probe);
                if (digit ? !text_is_digit(q) : !text_is_letter(q))
                    break;
            }
            length = (size_t)(end - at) < sizeof word - 1 ? (size_t)(end - at) : sizeof word - 1;
            memcpy(word, at, length);
            word[length] = 0;
            w.joins = strcasecmp(word, "and") == 0 || strcasecmp(word, "und") == 0 || strcasecmp(word, "et") == 0 ||
                      strcasecmp(word, "y") == 0;
            w.range = strcasecmp(word, "to") == 0 || strcasecmp(word, "bis") == 0 || strcasecmp(word, "through") == 0 ||
                      strcasecmp(word, "thru") == 0;
            if (!w.joins && !w.range) { /* "to" is Thursday in Swedish */
                w = read_day(word);
                w.quiet = w.day == DAY_NONE && is_quiet(word);
            }
            at = end;
        } else {
            at = next;
            if (text_is_space(p))
                continue;
            w.joins = p == ',' || p == '&' || p == '/' || p == '+' || p == ';';
            w.range = p == '-' || (p >= 0x2010 && p <= 0x2015);
            w.quiet = !w.joins && !w.range;
        }
        if (n == WORDS_MOST) {
            *too_many = true;
            return n;
        }
        out[n++] = w;
    }
    return n;
}

/* Letters run together: "MWF", "MTWThF", "TTh". */
static unsigned run_of_letters(const char *text)
{
    unsigned days = 0;
    int last = DAY_NONE;
    if (strlen(text) < 2 || strlen(text) > 7)
        return 0;
    for (const char *at = text; *at;) {
        int day = *at == 'M'   ? DAY_MONDAY
                  : *at == 'W' ? DAY_WEDNESDAY
                  : *at == 'F' ? DAY_FRIDAY
                  : *at == 'R' ? DAY_THURSDAY
                               : DAY_NONE;
        size_t took = 1;
        if (*at == 'T')
            day = at[1] == 'h'          ? DAY_THURSDAY
                  : last >= DAY_TUESDAY ? DAY_THURSDAY
                                        : DAY_TUESDAY,
            took = at[1] == 'h' || at[1] == 'u' ? 2 : 1;
        if (day == DAY_NONE || day <= last)
            return 0;
        days |= 1u << day;
        last = day;
        at += took;
    }
    return strlen(text) >= 3 || strcmp(text, "TTh") == 0 ? days : 0;
}

static daytext_t every_day(const char *text)
{
    char plain[TEXT_MOST];
    text_plain(text, plain, sizeof plain);
    static const char *const forms[] = {"daily",    "every day", "everyday", "each day",
                                        "all days", "all week",  "weekdays", "monday friday"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(plain, forms[i]) == 0)
            return (daytext_t){WORK_WEEK, 0.9, true};
    return (daytext_t){0};
}

/* Names of several words: "quarta-feira", "Dé hAoine". */
static daytext_t whole(const char *text)
{
    int entry = text_length(text) >= 5 ? vocabulary_find("days", text) : -1;
    return entry >= 0 && entry < DAY_COUNT ? (daytext_t){1u << entry, 1, true} : (daytext_t){0};
}

/* A word that the line's end or OCR broke in two: "Wednes day", "Thur sday". */
static daytext_t glued(const char *text)
{
    char plain[TEXT_MOST], joined[TEXT_MOST];
    size_t n = 0;
    text_plain(text, plain, sizeof plain);
    if (!strchr(plain, ' '))
        return (daytext_t){0};
    for (const char *at = plain; *at; at++)
        if (*at != ' ')
            joined[n++] = *at;
    joined[n] = 0;
    int entry = n >= 6 && n <= 10 ? vocabulary_find("days", joined) : -1;
    return entry >= 0 ? (daytext_t){1u << entry, 0.9, true} : (daytext_t){0};
}

static double trust_of(const dayword_t *words, size_t count, size_t days, size_t others)
{
    double least = 1;
    for (size_t i = 0; i < count; i++)
        if (words[i].day != DAY_NONE && words[i].trust < least)
            least = words[i].trust;
    if (days > 1 && least < 0.9)
        least = least < 0.5 ? 0 : least; /* "A M W" is no list of days */
    return others ? least * 0.9 : least;
}

/* "Regular Schedule (Monday – Thursday)": the last word, brackets aside. */
static bool ends_with_day(const dayword_t *words, size_t count)
{
    while (count > 0 && words[count - 1].day == DAY_NONE && words[count - 1].quiet)
        count--;
    return count > 0 && words[count - 1].day != DAY_NONE;
}

daytext_t daytext_read(const char *text)
{
    dayword_t words[WORDS_MOST];
    bool too_many;
    size_t count, days = 0, others = 0, first = 0;
    if (strlen(text) >= TEXT_MOST)
        return (daytext_t){0};
    daytext_t special = every_day(text);
    if (!special.days)
        special = whole(text);
    if (!special.days)
        special = glued(text);
    if (special.days)
        return special;
    unsigned run = run_of_letters(text);
    if (run && vocabulary_find("days", text) < 0)
        return (daytext_t){run, 0.8, true};
    count = words_of(text, words, &too_many);
    if (too_many)
        return (daytext_t){0};
    daytext_t out = {.only = true};
    int last = DAY_NONE;
    bool range = false;
    for (size_t i = 0; i < count; i++) {
        if (words[i].day == DAY_NONE) {
            others += !words[i].quiet && !words[i].joins && !words[i].range;
            range = words[i].range || (range && words[i].quiet);
            continue;
        }
        if (days == 0)
            first = i;
        if (range && last != DAY_NONE && words[i].day > last)
            for (int d = last; d <= words[i].day; d++)
                out.days |= 1u << d;
        out.days |= 1u << words[i].day;
        last = words[i].day;
        range = false;
        days++;
    }
    if (!days || others > 5)
        return (daytext_t){0};
    out.only = others == 0;
    out.trust = trust_of(words, count, days, others);
    if (out.only && count > 1 && days == 1 && words[first].trust < 0.5 && count != 2)
        out.trust = 0;
    if (out.trust <= 0 || (!out.only && (words[first].trust < 0.9 || text_length(text) > 64 ||
                                         !(first <= 2 || ends_with_day(words, count)))))
        return (daytext_t){0};
    return out;
}

double daytext_like(const char *text, int day)
{
    char folded[64];
    if (strlen(text) >= sizeof folded)
        return 0;
    double full = text_likeness(text, timetable_days[day]);
    char brief[4] = {timetable_days[day][0], timetable_days[day][1], timetable_days[day][2], 0};
    double abbreviated = text_likeness(text, brief);
    return full > abbreviated ? full : abbreviated;
}
