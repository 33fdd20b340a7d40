/* One line of a heading, read from left to right: labels with their values first, then what speaks for itself. Words
 * that nothing explains decide how far a bare "4M" may be believed, and may be a school's name. Called by heading
 * alone; nothing here fails. */
#include "headline.h"
#include "headword.h"
#include "proto/base/text.h"

#include <string.h>

enum {
    WORDS = 48,        /* most words of a line; the longest title among the test documents has 14 */
    LINE_LONGEST = 14, /* words; longer lines are sentences, in which only labels count */
    VALUE_WORDS = 6,   /* of a class or a teacher: "Mrs Ní Bhriain and Mr Ó Dálaigh" */
    SCHOOL_WORDS = 9,  /* of a school's name */
    TERM_MOST = 8,     /* semesters of a course; a greater number counts something else */
};

typedef struct {
    const char *text;
    headword_t words[WORDS];
    size_t count;
    bool plain[WORDS]; /* nothing explains the word */
    bool title;
    arena_t *arena;
    claim_t *claims;
    size_t claimed;
    size_t class_from, class_to; /* words of a class without a label, none where equal */
    bool class_strong;           /* it names its unit: "Year 5" */
    bool teacher_alone;
} line_t;

static const unsigned LABELS = HEAD_TEACHER | HEAD_CLASS | HEAD_SECTION | HEAD_UNIT | HEAD_TERM | HEAD_YEARS |
                               HEAD_WEEK | HEAD_SCHOOL | HEAD_OTHER;

static bool has(const line_t *l, size_t i, unsigned can)
{
    return i < l->count && l->words[i].can & can;
}

/* Nothing but white space and punctuation, no comma, bracket or colon, lies between word i and the next. */
static bool runs_on(const line_t *l, size_t i)
{
    return i + 1 < l->count && !l->words[i].parted && !l->words[i].marked;
}

/* The print from word `from` to the last before `to`. */
static const char *slice(const line_t *l, size_t from, size_t to)
{
    size_t a = l->words[from].from, b = l->words[to - 1].to;
    return text_squeeze(arena_text_n(l->arena, l->text + a, b - a));
}

/* The same where a dash may lie between: "VIII - A", "Semester – II". */
static bool runs_on_dashed(const line_t *l, size_t i)
{
    if (i + 1 >= l->count || l->words[i].marked)
        return false;
    for (size_t at = l->words[i].to; at < l->words[i + 1].from; at++)
        if (strchr(",|()[]", l->text[at]))
            return false;
    return true;
}

static void claim(line_t *l, claim_kind_t kind, claim_rank_t rank, const char *text)
{
    if (l->claimed < HEADLINE_CLAIMS)
        l->claims[l->claimed++] = (claim_t){.kind = kind, .rank = rank, .text = text};
}

static void claim_year(line_t *l, claim_rank_t rank, int year)
{
    if (l->claimed < HEADLINE_CLAIMS)
        l->claims[l->claimed++] = (claim_t){.kind = CLAIM_YEAR, .rank = rank, .year = year};
}

/* ---- terms: "Autumn 2", "Spring Term", "Term I", "1st Semester"; how many words, 0 for none */

static bool small_number(const line_t *l, size_t i)
{
    return has(l, i, HEAD_NUMBER | HEAD_ROMAN) && l->words[i].number <= TERM_MOST;
}

/* A season that stands alone is a term where nothing unexplained is before it and a year, an end or "timetable"
 * follows. */
static bool season_stands(const line_t *l, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (l->plain[k])
            return false;
    return !runs_on(l, i) || has(l, i + 1, HEAD_YEAR | HEAD_TABLE | (LABELS & ~(unsigned)HEAD_SCHOOL));
}

