/* daytext: see daytext.h. The words of a text are read as each language would mean them, and the language that makes
 * most of them is taken: "Di–Do" is German, "ma t/m vr" Dutch. */
#include "daytext.h"
#include "dayword.h"
#include "proto/base/text.h"
#include "proto/timetable.h"
#include "vocabulary.h"

#include <assert.h>
#include <string.h>

static_assert((int)DAY_COUNT == (int)TIMETABLE_DAYS, "days are numbered as a timetable's");

enum {
    WORDS_MOST = 24, /* words and marks; with times and dates a list of five days has 20 */
    TEXT_MOST = 160,
    OTHERS_MOST = 5,  /* words that are not days, in a text that names one */
    HEADING_MOST = 64 /* code points of such a text */
};

/* A short form of a day that stands before a date. */
static const double DATED_TRUST = 0.8;

/* The text as one language means it. */
typedef struct {
    unsigned days;   /* bits */
    size_t count;    /* of words that are days */
    size_t left_out; /* days behind "except" */
    size_t others;   /* words that are something else */
    size_t first;    /* index of the first day */
    size_t letters;  /* days that are a single letter */
    size_t joined;   /* days that a mark or a word ties to the one before */
    size_t ranges;   /* of these, ends of a range */
    size_t shortest; /* letters of the shortest day */
    bool daily;      /* a word for every day of school is among them */
    bool rising;     /* each day lies behind the one before it, ends of ranges aside */
    bool wraps;      /* a range runs over the end of the week */
    bool lower;      /* a day begins with a small letter */
    double least;    /* trust of the least of them */
} sense_t;

/* The words, and which of them are days in one language. */
typedef struct {
    const dayword_t *words;
    size_t count;
    int language;
    unsigned days[WORDS_MOST]; /* bits that each may be, 0 for other words */
} line_t;

const char *daytext_name(int day)
{
    return timetable_days[day];
}

/* ---- words */

static int lowest(unsigned days)
{
    int day = 0;
    while (!(days & 1u << day))
        day++;
    return day;
}

/* The day that a word is after `last`: T after Tuesday is Thursday. */
static int day_after(unsigned days, int last)
{
    unsigned later = last == DAY_NONE ? 0 : days & ~((2u << last) - 1);
    return lowest(later ? later : days);
}

static bool is_daily(const dayword_t *word)
{
    return word->set && !word->run;
}

/* The next word from i in steps of one, marks aside; NULL for none. */
static const dayword_t *word_beside(const dayword_t *words, size_t count, size_t i, bool behind)
{
    while (behind ? ++i < count : i-- > 0)
        if (!words[i].mark)
            return &words[i];
    return NULL;
}

/* "12 Mar", "Mar 2024", "Feb, Mar": a month there. A day may be followed by its date: "Mar 12". */
static bool is_month(const dayword_t *words, size_t count, size_t i)
{
    const dayword_t *last = word_beside(words, count, i, false), *next = word_beside(words, count, i, true);
    if (!words[i].month)
        return false;
    return (last && (last->number >= 0 || (last->month && !dayword_is_day(last)))) ||
           (next && (next->number > 31 || (next->month && !dayword_is_day(next))));
}

/* How much one word is a day. Short forms of other languages than English are other words often. */
static double trust_of(const dayword_t *word, int language)
{
    static const double english[] = {0, 0.3, 0.6, 0.95, 0.95}, foreign[] = {0, 0.15, 0.3, 0.6, 0.9};
    if (word->set)
        return word->run ? 0.8 : 0.9;
    if (word->near)
        return 0.7;
    if (word->letters >= 5)
        return 1;
    return language == 0 ? english[word->letters] : word->lookalike ? 0.3 : foreign[word->letters];
}

/* ---- joints */

/* A dash between three days or more makes a list of them: "Mon-Wed-Fri". `i` is the day behind the dash. */
static bool is_dashed_list(const line_t *line, size_t i)
{
    const dayword_t *words = line->words;
    bool more = i + 2 < line->count && words[i + 1].joint == JOINT_DASH && line->days[i + 2];
    return more || (i >= 4 && words[i - 3].joint == JOINT_DASH && line->days[i - 4]);
}

/* What ties day i to day `last`: what stands before it, articles aside ("los lunes y los jueves"). */
static joint_t joint_before(const line_t *line, size_t last, size_t i)
{
    size_t at = i - 1;
    while (at > last && line->words[at].joint == JOINT_NONE && line->words[at].quiet && !line->words[at].mark &&
           line->words[at].number < 0)
        at--;
    if (at <= last)
        return JOINT_NONE;
    joint_t joint = line->words[at].joint;
    return joint == JOINT_DASH && last == i - 2 && is_dashed_list(line, i) ? JOINT_AND : joint;
}

/* ---- one language */

static void add_range(sense_t *sense, int from, int to)
{
    for (int day = from; day != to; day = (day + 1) % DAY_COUNT)
        sense->days |= 1u << day;
    sense->days |= 1u << to;
    sense->wraps = sense->wraps || to < from;
    sense->ranges++;
}

