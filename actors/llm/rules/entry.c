/* entry: see entry.h. */
#include "entry.h"
#include "proto/base/buf.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of one cell that are looked at; a crowded cell of the corpus has 9. */
enum { LINES_MOST = 64, TIMES_MOST = 8 };

/* A lone time that begins a cell. */
static const double LONE_TRUST = 0.9;

/* Smaller than this share of the largest line is small print: OCR knows sizes to a tenth, documents exactly. */
static const double SMALL_READ = 0.84, SMALL_EXACT = 0.93, SMALL_SURELY = 0.74;
/* px: OCR knows heights of letters to a pixel or two, and sizes follow from them. */
static const double SIZE_STEP = 2.9;
/* Bold against regular, and colours that a person calls different (sum over red, green, blue). */
static const double BOLD_STEP = 0.4, BOLD_LEAST = 0.55, REGULAR_MOST = 0.25;
enum { COLOUR_STEP = 150 };

typedef struct {
    const phrase_t *phrase;
    const char *text; /* what is left of it when times are taken out; "" for nothing */
    bool note;
} line_t;

typedef struct {
    line_t lines[LINES_MOST];
    size_t count;
} lines_t;

bool entry_is_filler(const char *text)
{
    size_t letters = 0, others = 0;
    uint32_t last = 0;
    for (uint32_t point; (point = text_next(&text));) {
        if (text_is_space(point))
            continue;
        if (text_is_letter(point) || text_is_digit(point) || point > 0x2E80)
            letters++, last = point;
        else
            others += point != '-' && point != '=' && (point < 0x2010 || point > 0x2015);
    }
    return letters == 0 || (letters == 1 && others == 0 && (last == 'X' || last == 'x')); /* "X", "-x-" */
}

int entry_length(const char *text)
{
    char plain[48];
    int minutes = 0;
    if (text_length(text) >= sizeof plain / 4)
        return -1;
    const char *at = text_plain(text, plain, sizeof plain);
    do {
        size_t digits = strspn(at, "0123456789"), took = 0;
        const char *unit = at + digits + strspn(at + digits, " ");
        int entry = digits && digits <= 3 ? vocabulary_prefix("lasts", unit, &took) : -1;
        if (entry < 0)
            return -1;
        minutes += atoi(at) * (strcmp(vocabulary_name("lasts", entry), "hour") == 0 ? 60 : 1);
        at = unit + took + strspn(unit + took, " ");
    } while (*at);
    return minutes;
}

bool entry_is_length(const char *text)
{
    return entry_length(text) >= 0;
}

static bool is_word_of_page(const view_t *view, const char *word)
{
    for (size_t i = 0; i < view->page->words.count; i++)
        if (text_same(LIST_AT(word_t, view->page->words, i)->text, word))
            return true;
    return false;
}

/* Whether the end of one line and the begin of the next are one word that was broken ("Engli", "sh"). */
static bool is_broken_word(const view_t *view, const char *left, const char *right)
{
    char a[64], b[64], joined[128];
    const char *space = strrchr(left, ' ');
    const char *tail = space ? space + 1 : left, *end = strchr(right, ' ');
    size_t head = end ? (size_t)(end - right) : strlen(right);
    if (strlen(tail) >= sizeof a || head >= sizeof b || !*tail || !head)
        return false;
    strcpy(a, tail);
    memcpy(b, right, head);
    b[head] = 0;
    const char *at = b, *last = a;
    uint32_t first = text_next(&at), before = 0;
    for (uint32_t point; (point = text_next(&last));)
        before = point;
    if (!text_is_letter(first) || text_is_upper(first) || !text_is_letter(before))
        return false;
    char *slash = strpbrk(b, "/,;:.()");
    if (slash)
        *slash = 0;
    snprintf(joined, sizeof joined, "%s%s", a, b);
    bool whole = vocabulary_knows(joined) || is_word_of_page(view, joined);
    return whole && !(vocabulary_knows(a) && vocabulary_knows(b));
}

