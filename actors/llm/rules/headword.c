/* Words of headings: cut, looked up, and judged by their shape. Used by headline alone; nothing here fails, a word too
 * long or past the room is left out or cut. */
#include "headword.h"
#include "proto/base/text.h"

#include <string.h>

enum {
    LABEL_WORDS = 4,  /* words of the longest label: "name of the teacher" */
    FUZZY_LEAST = 5,  /* letters of a label that may be misread by one; shorter ones are one letter from other words */
    SHAPE_BYTES = 24, /* longer words have no shape */
    YEAR_FIRST = 1990,
    YEAR_LAST = 2099,
};

static const unsigned LABELS = HEAD_TEACHER | HEAD_CLASS | HEAD_SECTION | HEAD_UNIT | HEAD_TERM | HEAD_YEARS |
                               HEAD_WEEK | HEAD_SCHOOL | HEAD_OTHER;
static const unsigned COUNTED = HEAD_CLASS | HEAD_UNIT | HEAD_TERM | HEAD_WEEK | HEAD_SECTION; /* "Term-I", "Grade7" */

/* Forms are folded. */
static const struct {
    const char *form;
    unsigned can;
} lexicon[] = {
    {"teacher", HEAD_TEACHER},
    {"teachers", HEAD_TEACHER},
    {"class teacher", HEAD_TEACHER},
    {"classteacher", HEAD_TEACHER},
    {"class teachers", HEAD_TEACHER},
    {"form teacher", HEAD_TEACHER},
    {"form teachers", HEAD_TEACHER},
    {"homeroom teacher", HEAD_TEACHER},
    {"head teacher", HEAD_OTHER},
    {"headteacher", HEAD_OTHER},
    {"teacher name", HEAD_TEACHER},
    {"teachers name", HEAD_TEACHER},
    {"name of teacher", HEAD_TEACHER},
    {"name of the teacher", HEAD_TEACHER},
    {"teacher in charge", HEAD_TEACHER},
    {"class in charge", HEAD_TEACHER},
    {"class incharge", HEAD_TEACHER},
    {"in charge", HEAD_TEACHER | HEAD_WEAK},
    {"incharge", HEAD_TEACHER | HEAD_WEAK},
    {"tutor", HEAD_TEACHER},
    {"form tutor", HEAD_TEACHER},
    {"class tutor", HEAD_TEACHER},
    {"group tutor", HEAD_TEACHER},
    {"form master", HEAD_TEACHER},
    {"form mistress", HEAD_TEACHER},
    {"homeroom", HEAD_TEACHER | HEAD_WEAK},
    {"advisor", HEAD_TEACHER | HEAD_WEAK},
    {"adviser", HEAD_TEACHER | HEAD_WEAK},
    {"instructor", HEAD_TEACHER | HEAD_WEAK},
    {"lecturer", HEAD_TEACHER | HEAD_WEAK},
    {"faculty", HEAD_TEACHER | HEAD_WEAK},
    {"ft", HEAD_TEACHER | HEAD_WEAK},
    {"class", HEAD_CLASS},
    {"class name", HEAD_CLASS},
    {"class group", HEAD_CLASS},
    {"group", HEAD_CLASS | HEAD_WEAK},
    {"tutor group", HEAD_CLASS},
    {"form group", HEAD_CLASS},
    {"form class", HEAD_CLASS},
    {"class section", HEAD_CLASS},
    {"class sec", HEAD_CLASS},
    {"class and section", HEAD_CLASS},
    {"class and sec", HEAD_CLASS},
    {"class div", HEAD_CLASS},
    {"year class", HEAD_CLASS},
    {"section", HEAD_SECTION | HEAD_WEAK},
    {"sec", HEAD_SECTION | HEAD_WEAK | HEAD_UNIT},
    {"division", HEAD_SECTION | HEAD_WEAK},
    {"div", HEAD_SECTION | HEAD_WEAK},
    {"grade", HEAD_UNIT},
    {"grades", HEAD_UNIT},
    {"grade level", HEAD_UNIT},
    {"gr", HEAD_UNIT},
    {"year", HEAD_UNIT | HEAD_YEARS},
    {"yr", HEAD_UNIT},
    {"year group", HEAD_UNIT},
    {"form", HEAD_UNIT | HEAD_CLASS},
    {"std", HEAD_UNIT | HEAD_CLASS},
    {"standard", HEAD_UNIT | HEAD_CLASS},
    {"rang", HEAD_UNIT},
    {"prep", HEAD_UNIT | HEAD_STAGE},
    {"primary", HEAD_UNIT | HEAD_SCHOOL | HEAD_WEAK},
    {"secondary", HEAD_UNIT | HEAD_SCHOOL | HEAD_WEAK},
    {"kindergarten", HEAD_UNIT | HEAD_STAGE},
    {"kg", HEAD_UNIT},
    {"jss", HEAD_UNIT},
    {"sss", HEAD_UNIT},
    {"reception", HEAD_UNIT | HEAD_STAGE},
    {"nursery", HEAD_UNIT | HEAD_STAGE},
    {"preschool", HEAD_STAGE},
    {"pre school", HEAD_STAGE},
    {"pre k", HEAD_STAGE},
    {"prek", HEAD_STAGE},
    {"foundation", HEAD_UNIT | HEAD_STAGE},
    {"eyfs", HEAD_STAGE},
    {"junior infants", HEAD_STAGE},
    {"senior infants", HEAD_STAGE},
    {"sixth form", HEAD_STAGE},
    {"term", HEAD_TERM},
    {"semester", HEAD_TERM},
    {"sem", HEAD_TERM},
    {"trimester", HEAD_TERM},
    {"quarter", HEAD_TERM},
    {"half term", HEAD_TERM},
    {"halfterm", HEAD_TERM},
    {"autumn", HEAD_SEASON},
    {"fall", HEAD_SEASON},
    {"winter", HEAD_SEASON},
    {"spring", HEAD_SEASON},
    {"summer", HEAD_SEASON},
    {"michaelmas", HEAD_SEASON},
    {"hilary", HEAD_SEASON},
    {"lent", HEAD_SEASON},
    {"trinity", HEAD_SEASON},
    {"academic year", HEAD_YEARS},
    {"academic session", HEAD_YEARS},
    {"school year", HEAD_YEARS},
    {"session", HEAD_YEARS},
    {"ay", HEAD_YEARS},
    {"week", HEAD_WEEK},
    {"wk", HEAD_WEEK},
    {"weeks", HEAD_OTHER},
    {"week beginning", HEAD_STAMP},
    {"week commencing", HEAD_STAMP},
    {"school", HEAD_SCHOOL | HEAD_WEAK},
    {"schools", HEAD_SCHOOL | HEAD_WEAK},
    {"school name", HEAD_SCHOOL},
    {"name of school", HEAD_SCHOOL},
    {"name of the school", HEAD_SCHOOL},
    {"academy", HEAD_SCHOOL},
    {"college", HEAD_SCHOOL},
    {"university", HEAD_SCHOOL},
    {"institute", HEAD_SCHOOL},
    {"institution", HEAD_SCHOOL},
    {"polytechnic", HEAD_SCHOOL},
    {"vidyalaya", HEAD_SCHOOL},
    {"vidyalay", HEAD_SCHOOL},
    {"vidya mandir", HEAD_SCHOOL},
    {"mandir", HEAD_SCHOOL},
    {"scoil", HEAD_SCHOOL},
    {"gaelscoil", HEAD_SCHOOL},
    {"ysgol", HEAD_SCHOOL},
    {"convent", HEAD_SCHOOL},
    {"grammar", HEAD_SCHOOL | HEAD_WEAK},
    {"elementary", HEAD_SCHOOL | HEAD_WEAK},
    {"intermediate", HEAD_SCHOOL | HEAD_WEAK},
    {"high", HEAD_SCHOOL | HEAD_WEAK},
    {"middle", HEAD_SCHOOL | HEAD_WEAK},
    {"junior", HEAD_SCHOOL | HEAD_WEAK},
    {"infants", HEAD_SCHOOL | HEAD_WEAK},
    {"campus", HEAD_SCHOOL | HEAD_WEAK},
    {"mr", HEAD_PERSON},
    {"mrs", HEAD_PERSON},
    {"ms", HEAD_PERSON},
    {"miss", HEAD_PERSON},
    {"mx", HEAD_PERSON},
    {"dr", HEAD_PERSON},
    {"prof", HEAD_PERSON},
    {"professor", HEAD_PERSON},
    {"sir", HEAD_PERSON},
    {"madam", HEAD_PERSON},
    {"mme", HEAD_PERSON},
    {"smt", HEAD_PERSON},
    {"shri", HEAD_PERSON},
    {"sri", HEAD_PERSON},
    {"rev", HEAD_PERSON},
    {"timetable", HEAD_TABLE},
    {"time table", HEAD_TABLE},
    {"timetables", HEAD_TABLE},
    {"time tables", HEAD_TABLE},
    {"schedule", HEAD_TABLE},
    {"bell schedule", HEAD_TABLE},
    {"weekly", HEAD_TABLE},
    {"daily", HEAD_TABLE},
    {"planner", HEAD_TABLE},
    {"calendar", HEAD_TABLE},
    {"overview", HEAD_TABLE},
    {"routine", HEAD_TABLE},
    {"plan", HEAD_TABLE},
    {"class timetable", HEAD_TABLE},
    {"class time table", HEAD_TABLE},
    {"class schedule", HEAD_TABLE},
    {"class routine", HEAD_TABLE},
    {"school timetable", HEAD_TABLE},
    {"school time table", HEAD_TABLE},
    {"school schedule", HEAD_TABLE},
    {"school week", HEAD_TABLE},
    {"school day", HEAD_TABLE},
    {"my", HEAD_TABLE},
    {"our", HEAD_TABLE},
    {"draft", HEAD_TABLE},
    {"final", HEAD_TABLE},
    {"january", HEAD_MONTH},
    {"february", HEAD_MONTH},
    {"march", HEAD_MONTH},
    {"april", HEAD_MONTH},
    {"may", HEAD_MONTH},
    {"june", HEAD_MONTH},
    {"july", HEAD_MONTH},
    {"august", HEAD_MONTH},
    {"september", HEAD_MONTH},
    {"october", HEAD_MONTH},
    {"november", HEAD_MONTH},
    {"december", HEAD_MONTH},
    {"jan", HEAD_MONTH},
    {"feb", HEAD_MONTH},
    {"mar", HEAD_MONTH},
    {"apr", HEAD_MONTH},
    {"jun", HEAD_MONTH},
    {"jul", HEAD_MONTH},
    {"aug", HEAD_MONTH},
    {"sep", HEAD_MONTH},
    {"sept", HEAD_MONTH},
    {"oct", HEAD_MONTH},
    {"nov", HEAD_MONTH},
    {"dec", HEAD_MONTH},
    {"of", HEAD_GLUE},
    {"for", HEAD_GLUE},
    {"the", HEAD_GLUE},
    {"and", HEAD_GLUE},
    {"mres", HEAD_DEGREE},
    {"msc", HEAD_DEGREE},
    {"bsc", HEAD_DEGREE},
    {"mphil", HEAD_DEGREE},
    {"meng", HEAD_DEGREE},
    {"beng", HEAD_DEGREE},
    {"mba", HEAD_DEGREE},
    {"bba", HEAD_DEGREE},
    {"phd", HEAD_DEGREE},
    {"llb", HEAD_DEGREE},
    {"llm", HEAD_DEGREE},
    {"generated", HEAD_STAMP},
    {"updated", HEAD_STAMP},
    {"last updated", HEAD_STAMP},
    {"printed", HEAD_STAMP},
    {"created", HEAD_STAMP},
    {"revised", HEAD_STAMP},
    {"modified", HEAD_STAMP},
    {"exported", HEAD_STAMP},
    {"copyright", HEAD_STAMP},
    {"version", HEAD_STAMP},
    {"wef", HEAD_SINCE},
    {"effective", HEAD_SINCE},
    {"effective from", HEAD_SINCE},
    {"with effect from", HEAD_SINCE},
    {"from", HEAD_SINCE},
    {"starting", HEAD_SINCE},
    {"valid from", HEAD_SINCE},
    {"date", HEAD_SINCE | HEAD_WEAK},
    {"room", HEAD_OTHER},
    {"rm", HEAD_OTHER},
    {"room no", HEAD_OTHER},
    {"venue", HEAD_OTHER | HEAD_WEAK},
    {"branch", HEAD_OTHER | HEAD_WEAK},
    {"course", HEAD_OTHER | HEAD_WEAK},
    {"programme", HEAD_OTHER | HEAD_WEAK},
    {"program", HEAD_OTHER | HEAD_WEAK},
    {"department", HEAD_OTHER},
    {"dept", HEAD_OTHER},
    {"subject", HEAD_OTHER | HEAD_WEAK},
    {"name", HEAD_OTHER | HEAD_WEAK},
    {"student", HEAD_OTHER | HEAD_WEAK},
    {"student name", HEAD_OTHER | HEAD_WEAK},
    {"principal", HEAD_OTHER},
    {"period", HEAD_OTHER | HEAD_WEAK},
    {"lesson", HEAD_OTHER | HEAD_WEAK},
    {"first", HEAD_ORDINAL},
    {"second", HEAD_ORDINAL},
    {"third", HEAD_ORDINAL},
    {"fourth", HEAD_ORDINAL},
    {"fifth", HEAD_ORDINAL},
    {"sixth", HEAD_ORDINAL},
    {"seventh", HEAD_ORDINAL},
    {"eighth", HEAD_ORDINAL},
};

