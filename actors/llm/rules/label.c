/* label: see label.h. */
#include "label.h"
#include "proto/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Widest space between lines of one paragraph and greatest ratio of their font sizes, in em: print is set 1.15 to 1.6
 * em apart, of which its letters fill 0.7; rows without rules lie 0.75 em and more apart on the corpus. */
static const double LINE_GAP_MOST = 0.70, SIZE_RATIO_MOST = 1.8;

/* Longest text that is a heading with a time in it, in code points: "Indoor continuous provision 9.15 - 10.45" has 40.
 */
enum { HEADING_MOST = 60 };

/* Longest row of a list that begins with its time, in code points. */
enum { ROW_MOST = 120 };

/* A bare number ("9") is no heading of a time; "9 - 10" is. */
static const double BARE_TRUST = 0.35;

/* Narrowest space between the name of a day and the entry beside it, em; within an entry it is 0.35 at most. */
static const double DAY_GAP = 0.5, DAY_GAP_SURE = 0.12;

/* Phrases of one line further apart than this, em, are columns. */
static const double ROW_GAP = 2.0;

/* Widest space between letters of a word and between words of a line that reads upward, em. */
static const double LETTER_GAP_MOST = 0.12, WORD_GAP_MOST = 0.8;

/* Most times in one label that are looked at. */
enum { TIMES_MOST = 8 };

static double em(const phrase_t *p)
{
    int across = p->angle % 180 ? p->box.x1 - p->box.x0 : p->box.y1 - p->box.y0;
    return p->size > 0 ? p->size : 1.3 * across;
}

static bool belong_together(const phrase_t *a, const phrase_t *b)
{
    lie_t lie = a->angle % 180 ? DAYS_ARE_ROWS : DAYS_ARE_COLUMNS; /* t across the lines, d along them */
    extent_t at = rect_t_axis(a->box, lie), bt = rect_t_axis(b->box, lie);
    extent_t ad = rect_d_axis(a->box, lie), bd = rect_d_axis(b->box, lie);
    double small = fmin(em(a), em(b)), large = fmax(em(a), em(b));
    int shared = extent_shared(ad, bd);
    return a->angle == b->angle && large <= SIZE_RATIO_MOST * small && shared * 3 >= extent_narrower(ad, bd) &&
           shared > 0 && -extent_shared(at, bt) <= LINE_GAP_MOST * large && extent_shared(at, bt) < 0.5 * small;
}

size_t label_paragraphs(const phrase_t *const *phrases, size_t count, size_t *group)
{
    for (size_t i = 0; i < count; i++)
        group[i] = i;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            if (group[i] == group[j] || !belong_together(phrases[i], phrases[j]))
                continue;
            size_t from = group[i] > group[j] ? group[i] : group[j], to = group[i] + group[j] - from;
            for (size_t k = 0; k < count; k++)
                if (group[k] == from)
                    group[k] = to;
        }
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += group[i] == i; /* the least index of a paragraph is its name */
    return found;
}

/* Letters below one another, one or two a line, are one word; other lines keep apart. */
static bool is_column_of_letters(const phrase_t *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = phrases[i]->text;
        if (phrases[i]->angle != 0 || text_length(at) > 1 || !text_is_letter(text_next(&at)))
            return false;
    }
    return count > 1;
}

static const char *join(arena_t *arena, const phrase_t *const *phrases, size_t count)
{
    bool letters = is_column_of_letters(phrases, count);
    size_t size = 1;
    for (size_t i = 0; i < count; i++)
        size += strlen(phrases[i]->text) + 1;
    char *text = arena_take(arena, size), *at = text;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(phrases[i]->text);
        if (i && !letters)
            *at++ = '\n';
        memcpy(at, phrases[i]->text, length);
        at += length;
    }
    return text;
}

const char *label_column(arena_t *arena, const phrase_t *const *phrases, size_t count)
{
    return is_column_of_letters(phrases, count) ? join(arena, phrases, count) : NULL;
}