static void add_line(const view_t *view, buf_t *out, const char *text)
{
    if (!*text)
        return;
    if (out->size == 0) {
        buf_text(out, text);
        return;
    }
    char last = out->bytes[out->size - 1];
    size_t before = out->size > 1 ? out->size - 2 : 0;
    const char *at = text;
    uint32_t first = text_next(&at);
    if (last == '-' && out->bytes[before] != ' ' && text_is_letter(first) && !text_is_upper(first))
        out->bytes[--out->size] = 0; /* hyphenated at the line's end */
    else if (!is_broken_word(view, buf_string(out), text))
        buf_char(out, ' ');
    buf_text(out, text);
}

static const char *finish(const view_t *view, buf_t *buf)
{
    char *text = text_squeeze(arena_text(view->arena, buf_string(buf)));
    buf_free(buf);
    return text;
}

const char *entry_text(const view_t *view, const phrase_t *const *phrases, size_t count)
{
    const char *word = label_column(view->arena, phrases, count);
    buf_t out = {0};
    if (word)
        return word;
    for (size_t i = 0; i < count; i++)
        add_line(view, &out, phrases[i]->text);
    return finish(view, &out);
}

/* Times. A range anywhere at a line's begin or end counts, a lone time only where it is a line of its own or begins the
 * cell. */

static bool is_clean(const char *text)
{
    while (*text)
        if (!strchr(" ()[]:;,.-|", *text++))
            return false;
    return true;
}

static void take_time(const view_t *view, line_t *line, const timespan_t *time)
{
    char *rest = label_without(view->arena, line->text, time);
    line->text = is_clean(rest) ? "" : rest;
}

static bool accept(const line_t *line, const timespan_t *time, bool first, bool only)
{
    if (only)
        return time->trust >= 0.5;
    if (first && time->from == 0 && time->end.minute < 0)
        return time->trust >= LONE_TRUST && text_letters(line->text + time->length) >= 2;
    bool begins = time->from == 0, ends = is_clean(line->text + time->from + time->length);
    const char *before = time->from ? line->text + time->from - 1 : "";
    return time->end.minute >= 0 && time->trust >= 0.5 && (begins || ends || *before == '(');
}

/* "10:35 -" above "11:25": two lines that are one range. */
static bool broken_range(const view_t *view, line_t *a, line_t *b, timespan_t *time)
{
    timespan_t one;
    if (a->phrase->angle != b->phrase->angle || !*a->text || !*b->text)
        return false;
    const char *joined = arena_format(view->arena, "%s\n%s", a->text, b->text);
    return timetext_only(joined, time) && time->end.minute >= 0 &&
           !(timetext_only(a->text, &one) && one.end.minute >= 0);
}

static void find_times(const view_t *view, lines_t *lines, entry_t *entry)
{
    for (size_t i = 0; i < lines->count && !entry->timed; i++) {
        line_t *line = &lines->lines[i];
        timespan_t found[TIMES_MOST], only;
        if (i + 1 < lines->count && broken_range(view, line, line + 1, &entry->time)) {
            entry->timed = true;
            entry->time_text = arena_format(view->arena, "%s %s", line->text, line[1].text);
            entry->time_read = fmin(line->phrase->confidence, line[1].phrase->confidence);
            line[0].text = line[1].text = "";
        } else if (timetext_only(line->text, &only) && accept(line, &only, i == 0, true)) {
            entry->timed = true, entry->time = only, entry->time_read = line->phrase->confidence;
            entry->time_text = line->text;
            take_time(view, line, &only);
            if (vocabulary_find("time", line->text) >= 0)
                line->text = "";
        } else if (timetext_find(line->text, found, TIMES_MOST) == 1 && accept(line, &found[0], i == 0, false)) {
            entry->timed = true, entry->time = found[0], entry->time_read = line->phrase->confidence;
            entry->time_text = arena_text_n(view->arena, line->text + found[0].from, found[0].length);
            take_time(view, line, &found[0]);
        }
    }
}