static size_t season_words(const line_t *l, size_t i)
{
    size_t n = 1;
    if (i && has(l, i - 1, HEAD_PERSON))
        return 0;
    if (runs_on(l, i) && has(l, i + n, HEAD_TERM))
        n++;
    if (runs_on(l, i + n - 1) && small_number(l, i + n) && !has(l, i + n, HEAD_ORDINAL))
        n++;
    return n > 1 || season_stands(l, i) ? n : 0;
}

/* T3, Q2 and the like before a year. */
static bool short_term(const line_t *l, size_t i)
{
    const char *plain = l->words[i].plain;
    return strlen(plain) == 2 && strchr("tqs", *plain) && plain[1] >= '1' && plain[1] <= '4' && runs_on(l, i) &&
           has(l, i + 1, HEAD_YEAR);
}

static size_t term_words(const line_t *l, size_t i)
{
    if (i >= l->count)
        return 0;
    if (has(l, i, HEAD_SEASON))
        return season_words(l, i);
    if (has(l, i, HEAD_TERM) && runs_on_dashed(l, i) && small_number(l, i + 1))
        return 2;
    if (has(l, i, HEAD_ORDINAL | HEAD_ROMAN) && runs_on(l, i) && has(l, i + 1, HEAD_TERM) && !l->words[i + 1].marked)
        return 2;
    return short_term(l, i) ? 1 : 0;
}

/* ---- values of labels */

/* Whether the value of a label at `first` ends before word i. */
static bool ends_value(const line_t *l, size_t first, size_t i)
{
    if (i >= l->count || l->words[i].marked || i - first >= VALUE_WORDS)
        return true;
    if (i == first)
        return has(l, i, HEAD_STAMP | HEAD_TABLE);
    return l->words[i - 1].parted || term_words(l, i) || has(l, i, HEAD_YEAR | HEAD_TABLE | HEAD_STAMP | HEAD_SINCE) ||
           (has(l, i, HEAD_TEACHER | HEAD_OTHER) && !has(l, i, HEAD_WEAK));
}

static size_t value_end(const line_t *l, size_t first)
{
    size_t i = first;
    while (!ends_value(l, first, i))
        i++;
    return i;
}

/* Roman numerals as OCR leaves them ("Vil" for VII); the numeral's length in bytes, 0 where there is none. */
static size_t misread_roman(const char *text, char out[8])
{
    size_t n = 0;
    bool wrong = false;
    for (; text[n] && n < 7 && strchr("IVXil1|", text[n]); n++) {
        out[n] = strchr("IVX", text[n]) ? text[n] : 'I';
        wrong |= out[n] != text[n];
    }
    out[n] = 0;
    return wrong && n > 1 && strchr("IVX", *text) ? n : 0;
}

/* Repairs what cannot be meant: "Sth Grade" is 5th, "VilB" and "Vil B" are VII B. */
static const char *repair_class(arena_t *arena, const char *text)
{
    static const struct {
        const char *read, *meant;
    } ordinals[] = {{"Sth ", "5th "}, {"lst ", "1st "}, {"Ist ", "1st "}, {"Znd ", "2nd "}};
    for (size_t i = 0; i < sizeof ordinals / sizeof *ordinals; i++)
        if (!strncmp(text, ordinals[i].read, 4))
            return arena_format(arena, "%s%s", ordinals[i].meant, text + 4);
    char numeral[8];
    size_t n = misread_roman(text, numeral);
    const char *rest = text + n + (n && text[n] == ' ');
    if (n && *rest >= 'A' && *rest <= 'Z' && !rest[1])
        return arena_format(arena, "%s %s", numeral, rest);
    return text;
}

/* "Grade: 4" gives "Grade 4", "Class: 4" gives "4". */
static size_t read_class(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1, end = value_end(l, first);
    if (end == first)
        return end;
    if (has(l, first, HEAD_PERSON)) {
        claim(l, CLAIM_TEACHER, rank, slice(l, first, end));
        return end;
    }
    if (end == first + 1 && has(l, first, HEAD_NUMBER | HEAD_ROMAN) && runs_on_dashed(l, first) &&
        has(l, end, HEAD_LETTER))
        end++; /* VIII - A */
    bool counted = end == first + 1 && has(l, first, HEAD_NUMBER) && has(l, label, HEAD_UNIT);
    const char *value = repair_class(l->arena, slice(l, first, end));
    claim(l, CLAIM_CLASS, rank, counted ? arena_format(l->arena, "%s %s", slice(l, label, first), value) : value);
    return end;
}