static void add_day(sense_t *sense, const line_t *line, size_t i, size_t last_at, int *last)
{
    const dayword_t *word = &line->words[i];
    joint_t joint = sense->count ? joint_before(line, last_at, i) : JOINT_NONE;
    double trust = trust_of(word, line->language);
    int day = day_after(line->days[i], *last);
    if (!sense->count)
        sense->first = i;
    sense->joined += joint != JOINT_NONE;
    if (word->set)
        sense->days |= word->set;
    else if (joint == JOINT_TO || joint == JOINT_DASH)
        add_range(sense, *last, day);
    else
        sense->rising = sense->rising && day > *last;
    sense->days |= 1u << day;
    sense->daily = sense->daily || is_daily(word);
    sense->lower = sense->lower || !word->upper;
    sense->letters += word->letters == 1;
    if (!sense->count || word->letters < sense->shortest)
        sense->shortest = word->letters;
    if (!sense->count || trust < sense->least)
        sense->least = trust;
    sense->count++;
    *last = day;
}

/* Whether a day follows, articles and marks aside. */
static bool joins_days(const line_t *line, size_t i)
{
    while (++i < line->count && !line->days[i])
        if (!line->words[i].quiet)
            return false;
    return i < line->count;
}

/* Words that are no days, and no day's name in another language either ("Monday / Lundi"). */
static size_t count_others(const line_t *line, unsigned days)
{
    size_t others = 0;
    for (size_t i = 0; i < line->count; i++) {
        const dayword_t *word = &line->words[i];
        unsigned other = 0;
        for (int l = 0; l < vocabulary_languages(); l++)
            other |= word->days[l];
        bool joint = word->joint != JOINT_NONE && (word->mark || joins_days(line, i)); /* "Sex Ed" holds none */
        others += !line->days[i] && !word->quiet && !word->except && !is_daily(word) && !joint && !(other & days);
    }
    return others;
}

/* "Daily" says nothing where days are named: "Daily Schedule: Mon – Thu". */
static void set_days(line_t *line)
{
    bool named = false, excepted = false;
    for (size_t i = 0; i < line->count; i++) {
        const dayword_t *word = &line->words[i];
        line->days[i] = is_month(line->words, line->count, i) ? 0 : word->set ? word->set : word->days[line->language];
        excepted = excepted || word->except;
        named = named || (line->days[i] && !is_daily(word) && !excepted);
    }
    for (size_t i = 0; named && i < line->count; i++)
        if (is_daily(&line->words[i]))
            line->days[i] = 0;
}

static sense_t sense_of(line_t *line)
{
    sense_t sense = {.rising = true};
    unsigned without = 0; /* "Mon – Fri except Wed" */
    bool excepted = false;
    int last = DAY_NONE;
    size_t last_at = 0;
    set_days(line);
    for (size_t i = 0; i < line->count; i++) {
        excepted = excepted || line->words[i].except;
        if (line->days[i] && excepted && sense.count) {
            without |= 1u << day_after(line->days[i], DAY_NONE);
            sense.left_out++;
        } else if (line->days[i]) {
            add_day(&sense, line, i, last_at, &last);
            last_at = i;
        }
    }
    sense.days &= ~without;
    sense.others = count_others(line, sense.days);
    return sense;
}

static bool is_better(const sense_t *a, const sense_t *b)
{
    if (a->count + a->left_out != b->count + b->left_out)
        return a->count + a->left_out > b->count + b->left_out;
    if (a->others != b->others)
        return a->others < b->others;
    if (a->rising != b->rising)
        return a->rising;
    bool a_school = !(a->days & ~(unsigned)DAYS_OF_SCHOOL), b_school = !(b->days & ~(unsigned)DAYS_OF_SCHOOL);
    if (a->ranges && a_school != b_school)
        return a_school; /* "ma-do" ends on Thursday in Dutch, on Sunday in Italian */
    return a->least > b->least;
}

/* ---- trust */

/* Single letters are days where their list or range leaves little else: "M/W/F", "M–F", "T/Th", "M/W"; "M/F" is other
 * things. */
static double trust_of_letters(const sense_t *sense)
{
    if (sense->lower || sense->wraps)
        return 0;
    if (sense->count > 2 || sense->letters < sense->count)
        return 0.8;
    if (sense->ranges)
        return sense->days & 1u << DAY_MONDAY ? 0.8 : 0;
    int first = lowest(sense->days);
    return first <= DAY_WEDNESDAY && sense->days == (1u << first | 4u << first) ? 0.6 : 0; /* every second day */
}

/* Of several days: marks between short forms tell that these are days. */
static double trust_of_several(const sense_t *sense)
{
    if (sense->least >= 0.8)
        return sense->least;
    if (sense->joined == sense->count - 1 && sense->rising && (!sense->wraps || sense->least >= 0.6)) {
        if (sense->letters)
            return trust_of_letters(sense);
        return sense->shortest == 2 && sense->count == 2 && !sense->ranges && sense->lower ? 0.6 : 0.8;
    }
    return sense->least < 0.5 ? 0 : sense->least; /* "A M W" is no list of days */
}

