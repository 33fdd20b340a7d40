/* Words of headings: cut, looked up, and judged by their shape. Used by headline alone; nothing here fails, a word too
 * long or past the room is left out or cut. */
#include "headword.h"
#include "headlexicon.h"
#include "headshape.h"
#include "proto/base/text.h"

#include <string.h>

enum {
    LABEL_WORDS = 4, /* words of the longest label: "name of the teacher" */
    DOT_LEAST = 5,   /* letters of a label whose dot may be a colon; shorter ones are abbreviations */
};

static const unsigned COUNTED = HEAD_CLASS | HEAD_UNIT | HEAD_TERM | HEAD_WEEK | HEAD_SECTION; /* "Term-I", "Grade7" */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- cutting */

typedef enum { CUT_NONE, CUT_SPACE, CUT_MARK, CUT_PART, CUT_AND } cut_t;

static bool is_dash(uint32_t point)
{
    return point == '-' || (point >= 0x2010 && point <= 0x2015) || point == 0x2212;
}

/* What the code point at `at` means between words. */
static cut_t cut_at(const char *text, const char *at, uint32_t point, const char *next)
{
    char before = at > text ? at[-1] : ' ';
    if (text_is_space(point))
        return CUT_SPACE;
    if ((point == ':' || point == ';' || point == '=' || point == 0xFF1A))
        return is_digit(before) && is_digit(*next) ? CUT_NONE : CUT_MARK;
    if (point < 128 && strchr("|,()[]{}", (int)point))
        return CUT_PART;
    if (point == 0xB7 || point == 0x2022 || point == 0x2014 || point == 0x25CF)
        return CUT_PART;
    if (is_dash(point) && (before == ' ' || !*next || *next == ' '))
        return CUT_PART;
    if (point == '&' || point == '+')
        return CUT_AND;
    return CUT_NONE;
}

/* Folds a word without its dots and apostrophes: "w.e.f." is "wef", "Teacher's" "teachers". */
static void fold_word(headword_t *word, const char *text)
{
    char bare[sizeof word->plain];
    size_t n = 0;
    for (size_t i = word->from; i < word->to && n + 1 < sizeof bare; i++)
        if (text[i] != '.' && text[i] != '\'')
            bare[n++] = text[i];
    bare[n] = 0;
    text_plain(bare, word->plain, sizeof word->plain);
}

static bool is_apostrophe(uint32_t point)
{
    return point == '\'' || point == 0x2018 || point == 0x2019 || point == '`' || point == 0xB4;
}

/* Leaves punctuation around the word out, and a genitive's ending; false where nothing is left. */
static bool trim(headword_t *word, const char *text)
{
    size_t first = word->to, last = word->from, tail = word->from, before = word->from;
    uint32_t mark = 0, end = 0;
    for (const char *at = text + word->from; at < text + word->to;) {
        size_t here = (size_t)(at - text);
        uint32_t point = text_next(&at);
        if (text_is_letter(point) || text_is_digit(point) || point == 0xBA || point == 0xAA || point == 0xB0) {
            first = first < here ? first : here;
            before = mark ? tail : 0;
            last = (size_t)(at - text);
            end = point;
            mark = 0;
        } else if (is_apostrophe(point)) {
            mark = point;
            tail = here;
        }
    }
    bool bare = mark && tail == last && end == 's'; /* Jones' */
    word->owner = bare || (end == 's' && before > first);
    word->from = first;
    word->to = end == 's' && before > first ? before : last;
    return first < last;
}

typedef struct {
    const char *text;
    headword_t *words;
    size_t count, room;
} cutter_t;

/* Where a counted word ends and its number begins, in "Term-I", "Grade7", "Class-IX"; 0 where it does not. */
static size_t joint_of(const headword_t *word, const char *text)
{
    headword_t head = *word;
    for (size_t i = word->from + 1; i < word->to; i++) {
        bool hyphen = text[i] == '-';
        bool glued = is_digit(text[i]) && i >= word->from + 2 && is_letter(text[i - 1]);
        if (!hyphen && !glued)
            continue;
        head.to = i;
        fold_word(&head, text);
        return word->to - i <= 5 && i + hyphen < word->to && headlexicon_find(head.plain) & COUNTED ? i : 0;
    }
    return 0;
}

/* "12023" behind a term is its number and the year, run together by OCR. */
static bool is_number_and_year(const cutter_t *cutter, const headword_t *word)
{
    const char *t = cutter->text + word->from;
    if (word->to - word->from != 5 || !cutter->count || strspn(t, "0123456789") != 5)
        return false;
    bool shaped = t[0] >= '1' && t[0] <= '8' && ((t[1] == '2' && t[2] == '0') || (t[1] == '1' && t[2] == '9'));
    return shaped && headlexicon_find(cutter->words[cutter->count - 1].plain) & (HEAD_TERM | HEAD_SEASON);
}

static void add_word(cutter_t *cutter, size_t from, size_t to)
{
    headword_t word = {.from = from, .to = to};
    if (from == to || cutter->count == cutter->room || !trim(&word, cutter->text))
        return;
    const char *at = cutter->text + word.from;
    word.capital = text_is_upper(text_next(&at));
    size_t joint = is_number_and_year(cutter, &word) ? word.from + 1 : joint_of(&word, cutter->text);
    if (joint) {
        size_t rest = joint + (cutter->text[joint] == '-');
        add_word(cutter, word.from, joint);
        add_word(cutter, rest, to);
        return;
    }
    fold_word(&word, cutter->text);
    cutter->words[cutter->count++] = word;
}