static size_t read_teacher(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1, end = value_end(l, first);
    bool person = has(l, first, HEAD_PERSON);
    while (end > first && has(l, end, HEAD_PERSON) && l->text[l->words[end - 1].to] == ',')
        end = value_end(l, end); /* Mrs A, Mr B */
    bool sure = person || !has(l, label, HEAD_WEAK) || (l->title && end > first + 1 && l->words[first].capital);
    if (end > first && sure && !has(l, first, HEAD_TEACHER | HEAD_CLASS | HEAD_UNIT | HEAD_NUMBER | HEAD_OTHER) &&
        !(person && end == first + 1))
        claim(l, CLAIM_TEACHER, rank, slice(l, first, end));
    return end;
}

static size_t read_term(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1, n = term_words(l, first);
    if (n) {
        claim(l, CLAIM_TERM, rank, slice(l, first, first + n));
        return first + n;
    }
    if (small_number(l, first) && !has(l, first, HEAD_ORDINAL)) {
        claim(l, CLAIM_TERM, rank, arena_format(l->arena, "%s %s", slice(l, label, first), slice(l, first, first + 1)));
        return first + 1;
    }
    if (has(l, first, HEAD_ORDINAL)) {
        claim(l, CLAIM_TERM, rank, arena_format(l->arena, "%s %s", slice(l, first, first + 1), slice(l, label, first)));
        return first + 1;
    }
    return first;
}

/* 23/24 behind "AY"; 0 where it is none. */
static int short_year(const line_t *l, size_t i)
{
    const char *t = l->text + l->words[i].from;
    for (int k = 0; k < 5; k++)
        if (k == 2 ? t[k] != '/' && t[k] != '-' : t[k] < '0' || t[k] > '9')
            return 0;
    int one = (t[0] - '0') * 10 + t[1] - '0', two = (t[3] - '0') * 10 + t[4] - '0';
    return l->words[i].to == l->words[i].from + 5 && two == one + 1 ? 2000 + one : 0;
}

static size_t read_year(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1;
    if (first >= l->count || l->words[first].marked)
        return first;
    int year = has(l, first, HEAD_YEAR) ? l->words[first].number : short_year(l, first);
    if (year) {
        claim_year(l, rank, year);
        return first + 1;
    }
    bool class_like = has(l, first, HEAD_NUMBER | HEAD_ROMAN | HEAD_CODE | HEAD_STAGE | HEAD_UNIT);
    return has(l, label, HEAD_UNIT) && class_like ? read_class(l, label, rank) : first;
}

static size_t read_one(line_t *l, size_t label, claim_kind_t kind, claim_rank_t rank, unsigned can)
{
    size_t first = label + 1;
    if (first >= l->count || l->words[first].marked || !has(l, first, can))
        return first;
    claim(l, kind, rank, slice(l, first, first + 1));
    return first + 1;
}

static size_t read_school(line_t *l, size_t label)
{
    size_t first = label + 1, end = first;
    while (end < l->count && !l->words[end].marked && end - first < SCHOOL_WORDS &&
           (end == first || !l->words[end - 1].parted))
        end++;
    if (end > first)
        claim(l, CLAIM_SCHOOL, CLAIM_LABEL, slice(l, first, end));
    return end;
}

/* Behind a label of no interest: up to what parts it, or another label; a numbered term in it still counts. */
static size_t skip_other(const line_t *l, size_t label)
{
    size_t i = label + 1;
    while (i < l->count && !l->words[i].marked && !(has(l, i, HEAD_TERM) && term_words(l, i)))
        if (l->words[i++].parted)
            break;
    return i;
}