/* Name and notes. */

static int colour_step(int a, int b)
{
    return abs((a >> 16 & 255) - (b >> 16 & 255)) + abs((a >> 8 & 255) - (b >> 8 & 255)) + abs((a & 255) - (b & 255));
}

static size_t named(const lines_t *lines)
{
    size_t n = 0;
    for (size_t i = 0; i < lines->count; i++)
        n += *lines->lines[i].text && !lines->lines[i].note;
    return n;
}

/* Weight of a line: its longer words tell it, marks and single letters do not. -1 where there are none. */
static double weight_of(const view_t *view, const phrase_t *phrase)
{
    double sum = 0, letters = 0;
    for (size_t i = 0; i < phrase->count; i++) {
        const word_t *word = LIST_AT(word_t, view->page->words, phrase->first + i);
        double length = (double)text_length(word->text);
        if (length >= 3 && text_letters(word->text) >= 2)
            sum += word->weight * length, letters += length;
    }
    return letters > 0 ? sum / letters : -1;
}

/* Font size of a line, by its longer words. */
static double size_of(const view_t *view, const phrase_t *phrase)
{
    double sum = 0, letters = 0;
    for (size_t i = 0; i < phrase->count; i++) {
        const word_t *word = LIST_AT(word_t, view->page->words, phrase->first + i);
        double length = (double)text_length(word->text);
        if (length >= 3 && text_letters(word->text) >= 3 && word->size > 0)
            sum += word->size * length, letters += length;
    }
    return letters > 0 ? sum / letters : phrase->size;
}

/* Marks lines that are set smaller than the largest: by that share of it, and by `step` px at least. */
static bool part_by_size(const view_t *view, lines_t *lines, double share, double step)
{
    double largest = 0;
    bool parted = false;
    for (size_t i = 0; i < lines->count; i++)
        if (*lines->lines[i].text && !lines->lines[i].note && text_letters(lines->lines[i].text) >= 2)
            largest = fmax(largest, size_of(view, lines->lines[i].phrase));
    for (size_t i = 0; i < lines->count; i++) {
        line_t *line = &lines->lines[i];
        double size = size_of(view, line->phrase);
        if (*line->text && line->phrase->size > 0 && size < share * largest && largest - size >= step)
            parted = line->note = true;
    }
    return parted;
}

/* `surely`: the others must be set in a regular weight beyond doubt. */
static bool part_by_weight(const view_t *view, lines_t *lines, bool surely)
{
    double most = -1, least = 2, weights[LINES_MOST];
    for (size_t i = 0; i < lines->count; i++) {
        weights[i] = weight_of(view, lines->lines[i].phrase);
        if (*lines->lines[i].text && !lines->lines[i].note && weights[i] >= 0)
            most = fmax(most, weights[i]), least = fmin(least, weights[i]);
    }
    if (most - least < BOLD_STEP || most < BOLD_LEAST || (surely && least > REGULAR_MOST))
        return false;
    for (size_t i = 0; i < lines->count; i++)
        if (*lines->lines[i].text && weights[i] < (most + least) / 2)
            lines->lines[i].note = true;
    return true;
}

static int saturation(int c)
{
    int r = c >> 16 & 255, g = c >> 8 & 255, b = c & 255;
    int most = r > g ? (r > b ? r : b) : (g > b ? g : b), least = r < g ? (r < b ? r : b) : (g < b ? g : b);
    return most - least;
}

/* Coloured lines under black ones, or the other way about: the first colour is the name's, unless it is the coloured
 * one above black. */
