/* letters: see letters.h. */
#include "letters.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Sizes in px of the reduced picture. */
enum {
    LETTER_LEAST = 5, /* height of the least letter that is told from a speck */
    LETTER_MOST = 70, /* of the largest: a title over the whole page */
    COMPONENTS_MOST = 60000,
    BUCKET = 24,        /* side of a square of the neighbour search: an average letter and its space */
    WINDOW = 31,        /* of the local mean: three letters */
    RULE_LEAST = 90,    /* length of a ruling line: a narrow column */
    GRID_RULES = 4,     /* a grid is one component; it has as many lines at least */
    CONTRAST_LEAST = 22 /* grey values: pale print keeps 30, paper grain stays under 12 */
};

/* Votes from which a turned page is believed, and how many times they must outnumber the others. Measured on 38
 * pictures of the corpora, each turned by 90, 180 and 270: right ones give 1.77 and more. A page on its head is rare
 * (cameras write down how they were held) and scripts with a headline (Devanagari) look like one, so that wants more.
 */
static const double SIDEWAYS_LEAST = 60, SIDEWAYS_RATIO = 1.7, HEADS_LEAST = 40, HEADS_RATIO = 1.6;
static const double ON_HEAD_LEAST = 60, ON_HEAD_RATIO = 2.2, LEVEL_RATIO = 1.15;
/* Small pictures are enlarged, as the letters of small print touch one another: by how much at most, and from where it
 * is worth while. */
static const double ENLARGED_MOST = 2, ENLARGED_LEAST = 1.25;
/* Share of the letters that must stand in lines: fur and leaves have a direction as well. */
static const double LINED_LEAST = 0.55;

typedef struct {
    int x, y, w, h;
} mark_t;

/* Letters in squares, to find neighbours in. */
typedef struct {
    const mark_t *marks;
    int count;
    int *head, *next; /* first mark of a square, next of the same; -1 none */
    int cols, rows;
} squares_t;

/* What differs from its surroundings by more than the contrast: dark on pale, or pale on dark where that is the most of
 * the page. */
static picture_t *find_ink(const picture_t *picture)
{
    int longer = picture->width > picture->height ? picture->width : picture->height;
    picture_t *grey = picture_grey(picture), *small = NULL, *mean = NULL;
    double by = fmin((double)LETTERS_SIDE / longer, ENLARGED_MOST);
    if (grey && (by < 1 || by >= ENLARGED_LEAST)) {
        small = picture_scale(grey, (int)fmax(1, picture->width * by), (int)fmax(1, picture->height * by));
        picture_destroy(&grey);
    } else {
        small = grey;
    }
    if (small)
        mean = picture_mean(small, WINDOW, WINDOW);
    if (mean) {
        size_t histogram[256] = {0}, pixels = (size_t)small->width * (size_t)small->height, seen = 0;
        int median = 0;
        for (int y = 0; y < small->height; y++)
            for (int x = 0; x < small->width; x++)
                histogram[mean->pixels[(size_t)y * mean->stride + (size_t)x]]++;
        while (median < 255 && (seen += histogram[median]) * 2 < pixels)
            median++;
        int sign = median < 100 ? -1 : 1;
        for (int y = 0; y < small->height; y++) {
            uint8_t *at = small->pixels + (size_t)y * small->stride;
            const uint8_t *around = mean->pixels + (size_t)y * mean->stride;
            for (int x = 0; x < small->width; x++)
                at[x] = sign * (around[x] - at[x]) > CONTRAST_LEAST ? 255 : 0;
        }
    } else {
        picture_destroy(&small);
    }
    picture_destroy(&mean);
    return small;
}

/* Sorts components into letters (returned, to be freed) and rules. */
static mark_t *sort_marks(const components_t *components, letters_t *letters)
{
    mark_t *marks = malloc(sizeof *marks * (size_t)(components->count > 0 ? components->count : 1));
    for (int i = 0; marks && i < components->count; i++) {
        const component_t *c = &components->items[i];
        int longer = c->w > c->h ? c->w : c->h, shorter = c->w > c->h ? c->h : c->w;
        double density = (double)c->area / ((double)c->w * c->h);
        letters->marks++;
        if (longer >= RULE_LEAST && (shorter <= 6 || density < 0.12))
            letters->rules += shorter >= RULE_LEAST ? GRID_RULES : 1;
        if (longer < LETTER_LEAST || longer > LETTER_MOST || shorter < 2 || longer > 6 * shorter || density < 0.12)
            continue;
        if (letters->letters < COMPONENTS_MOST)
            marks[letters->letters++] = (mark_t){c->x, c->y, c->w, c->h};
    }
    return marks;
}

static void squares_free(squares_t *squares)
{
    free(squares->head);
    free(squares->next);
}

static int squares_fill(squares_t *squares, const mark_t *marks, int count, int width, int height)
{
    *squares = (squares_t){.marks = marks, .count = count, .cols = width / BUCKET + 1, .rows = height / BUCKET + 1};
    size_t cells = (size_t)squares->cols * (size_t)squares->rows;
    squares->head = malloc(cells * sizeof *squares->head);
    squares->next = malloc(((size_t)count + 1) * sizeof *squares->next);
    if (!squares->head || !squares->next)
        return -1;
    memset(squares->head, 0xff, cells * sizeof *squares->head);
    for (int i = 0; i < count; i++) {
        int *head = &squares->head[(marks[i].y + marks[i].h / 2) / BUCKET * squares->cols +
                                   (marks[i].x + marks[i].w / 2) / BUCKET];
        squares->next[i] = *head;
        *head = i;
    }
    return 0;
}