static unsigned look_up(const char *plain)
{
    for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++)
        if (!strcmp(lexicon[i].form, plain))
            return lexicon[i].can;
    return 0;
}

/* The label that a misread word with a colon stands for. */
static unsigned look_up_misread(const char *plain)
{
    if (strlen(plain) < FUZZY_LEAST)
        return 0;
    for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++)
        if (lexicon[i].can & LABELS && strlen(lexicon[i].form) >= FUZZY_LEAST &&
            text_distance(lexicon[i].form, plain, 1) <= 1)
            return lexicon[i].can;
    return 0;
}

/* ---- shape */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Digits at *at, at most `most` of them; returns how many and moves on. */
static size_t digits(const char **at, size_t most, int *value)
{
    size_t n = 0;
    *value = 0;
    for (; n < most && is_digit(**at); n++)
        *value = *value * 10 + (*(*at)++ - '0');
    return n;
}

static bool is_year(int value)
{
    return value >= YEAR_FIRST && value <= YEAR_LAST;
}

/* 2024, 2024-25, 2024/2025; 0 where it is none. */
static int year_of(const char *text)
{
    int year, next;
    if (digits(&text, 4, &year) != 4 || !is_year(year))
        return 0;
    if (!*text)
        return year;
    if (*text != '-' && *text != '/')
        return 0;
    text++;
    size_t n = digits(&text, 4, &next);
    bool follows = n == 4 ? next == year + 1 : n == 2 && next == (year + 1) % 100;
    return follows && !*text ? year : 0;
}

