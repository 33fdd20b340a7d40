/* Phrases grow word by word: a word joins the phrase before it, or starts one. Called by the engine of the stage llm,
 * in a worker; it never looks at what words mean. Nothing here fails: odd boxes make odd phrases.
 *
 * Why these limits (em; spaces of the test documents measured): a printed space is 0.2 to 0.5, in justified lines up to
 * 0.8; columns of a table without rules begin at 1.0, and where words fill their columns come down to 0.6. */
#include "phrase.h"
#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

static const double GAP_WIDE = 1.0;   /* em: parts always */
static const double GAP_LOOK = 0.6;   /* em: parts where the look changes too */
static const double GAP_ALLEY = 0.55; /* em: parts where white space runs through the lines above and below */
static const double GAP_SIZE = 0.3;   /* em: parts where the size changes; below it is a misjudged size */
static const double GAP_BACK = -1.0;  /* em: stands this far before the last word; less is a line that reads leftward */
static const double SIZE_RATIO = 1.6; /* of two font sizes */
static const double WEIGHT_STEP = 0.5; /* regular to bold, with some doubt */
static const int COLOUR_STEP = 120;    /* of the sum over red, green and blue: black to dark blue is 128 */

enum {
    ALLEY_WORDS = 300, /* words before and after that are looked at for an alley: some twenty lines of a full table */
    ALLEY_LINES = 3,   /* lines that have print left of it, and right of it */
    ALLEY_REACH = 10,  /* em: how far beside it */
    COLOUR_WORDS = 64, /* words of a phrase that are asked for their colour */
};

/* Where a box begins and ends along the reading direction, and how thick it is across; px. */
typedef struct {
    int from, to, thick;
} run_t;

static bool reads_vertically(const word_t *word)
{
    return word->stacked || word->angle == 90 || word->angle == 270;
}

static run_t run_of(const word_t *word)
{
    const box_t *b = &word->box;
    if (!reads_vertically(word))
        return (run_t){b->x, b->x + b->w, b->h};
    if (word->angle == 270 && !word->stacked)
        return (run_t){-(b->y + b->h), -b->y, b->w};
    return (run_t){b->y, b->y + b->h, b->w};
}

static double em_of(const word_t *word)
{
    if (word->size > 0)
        return word->size;
    int thick = run_of(word).thick;
    return thick > 0 ? thick : 1;
}

static int colour_distance(int32_t a, int32_t b)
{
    return abs((a >> 16 & 255) - (b >> 16 & 255)) + abs((a >> 8 & 255) - (b >> 8 & 255)) + abs((a & 255) - (b & 255));
}

static bool look_differs(const word_t *a, const word_t *b)
{
    double step = a->weight - b->weight;
    return step >= WEIGHT_STEP || -step >= WEIGHT_STEP || colour_distance(a->colour, b->colour) >= COLOUR_STEP;
}

/* Sizes that are known differ by more than the ratio. */
static bool size_differs(const word_t *a, const word_t *b)
{
    return a->size > 0 && b->size > 0 && (a->size > b->size * SIZE_RATIO || b->size > a->size * SIZE_RATIO);
}

/* Lines beside a gap, above and below its own. */
typedef struct {
    int left, right, across;   /* lines with print near it on either side; words in it */
    int left_line, right_line; /* the last that was counted */
} alley_t;

static void alley_look(alley_t *alley, const word_t *word, double from, double to, double em)
{
    double third = (to - from) / 3, x0 = word->box.x, x1 = x0 + word->box.w;
    if (x0 < to - third && x1 > from + third) {
        alley->across++;
    } else if (x1 <= to - third && from - x1 < ALLEY_REACH * em && word->line != alley->left_line) {
        alley->left++;
        alley->left_line = word->line;
    } else if (x0 >= from + third && x0 - to < ALLEY_REACH * em && word->line != alley->right_line) {
        alley->right++;
        alley->right_line = word->line;
    }
}

/* Whether the gap before word i is part of white space between columns: nearly no line above or below crosses it. */
static bool in_alley(const page_t *page, size_t i, double em)
{
    const word_t *words = page->words.items, *last = &words[i - 1], *next = &words[i];
    alley_t alley = {.left_line = -1, .right_line = -1};
    size_t end = i + ALLEY_WORDS < page->words.count ? i + ALLEY_WORDS : page->words.count;
    for (size_t k = i > ALLEY_WORDS ? i - ALLEY_WORDS : 0; k < end; k++)
        if (words[k].cell == next->cell && words[k].line != next->line && !reads_vertically(&words[k]))
            alley_look(&alley, &words[k], last->box.x + last->box.w, next->box.x, em);
    return alley.left >= ALLEY_LINES && alley.right >= ALLEY_LINES && 4 * alley.across <= alley.left &&
           4 * alley.across <= alley.right;
}