static bool part_by_colour(lines_t *lines)
{
    const line_t *first = NULL, *other = NULL;
    for (size_t i = 0; i < lines->count; i++) {
        line_t *line = &lines->lines[i];
        if (!*line->text || line->note)
            continue;
        if (!first)
            first = line;
        else if (colour_step(first->phrase->colour, line->phrase->colour) >= COLOUR_STEP && !other)
            other = line;
    }
    if (!other)
        return false;
    int name = saturation(first->phrase->colour) > saturation(other->phrase->colour) + 80 ? other->phrase->colour
                                                                                          : first->phrase->colour;
    for (size_t i = 0; i < lines->count; i++)
        if (*lines->lines[i].text && colour_step(lines->lines[i].phrase->colour, name) >= COLOUR_STEP)
            lines->lines[i].note = true;
    return true;
}

/* "with Lara": a small word and a name. */
static bool names_leader(const char *text)
{
    static const char *const words[] = {"with ", "w/ ", "led by ", "avec ", "mit ", "con ", "com ", "met "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        const char *at = text + length;
        if (strncmp(text, words[i], length) == 0 && text_is_upper(text_next(&at)))
            return true;
    }
    return false;
}

/* A line that is in brackets, a room or a person. */
static bool reads_as_note(const char *text)
{
    size_t length = strlen(text), took;
    if (length > 2 && (text[0] == '(' || text[0] == '[') && (text[length - 1] == ')' || text[length - 1] == ']'))
        return true;
    static const char *const titles[] = {"Mr ",   "Mr. ",   "Mrs ",  "Mrs. ", "Ms ",  "Ms. ", "Miss ", "Dr ",  "Dr. ",
                                         "Prof ", "Prof. ", "Herr ", "Frau ", "Mme ", "M. ",  "Sr ",   "Sra ", "Sir "};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strncmp(text, titles[i], strlen(titles[i])) == 0)
            return true;
    return vocabulary_prefix("room", text, &took) >= 0 && (text[took] == 0 || text[took] == ' ') &&
           vocabulary_find("subject", text) < 0;
}

/* "A. Khan", "P. Das", "Mr. Verma". */
static bool is_person(const char *text)
{
    return text_length(text) <= 24 && text[0] >= 'A' && text[0] <= 'Z' && text[1] == '.' && text[2] == ' ' &&
           text[3] >= 'A' && text[3] <= 'Z' && !strchr(text + 3, '.') && vocabulary_find("subject", text) < 0;
}

bool entry_is_aside(const char *text)
{
    return reads_as_note(text) || is_person(text);
}

/* From the first room or person on everything is a note. */
static bool part_by_words(lines_t *lines)
{
    bool parted = false, name = false;
    for (size_t i = 0; i < lines->count; i++) {
        line_t *line = &lines->lines[i];
        if (!*line->text || line->note)
            continue;
        if (name && (parted || entry_is_aside(line->text)))
            parted = line->note = true;
        name = true;
    }
    return parted;
}

/* Who leads ("with Lara") is a note from the first, however large, bold or coloured it was read, where something else
 * is left for a name. */
static bool part_by_leader(lines_t *lines)
{
    bool parted = false;
    size_t others = 0;
    for (size_t i = 0; i < lines->count; i++)
        others += *lines->lines[i].text && !names_leader(lines->lines[i].text);
    for (size_t i = 0; i < lines->count && others; i++) {
        line_t *line = &lines->lines[i];
        if (*line->text && names_leader(line->text))
            parted = line->note = true;
    }
    return parted;
}

/* Whether no other print stands on the same line. */
static bool stands_alone(const lines_t *lines, size_t i)
{
    extent_t own = rect_y(lines->lines[i].phrase->box);
    for (size_t k = 0; k < lines->count; k++) {
        if (k != i && *lines->lines[k].text &&
            extent_shared(own, rect_y(lines->lines[k].phrase->box)) * 2 > extent_size(own))
            return false;
    }
    return true;
}

/* What stands in most cells of the page, such as a room, names none of them; nor does a single letter beside longer
 * print. */