/* A word with a colon and its value; returns where they end. A word that is unknown is a label too. */
static size_t read_label(line_t *l, size_t i)
{
    unsigned can = l->words[i].can;
    if (can & (HEAD_STAMP | HEAD_SINCE))
        return i + 1; /* its date is judged with it */
    if (can & HEAD_TEACHER)
        return read_teacher(l, i, CLAIM_LABEL);
    if (can & HEAD_YEARS)
        return read_year(l, i, CLAIM_LABEL);
    if (can & HEAD_SECTION)
        return read_one(l, i, CLAIM_SECTION, CLAIM_LABEL, HEAD_LETTER | HEAD_CODE | HEAD_NUMBER);
    if (can & (HEAD_CLASS | HEAD_UNIT))
        return read_class(l, i, CLAIM_LABEL);
    if (can & HEAD_TERM)
        return read_term(l, i, CLAIM_LABEL);
    if (can & HEAD_WEEK)
        return read_one(l, i, CLAIM_WEEK, CLAIM_LABEL, HEAD_LETTER | HEAD_NUMBER);
    if (can & HEAD_SCHOOL)
        return read_school(l, i);
    return can & HEAD_TABLE ? i + 1 : skip_other(l, i);
}

/* ---- what speaks for itself; each returns the word behind it, or i where there is nothing */

static bool name_word(const line_t *l, size_t i)
{
    const headword_t *w = &l->words[i];
    static const unsigned never = HEAD_TABLE | HEAD_YEAR | HEAD_TERM | HEAD_CLASS | HEAD_UNIT | HEAD_CODE |
                                  HEAD_SCHOOL | HEAD_NUMBER | HEAD_WEEK | HEAD_PERSON | HEAD_OTHER | HEAD_TEACHER;
    if (w->marked || w->can & never || term_words(l, i))
        return false;
    return w->capital || (!w->can && strlen(w->plain) <= 3); /* van, de */
}

/* The end of a name that a title begins at i; i where none follows. */
static size_t name_end(const line_t *l, size_t i)
{
    size_t end = i + 1;
    if (!runs_on(l, i) || !l->words[end].capital || l->words[end].marked)
        return i;
    do
        end++;
    while (end - i < VALUE_WORDS && runs_on(l, end - 1) && !l->words[end - 1].owner && name_word(l, end));
    if (runs_on(l, end - 1) && has(l, end, HEAD_GLUE) && has(l, end + 1, HEAD_PERSON)) {
        size_t second = name_end(l, end + 1);
        return second > end + 1 ? second : end;
    }
    return end;
}

static bool names_table(const line_t *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (has(l, i, HEAD_TABLE))
            return true;
    return false;
}

static size_t read_person(line_t *l, size_t i)
{
    size_t from = i;
    bool label = has(l, i, HEAD_TEACHER) && runs_on(l, i); /* "Class Teacher Ms Tran" */
    if (label)
        i++;
    if (!has(l, i, HEAD_PERSON))
        return from;
    size_t end = name_end(l, i);
    if (end == i || has(l, end, HEAD_SCHOOL)) /* Sir Syed College */
        return from;
    bool owner = l->words[end - 1].owner && (has(l, end, HEAD_TABLE | HEAD_CLASS | HEAD_UNIT) || end == l->count);
    bool of_table =
        has(l, end, HEAD_TABLE) || (i && has(l, i - 1, HEAD_TABLE | HEAD_GLUE)) || (!from && names_table(l));
    claim_rank_t rank = label ? CLAIM_LABEL : owner || of_table ? CLAIM_NAMED : CLAIM_ALONE;
    l->teacher_alone |= rank == CLAIM_ALONE;
    claim(l, CLAIM_TEACHER, rank, slice(l, i, end));
    return end;
}