char *label_without(arena_t *arena, const char *text, const timespan_t *time)
{
    size_t from = time->from, after = time->from + time->length, before = from;
    while (before > 0 && text[before - 1] == ' ')
        before--;
    const char *behind = text + after + strspn(text + after, " ");
    if (before > 0 && strchr("([", text[before - 1]) && *behind && strchr(")]", *behind)) {
        from = before - 1; /* "Maths (9.00 – 9.45)" */
        after = (size_t)(behind - text) + 1;
    }
    char *rest = text_squeeze(arena_format(arena, "%.*s %s", (int)from, text, text + after));
    return from == 0 ? rest + strspn(rest, ":;,| ") : rest; /* "9.00 – 9.20: Assembly" */
}

/* The same where it holds more than marks, else "". */
static const char *without(arena_t *arena, const char *text, const timespan_t *time)
{
    const char *rest = label_without(arena, text, time), *at = rest;
    for (uint32_t point; (point = text_next(&at));)
        if (text_is_letter(point) || text_is_digit(point))
            return rest;
    return "";
}

static void read_time(arena_t *arena, label_t *label)
{
    timespan_t found[TIMES_MOST];
    label->rest = "";
    if (timetext_only(label->text, &label->time) && label->time.trust >= BARE_TRUST) {
        label->timed = true;
        label->rest = without(arena, label->text, &label->time);
        return;
    }
    size_t times = timetext_find(label->text, found, TIMES_MOST);
    bool row = times > 0 && found[0].from == 0 && !strchr(label->text, '\n');
    if (text_length(label->text) > (row ? ROW_MOST : HEADING_MOST))
        return;
    if (times == 2 && found[0].end.minute < 0 && found[1].end.minute < 0) { /* start above end: "1 / 8:00 / 8:30" */
        label->time = found[0];
        label->time.end = found[1].start;
        label->time.length = found[1].from + found[1].length - found[0].from;
    } else if (times == 1) {
        label->time = found[0];
    } else {
        return;
    }
    label->timed = true;
    label->rest = without(arena, label->text, &label->time);
}

/* "Daily Schedule" above "Monday, Tuesday": one line that names days, among a few. */
static daytext_t day_of_line(const phrase_t **phrases, size_t count)
{
    daytext_t found = {0};
    for (size_t i = 0; i < count && count <= 3; i++) {
        daytext_t day = daytext_read(phrases[i]->text);
        if (!day.days || !day.only || day.trust < 0.9)
            continue;
        if (found.days)
            return (daytext_t){0};
        found = (daytext_t){day.days, day.trust * 0.95, false};
    }
    return found;
}

label_t label_of(arena_t *arena, const phrase_t **phrases, size_t count)
{
    label_t label = {.phrases = phrases, .count = count, .cell = phrases[0]->cell, .confidence = 1};
    label.ink = phrases[0]->box;
    for (size_t i = 0; i < count; i++) {
        label.ink = rect_union(label.ink, phrases[i]->box);
        label.size = fmax(label.size, em(phrases[i]));
        label.confidence = fmin(label.confidence, phrases[i]->confidence);
    }
    label.box = label.ink;
    label.text = join(arena, phrases, count);
    label.day = daytext_read(label.text);
    if (!label.day.days && count > 1)
        label.day = day_of_line(phrases, count);
    read_time(arena, &label);
    return label;
}

char *label_line(arena_t *arena, const char *text)
{
    return text_squeeze(arena_text(arena, text)); /* a line break is white space */
}

static void push(labels_t *labels, label_t label)
{
    labels->items[labels->count++] = label;
}

/* Two lines or more that begin with a time and say more, or are ranges; or three with a time alone: rows of a list, set
 * close. */
static bool is_list(const phrase_t **phrases, size_t count)
{
    size_t rows = 0, times = 0;
    for (size_t i = 0; i < count; i++) {
        timespan_t time;
        if (phrases[i]->angle != 0 || timetext_find(phrases[i]->text, &time, 1) != 1 || time.from != 0)
            continue;
        rows += time.end.minute >= 0 || strlen(phrases[i]->text) > time.length + 3;
        times++;
    }
    return rows >= 2 || times >= 3;
}

/* The paragraphs of some phrases as labels. */
static void push_parts(arena_t *arena, labels_t *labels, const phrase_t **phrases, size_t count, const size_t *group,
                       bool part)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = 0;
        const phrase_t **own = arena_array(arena, count - i, sizeof *own);
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first = first && group[j] != group[i];
        if (!first)
            continue;
        for (size_t j = i; j < count; j++)
            if (group[j] == group[i])
                own[n++] = phrases[j];
        bool rows = is_list(own, n);
        for (size_t k = 0; k < (rows ? n : 1); k++) {
            label_t label = label_of(arena, own + k, rows ? 1 : n);
            label.part = part;
            push(labels, label);
        }
    }
}