/* "Sun cream", "Sat down": the word beside it is none that a timetable speaks of. */
static bool is_other_word(const line_t *line, size_t i)
{
    if (!line->words[i].lookalike)
        return false;
    for (int behind = 0; behind < 2; behind++) {
        size_t at = i;
        while (behind ? ++at < line->count : at-- > 0) {
            const dayword_t *word = &line->words[at];
            if (word->mark && word->joint != JOINT_AND) /* "Sun, Moon and Stars" goes on */
                break;
            if (word->quiet || word->joint != JOINT_NONE)
                continue;
            if (!word->topical && !dayword_is_day(word))
                return true;
            break;
        }
    }
    return false;
}

/* "Regular Schedule (Monday – Thursday)": the last word, brackets aside. */
static bool ends_with_day(const line_t *line)
{
    size_t count = line->count;
    while (count > 0 && !line->days[count - 1]) {
        const dayword_t *last = &line->words[count - 1];
        if (!last->quiet && !last->mark && last->number < 0)
            break;
        count--;
    }
    return count > 0 && line->days[count - 1];
}

/* A day beside other words: a heading, not a sentence. */
static bool is_heading(const line_t *line, const sense_t *sense, const char *text)
{
    return sense->others <= OTHERS_MOST && !sense->daily && text_length(text) <= HEADING_MOST &&
           trust_of(&line->words[sense->first], line->language) >= 0.9 && !is_other_word(line, sense->first) &&
           (sense->first <= 2 || ends_with_day(line));
}

/* "ma 6 okt": a short form with the rest of a date, and nothing else. */
static bool is_dated(const line_t *line, size_t day)
{
    size_t numbers = 0, months = 0;
    for (size_t i = 0; i < line->count; i++) {
        const dayword_t *word = &line->words[i];
        if (i == day || word->mark)
            continue;
        bool number = word->number >= 1 && word->number <= 31;
        if (!number && !word->month)
            return false;
        number ? numbers++ : months++;
    }
    return numbers == 1 && months == 1;
}

/* A form that is little trusted has at most a number or a mark beside it, and "to" is a capital's to be Thursday. */
static bool stands_alone(const line_t *line, size_t i)
{
    const dayword_t *word = &line->words[i], *beside = &line->words[i == 0];
    if (word->joint != JOINT_NONE && !word->upper)
        return false;
    return line->count == 1 || (line->count == 2 && (beside->mark || beside->number >= 0));
}

/* "Daily 5" counts something; a time has two numbers. */
static bool is_counted(const line_t *line)
{
    size_t numbers = 0;
    for (size_t i = 0; i < line->count; i++)
        numbers += line->words[i].number >= 0;
    return numbers == 1;
}

static daytext_t judge(const line_t *line, const sense_t *sense, const char *text)
{
    daytext_t out = {sense->days, sense->least, sense->others == 0};
    if (sense->count > 1)
        out.trust = trust_of_several(sense);
    if (out.only && sense->count == 1 && line->words[sense->first].letters > 1 && is_dated(line, sense->first))
        out.trust = out.trust < DATED_TRUST ? DATED_TRUST : out.trust;
    if (out.only && sense->count == 1 && out.trust < 0.5 && !stands_alone(line, sense->first))
        out.trust = 0;
    if (sense->daily && is_counted(line))
        out.trust = 0;
    if (!out.only && !is_heading(line, sense, text))
        out.trust = 0;
    if (!out.only)
        out.trust *= 0.9;
    return out.trust > 0 ? out : (daytext_t){0};
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

daytext_t daytext_read(const char *text)
{
    dayword_t words[WORDS_MOST];
    if (strlen(text) >= TEXT_MOST)
        return (daytext_t){0};
    size_t count = dayword_split(text, words, WORDS_MOST);
    if (count > WORDS_MOST)
        return (daytext_t){0};
    daytext_t broken = count > 1 ? glued(text) : (daytext_t){0};
    if (broken.days)
        return broken;
    line_t line = {.words = words, .count = count}, best_line = line;
    sense_t best = sense_of(&best_line);
    for (line.language = 1; line.language < vocabulary_languages(); line.language++) {
        sense_t sense = sense_of(&line);
        if (is_better(&sense, &best))
            best = sense, best_line = line;
    }
    return best.days ? judge(&best_line, &best, text) : (daytext_t){0};
}

daytext_t daytext_read_in(const char *text, int language)
{
    dayword_t words[WORDS_MOST];
    size_t count = strlen(text) < TEXT_MOST ? dayword_split(text, words, WORDS_MOST) : 0;
    if (!count || count > WORDS_MOST)
        return (daytext_t){0};
    line_t line = {.words = words, .count = count, .language = language};
    sense_t sense = sense_of(&line);
    return sense.days ? judge(&line, &sense, text) : (daytext_t){0};
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