static size_t read_free_term(line_t *l, size_t i)
{
    size_t n = term_words(l, i);
    if (n)
        claim(l, CLAIM_TERM, CLAIM_NAMED, slice(l, i, i + n));
    return i + n;
}

static size_t read_free_year(line_t *l, size_t i)
{
    if (has(l, i, HEAD_YEARS) && runs_on(l, i) && (has(l, i + 1, HEAD_YEAR) || short_year(l, i + 1)))
        return read_year(l, i, CLAIM_LABEL);
    if (has(l, i, HEAD_CLASS) && has(l, i + 1, HEAD_GLUE) && has(l, i + 2, HEAD_YEAR))
        return i + 3; /* Class of 2026: when they leave */
    if (has(l, i, HEAD_YEAR))
        claim_year(l, CLAIM_NAMED, l->words[i].number);
    return i + has(l, i, HEAD_YEAR | HEAD_DATE);
}

static size_t read_free_week(line_t *l, size_t i)
{
    if (!has(l, i, HEAD_WEEK) || !runs_on(l, i) || !has(l, i + 1, HEAD_LETTER | HEAD_NUMBER))
        return i;
    if (!has(l, i + 2, HEAD_GLUE)) /* "Week A and B" is both */
        claim(l, CLAIM_WEEK, CLAIM_NAMED, slice(l, i + 1, i + 2));
    return i + 2;
}

/* ---- classes without a label */

static const unsigned NUMBERED = HEAD_NUMBER | HEAD_ROMAN | HEAD_ORDINAL;
static const unsigned COUNT = HEAD_NUMBER | HEAD_ROMAN | HEAD_ORDINAL | HEAD_CODE;

/* "Year 5", "Year 5 B", "Rang 3", "Prep C", "Class IX A", "Form 3B", "Classe 6e B"; of a label only the value. */
static size_t unit_words(line_t *l, size_t i, size_t *first)
{
    size_t n = 1;
    bool unit = has(l, i, HEAD_UNIT), label = has(l, i, HEAD_CLASS) && !has(l, i, HEAD_WEAK);
    if (!unit && !label)
        return 0;
    if (runs_on(l, i) && has(l, i + 1, COUNT | HEAD_LETTER) && !l->words[i + 1].marked)
        n = 2;
    if (n == 2 && has(l, i + 1, NUMBERED) && runs_on_dashed(l, i + 1) && has(l, i + 2, HEAD_LETTER))
        n = 3;
    *first = unit ? i : i + 1;
    l->class_strong = n > 1;
    return n > 1 || has(l, i, HEAD_STAGE) ? n : 0;
}

/* "5th Grade", "2nd Class", "7. Klasse", "7º Ano B"; "2º B" */
static size_t ordinal_words(line_t *l, size_t i)
{
    if (!has(l, i, HEAD_ORDINAL) || !runs_on(l, i))
        return 0;
    bool digit = l->text[l->words[i].from] >= '1' && l->text[l->words[i].from] <= '9';
    if (has(l, i + 1, HEAD_LETTER))
        return digit ? 2 : 0;
    if (!has(l, i + 1, HEAD_UNIT | HEAD_CLASS) || l->words[i + 1].marked)
        return 0;
    l->class_strong = true;
    return runs_on(l, i + 1) && has(l, i + 2, HEAD_LETTER) ? 3 : 2;
}

/* How many words of a class stand at i, and the first of them that is its name. */
static size_t class_words(line_t *l, size_t i, size_t *first)
{
    *first = i;
    l->class_strong = false;
    size_t n = ordinal_words(l, i);
    if (!n)
        n = unit_words(l, i, first);
    if (n)
        return n;
    *first = i;
    if (has(l, i, HEAD_STAGE | HEAD_CODE))
        return 1;
    return runs_on(l, i) && has(l, i, HEAD_ROMAN) && has(l, i + 1, HEAD_LETTER) ? 2 : 0; /* IX A */
}