static bool part_by_frequency(const view_t *view, lines_t *lines)
{
    bool parted = false;
    size_t cells = 0, longer = 0;
    for (size_t i = 0; i < view->labels.count; i++)
        cells += view->labels.items[i].whole && view->labels.items[i].count > 1;
    for (size_t i = 0; i < lines->count; i++)
        longer += *lines->lines[i].text && !lines->lines[i].note && text_length(lines->lines[i].text) > 2;
    for (size_t i = 0; i < lines->count && longer; i++) {
        line_t *line = &lines->lines[i];
        size_t same = 0;
        if (!*line->text || line->note)
            continue;
        for (size_t k = 0; k < view->phrases.count; k++)
            same += view->phrases.items[k].cell >= 0 && strcmp(view->phrases.items[k].text, line->phrase->text) == 0;
        bool single = text_length(line->text) == 1 && !stands_alone(lines, i);
        if ((cells < 8 || same * 2 < cells) && !single)
            continue;
        line->note = parted = true;
    }
    if (!named(lines)) /* then it is all there is */
        for (size_t i = 0; i < lines->count; i++)
            lines->lines[i].note = false, parted = false;
    return parted;
}

static void confidences(const lines_t *lines, entry_t *entry)
{
    double sum = 0;
    size_t n = 0;
    entry->read = 1;
    for (size_t i = 0; i < lines->count; i++)
        if (*lines->lines[i].text && !lines->lines[i].note) {
            entry->read = fmin(entry->read, lines->lines[i].phrase->confidence);
            sum += lines->lines[i].phrase->confidence;
            n++;
        }
    entry->read_mean = n ? sum / (double)n : 1;
}

static const char *collect(const view_t *view, const lines_t *lines, bool notes)
{
    buf_t out = {0};
    const phrase_t *own[LINES_MOST];
    size_t n = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (*lines->lines[i].text && lines->lines[i].note == notes)
            own[n++] = lines->lines[i].phrase;
    const char *word = notes ? NULL : label_column(view->arena, own, n);
    if (word)
        return word;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->lines[i].note == notes)
            add_line(view, &out, lines->lines[i].text);
    return finish(view, &out);
}

/* Texts that stand apart in a cell: the first is the name. */
static bool part_by_gap(lines_t *lines)
{
    const phrase_t *own[LINES_MOST];
    size_t group[LINES_MOST], index[LINES_MOST], n = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (*lines->lines[i].text && !lines->lines[i].note)
            own[n] = lines->lines[i].phrase, index[n++] = i;
    for (size_t i = 0; i < n; i++)
        if (text_length(own[i]->text) < 2)
            return false; /* letters that spell a word */
    if (label_paragraphs(own, n, group) < 2)
        return false;
    for (size_t i = 0; i < n; i++)
        lines->lines[index[i]].note = group[i] != group[0];
    return true;
}

/* The criteria in order, until one line or lines that look alike are left. OCR takes small print for bold and capitals
 * for large print, so that weight counts there only against print that is surely regular. */
static void choose_name(const view_t *view, lines_t *lines, bool exact, entry_t *entry)
{
    if (named(lines) > 1 && part_by_leader(lines))
        entry->why = "the print in the cell that says what, not with whom";
    if (named(lines) > 1 && part_by_size(view, lines, exact ? SMALL_EXACT : SMALL_SURELY, 0))
        entry->why = "the largest print in the cell";
    if (named(lines) > 1 && part_by_frequency(view, lines))
        entry->why = "the print in the cell that is its own";
    if (named(lines) > 1 && part_by_weight(view, lines, !exact))
        entry->why = "the boldest print in the cell";
    if (named(lines) > 1 && part_by_colour(lines))
        entry->why = "the print in the colour of names";
    if (named(lines) > 1 && !exact && part_by_size(view, lines, SMALL_READ, SIZE_STEP))
        entry->why = "the largest print in the cell";
    if (named(lines) > 1 && part_by_words(lines))
        entry->why = "the text of the cell without rooms, people and brackets", entry->split = true;
    if (named(lines) > 1 && part_by_gap(lines))
        entry->why = "the first of the texts that stand apart in the cell", entry->split = true;
}