/* The year of 12/08/2024, 12.8.24, 2024-08-12, 17-Oct-16; 0 where it is no date. */
static int date_year(const char *text)
{
    int part[3];
    size_t n[3];
    char mark = 0;
    for (int i = 0; i < 3; i++) {
        if (i && (!*text || !strchr("/.-", *text) || (mark && *text != mark)))
            return 0;
        if (i)
            mark = *text++;
        n[i] = digits(&text, 4, &part[i]);
        if (i == 1 && !n[1]) { /* a month's name */
            for (; is_upper(*text) || is_lower(*text); text++)
                n[1]++;
            part[1] = n[1] >= 3 ? 1 : 0;
        }
    }
    int year = n[0] == 4 ? part[0] : part[2] + (n[2] == 2 ? 2000 : 0);
    bool sound = (n[0] == 4 || n[0] <= 2) && n[0] && n[1] && (n[2] == 2 || (n[2] == 4 && n[0] <= 2));
    return !*text && sound && part[1] >= 1 && part[1] <= 31 && is_year(year) ? year : 0;
}

static int roman_of(const char *text)
{
    static const char *const numerals[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};
    for (int i = 0; i < 12; i++)
        if (!strcmp(text, numerals[i]))
            return i + 1;
    return 0;
}

/* 1st, 3rd, 2º; also what OCR makes of them (Sth, lst), as no word looks like that. */
static bool is_ordinal(const char *text)
{
    static const char *const endings[] = {"st", "nd", "rd", "th", "º", "ª", "er", "re", "e", "ème"};
    if (!strcmp(text, "Sth") || !strcmp(text, "lst") || !strcmp(text, "Ist") || !strcmp(text, "Znd"))
        return true;
    int value;
    if (!digits(&text, 2, &value) || !value)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (!strcmp(text, endings[i]))
            return true;
    return false;
}

