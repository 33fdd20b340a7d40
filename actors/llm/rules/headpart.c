/* Terms, people and classes by the words beside each other. Called by headline alone; nothing here fails. */
#include "headpart.h"
#include "vocabulary.h"

#include <string.h>

enum {
    NAME_WORDS = 6, /* of a person's name, with title: "Mrs María José de la Cruz" */
    TERM_MOST = 8,  /* semesters of a course; a greater number counts something else */
};

static const unsigned NUMBERED = HEAD_NUMBER | HEAD_ROMAN | HEAD_ORDINAL;

bool headpart_has(const headwords_t *w, size_t i, unsigned can)
{
    return i < w->count && w->words[i].can & can;
}

bool headpart_runs_on(const headwords_t *w, size_t i)
{
    return i + 1 < w->count && !w->words[i].parted && !w->words[i].marked;
}

bool headpart_runs_on_dashed(const headwords_t *w, size_t i)
{
    if (i + 1 >= w->count || w->words[i].marked)
        return false;
    for (size_t at = w->words[i].to; at < w->words[i + 1].from; at++)
        if (strchr(",|()[]", w->text[at]))
            return false;
    return true;
}

/* Word i + 1 follows directly and may be any of these. */
static bool followed(const headwords_t *w, size_t i, unsigned can)
{
    return headpart_runs_on(w, i) && headpart_has(w, i + 1, can) && !w->words[i + 1].marked;
}

/* ---- terms */

bool headpart_counts_terms(const headwords_t *w, size_t i)
{
    return headpart_has(w, i, HEAD_NUMBER | HEAD_ROMAN) && w->words[i].number <= TERM_MOST;
}

/* A season by itself is a term before a year, and where it stands apart from words that are unknown ("Holy Trinity",
 * "Summer Trip") in a line that says more. */
static bool season_stands(const headwords_t *w, size_t i)
{
    if (followed(w, i, HEAD_YEAR))
        return true;
    bool free_left = !i || w->words[i - 1].parted || w->words[i - 1].marked || w->words[i - 1].can;
    bool free_right = !headpart_runs_on(w, i) || w->words[i + 1].marked || followed(w, i, HEAD_TABLE | HEAD_WEEK);
    return free_left && free_right && w->count > 1;
}

static size_t season(const headwords_t *w, size_t i)
{
    size_t n = 1;
    if (i && headpart_has(w, i - 1, HEAD_PERSON))
        return 0;
    n += followed(w, i, HEAD_TERM);
    if (headpart_runs_on(w, i + n - 1) && headpart_counts_terms(w, i + n) && !headpart_has(w, i + n, HEAD_ORDINAL))
        n++;
    return n > 1 || season_stands(w, i) ? n : 0;
}

/* T3, Q2 and the like before a year. */
static bool short_term(const headwords_t *w, size_t i)
{
    const char *plain = w->words[i].plain;
    return strlen(plain) == 2 && strchr("tqs", *plain) && plain[1] >= '1' && plain[1] <= '4' &&
           followed(w, i, HEAD_YEAR);
}

size_t headpart_term(const headwords_t *w, size_t i)
{
    if (i >= w->count)
        return 0;
    if (headpart_has(w, i, HEAD_SEASON))
        return season(w, i);
    if (headpart_has(w, i, HEAD_TERM) && headpart_runs_on_dashed(w, i) && headpart_counts_terms(w, i + 1))
        return 2;
    if (headpart_has(w, i, HEAD_ORDINAL | HEAD_ROMAN) && followed(w, i, HEAD_TERM))
        return 2;
    return short_term(w, i) ? 1 : 0;
}

/* ---- people */

static bool name_goes_on(const headwords_t *w, size_t i)
{
    const headword_t *word = &w->words[i];
    static const unsigned never = HEAD_TABLE | HEAD_YEAR | HEAD_TERM | HEAD_CLASS | HEAD_UNIT | HEAD_CODE |
                                  HEAD_SCHOOL | HEAD_NUMBER | HEAD_WEEK | HEAD_OTHER | HEAD_TEACHER;
    if (word->marked || word->can & never || headpart_term(w, i))
        return false;
    return word->capital || (!(word->can & ~(unsigned)HEAD_PARTICLE) && strlen(word->plain) <= 3); /* van, de */
}

