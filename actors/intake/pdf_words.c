/* pdf_words: see pdf_words.h.
 *
 * A run is what stands between white space; it is split where the font size changes or a letter does not follow the
 * last. Words of one printed line are neighbours in a row with a gap of at most GAP_MOST of their height: cells of a
 * table have wider ones.
 */
#include "pdf_words.h"

#include "proto/base/buf.h"
#include "proto/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Gap between words of one line, in font sizes: word spaces are 0.2 to 0.35 and 0.6 in typewriter faces; the texts of
 * neighbouring narrow cells come as near as 0.75. */
static const double GAP_MOST = 0.65;
/* Gap between letters of one word, in font sizes: poppler parts words at 0.1 within a line, but strings a cell's text
 * to the next cell's where it takes both for one line. */
static const double LETTER_GAP_MOST = 0.2;
/* A lone letter as wide as this, in heights, lies on its side: an upright W or dash is 1 at most. */
static const double LONE_WIDE = 1.15;
/* Font sizes nearer than this share are the same: rounding in poppler's transforms stays under 1 %. */
static const double SIZE_SAME = 0.08;

enum { WORDS_MOST = 20000, WORD_POINTS_MOST = 200 };

/* A word in the making. u runs along its line, v across, both growing in reading direction. */
typedef struct {
    word_t word;
    double u0, u1, v0, v1; /* px, in the frame of its angle */
    double x0, y0;         /* px on the page, for the order */
    int line;              /* index of its line, before numbering */
    size_t order;          /* as it came */
} draft_t;

typedef struct {
    const glyph_t *glyphs;
    double scale;
    int width, height;
    arena_t *arena;
    draft_t *drafts;
    size_t count, capacity;
} maker_t;

bool pdf_words_is_broken(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0xe000 && point <= 0xf8ff) ||
           point >= 0xf0000 || (point >= 0xfff0 && point <= 0xffff);
}