/* V-A, XII/B */
static bool is_roman_code(const char *text)
{
    size_t size = strlen(text);
    char numeral[8] = "";
    if (size < 3 || size > sizeof numeral + 1 || !is_upper(text[size - 1]) || !strchr("-/.", text[size - 2]))
        return false;
    memcpy(numeral, text, size - 2);
    return roman_of(numeral) > 0;
}

/* 4M, 2EJ, 1R1, 7b, 3/4W, 6-B, BSE-6A, Y5; not 9am, 2nd, 9h, 2x, TL-113, CFG100. */
static bool is_code(const char *text)
{
    const char *at = text;
    size_t before = 0, after = 0;
    int value;
    for (; is_upper(*at) || (*at == 'r' && before == 1); at++)
        before++;
    bool year = *text == 'Y' && (before == 1 || (before == 2 && text[1] == 'r'));
    if (before > 4 || (before && !year && text[1] == 'r'))
        return false;
    at += before && *at == '-';
    if (!digits(&at, 2, &value) || !value || is_digit(*at))
        return false;
    if (*at == '/' && at++ && !digits(&at, 2, &value))
        return false;
    at += *at == '-' && at[1];
    for (; is_upper(*at) && after < 3; at++)
        after++;
    if (!after && !before && is_lower(*at) && *at != 'h' && *at != 'x' && !at[1])
        at++, after++;
    if (after && is_digit(*at) && !before)
        at++;
    return !*at && (after || year) && strcmp(text, "AM") && strcmp(text, "PM");
}

