/* One line of a heading, read from left to right: labels with their values first, then what speaks for itself. Words
 * that nothing explains decide how far a bare "4M" may be believed, and may be a school's name. Called by heading
 * alone; nothing here fails. */
#include "headline.h"
#include "headpart.h"
#include "proto/base/text.h"

#include <string.h>

enum {
    LINE_LONGEST = 14, /* words; longer lines are sentences, in which only labels count */
    VALUE_WORDS = 6,   /* of a class or a teacher: "Mrs Ní Bhriain and Mr Ó Dálaigh" */
    SCHOOL_WORDS = 9,  /* of a school's name */
};

typedef struct {
    headwords_t w;
    bool plain[HEADLINE_WORDS]; /* nothing explains the word */
    bool title;                 /* above the table */
    arena_t *arena;
    claim_t *claims;
    size_t claimed;
    headpart_class_t class; /* without a label; judged at the end */
    bool teacher_alone;     /* so is a teacher */
    bool labelled;          /* a label has been read */
} line_t;

static const unsigned LABELS = HEAD_TEACHER | HEAD_CLASS | HEAD_SECTION | HEAD_UNIT | HEAD_TERM | HEAD_YEARS |
                               HEAD_WEEK | HEAD_SCHOOL | HEAD_OTHER;

static bool has(const line_t *l, size_t i, unsigned can)
{
    return headpart_has(&l->w, i, can);
}

static bool runs_on(const line_t *l, size_t i)
{
    return headpart_runs_on(&l->w, i);
}

static bool marked(const line_t *l, size_t i)
{
    return i < l->w.count && l->w.words[i].marked;
}

/* The byte behind word i. */
static char behind(const line_t *l, size_t i)
{
    return l->w.text[l->w.words[i].to];
}