/* Whether word i belongs to the phrase of the word before it. */
static bool joins(const page_t *page, size_t i)
{
    const word_t *next = LIST_AT(word_t, page->words, i), *last = next - 1;
    if (last->line != next->line || last->cell != next->cell || last->angle != next->angle ||
        last->stacked != next->stacked)
        return false;
    run_t a = run_of(last), b = run_of(next);
    bool sized = size_differs(last, next);
    double one = em_of(last), two = em_of(next);
    double em = (one < two) == sized ? one : two; /* the larger; beside a larger font the smaller */
    double gap = (b.from - a.to) / em;
    if (gap > GAP_WIDE || (b.to - a.from) / em < GAP_BACK)
        return false;
    if (gap > GAP_SIZE && sized)
        return false;
    if (gap > GAP_LOOK && look_differs(last, next))
        return false;
    return gap <= GAP_ALLEY || reads_vertically(next) || !in_alley(page, i, em);
}

static rect_t rect_join(rect_t r, const box_t *b)
{
    rect_t s = {b->x, b->y, b->x + b->w, b->y + b->h};
    return (rect_t){r.x0 < s.x0 ? r.x0 : s.x0, r.y0 < s.y0 ? r.y0 : s.y0, r.x1 > s.x1 ? r.x1 : s.x1,
                    r.y1 > s.y1 ? r.y1 : s.y1};
}

/* The colour of most letters; of equal ones the first. */
static int colour_of(const word_t *words, size_t count)
{
    int best = words[0].colour;
    size_t most = 0;
    count = count < COLOUR_WORDS ? count : COLOUR_WORDS;
    for (size_t i = 0; i < count; i++) {
        size_t letters = 0;
        for (size_t k = i; k < count; k++)
            letters += words[k].colour == words[i].colour ? strlen(words[k].text) : 0;
        if (letters > most) {
            most = letters;
            best = words[i].colour;
        }
    }
    return best;
}

static const char *text_of(arena_t *arena, const word_t *words, size_t count)
{
    size_t room = 1;
    for (size_t i = 0; i < count; i++)
        room += strlen(words[i].text) + 1;
    char *text = arena_take(arena, room), *at = text;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(words[i].text);
        if (i)
            *at++ = ' ';
        memcpy(at, words[i].text, size);
        at += size;
    }
    return text_squeeze(text);
}

static phrase_t phrase_of(arena_t *arena, const word_t *words, size_t first, size_t count)
{
    const word_t *w = words + first;
    phrase_t p = {.text = text_of(arena, w, count),
                  .box = {w->box.x, w->box.y, w->box.x + w->box.w, w->box.y + w->box.h},
                  .angle = w->angle,
                  .stacked = w->stacked,
                  .colour = colour_of(w, count),
                  .confidence = 1,
                  .cell = w->cell,
                  .first = first,
                  .count = count};
    size_t struck = 0;
    for (size_t i = 0; i < count; i++) {
        p.box = rect_join(p.box, &w[i].box);
        p.size = w[i].size > p.size ? w[i].size : p.size;
        p.weight += w[i].weight / (double)count;
        p.confidence = w[i].confidence < p.confidence ? w[i].confidence : p.confidence;
        struck += w[i].struck;
    }
    p.struck = 2 * struck > count;
    if (p.size <= 0) /* unknown: the height of its tallest word */
        for (size_t i = 0; i < count; i++)
            p.size = em_of(&w[i]) > p.size ? em_of(&w[i]) : p.size;
    return p;
}

static bool holds_box(const box_t *outer, const box_t *inner)
{
    return inner->x >= outer->x && inner->y >= outer->y && inner->x + inner->w <= outer->x + outer->w &&
           inner->y + inner->h <= outer->y + outer->h;
}

/* Whether a cell is the frame around all that a page says, such as the edge of the paper in a photo: the others of its
 * table lie in it, and most of the phrases do. What stands in it stands loose. */
static bool is_frame(const page_t *page, const phrases_t *phrases, int cell)
{
    enum { PHRASES_LEAST = 24 };
    const cell_t *own = LIST_AT(cell_t, page->cells, cell);
    size_t inside = 0;
    for (size_t i = 0; i < page->cells.count; i++) {
        const cell_t *other = LIST_AT(cell_t, page->cells, i);
        if (other->table == own->table && !holds_box(&own->box, &other->box))
            return false;
    }
    for (size_t i = 0; i < phrases->count; i++)
        inside += phrases->items[i].cell == cell;
    return inside >= PHRASES_LEAST && inside * 10 >= phrases->count * 8;
}

static void drop_frame(const page_t *page, phrases_t *phrases)
{
    /* four in five are in it, the middle one among them */
    int cell = phrases->count ? phrases->items[phrases->count / 2].cell : -1;
    if (cell < 0 || !is_frame(page, phrases, cell))
        return;
    for (size_t i = 0; i < phrases->count; i++)
        if (phrases->items[i].cell == cell)
            phrases->items[i].cell = -1;
}

phrases_t phrases_of(arena_t *arena, const page_t *page)
{
    const word_t *words = page->words.items;
    phrases_t out = {arena_array(arena, page->words.count, sizeof(phrase_t)), 0};
    for (size_t first = 0, end; first < page->words.count; first = end) {
        for (end = first + 1; end < page->words.count && joins(page, end); end++)
            ;
        out.items[out.count++] = phrase_of(arena, words, first, end - first);
    }
    drop_frame(page, &out);
    return out;
}