static void end_word(cutter_t *cutter, size_t from, size_t to, cut_t cut)
{
    add_word(cutter, from, to);
    headword_t *last = cutter->count ? &cutter->words[cutter->count - 1] : NULL;
    if (cut == CUT_AND && cutter->count < cutter->room)
        cutter->words[cutter->count++] = (headword_t){.from = to, .to = to + 1, .plain = "and"};
    else if (last && cut == CUT_MARK)
        last->marked = true;
    else if (last && cut == CUT_PART)
        last->parted = true;
}

static size_t cut(const char *text, headword_t *out, size_t room)
{
    cutter_t cutter = {text, out, 0, room};
    const char *from = text, *at = text;
    while (*at) {
        const char *here = at;
        uint32_t point = text_next(&at);
        cut_t what = cut_at(text, here, point, at);
        if (what == CUT_NONE)
            continue;
        end_word(&cutter, (size_t)(from - text), (size_t)(here - text), what);
        from = at;
    }
    end_word(&cutter, (size_t)(from - text), (size_t)(at - text), CUT_SPACE);
    return cutter.count;
}

/* ---- looking up */

/* The words first … first + count) as one, folded; false where something parts them. */
static bool join(const headword_t *words, size_t count, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i].plain);
        if (n + length + 2 > size || (i + 1 < count && (words[i].marked || words[i].parted)))
            return false;
        if (i)
            out[n++] = ' ';
        memcpy(out + n, words[i].plain, length + 1);
        n += length;
    }
    return true;
}

/* "School Year" is no label in "Primary School Year 4": a year, a colon or nothing must follow. */
static bool splits_otherwise(const headword_t *words, size_t n, size_t count, unsigned can)
{
    if (n < 2 || !(can & HEAD_YEARS) || words[n - 1].marked || words[n - 1].parted || n == count)
        return false;
    return strlen(words[n].plain) < 4 || !is_digit(*words[n].plain);
}

/* How many words the longest entry at words[0] takes, and what it is; 1 and 0 for an unknown word. */
static size_t find(const headword_t *words, size_t count, unsigned *can)
{
    for (size_t n = count < LABEL_WORDS ? count : LABEL_WORDS; n > 0; n--) {
        char joined[sizeof words->plain * LABEL_WORDS];
        if (!join(words, n, joined, sizeof joined))
            continue;
        if (((*can = headlexicon_find(joined)) && !splits_otherwise(words, n, count, *can)) ||
            (words[n - 1].marked && (*can = headlexicon_nearest(joined))))
            return n;
    }
    return 1;
}

/* What the end of a word with hyphens is, where it makes a school of it: "Albert-Einstein-Gymnasium". */
static unsigned compound_of(const char *text, const headword_t *word)
{
    headword_t last = *word;
    for (size_t i = word->from; i < word->to; i++)
        if (text[i] == '-')
            last.from = i + 1;
    if (last.from == word->from || last.from >= last.to)
        return 0;
    fold_word(&last, text);
    return headlexicon_find(last.plain) & HEAD_SCHOOL;
}

/* Several words as one; what does not fit of them folded is left out. */
static headword_t merge(const headword_t *words, size_t count)
{
    headword_t out = words[0];
    const headword_t *last = &words[count - 1];
    while (count > 1 && !join(words, count, out.plain, sizeof out.plain))
        count--;
    out.to = last->to;
    out.marked = last->marked;
    out.parted = last->parted;
    out.owner = last->owner;
    return out;
}

/* Marks that need the word's meaning: "Teacher. Miss Corrigan", "Class - 5A". */
static void judge_mark(headword_t *words, size_t at, size_t count, const char *text)
{
    headword_t *w = &words[at];
    bool first = !at || words[at - 1].parted;
    if (w->marked || !first || at + 1 >= count || !(w->can & (HEAD_TEACHER | HEAD_CLASS)))
        return;
    bool dot = text[w->to] == '.' && strlen(w->plain) >= DOT_LEAST;
    const char *next = text + w->to;
    while (*next == ' ')
        next++;
    if (dot || is_dash(text_next(&next)))
        w->marked = true, w->parted = false;
}

/* "9K I Tutor: Mrs Kerr": a bar between labels that OCR took for a letter. */
static bool is_bar(const headword_t *words, size_t i, size_t count)
{
    static const unsigned counted = HEAD_CLASS | HEAD_SECTION | HEAD_UNIT | HEAD_TERM | HEAD_WEEK;
    if (!i || i + 1 >= count || (strcmp(words[i].plain, "i") && strcmp(words[i].plain, "l")) || words[i].marked)
        return false;
    bool label = words[i + 1].marked || (words[i + 1].can & HEAD_YEARS && !(words[i + 1].can & HEAD_UNIT));
    return label && !(words[i - 1].can & counted) && !words[i - 1].marked;
}

static size_t drop_bars(headword_t *words, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (is_bar(words, i, count))
            words[kept - 1].parted = true;
        else
            words[kept++] = words[i];
    return kept;
}

size_t headword_split(const char *text, headword_t *out, size_t room)
{
    size_t count = cut(text, out, room), kept = 0;
    for (size_t i = 0, n; i < count; i += n) {
        unsigned can = 0;
        n = find(out + i, count - i, &can);
        headword_t word = merge(out + i, n);
        word.can = can;
        if (n == 1 && !can)
            word.can |= compound_of(text, &word);
        if (n == 1)
            word.can |= headshape_of(text + word.from, word.to - word.from, &word.number);
        out[kept++] = word;
    }
    kept = drop_bars(out, kept);
    for (size_t i = 0; i < kept; i++)
        judge_mark(out, i, kept, text);
    return kept;
}