/* Whether print holds no letter and no digit: a speck, a rule of dots. */
static bool is_speck(const phrase_t *phrase)
{
    const char *at = phrase->text;
    for (uint32_t point; (point = text_next(&at));)
        if (text_is_letter(point) || text_is_digit(point))
            return false;
    return true;
}

/* Three phrases on one line, or two far apart: a row without lines between its columns, not one heading. */
static bool is_row(const phrase_t **phrases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t beside = 0;
        bool far = false;
        if (is_speck(phrases[i]))
            continue;
        for (size_t j = 0; j < count; j++) {
            extent_t a = rect_y(phrases[i]->box), b = rect_y(phrases[j]->box);
            if (phrases[i]->angle != 0 || phrases[j]->angle != 0 || extent_shared(a, b) * 2 <= extent_size(a) ||
                is_speck(phrases[j]))
                continue;
            beside++;
            far = far || phrases[j]->box.x0 - phrases[i]->box.x1 > ROW_GAP * em(phrases[i]);
        }
        if (beside >= 3 || far)
            return true;
    }
    return false;
}

static void push_cell(arena_t *arena, labels_t *labels, const page_t *page, const phrase_t **phrases, size_t count)
{
    int cell = phrases[0]->cell;
    size_t *group = arena_array(arena, count, sizeof *group);
    size_t parts = label_paragraphs(phrases, count, group);
    if (cell >= 0) {
        label_t label = label_of(arena, phrases, count);
        label.whole = true;
        label.row = is_row(phrases, count);
        label.timed = label.timed && !label.row;
        label.box = rect_of(LIST_AT(cell_t, page->cells, cell)->box);
        push(labels, label);
        if (parts < 2)
            return;
    }
    push_parts(arena, labels, phrases, count, group, cell >= 0);
}

/* Lines of print that reads upward follow one another to the right, its words upward. */
static int upward(const void *left, const void *right)
{
    const phrase_t *a = left, *b = right;
    int ax = (a->box.x0 + a->box.x1) / 2, bx = (b->box.x0 + b->box.x1) / 2;
    return abs(ax - bx) * 2 > (int)fmax(em(a), em(b)) ? ax - bx : b->box.y1 - a->box.y1;
}

/* Joins what one line was broken into: "M", "orning" without a space, words with one. Returns how many are left. */
static size_t join_upward(arena_t *arena, phrase_t *phrases, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        phrase_t *last = n ? &phrases[n - 1] : NULL, *own = &phrases[i];
        bool line = last && abs(last->box.x0 + last->box.x1 - own->box.x0 - own->box.x1) < (int)em(own);
        double gap = last ? (last->box.y0 - own->box.y1) / em(own) : 0;
        if (!line || gap > WORD_GAP_MOST || gap < -WORD_GAP_MOST) {
            phrases[n++] = *own;
            continue;
        }
        const phrase_t *longer = last->count >= own->count && strlen(last->text) >= strlen(own->text) ? last : own;
        phrase_t joined = *longer;
        joined.text = arena_format(arena, gap < LETTER_GAP_MOST ? "%s%s" : "%s %s", last->text, own->text);
        joined.box = rect_union(last->box, own->box);
        joined.confidence = fmin(last->confidence, own->confidence);
        joined.angle = 270;
        *last = joined;
    }
    return n;
}

static bool reads_upward(const phrase_t *phrases, size_t count)
{
    size_t turned = 0;
    for (size_t i = 0; i < count; i++) {
        turned += phrases[i].angle == 270;
        if (phrases[i].angle != 270 &&
            (phrases[i].angle != 0 || text_length(phrases[i].text) > 1)) /* one letter has no direction */
            return false;
    }
    return turned > 0;
}

static int by_cell(const void *left, const void *right)
{
    const phrase_t *a = left, *b = right;
    return a->cell != b->cell ? (a->cell < b->cell ? -1 : 1) : (a->first > b->first) - (a->first < b->first);
}