/* How far b follows a along a line (`down`: lines that run down), px; -1 where it does not: other size, other line. */
static int follows(const mark_t *a, const mark_t *b, bool down)
{
    int a0 = down ? a->y : a->x, aw = down ? a->h : a->w, b0 = down ? b->y : b->x;
    int av = down ? a->x : a->y, ah = down ? a->w : a->h, bv = down ? b->x : b->y, bh = down ? b->w : b->h;
    int most = ah > bh ? ah : bh, least = ah > bh ? bh : ah, gap = b0 - (a0 + aw);
    int common = (av + ah < bv + bh ? av + ah : bv + bh) - (av > bv ? av : bv);
    if (b0 <= a0 || gap > most || gap < -most / 4 || most > 2 * least || common * 10 < least * 7)
        return -1;
    return gap > 0 ? gap : 0;
}

/* The nearest letter that follows mark i, or -1; *gap is how far it is. */
static int neighbour(const squares_t *s, int i, bool down, int *gap)
{
    const mark_t *a = &s->marks[i];
    int cx = (a->x + a->w / 2) / BUCKET, cy = (a->y + a->h / 2) / BUCKET,
        reach = (a->w > a->h ? a->w : a->h) * 2 / BUCKET + 1;
    int best = -1;
    *gap = 1 << 30;
    for (int y = cy - (down ? 0 : 1); y <= cy + (down ? reach : 1); y++)
        for (int x = cx - (down ? 1 : 0); x <= cx + (down ? 1 : reach); x++) {
            if (x < 0 || y < 0 || x >= s->cols || y >= s->rows)
                continue;
            for (int n = s->head[y * s->cols + x]; n >= 0; n = s->next[n]) {
                int its = n == i ? -1 : follows(a, &s->marks[n], down);
                if (its >= 0 && (its < *gap || (its == *gap && n < best)))
                    *gap = its, best = n;
            }
        }
    return best;
}

/* Feet on one line and heads apart, or the other way round. Where lines run down, the feet are taken to be on the left,
 * as in a page turned clockwise, whose lines read down. */
static void vote_upright(const mark_t *a, const mark_t *b, bool down, letters_t *letters)
{
    int ah = down ? a->w : a->h, bh = down ? b->w : b->h, most = ah > bh ? ah : bh, least = ah > bh ? bh : ah;
    /* a page turned clockwise by 90 has what is left on top: heads are the left sides of letters in lines that run up
     */
    int heads = down ? abs(a->x + a->w - b->x - b->w) : abs(a->y - b->y);
    int feet = down ? abs(a->x - b->x) : abs(a->y + a->h - b->y - b->h);
    if (least < 6 || (most - least) * 6 < most || most * 3 > least * 5)
        return;
    letters->upright += feet * 10 <= most && heads * 6 >= most;
    letters->overturned += heads * 10 <= most && feet * 6 >= most;
}

static int look_at_neighbours(const mark_t *marks, int width, int height, letters_t *letters)
{
    squares_t squares;
    bool sideways = false;
    int failed = squares_fill(&squares, marks, letters->letters, width, height);
    for (int i = 0; !failed && i < letters->letters; i++) {
        int right_gap, down_gap, right = neighbour(&squares, i, false, &right_gap);
        int below = neighbour(&squares, i, true, &down_gap);
        letters->in_lines += right >= 0 || below >= 0;
        letters->beside += right >= 0 && (below < 0 || right_gap < down_gap);
        letters->below += below >= 0 && (right < 0 || down_gap < right_gap);
    }
    sideways = letters->below >= SIDEWAYS_LEAST && letters->below > SIDEWAYS_RATIO * letters->beside;
    for (int i = 0; !failed && i < letters->letters; i++) {
        int gap, next = neighbour(&squares, i, sideways, &gap);
        if (next >= 0)
            vote_upright(&marks[i], &marks[next], sideways, letters);
    }
    squares_free(&squares);
    double over = letters->overturned, under = letters->upright;
    bool lined = letters->in_lines > LINED_LEAST * letters->letters,
         level = letters->beside > LEVEL_RATIO * letters->below;
    letters->orientation = 0;
    /* lines that run down: heads on the left mean that they read up, and a turn by 90 rights them */
    if (!lined)
        return failed;
    if (sideways && over >= HEADS_LEAST && over > HEADS_RATIO * under)
        letters->orientation = 90;
    else if (sideways && under >= HEADS_LEAST && under > HEADS_RATIO * over)
        letters->orientation = 270;
    else if (level && over >= ON_HEAD_LEAST && over > ON_HEAD_RATIO * under)
        letters->orientation = 180;
    return failed;
}

int letters_look(const picture_t *picture, letters_t *letters)
{
    components_t components = {0};
    *letters = (letters_t){0};
    picture_t *ink = find_ink(picture);
    if (!ink)
        return -1;
    int failed = components_find(ink, &components);
    mark_t *marks = failed ? NULL : sort_marks(&components, letters);
    failed = !marks || look_at_neighbours(marks, ink->width, ink->height, letters);
    free(marks);
    components_free(&components);
    picture_destroy(&ink);
    return failed ? -1 : 0;
}

double letters_likelihood(const letters_t *l)
{
    double lined = l->letters ? (double)l->in_lines / l->letters : 0;
    double many = fmin(l->in_lines / 120.0, 1), ruled = fmin(l->rules / 8.0, 1);
    return fmin(0.6 * many * fmin(lined / 0.7, 1) + 0.4 * ruled, 1);
}