size_t headpart_person(const headwords_t *w, size_t i)
{
    size_t end = i + 1;
    if (!headpart_has(w, i, HEAD_PERSON) || !headpart_runs_on(w, i) || !w->words[end].capital || w->words[end].marked)
        return 0;
    do
        end++;
    while (end - i < NAME_WORDS && headpart_runs_on(w, end - 1) && !w->words[end - 1].owner && name_goes_on(w, end));
    if (followed(w, end - 1, HEAD_GLUE) && headpart_has(w, end + 1, HEAD_PERSON)) {
        size_t second = headpart_person(w, end + 1);
        return second ? end + 1 + second - i : end - i;
    }
    return end - i;
}

/* ---- classes */

static bool is_lesson(const char *text)
{
    static const char *const sections[] = {"subject", "routine", "note", "room", "furniture",
                                           "period",  "time",    "day",  "days"};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (vocabulary_find(sections[i], text) >= 0)
            return true;
    return false;
}

bool headpart_names_group(const headwords_t *w, size_t i)
{
    if (i >= w->count || w->words[i].can || !w->words[i].capital || w->words[i].marked || w->words[i].owner)
        return false;
    return strlen(w->words[i].plain) >= 3 && !is_lesson(w->words[i].plain);
}

/* Where a class that ends before `end` goes on with a name: "Year 10 Green", then nothing, "timetable" or a year. */
static size_t with_group(const headwords_t *w, size_t end)
{
    if (!headpart_runs_on_dashed(w, end - 1) || !headpart_names_group(w, end))
        return end;
    bool last = !headpart_runs_on(w, end) || followed(w, end, HEAD_TABLE | HEAD_CLASS | HEAD_YEAR | HEAD_TERM);
    return last ? end + 1 : end;
}

static headpart_class_t found(headclass_t kind, size_t first, size_t end)
{
    return (headpart_class_t){kind, first, end, end};
}

static const headpart_class_t nothing = {CLASS_NONE, 0, 0, 0};

/* "Year 5", "Year 5 B", "Year 10 Green", "Rang 3", "Prep C", "Form 3B"; "Class IX A" and "Classe 6e B", but whole
 * "Class 3", as a number alone says too little. */
static headpart_class_t unit(const headwords_t *w, size_t i)
{
    bool unit = headpart_has(w, i, HEAD_UNIT), label = headpart_has(w, i, HEAD_CLASS) && !headpart_has(w, i, HEAD_WEAK);
    if (!unit && !label)
        return nothing;
    if (followed(w, i, HEAD_PARTICLE) && followed(w, i + 1, HEAD_CODE | HEAD_STAGE)) /* "Classe de CE2" */
        return found(CLASS_STRONG, i + 2, i + 3);
    if (!followed(w, i, NUMBERED | HEAD_CODE | HEAD_LETTER))
        return headpart_has(w, i, HEAD_STAGE) ? found(CLASS_CODE, i, i + 1) : nothing;
    size_t end = i + 2;
    bool numbered = headpart_has(w, i + 1, NUMBERED);
    if (numbered && headpart_runs_on_dashed(w, i + 1) && headpart_has(w, i + 2, HEAD_LETTER))
        end++;
    else if (numbered)
        end = with_group(w, end);
    bool bare = numbered && end == i + 2;
    headclass_t kind = headpart_has(w, i, HEAD_OTHER) ? CLASS_CODE : CLASS_STRONG; /* a room may be where it is */
    return found(kind, unit || bare ? i : i + 1, end);
}

/* "5th Grade", "2nd Class", "7. Klasse", "7º Ano B"; "2º B". */
static headpart_class_t ordinal(const headwords_t *w, size_t i)
{
    bool digit = w->text[w->words[i].from] >= '1' && w->text[w->words[i].from] <= '9';
    if (!headpart_has(w, i, HEAD_ORDINAL))
        return nothing;
    if (digit && followed(w, i, HEAD_LETTER))
        return found(CLASS_CODE, i, i + 2);
    if (!followed(w, i, HEAD_UNIT | HEAD_CLASS) || headpart_has(w, i + 1, HEAD_OTHER))
        return nothing;
    return found(CLASS_STRONG, i, followed(w, i + 1, HEAD_LETTER) ? i + 3 : i + 2);
}