phrases_t label_mend_upward(arena_t *arena, const phrases_t *phrases)
{
    phrases_t out = {arena_array(arena, phrases->count + 1, sizeof(phrase_t)), 0};
    phrase_t *sorted = arena_array(arena, phrases->count + 1, sizeof *sorted);
    if (!phrases->count)
        return out;
    memcpy(sorted, phrases->items, phrases->count * sizeof *sorted);
    qsort(sorted, phrases->count, sizeof *sorted, by_cell);
    for (size_t i = 0, n = 0; i < phrases->count; i += n) {
        for (n = 1; i + n < phrases->count && sorted[i + n].cell == sorted[i].cell;)
            n++;
        phrase_t *own = out.items + out.count;
        memcpy(own, sorted + i, n * sizeof *own);
        if (own->cell >= 0 && reads_upward(own, n)) {
            qsort(own, n, sizeof *own, upward);
            out.count += join_upward(arena, own, n);
        } else {
            out.count += n;
        }
    }
    return out;
}

/* "MONDAY   Advisory": the heading of a row that print close behind it has joined. */
static bool begins_with_day(const page_t *page, const phrase_t *phrase, double gap_least)
{
    if (phrase->angle != 0 || phrase->stacked || phrase->count < 2)
        return false;
    const word_t *first = LIST_AT(word_t, page->words, phrase->first), *second = first + 1;
    int gap = second->box.x - (first->box.x + first->box.w);
    const char *at = second->text;
    if (gap <= gap_least * em(phrase) || !text_is_letter(text_next(&at)) || text_length(second->text) <= 2)
        return false;
    daytext_t day = daytext_read(first->text);
    return day.only && day.trust >= 0.95 && !daytext_read(phrase->text).only && !daytext_read(second->text).days;
}

phrases_t label_split_days(arena_t *arena, const page_t *page, const phrases_t *phrases)
{
    phrases_t out = {arena_array(arena, 2 * phrases->count + 1, sizeof(phrase_t)), 0};
    size_t days = 0; /* where others in a line are days alone, a narrow space will do */
    for (size_t i = 0; i < phrases->count; i++) {
        daytext_t day = daytext_read(phrases->items[i].text);
        days += (day.only && day.trust >= 0.95) || begins_with_day(page, &phrases->items[i], DAY_GAP);
    }
    for (size_t i = 0; i < phrases->count; i++) {
        phrase_t phrase = phrases->items[i];
        if (begins_with_day(page, &phrase, days >= 2 ? DAY_GAP_SURE : DAY_GAP)) {
            phrase_t head = phrase;
            head.count = 1;
            head.box = rect_of(LIST_AT(word_t, page->words, phrase.first)->box);
            head.text = LIST_AT(word_t, page->words, phrase.first)->text;
            out.items[out.count++] = head;
            phrase.text = strchr(phrase.text, ' ') ? strchr(phrase.text, ' ') + 1 : phrase.text;
            phrase.first++, phrase.count--;
            phrase.box.x0 = LIST_AT(word_t, page->words, phrase.first)->box.x;
        }
        out.items[out.count++] = phrase;
    }
    return out;
}

labels_t labels_of(arena_t *arena, const page_t *page, const phrases_t *phrases)
{
    labels_t labels = {arena_array(arena, 2 * phrases->count + 1, sizeof(label_t)), 0};
    for (size_t i = 0, n = 0; i < phrases->count; i += n) {
        for (n = 1; i + n < phrases->count && phrases->items[i + n].cell == phrases->items[i].cell;)
            n++;
        const phrase_t **own = arena_array(arena, n, sizeof *own);
        for (size_t k = 0; k < n; k++)
            own[k] = &phrases->items[i + k];
        push_cell(arena, &labels, page, own, n);
    }
    return labels;
}

bool label_is_end(const label_t *label)
{
    const char *text = label->text;
    size_t marks = 0, dash = 0;
    if (label->time.end.minute >= 0)
        return false;
    for (const char *at = text; at < text + label->time.from;) {
        uint32_t p = text_next(&at);
        if (p == '-' || (p >= 0x2010 && p <= 0x2015))
            dash = marks;
        marks += !text_is_space(p);
    }
    return dash >= 3 && dash <= 6 && isdigit((unsigned char)text[0]) && marks == dash + 1;
}
