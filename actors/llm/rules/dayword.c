/* dayword: see dayword.h. Names of several words ("quarta-feira", "Dé hAoine") are one word here. */
#include "dayword.h"
#include "daytext.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD_MOST = 64,    /* bytes; what is longer is no day */
    NEAR_LEAST = 5,    /* letters of print that may be a misread day */
    NEAR_FORM = 6,     /* letters of the form that it may be: "Smart" is near "Mart" */
    NEAR_TWO = 8,      /* letters of which two may be misread */
    NUMBER_MOST = 9,   /* digits that an int holds for sure */
    READINGS_MOST = 32 /* forms of one spelling: a letter has the most, about ten */
};

/* Where a word begins and ends in the text. */
typedef struct {
    const char *from, *end;
    uint32_t before, after; /* code points beside it, 0 for none */
} place_t;

static uint32_t point_at(const char *at)
{
    return text_next(&at);
}

static bool is_letter_or_digit(uint32_t point)
{
    return text_is_letter(point) || text_is_digit(point);
}

static bool is_apostrophe(uint32_t point)
{
    return point == '\'' || point == 0x2019;
}

/* Behind the letters or the digits that stand at `at`; an apostrophe between letters belongs to them: "don't". */
static const char *end_of_word(const char *at)
{
    bool digits = text_is_digit(point_at(at));
    const char *end = at;
    for (const char *probe = at; *probe; end = probe) {
        const char *next = probe;
        uint32_t point = text_next(&next);
        bool inside = digits                 ? text_is_digit(point)
                      : is_apostrophe(point) ? end != at && text_is_letter(point_at(next))
                                             : text_is_letter(point);
        if (!inside)
            break;
        probe = next;
    }
    return end;
}

/* The word without the genitive: "Monday's". */
static size_t without_genitive(const char *word, size_t bytes)
{
    if (bytes > 3 && (word[bytes - 1] == 's' || word[bytes - 1] == 'S')) {
        if (word[bytes - 2] == '\'')
            return bytes - 2;
        if (bytes > 5 && memcmp(word + bytes - 4, "\xE2\x80\x99", 3) == 0)
            return bytes - 4;
    }
    return bytes;
}

static bool copy_word(const char *from, size_t bytes, char out[WORD_MOST])
{
    if (bytes >= WORD_MOST)
        return false;
    memcpy(out, from, bytes);
    out[bytes] = '\0';
    return true;
}

static bool set_days(dayword_t *word, const char *text)
{
    vocabulary_reading_t readings[READINGS_MOST];
    size_t count = vocabulary_readings("days", text, readings, READINGS_MOST);
    assert(vocabulary_languages() <= DAYWORD_LANGUAGES);
    for (size_t i = 0; i < count; i++)
        if (readings[i].entry < DAY_COUNT)
            word->days[readings[i].language] |= 1u << readings[i].entry;
    return count > 0;
}

/* Behind a name in which OCR took a digit for a letter: "M0NDAY", "FR1DAY"; NULL for none. */
static const char *misread_digits(const char *at, dayword_t *word)
{
    static const char digits[] = "015", letters[] = "ois";
    char text[WORD_MOST] = "";
    size_t length = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz015"), found = 0;
    if (length < NEAR_FORM || length >= WORD_MOST || is_letter_or_digit(point_at(at + length)) ||
        text_is_digit(point_at(at)))
        return NULL;
    memcpy(text, at, length);
    for (char *c = text; *c; c++) {
        const char *digit = strchr(digits, *c);
        if (digit)
            *c = letters[digit - digits], found++;
    }
    if (found == 0 || found > 2 || !set_days(word, text))
        return NULL;
    word->near = true;
    word->letters = length;
    return at + length;
}

/* "MonA", "FriB": a day with its week grown to it. */
static bool set_day_of_week(dayword_t *word, const char *text)
{
    char day[WORD_MOST];
    size_t bytes = strlen(text);
    if (bytes < 4 || (text[bytes - 1] != 'A' && text[bytes - 1] != 'B') || (text[1] >= 'A' && text[1] <= 'Z'))
        return false;
    return copy_word(text, bytes - 1, day) && set_days(word, day);
}