/* Dropped without parting a word: soft hyphen, joiners, marks of direction, what has no meaning. */
static bool is_dropped(uint32_t point)
{
    return point == 0xad || (point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
           point == 0x2060 || (point >= 0x2066 && point <= 0x2069) || point == 0xfeff || pdf_words_is_broken(point);
}

/* Letters written from right to left come in logical order: their boxes run backwards though they stand upright. */
static bool is_backward(uint32_t point)
{
    return (point >= 0x590 && point <= 0x8ff) || (point >= 0xfb1d && point <= 0xfdff) ||
           (point >= 0xfe70 && point <= 0xfefe);
}

/* Compatibility forms that fonts use for plain letters (Unicode NFKC of these). */
static void add_point(buf_t *text, uint32_t point)
{
    static const char *const ligatures[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    char out[4];
    if (point >= 0xfb00 && point <= 0xfb06)
        buf_text(text, ligatures[point - 0xfb00]);
    else if (point >= 0xff01 && point <= 0xff5e) /* full width forms of ASCII */
        buf_char(text, (char)(point - 0xfee0));
    else
        buf_add(text, out, text_encode(point, out));
}

/* Whether the letters lie on their side: an upright letter's box is higher (ascent and descent) than wide (advance). */
static bool is_turned(const glyph_t *g, size_t count)
{
    double w = 0, h = 0;
    for (size_t i = 0; i < count; i++)
        w += g[i].x1 - g[i].x0, h += g[i].y1 - g[i].y0;
    return w > h * (count == 1 ? LONE_WIDE : 1);
}

/* Whether b goes on where a ended, as letters of one word do, their boxes side by side or one after the other. */
static bool follows(const glyph_t *a, const glyph_t *b)
{
    double em = fmax(a->size, b->size), gap, common, least;
    if (is_turned(a, 1) && is_turned(b, 1)) {
        gap = fmax(b->y0 - a->y1, a->y0 - b->y1);
        common = fmin(a->x1, b->x1) - fmax(a->x0, b->x0), least = fmin(a->x1 - a->x0, b->x1 - b->x0);
    } else {
        gap = fmax(b->x0 - a->x1, a->x0 - b->x1);
        common = fmin(a->y1, b->y1) - fmax(a->y0, b->y0), least = fmin(a->y1 - a->y0, b->y1 - b->y0);
        if (fabs(gap) > LETTER_GAP_MOST * em && a->y1 - a->y0 < 0.9 * em && b->y1 - b->y0 < 0.9 * em &&
            common <= 0.1 * least) { /* narrow turned letters (i, l, a colon): flat boxes one after the other */
            gap = fmax(b->y0 - a->y1, a->y0 - b->y1);
            common = fmin(a->x1, b->x1) - fmax(a->x0, b->x0), least = fmin(a->x1 - a->x0, b->x1 - b->x0);
        }
    }
    return gap <= LETTER_GAP_MOST * em && common >= 0.4 * least;
}

/* Direction of a run: whether its letters lie on their side, and then by the walk of their middles. -1 where one
 * letter cannot tell. */
static int run_angle(const glyph_t *g, size_t count)
{
    double dx = g[count - 1].x0 + g[count - 1].x1 - g[0].x0 - g[0].x1;
    double dy = g[count - 1].y0 + g[count - 1].y1 - g[0].y0 - g[0].y1;
    size_t backward = 0;
    for (size_t i = 0; i < count; i++)
        backward += is_backward(g[i].point);
    if (is_turned(g, count))
        return fabs(dy) < 1e-6 ? -1 : dy > 0 ? 90 : 270;
    return dx > -1e-6 || backward * 2 > count ? 0 : 180;
}

static void frame(draft_t *d, const double box[4])
{
    double x0 = box[0], y0 = box[1], x1 = box[2], y1 = box[3];
    d->x0 = x0, d->y0 = y0;
    switch (d->word.angle) {
    case 90: /* reads down; lines go from right to left */
        d->u0 = y0, d->u1 = y1, d->v0 = -x1, d->v1 = -x0;
        break;
    case 270:
        d->u0 = -y1, d->u1 = -y0, d->v0 = x0, d->v1 = x1;
        break;
    case 180:
        d->u0 = -x1, d->u1 = -x0, d->v0 = -y1, d->v1 = -y0;
        break;
    default:
        d->u0 = x0, d->u1 = x1, d->v0 = y0, d->v1 = y1;
    }
}

/* One word from glyphs of one size and direction; nothing where none of it can be seen. */
static void add_word(maker_t *m, const glyph_t *g, size_t count, int angle)
{
    bool mirrored = g[0].mirrored && (angle == 90 || angle == 270);
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY}, weight = 0;
    buf_t text = {0};
    size_t kept = 0;
    if (mirrored)
        angle = 360 - angle;
    for (size_t n = 0; n < count; n++) {
        const glyph_t *at = &g[mirrored ? count - 1 - n : n];
        if (is_dropped(at->point) || kept >= WORD_POINTS_MOST)
            continue;
        add_point(&text, at->point);
        box[0] = fmin(box[0], at->x0 * m->scale), box[1] = fmin(box[1], at->y0 * m->scale);
        box[2] = fmax(box[2], at->x1 * m->scale), box[3] = fmax(box[3], at->y1 * m->scale);
        weight += at->weight;
        kept++;
    }
    bool seen = kept && box[0] < m->width && box[1] < m->height && box[2] > 0 && box[3] > 0;
    if (seen && m->count < WORDS_MOST) {
        if (m->count == m->capacity) {
            m->capacity = m->capacity ? m->capacity * 2 : 256;
            draft_t *more = realloc(m->drafts, m->capacity * sizeof *more);
            if (!more)
                abort(); /* as the arena does */
            m->drafts = more;
        }
        draft_t *d = &m->drafts[m->count];
        *d = (draft_t){.order = m->count++};
        int x = (int)floor(fmax(box[0], 0)), y = (int)floor(fmax(box[1], 0));
        int right = (int)ceil(fmin(box[2], m->width)), bottom = (int)ceil(fmin(box[3], m->height));
        d->word = (word_t){.text = arena_text_n(m->arena, text.bytes, text.size),
                           .box = {.x = x, .y = y, .w = right > x ? right - x : 1, .h = bottom > y ? bottom - y : 1},
                           .angle = angle,
                           .size = g[0].size * m->scale,
                           .weight = weight / (double)kept,
                           .colour = g[0].colour,
                           .confidence = 1,
                           .cell = -1};
        frame(d, box);
    }
    buf_free(&text);
}

/* Letters from the first that make one word: of one size, one following the other. */
static size_t one_word(const glyph_t *g, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (fabs(g[i].size - g[0].size) > SIZE_SAME * fmax(g[i].size, g[0].size) || !follows(&g[i - 1], &g[i]))
            return i;
    return count;
}

static void make_words(maker_t *m, const glyph_t *glyphs, size_t count)
{
    int last = 270; /* a lone turned letter takes the direction of the word before */
    for (size_t at = 0; at < count;) {
        size_t end = at;
        while (end < count && !text_is_space(glyphs[end].point) && glyphs[end].point >= 0x20)
            end++;
        if (end == at) {
            at++;
            continue;
        }
        for (size_t part; at < end; at += part) {
            part = one_word(glyphs + at, end - at);
            int angle = run_angle(glyphs + at, part);
            if (angle < 0)
                angle = last;
            if (angle == 90 || angle == 270)
                last = angle;
            add_word(m, glyphs + at, part, angle);
        }
    }
}

/* Share of the lower one's height that two words have in common across the line. */
static double overlap(const draft_t *a, const draft_t *b)
{
    double common = fmin(a->v1, b->v1) - fmax(a->v0, b->v0), least = fmin(a->v1 - a->v0, b->v1 - b->v0);
    return least > 0 ? common / least : 0;
}

static bool is_joined(const draft_t *a, const draft_t *b)
{
    double height = fmax(fmin(a->word.size, b->word.size), 1), gap = b->u0 - a->u1;
    return a->word.angle == b->word.angle && overlap(a, b) >= 0.5 && gap <= GAP_MOST * height && gap >= -0.7 * height;
}

static int compare_rows(const void *left, const void *right)
{
    const draft_t *a = left, *b = right;
    if (a->word.angle != b->word.angle)
        return a->word.angle < b->word.angle ? -1 : 1;
    double va = a->v0 + a->v1, vb = b->v0 + b->v1;
    if (va != vb)
        return va < vb ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static int compare_along(const void *left, const void *right)
{
    const draft_t *a = left, *b = right;
    if (a->u0 != b->u0)
        return a->u0 < b->u0 ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* Sorts the drafts into rows (middles within half a height of the first of the row) and numbers the lines in them. */
static int number_lines(draft_t *drafts, size_t count)
{
    int lines = 0;
    qsort(drafts, count, sizeof *drafts, compare_rows);
    for (size_t from = 0, to; from < count; from = to) {
        const draft_t *first = &drafts[from];
        double middle = (first->v0 + first->v1) / 2, reach = fmax(first->v1 - first->v0, 1) * 0.5;
        for (to = from + 1; to < count; to++)
            if (drafts[to].word.angle != first->word.angle || (drafts[to].v0 + drafts[to].v1) / 2 - middle > reach ||
                overlap(first, &drafts[to]) < 0.5)
                break;
        qsort(drafts + from, to - from, sizeof *drafts, compare_along);
        for (size_t i = from; i < to; i++)
            drafts[i].line = i > from && is_joined(&drafts[i - 1], &drafts[i]) ? lines - 1 : lines++;
    }
    return lines;
}

/* A line as a whole, to put lines in reading order. */
typedef struct {
    double x, y, height; /* px on the page: left, top */
    int line;            /* its number so far */
    int row;             /* lines beside one another share it */
} place_t;

static int compare_tops(const void *left, const void *right)
{
    const place_t *a = left, *b = right;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return a->x != b->x ? (a->x < b->x ? -1 : 1) : a->line - b->line;
}

static int compare_places(const void *left, const void *right)
{
    const place_t *a = left, *b = right;
    if (a->row != b->row)
        return a->row - b->row;
    return a->x != b->x ? (a->x < b->x ? -1 : 1) : a->line - b->line;
}

/* rank[old number] = number in reading order. */
static void order_lines(const draft_t *drafts, size_t count, int lines, int *rank, place_t *places)
{
    for (int i = 0; i < lines; i++)
        places[i] = (place_t){.x = INFINITY, .y = INFINITY, .line = i};
    for (size_t i = 0; i < count; i++) {
        place_t *p = &places[drafts[i].line];
        p->x = fmin(p->x, drafts[i].x0), p->y = fmin(p->y, drafts[i].y0);
        p->height = fmax(p->height, drafts[i].word.size);
    }
    qsort(places, (size_t)lines, sizeof *places, compare_tops);
    int row = 0;
    double top = lines ? places[0].y : 0, reach = lines ? places[0].height * 0.5 : 0;
    for (int i = 0; i < lines; i++) {
        if (places[i].y - top > reach)
            row++, top = places[i].y, reach = places[i].height * 0.5;
        places[i].row = row;
    }
    qsort(places, (size_t)lines, sizeof *places, compare_places);
    for (int i = 0; i < lines; i++)
        rank[places[i].line] = i;
}

static int compare_lines(const void *left, const void *right)
{
    const draft_t *a = left, *b = right;
    return a->line != b->line ? (a->line < b->line ? -1 : 1) : compare_along(left, right);
}

void pdf_words(const glyph_t *glyphs, size_t count, double scale, int width, int height, arena_t *arena, list_t *words)
{
    maker_t m = {.glyphs = glyphs, .scale = scale, .width = width, .height = height, .arena = arena};
    make_words(&m, glyphs, count);
    int lines = m.count ? number_lines(m.drafts, m.count) : 0;
    if (lines) {
        int *rank = arena_array(arena, (size_t)lines, sizeof *rank);
        place_t *places = arena_array(arena, (size_t)lines, sizeof *places);
        order_lines(m.drafts, m.count, lines, rank, places);
        for (size_t i = 0; i < m.count; i++)
            m.drafts[i].line = rank[m.drafts[i].line];
        qsort(m.drafts, m.count, sizeof *m.drafts, compare_lines);
        words->items = arena_array(arena, m.count, sizeof(word_t));
        words->count = m.count;
        for (size_t i = 0; i < m.count; i++) {
            m.drafts[i].word.line = m.drafts[i].line;
            *LIST_AT(word_t, *words, i) = m.drafts[i].word;
        }
    }
    free(m.drafts);
}