/* A copy with every dash a hyphen, so that a pattern needs one; false for what is too long. */
static bool shape_text(const char *text, size_t size, char out[SHAPE_BYTES])
{
    size_t n = 0;
    const char *end = text + size;
    while (text < end) {
        const char *from = text;
        uint32_t point = text_next(&text);
        size_t bytes = (size_t)(text - from);
        if (n + bytes + 1 > SHAPE_BYTES)
            return false;
        if (point >= 0x2010 && point <= 0x2015)
            out[n++] = '-';
        else
            for (size_t i = 0; i < bytes; i++)
                out[n++] = from[i];
    }
    out[n] = 0;
    return true;
}

static void judge_shape(headword_t *word, const char *text)
{
    char shape[SHAPE_BYTES];
    if (!shape_text(text + word->from, word->to - word->from, shape))
        return;
    const char *at = shape;
    int value;
    size_t n = digits(&at, 4, &value);
    if (n && n <= 2 && !*at && value)
        word->can |= HEAD_NUMBER, word->number = value;
    if (word->can & HEAD_NUMBER && text[word->to] == '.')
        word->can |= HEAD_ORDINAL; /* 7. Klasse */
    if (is_upper(shape[0]) && !shape[1])
        word->can |= HEAD_LETTER;
    if ((value = roman_of(shape)))
        word->can |= HEAD_ROMAN, word->number = value;
    if (is_ordinal(shape))
        word->can |= HEAD_ORDINAL;
    else if (is_code(shape) || is_roman_code(shape))
        word->can |= HEAD_CODE;
    if ((value = year_of(shape)))
        word->can |= HEAD_YEAR, word->number = value;
    else if ((value = date_year(shape)))
        word->can |= HEAD_DATE, word->number = value;
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
    if (point < 128 && strchr("|,()[]{}\"", (int)point))
        return CUT_PART;
    if (point == 0xB7 || point == 0x2022 || point == 0x2014 || point == 0x25CF || point == 0x201C || point == 0x201D)
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
        if (text_is_letter(point) || text_is_digit(point) || point == 0xBA || point == 0xAA) {
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
        bool glued = is_digit(text[i]) && i >= word->from + 3 && (is_lower(text[i - 1]) || is_upper(text[i - 1]));
        if (!hyphen && !glued)
            continue;
        head.to = i;
        fold_word(&head, text);
        return word->to - i <= 5 && i + hyphen < word->to && look_up(head.plain) & COUNTED ? i : 0;
    }
    return 0;
}

static void add_word(cutter_t *cutter, size_t from, size_t to)
{
    headword_t word = {.from = from, .to = to};
    if (from == to || cutter->count == cutter->room || !trim(&word, cutter->text))
        return;
    const char *at = cutter->text + word.from;
    word.capital = text_is_upper(text_next(&at));
    size_t joint = joint_of(&word, cutter->text);
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
        if (((*can = look_up(joined)) && !splits_otherwise(words, n, count, *can)) ||
            (words[n - 1].marked && (*can = look_up_misread(joined))))
            return n;
    }
    return 1;
}

/* Marks that need the word's meaning: "Teacher. Miss Corrigan", "Class - 5A". */
static void judge_mark(headword_t *words, size_t at, size_t count, const char *text)
{
    headword_t *w = &words[at];
    bool first = !at || words[at - 1].parted;
    if (w->marked || !first || at + 1 >= count || !(w->can & (HEAD_TEACHER | HEAD_CLASS)))
        return;
    bool dot = text[w->to] == '.' && strlen(w->plain) >= FUZZY_LEAST;
    const char *next = text + w->to;
    while (*next == ' ')
        next++;
    if (dot || is_dash(text_next(&next)))
        w->marked = true, w->parted = false;
}

size_t headword_split(const char *text, headword_t *out, size_t room)
{
    size_t count = cut(text, out, room), kept = 0;
    for (size_t i = 0, n; i < count; i += n) {
        headword_t word = out[i];
        n = find(out + i, count - i, &word.can);
        word.to = out[i + n - 1].to;
        word.marked = out[i + n - 1].marked;
        word.parted = out[i + n - 1].parted;
        word.owner = out[i + n - 1].owner;
        if (n == 1)
            judge_shape(&word, text);
        out[kept++] = word;
    }
    for (size_t i = 0; i < kept; i++)
        judge_mark(out, i, kept, text);
    return kept;
}