static bool set_near(dayword_t *word, const char *text)
{
    int entry, limit = word->letters >= NEAR_TWO ? 2 : 1;
    if (word->letters < NEAR_LEAST || vocabulary_knows(text) ||
        vocabulary_nearest("days", text, limit, NEAR_FORM, &entry) > limit || entry < 0 || entry >= DAY_COUNT)
        return false;
    word->near = true;
    for (size_t i = 0; i < DAYWORD_LANGUAGES; i++)
        word->days[i] = 1u << entry;
    return true;
}

/* One day of letters run together at `at`, and how many bytes it takes; DAY_NONE for none. T and S may be two days. */
static int letters_at(const char *at, int last, size_t *took)
{
    static const struct {
        char form[3];
        int day, later; /* later: where `day` went before */
    } rows[] = {
        {"Mo", DAY_MONDAY, DAY_NONE},    {"Tu", DAY_TUESDAY, DAY_NONE}, {"We", DAY_WEDNESDAY, DAY_NONE},
        {"Th", DAY_THURSDAY, DAY_NONE},  {"Fr", DAY_FRIDAY, DAY_NONE},  {"Sa", DAY_SATURDAY, DAY_NONE},
        {"Su", DAY_SUNDAY, DAY_NONE},    {"M", DAY_MONDAY, DAY_NONE},   {"T", DAY_TUESDAY, DAY_THURSDAY},
        {"W", DAY_WEDNESDAY, DAY_NONE},  {"R", DAY_THURSDAY, DAY_NONE}, {"F", DAY_FRIDAY, DAY_NONE},
        {"S", DAY_SATURDAY, DAY_SUNDAY}, {"U", DAY_SUNDAY, DAY_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *took = strlen(rows[i].form);
        if (strncmp(at, rows[i].form, *took) == 0)
            return rows[i].day > last ? rows[i].day : rows[i].later > last ? rows[i].later : DAY_NONE;
    }
    return DAY_NONE;
}

/* "MWF", "MTWThF", "TTh", "MoWeFr": days in the order of the week. "MR", "MTS" are other things: two have to be spelt
 * with two letters, and a weekend in single letters ends a whole week. */
static unsigned run_of_letters(const char *text)
{
    unsigned days = 0;
    size_t count = 0, pairs = 0, took;
    bool weekend = false;
    int last = DAY_NONE;
    for (const char *at = text; *at; at += took) {
        last = letters_at(at, last, &took);
        if (last == DAY_NONE)
            return 0;
        days |= 1u << last;
        weekend = weekend || (took == 1 && last >= DAY_SATURDAY);
        pairs += took == 2;
        count++;
    }
    return weekend ? (count >= 6 ? days : 0) : count >= 3 || (count == 2 && pairs >= 1) ? days : 0;
}

static bool set_run(dayword_t *word, const char *text)
{
    word->set = run_of_letters(text);
    word->run = word->set != 0;
    return word->run;
}

/* A number or a code grown to it, as in "M1", "7R", "4th", "Fri(ed)"; a day's number may: "Mon1". */
static bool is_part_of_code(const place_t *place, size_t letters)
{
    if (text_is_digit(place->before) || place->before == '_' || place->after == '_')
        return true;
    if (text_is_digit(place->after))
        return letters < 2;
    return place->after == '(' && text_is_letter(point_at(place->end + 1)) && !text_is_upper(point_at(place->end + 1));
}

static bool stands_in(const char *text, const char *const *sections)
{
    for (; *sections; sections++)
        if (vocabulary_find(*sections, text) >= 0)
            return true;
    return false;
}

/* "9 pm", "8-13 Uhr": it belongs to the number before it. `last` is the word before, NULL for none. */
static bool is_of_number(const char *text, const dayword_t *last)
{
    return last && last->number >= 0 && (vocabulary_find("time", text) >= 0 || vocabulary_find("clock", text) >= 0);
}

static void read_other(dayword_t *word, const char *text, const dayword_t *last)
{
    static const char *const quiet[] = {"months", "day", "week", "from", NULL};
    static const char *const topical[] = {"subject", "period", "routine", "time", "class", NULL};
    static const char *const ordinals[] = {"st", "nd", "rd", "th", NULL};
    word->month = vocabulary_find("months", text) >= 0;
    word->quiet = word->letters == 1 || word->number >= 0 || stands_in(text, quiet) || is_of_number(text, last);
    word->topical = stands_in(text, topical);
    word->except = vocabulary_find("except", text) >= 0;
    for (const char *const *ordinal = ordinals; *ordinal; ordinal++)
        word->quiet = word->quiet || strcmp(text, *ordinal) == 0;
    if (vocabulary_find("and", text) >= 0)
        word->joint = JOINT_AND;
    else if (vocabulary_find("to", text) >= 0)
        word->joint = JOINT_TO;
}

static void read_word(dayword_t *word, const place_t *place, const dayword_t *last)
{
    char text[WORD_MOST];
    size_t bytes = without_genitive(place->from, (size_t)(place->end - place->from));
    if (!copy_word(place->from, bytes, text))
        return;
    word->letters = text_length(text);
    word->upper = text_is_upper(point_at(text));
    word->lookalike = vocabulary_find("lookalike", text) >= 0;
    if (text_is_digit(point_at(text)))
        word->number = bytes > NUMBER_MOST ? INT_MAX : atoi(text);
    read_other(word, text, last);
    if (is_part_of_code(place, word->letters))
        return;
    if (vocabulary_find("weekdays", text) >= 0)
        word->set = DAYS_OF_SCHOOL;
    else if (!set_days(word, text) && !set_run(word, text) && !set_day_of_week(word, text) && !word->lookalike)
        set_near(word, text);
}

static void read_mark(dayword_t *word, uint32_t point)
{
    static const uint32_t dashes[] = {'-', '~', '>', 0x2026, 0x2190, 0x2192, 0x2212, 0};
    word->mark = true;
    if (point == ',' || point == '&' || point == '/' || point == '+' || point == ';')
        word->joint = JOINT_AND;
    if (point >= 0x2010 && point <= 0x2015)
        word->joint = JOINT_DASH;
    for (const uint32_t *dash = dashes; *dash; dash++)
        if (point == *dash)
            word->joint = JOINT_DASH;
    word->quiet = word->joint == JOINT_NONE;
}

/* Bytes of the longest form that begins here and has several words, or one that starts with a digit; 0 for none. */
static size_t several_words(const char *at)
{
    static const char *const sections[] = {"days", "weekdays", "to", "from", "except", "lookalike", NULL};
    size_t longest = 0, length;
    for (const char *const *section = sections; *section; section++)
        if (vocabulary_prefix(*section, at, &length) >= 0 && length > longest)
            longest = length;
    return longest > (size_t)(end_of_word(at) - at) ? longest : 0;
}

/* Reads the word or mark at `at` and returns what is behind it. `before` is the code point before it, 0 for none. */
static const char *take_word(const char *at, uint32_t before, const dayword_t *last, dayword_t *out)
{
    const char *next = at, *name = misread_digits(at, out);
    uint32_t point = text_next(&next);
    if (name)
        return name;
    if (!is_letter_or_digit(point)) {
        read_mark(out, point);
        return next;
    }
    size_t more = several_words(at);
    next = more ? at + more : end_of_word(at);
    read_word(out, &(place_t){at, next, before, point_at(next)}, last);
    return next;
}

static uint32_t last_point(const char *from, const char *to)
{
    uint32_t point = 0;
    while (from < to)
        point = text_next(&from);
    return point;
}

size_t dayword_split(const char *text, dayword_t *out, size_t room)
{
    size_t count = 0;
    uint32_t before = 0;
    for (const char *at = text, *next = text; *at; at = next) {
        if (!text_is_space(text_next(&next))) {
            if (count == room)
                return room + 1;
            out[count] = (dayword_t){.number = -1};
            next = take_word(at, before, count ? &out[count - 1] : NULL, &out[count]);
            count++;
        }
        before = last_point(at, next);
    }
    return count;
}

bool dayword_is_day(const dayword_t *word)
{
    unsigned any = word->set;
    for (size_t i = 0; i < DAYWORD_LANGUAGES; i++)
        any |= word->days[i];
    return any != 0;
}