static size_t read_free_class(line_t *l, size_t i)
{
    size_t first;
    bool strong = l->class_strong, taken = l->class_to > l->class_from;
    size_t n = class_words(l, i, &first);
    if (!n || taken) {
        l->class_strong = strong; /* of the one before */
        return i + n;
    }
    l->class_from = first;
    l->class_to = i + n;
    return i + n;
}

/* "MRes SEAHA 2016/2017": a course that names its cohort. */
static size_t read_cohort(line_t *l, size_t i)
{
    size_t end = i + 1;
    if (i || !has(l, i, HEAD_DEGREE))
        return i;
    while (end < l->count && end < 5 && !has(l, end, HEAD_YEAR) && runs_on(l, end - 1))
        end++;
    if (!has(l, end, HEAD_YEAR))
        return i;
    claim(l, CLAIM_CLASS, CLAIM_NAMED, slice(l, i, end));
    return end;
}

/* ---- the line as a whole */

/* A date of the paper takes the rest of its line; one from which the timetable holds gives a faint year. */
static size_t read_date(line_t *l, size_t i)
{
    if (has(l, i, HEAD_STAMP))
        return l->count;
    if (!has(l, i, HEAD_SINCE) || (has(l, i, HEAD_WEAK) && !l->words[i].marked))
        return i;
    for (i++; i < l->count; i++) {
        if (has(l, i, HEAD_YEAR | HEAD_DATE))
            claim_year(l, CLAIM_FAINT, l->words[i].number);
        if (l->words[i].parted || has(l, i, HEAD_YEAR | HEAD_DATE))
            return i + 1;
    }
    return i;
}

/* Words that say nothing of a class and do not speak against one. */
static const unsigned EXPLAINED =
    HEAD_TABLE | HEAD_MONTH | HEAD_GLUE | HEAD_NUMBER | HEAD_TERM | HEAD_SEASON | HEAD_YEARS | HEAD_WEEK;

static size_t read_free(line_t *l, size_t i)
{
    static size_t (*const readers[])(line_t *, size_t) = {
        read_date, read_cohort, read_person, read_free_term, read_free_week, read_free_year, read_free_class};
    for (size_t k = 0; k < sizeof readers / sizeof *readers; k++) {
        size_t next = readers[k](l, i);
        if (next > i)
            return next;
    }
    l->plain[i] = !has(l, i, EXPLAINED);
    return i + 1;
}

/* Below the table only labels count; and years that say so. */
static size_t read_footer(line_t *l, size_t i)
{
    bool year = has(l, i, HEAD_YEARS) && !has(l, i, HEAD_UNIT) && runs_on(l, i) && has(l, i + 1, HEAD_YEAR);
    return year ? read_year(l, i, CLAIM_LABEL) : i + 1;
}

static bool school_word(const line_t *l, size_t i)
{
    return l->plain[i] || has(l, i, HEAD_SCHOOL | HEAD_GLUE | HEAD_NUMBER | HEAD_LETTER);
}

/* Whether the run of words names a school: it has a school's word and a name, and no small words of a sentence. */
static bool names_school(const line_t *l, size_t from, size_t to)
{
    bool school = false, name = false;
    for (size_t i = from; i < to; i++) {
        const headword_t *w = &l->words[i];
        school |=
            has(l, i, HEAD_SCHOOL) && (!has(l, i, HEAD_WEAK) || i + 1 == to || has(l, i + 1, HEAD_SCHOOL | HEAD_GLUE));
        name |= l->plain[i] && !has(l, i, HEAD_SCHOOL) && w->capital;
        if (!w->capital && !has(l, i, HEAD_GLUE | HEAD_NUMBER) && strlen(w->plain) > 3)
            return false;
    }
    return school && name && to - from <= SCHOOL_WORDS;
}