static bool is_group(const char *plain)
{
    static const char *const groups[] = {"group", "room", "nursery group", "gruppe", "groep"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(groups[i], plain))
            return true;
    return false;
}

/* "Bärengruppe" */
static bool is_compound_group(const char *plain)
{
    size_t size = strlen(plain);
    return (size > 8 && !strcmp(plain + size - 6, "gruppe")) || (size > 8 && !strcmp(plain + size - 6, "klasse"));
}

/* Whether a dash or the like stands behind a name and what follows is a person, or says only what the page is behind a
 * name that is several: "Maple – Miss Begum", "Hedgehogs – our week". */
static bool ends_name(const headwords_t *w, size_t i)
{
    if (!w->words[i].parted || i + 1 == w->count)
        return false;
    size_t person = headpart_person(w, i + 1);
    if (person)
        return i + 1 + person == w->count || w->words[i + person].parted;
    bool several = w->words[i].plain[strlen(w->words[i].plain) - 1] == 's' || is_compound_group(w->words[i].plain);
    for (size_t k = i + 1; k < w->count && several; k++)
        several = headpart_has(w, k, HEAD_TABLE | HEAD_WEEK);
    return several;
}

/* "1 Pearse": all of a line. */
static headpart_class_t numbered(const headwords_t *w, size_t i)
{
    bool all = i == 0 && w->count == 2 && headpart_has(w, i, HEAD_NUMBER) && headpart_runs_on(w, i);
    return all && !headpart_has(w, i, HEAD_ORDINAL) && headpart_names_group(w, i + 1) ? found(CLASS_CODE, 0, 2)
                                                                                      : nothing;
}

/* "Owls Class", "Willow Class Timetable", "Kestrels' Timetable", "Butterflies with Ms. Dana": only at a line's start.
 */
static headpart_class_t named(const headwords_t *w, size_t i)
{
    const headword_t *word = &w->words[i];
    if (i || !word->capital || word->can || strlen(word->plain) < 3 || is_lesson(word->plain))
        return nothing;
    if (word->owner)
        return word->plain[strlen(word->plain) - 1] == 's' && followed(w, i, HEAD_TABLE) ? found(CLASS_NAMED, i, i + 1)
                                                                                         : nothing;
    if (ends_name(w, i))
        return found(CLASS_NAMED, i, i + 1);
    if (!headpart_runs_on(w, i))
        return nothing;
    const headword_t *next = word + 1;
    if (i + 2 == w->count && is_group(next->plain)) /* "Sunflower Group" */
        return found(CLASS_NAMED, i, i + 2);
    bool class =
        !strcmp(next->plain, "class") && (i + 2 == w->count || next->parted || headpart_has(w, i + 2, HEAD_YEAR));
    bool with = !strcmp(next->plain, "with") && headpart_has(w, i + 2, HEAD_PERSON);
    if (!class && !with && strcmp(next->plain, "class timetable"))
        return nothing;
    headpart_class_t out = found(CLASS_NAMED, i, i + 1);
    out.next += class; /* "class" is read with it, "timetable" by itself */
    return out;
}

/* "Rang a Sé": Irish counts in words. */
static headpart_class_t irish(const headwords_t *w, size_t i)
{
    bool counts = !strcmp(w->words[i].plain, "rang") && i + 2 < w->count && !strcmp(w->words[i + 1].plain, "a");
    return counts ? found(CLASS_STRONG, i, i + 3) : nothing;
}

headpart_class_t headpart_class(const headwords_t *w, size_t i)
{
    static headpart_class_t (*const kinds[])(const headwords_t *, size_t) = {irish, ordinal, unit, named, numbered};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        headpart_class_t class = kinds[k](w, i);
        if (class.kind != CLASS_NONE)
            return class;
    }
    if (headpart_has(w, i, HEAD_CODE))
        return found(headpart_has(w, i, HEAD_WEAK) ? CLASS_SHORT : CLASS_CODE, i, i + 1);
    if (headpart_has(w, i, HEAD_STAGE))
        return found(CLASS_CODE, i, i + 1);
    return headpart_has(w, i, HEAD_ROMAN) && followed(w, i, HEAD_LETTER) ? found(CLASS_CODE, i, i + 2)
                                                                         : nothing; /* IX A */
}