/* The print from word `from` to the last before `to`. */
static const char *slice(const line_t *l, size_t from, size_t to)
{
    size_t a = l->w.words[from].from, b = l->w.words[to - 1].to;
    return text_squeeze(arena_text_n(l->arena, l->w.text + a, b - a));
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

/* ---- values of labels */

/* Whether the value of a label at `first` ends before word i. */
static bool ends_value(const line_t *l, size_t first, size_t i)
{
    if (i >= l->w.count || marked(l, i) || i - first >= VALUE_WORDS)
        return true;
    if (i == first)
        return has(l, i, HEAD_STAMP | HEAD_TABLE);
    return l->w.words[i - 1].parted || headpart_term(&l->w, i) ||
           has(l, i, HEAD_YEAR | HEAD_TABLE | HEAD_STAMP | HEAD_SINCE) ||
           (has(l, i, HEAD_YEARS) && has(l, i + 1, HEAD_YEAR)) || /* "Mr Nairn Session 2024/25" */
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
    size_t figures = strspn(text, "0123456789");
    if (figures &&
        (!strncmp(text + figures, "eme ", 4) || !strncmp(text + figures, "éme ", 5))) /* è without its mark */
        return arena_format(arena, "%.*sème%s", (int)figures, text, strchr(text, ' '));
    char numeral[8];
    size_t n = misread_roman(text, numeral);
    const char *rest = text + n + (n && text[n] == ' ');
    if (n && *rest >= 'A' && *rest <= 'Z' && !rest[1])
        return arena_format(arena, "%s %s", numeral, rest);
    return text;
}

/* The end of a class that value_end has cut short at a dash or a bracket: "VIII - A", "8 - Sampaguita", "Grade 8 (3)".
 */
static size_t class_end(const line_t *l, size_t first, size_t end)
{
    const headwords_t *w = &l->w;
    bool number = end == first + 1 && has(l, first, HEAD_NUMBER | HEAD_ROMAN);
    if (number && headpart_runs_on_dashed(w, first) && (has(l, end, HEAD_LETTER) || headpart_names_group(w, end)))
        return end + 1;
    bool bracket = end < w->count && w->text[w->words[end].from - 1] == '(' && behind(l, end) == ')';
    return bracket && has(l, end, HEAD_LETTER | HEAD_NUMBER) ? end + 1 : end;
}

/* A class with the letters that OCR took for marks around it: "$1 Bruce" is S1, "7¢" is 7c. */
static const char *marks_read(const line_t *l, size_t first, size_t end, const char *value)
{
    size_t from = l->w.words[first].from, to = l->w.words[end - 1].to;
    if (from && l->w.text[from - 1] == '$')
        value = arena_format(l->arena, "S%s", value);
    return strncmp(l->w.text + to, "¢", 2) ? value : arena_format(l->arena, "%sc", value);
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
    if (has(l, first, HEAD_YEAR)) { /* "Curso: 2024-2025" */
        claim_year(l, rank, l->w.words[first].number);
        return first + 1;
    }
    end = class_end(l, first, end);
    const char *value = repair_class(l->arena, marks_read(l, first, end, slice(l, first, end)));
    if (behind(l, end - 1) == ')' && strchr(value, '('))
        value = arena_format(l->arena, "%s)", value);
    if (end == first + 1 && has(l, first, HEAD_NUMBER) && has(l, label, HEAD_UNIT))
        value = arena_format(l->arena, "%s %s", slice(l, label, first), value);
    claim(l, CLAIM_CLASS, rank, value);
    return end;
}

static size_t read_teacher(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1, end = value_end(l, first);
    bool person = has(l, first, HEAD_PERSON);
    while (end > first && has(l, end, HEAD_PERSON) && l->w.text[l->w.words[end - 1].to] == ',')
        end = value_end(l, end); /* Mrs A, Mr B */
    bool sure = person || !has(l, label, HEAD_WEAK) || (l->title && end > first + 1 && l->w.words[first].capital);
    if (end > first && sure && !has(l, first, HEAD_CLASS | HEAD_UNIT | HEAD_NUMBER | HEAD_OTHER) &&
        !(has(l, first, HEAD_PERSON | HEAD_TEACHER) && end == first + 1))
        claim(l, CLAIM_TEACHER, rank, slice(l, first, end));
    return end;
}

static size_t read_term(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1, n = headpart_term(&l->w, first);
    if (n) {
        claim(l, CLAIM_TERM, rank, slice(l, first, first + n));
        return first + n;
    }
    if (headpart_counts_terms(&l->w, first) && !has(l, first, HEAD_ORDINAL)) {
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
    const char *t = l->w.text + l->w.words[i].from;
    for (int k = 0; k < 5; k++)
        if (k == 2 ? t[k] != '/' && t[k] != '-' : t[k] < '0' || t[k] > '9')
            return 0;
    int one = (t[0] - '0') * 10 + t[1] - '0', two = (t[3] - '0') * 10 + t[4] - '0';
    return l->w.words[i].to == l->w.words[i].from + 5 && two == one + 1 ? 2000 + one : 0;
}

static size_t read_year(line_t *l, size_t label, claim_rank_t rank)
{
    size_t first = label + 1;
    if (first >= l->w.count || marked(l, first))
        return first;
    int year = has(l, first, HEAD_YEAR) ? l->w.words[first].number : short_year(l, first);
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
    if (first >= l->w.count || marked(l, first) || !has(l, first, can))
        return first;
    claim(l, kind, rank, slice(l, first, first + 1));
    return first + 1;
}

static size_t read_school(line_t *l, size_t label)
{
    size_t first = label + 1, end = first;
    while (end < l->w.count && !marked(l, end) && end - first < SCHOOL_WORDS &&
           (end == first || !l->w.words[end - 1].parted))
        end++;
    if (end > first)
        claim(l, CLAIM_SCHOOL, CLAIM_LABEL, slice(l, first, end));
    return end;
}

/* Behind a label of no interest: up to what parts it, or another label; a numbered term in it still counts. */
static size_t skip_other(const line_t *l, size_t label)
{
    size_t i = label + 1;
    while (i < l->w.count && !marked(l, i) && !(has(l, i, HEAD_TERM) && headpart_term(&l->w, i)))
        if (l->w.words[i++].parted)
            break;
    return i;
}

/* A word with a colon and its value; returns where they end. A word that is unknown is a label too. */
static size_t read_label(line_t *l, size_t i)
{
    unsigned can = l->w.words[i].can;
    if (can & (HEAD_STAMP | HEAD_SINCE))
        return i + 1; /* its date is judged with it */
    if (can & HEAD_OTHER)
        return skip_other(l, i);
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
    return skip_other(l, i);
}

/* ---- what speaks for itself; each returns the word behind it, or i where there is nothing */

static bool names_table(const line_t *l)
{
    for (size_t i = 0; i < l->w.count; i++)
        if (has(l, i, HEAD_TABLE))
            return true;
    return false;
}

/* How sure a person is the teacher: beside "timetable", a genitive, or only there. */
static claim_rank_t person_rank(const line_t *l, size_t from, size_t end)
{
    bool owner = l->w.words[end - 1].owner && (has(l, end, HEAD_TABLE | HEAD_CLASS | HEAD_UNIT) || end == l->w.count);
    bool before = from && has(l, from - 1, HEAD_TABLE | HEAD_GLUE);
    return owner || before || has(l, end, HEAD_TABLE) || (!from && names_table(l)) ? CLAIM_NAMED : CLAIM_ALONE;
}

static size_t read_person(line_t *l, size_t i)
{
    bool label = has(l, i, HEAD_TEACHER) && runs_on(l, i); /* "Class Teacher Ms Tran" */
    size_t from = label ? i + 1 : i, end = from + headpart_person(&l->w, from);
    if (end == from || has(l, end, HEAD_SCHOOL)) /* Sir Syed College */
        return i;
    claim_rank_t rank = label ? CLAIM_LABEL : person_rank(l, from, end);
    l->teacher_alone |= rank == CLAIM_ALONE;
    claim(l, CLAIM_TEACHER, rank, slice(l, from, end));
    return end;
}

static size_t read_free_term(line_t *l, size_t i)
{
    size_t n = headpart_term(&l->w, i);
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
        claim_year(l, CLAIM_NAMED, l->w.words[i].number);
    if (has(l, i, HEAD_DATE)) /* the week that is shown */
        claim_year(l, CLAIM_FAINT, l->w.words[i].number);
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

/* The first class without a label is kept until the line is known. */
static size_t read_free_class(line_t *l, size_t i)
{
    headpart_class_t class = headpart_class(&l->w, i);
    if (class.kind == CLASS_NONE)
        return i;
    if (l->class.kind == CLASS_NONE)
        l->class = class;
    return class.next;
}

/* "MRes SEAHA 2016/2017": a course that names its cohort. */
static size_t read_cohort(line_t *l, size_t i)
{
    size_t end = i + 1;
    if (i || !has(l, i, HEAD_DEGREE))
        return i;
    while (end < l->w.count && end < 5 && !has(l, end, HEAD_YEAR) && runs_on(l, end - 1))
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
        return l->w.count;
    if (!has(l, i, HEAD_SINCE) || (has(l, i, HEAD_WEAK) && !marked(l, i)))
        return i;
    for (i++; i < l->w.count; i++) {
        if (has(l, i, HEAD_YEAR | HEAD_DATE))
            claim_year(l, CLAIM_FAINT, l->w.words[i].number);
        if (l->w.words[i].parted || has(l, i, HEAD_YEAR | HEAD_DATE))
            return i + 1;
    }
    return i;
}

/* Words that say nothing of a class and do not speak against one. */
static const unsigned EXPLAINED = HEAD_TABLE | HEAD_MONTH | HEAD_GLUE | HEAD_NUMBER | HEAD_TERM | HEAD_SEASON |
                                  HEAD_YEARS | HEAD_WEEK | HEAD_DAY | HEAD_PARTICLE;

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
    return l->plain[i] || has(l, i, HEAD_SCHOOL | HEAD_GLUE | HEAD_PARTICLE | HEAD_NUMBER | HEAD_LETTER);
}

/* "Albert-Einstein-Gymnasium": a name and a school's word in one. */
static bool is_compound(const line_t *l, size_t from, size_t to)
{
    const headword_t *w = &l->w.words[from];
    return to == from + 1 && memchr(l->w.text + w->from, '-', w->to - w->from) && w->capital;
}

/* Whether the run of words names a school: it has a school's word and a name, and no small words of a sentence. */
static bool names_school(const line_t *l, size_t from, size_t to)
{
    bool school = false, name = false;
    for (size_t i = from; i < to; i++) {
        const headword_t *w = &l->w.words[i];
        school |=
            has(l, i, HEAD_SCHOOL) && (!has(l, i, HEAD_WEAK) || i + 1 == to || has(l, i + 1, HEAD_SCHOOL | HEAD_GLUE));
        name |= l->plain[i] && !has(l, i, HEAD_SCHOOL) && w->capital;
        if (!w->capital && !has(l, i, HEAD_GLUE | HEAD_NUMBER) && strlen(w->plain) > 3)
            return false;
    }
    return school && (name || is_compound(l, from, to)) && to - from <= SCHOOL_WORDS;
}

static void read_schools(line_t *l)
{
    for (size_t i = 0, end; i < l->w.count; i = end) {
        end = i + 1;
        if (!school_word(l, i))
            continue;
        while (end < l->w.count && school_word(l, end) && runs_on(l, end - 1))
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

/* "Timetable of Class 4M", "4M timetable", "Reception class timetable". */
static bool beside_table(const line_t *l, size_t from, size_t to)
{
    while (from > 0 && has(l, from - 1, HEAD_GLUE | HEAD_CLASS))
        from--;
    return has(l, to, HEAD_TABLE) || (from && has(l, from - 1, HEAD_TABLE)) ||
           (has(l, to, HEAD_CLASS) && has(l, to + 1, HEAD_TABLE));
}

static size_t unexplained(const line_t *l)
{
    size_t count = 0;
    for (size_t i = 0; i < l->w.count; i++)
        count += l->plain[i];
    return count;
}

/* A class without a label holds beside "timetable", or where nothing unexplained stands in its line; not as the end of
 * a name ("Acorn Nursery"). */
static void judge_class(line_t *l)
{
    const headpart_class_t *c = &l->class;
    if (c->kind == CLASS_NONE)
        return;
    bool part = c->kind == CLASS_CODE && c->first && !l->w.words[c->first - 1].can && runs_on(l, c->first - 1);
    bool room = has(l, c->first, HEAD_OTHER) && l->labelled; /* Teacher: Ms Lee (Room 4) */
    bool table = beside_table(l, c->first, c->end) || (c->kind == CLASS_STRONG && names_table(l));
    if (part || room || (!table && (unexplained(l) || c->kind == CLASS_SHORT)))
        return;
    bool sure = table || c->kind == CLASS_STRONG || (c->kind == CLASS_NAMED && c->next < l->w.count);
    claim(l, CLAIM_CLASS, sure ? CLAIM_NAMED : CLAIM_ALONE, repair_class(l->arena, slice(l, c->first, c->end)));
}

/* "Mrs Thornton" holds where nothing unexplained stands beside it but a class. */
static void judge_teacher(line_t *l)
{
    size_t kept = 0;
    if (!unexplained(l) || !l->teacher_alone)
        return;
    for (size_t i = 0; i < l->claimed; i++)
        if (l->claims[i].kind != CLAIM_TEACHER || l->claims[i].rank != CLAIM_ALONE)
            l->claims[kept++] = l->claims[i];
    l->claimed = kept;
}

size_t headline_read(const char *text, bool title, arena_t *arena, claim_t out[HEADLINE_CLAIMS])
{
    line_t line = {.w = {.text = text}, .title = title, .arena = arena, .claims = out}, *l = &line;
    l->w.count = headword_split(text, l->w.words, HEADLINE_WORDS);
    bool sentence = !title || l->w.count > LINE_LONGEST;
    for (size_t i = 0; i < l->w.count;) {
        bool label = marked(l, i) && !has(l, i, HEAD_TABLE | HEAD_STAMP | HEAD_SINCE);
        l->labelled |= label;
        i = label ? read_label(l, i) : sentence ? read_footer(l, i) : read_free(l, i);
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
    headword_t words[HEADLINE_WORDS];
    size_t count = headword_split(text, words, HEADLINE_WORDS);
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
    headword_t words[HEADLINE_WORDS];
    size_t count = headword_split(text, words, HEADLINE_WORDS);
    return count && (words[0].marked || (count == 1 && words[0].can & LABELS && !(words[0].can & HEAD_STAGE)));
}