static void read_schools(line_t *l)
{
    for (size_t i = 0, end; i < l->count; i = end) {
        end = i + 1;
        if (!school_word(l, i))
            continue;
        while (end < l->count && school_word(l, end) && runs_on(l, end - 1))
            end++;
        size_t from = i, to = end;
        while (to > from && has(l, to - 1, HEAD_GLUE))
            to--;
        if (!names_school(l, from, to))
            continue;
        claim(l, CLAIM_SCHOOL, CLAIM_NAMED, slice(l, from, to));
        for (size_t k = from; k < to; k++)
            l->plain[k] = false;
    }
}

/* A class without a label holds beside "timetable", or where nothing unexplained stands in its line. */
static void judge_class(line_t *l)
{
    size_t from = l->class_from, to = l->class_to, before = from;
    if (from == to)
        return;
    while (before > 0 && has(l, before - 1, HEAD_GLUE | HEAD_CLASS))
        before--;
    bool table = has(l, to, HEAD_TABLE) || (before && has(l, before - 1, HEAD_TABLE));
    table |= l->class_strong && names_table(l);                    /* "Year 3 Maple Timetable" */
    table |= has(l, to, HEAD_CLASS) && has(l, to + 1, HEAD_TABLE); /* "Reception class timetable" */
    size_t unknown = 0;
    for (size_t i = 0; i < l->count; i++)
        unknown += l->plain[i] && (i < from || i >= to);
    if (!table && unknown)
        return;
    claim_rank_t rank = table || l->class_strong ? CLAIM_NAMED : CLAIM_ALONE;
    claim(l, CLAIM_CLASS, rank, repair_class(l->arena, slice(l, from, to)));
}

/* "Mrs Thornton" holds where nothing unexplained stands beside it. */
static void judge_teacher(line_t *l)
{
    size_t unknown = 0, kept = 0;
    for (size_t i = 0; i < l->count; i++)
        unknown += l->plain[i];
    if (!unknown || !l->teacher_alone)
        return;
    for (size_t i = 0; i < l->claimed; i++)
        if (l->claims[i].kind != CLAIM_TEACHER || l->claims[i].rank != CLAIM_ALONE)
            l->claims[kept++] = l->claims[i];
    l->claimed = kept;
}

size_t headline_read(const char *text, bool title, arena_t *arena, claim_t out[HEADLINE_CLAIMS])
{
    line_t line = {.text = text, .title = title, .arena = arena, .claims = out}, *l = &line;
    l->count = headword_split(text, l->words, WORDS);
    bool sentence = !title || l->count > LINE_LONGEST;
    for (size_t i = 0; i < l->count;) {
        if (l->words[i].marked && !has(l, i, HEAD_TABLE | HEAD_STAMP | HEAD_SINCE))
            i = read_label(l, i);
        else
            i = sentence ? read_footer(l, i) : read_free(l, i);
    }
    if (!sentence) {
        read_schools(l);
        judge_class(l);
        judge_teacher(l);
    }
    return l->claimed;
}

headline_end_t headline_end(const char *text)
{
    headword_t words[WORDS];
    size_t count = headword_split(text, words, WORDS);
    if (count && words[count - 1].marked && !(words[count - 1].can & HEAD_TABLE))
        return HEADLINE_OPEN;
    if (count == 1 && words[0].can & HEAD_PERSON)
        return HEADLINE_LABEL; /* a title that stands apart from its name */
    static const unsigned labels =
        HEAD_TEACHER | HEAD_CLASS | HEAD_TERM | HEAD_UNIT | HEAD_WEEK | HEAD_OTHER | HEAD_YEARS;
    return count == 1 && words[0].can & labels && !(words[0].can & HEAD_STAGE) ? HEADLINE_LABEL : HEADLINE_WHOLE;
}

bool headline_labels(const char *text)
{
    headword_t words[WORDS];
    size_t count = headword_split(text, words, WORDS);
    return count && (words[0].marked || (count == 1 && words[0].can & LABELS && !(words[0].can & HEAD_STAGE)));
}