/* The first line, and those after it that look like it. */
static void choose_first(const view_t *view, lines_t *lines, entry_t *entry)
{
    const phrase_t *first = NULL;
    bool ended = false;
    for (size_t i = 0; i < lines->count; i++) {
        line_t *line = &lines->lines[i];
        if (!*line->text)
            continue;
        if (!first) {
            first = line->phrase;
            continue;
        }
        double ratio = size_of(view, line->phrase) / fmax(1, size_of(view, first));
        double weight = fabs(weight_of(view, line->phrase) - weight_of(view, first));
        ended = ended || ratio < SMALL_READ || ratio > 1 / SMALL_READ || weight > 0.3 ||
                colour_step(line->phrase->colour, first->colour) >= COLOUR_STEP || entry_is_aside(line->text);
        line->note = ended;
    }
    entry->why = "the first line, as in the cells beside it";
}

static void judge_place(const lines_t *lines, entry_t *entry)
{
    bool seen = false;
    for (size_t i = 0; i < lines->count; i++) {
        if (!*lines->lines[i].text)
            continue;
        entry->parted = entry->parted || lines->lines[i].note;
        if (!seen)
            entry->leads = !lines->lines[i].note;
        seen = true;
    }
}

/* Letters that the model of OCR does not have: "Lon" where the vocabulary knows only "Lón". */
static const char *mend_letters(const view_t *view, const char *name)
{
    char plain[64];
    int entry;
    if (!view_is_read(view) || strlen(name) >= sizeof plain || text_length(name) < 3)
        return name;
    strcpy(plain, name);
    for (char *at = plain; *at; at++)
        *at = *at == '6' || *at == '0' ? 'o' : *at == '1' ? 'l' : *at;
    if (vocabulary_nearest("accented", plain, text_length(plain) > 6 ? 2 : 1, 0, &entry) > 2 || entry < 0)
        return name;
    const char *form = vocabulary_name("accented", entry);
    if (vocabulary_find("accented", plain) != entry &&
        (vocabulary_find("subject", plain) >= 0 || vocabulary_find("routine", plain) >= 0))
        return name; /* a word of its own */
    const char *at = name;
    char *mended = arena_text(view->arena, form);
    if (text_is_upper(text_next(&at)) && mended[0] >= 'a' && mended[0] <= 'z')
        mended[0] = (char)(mended[0] - 32);
    return mended;
}

static entry_t read_entry(const view_t *view, const phrase_t *const *phrases, size_t count, bool first)
{
    entry_t entry = {.why = "the text of the cell"};
    lines_t lines = {.count = 0};
    bool exact = !view_is_read(view);
    for (size_t i = 0; i < count && lines.count < LINES_MOST; i++)
        lines.lines[lines.count++] = (line_t){phrases[i], phrases[i]->text, false};
    find_times(view, &lines, &entry);
    for (size_t i = 0; i < lines.count; i++)
        if (entry_is_filler(lines.lines[i].text))
            lines.lines[i].text = "";
    if (first)
        choose_first(view, &lines, &entry);
    else
        choose_name(view, &lines, exact, &entry);
    judge_place(&lines, &entry);
    entry.name = mend_letters(view, collect(view, &lines, false));
    const char *notes = collect(view, &lines, true);
    entry.notes = *notes ? notes : NULL;
    confidences(&lines, &entry);
    return entry;
}

entry_t entry_read(const view_t *view, const phrase_t *const *phrases, size_t count)
{
    return read_entry(view, phrases, count, false);
}

entry_t entry_read_first(const view_t *view, const phrase_t *const *phrases, size_t count)
{
    return read_entry(view, phrases, count, true);
}
