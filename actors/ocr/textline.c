/* textline: see textline.h. */
#include "textline.h"

#include "actors/picture/disjoint.h"

#include <math.h>
#include <stdlib.h>

/* Most components of one print that are looked at pairwise; a full page of print has 4000. */
enum { PARTS_MOST = 12000 };

static int shared(int a0, int a1, int b0, int b1)
{
    return (a1 < b1 ? a1 : b1) - (a0 > b0 ? a0 : b0);
}

/* Of the parts that are in no line yet and lower than `below`; 0 where there are none. */
static double typical_height(const print_t *p, const int *line_of, double below)
{
    enum { MOST = 300 };
    double weight[MOST + 1] = {0}, total = 0, sum = 0;
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        if (line_of[i] < 0 && c->h < below && c->h >= 4 && c->h <= MOST && c->w <= 5 * c->h && c->h <= 7 * c->w)
            weight[c->h] += c->h, total += c->h;
    }
    for (int v = 0; v <= MOST && total > 0; v++)
        if ((sum += weight[v]) * 2 >= total)
            return v;
    return 0;
}

/* Letters and not dots, dashes, specks or lines. */
static bool is_core(const component_t *c, double height)
{
    return c->h >= 0.5 * height && c->h <= 4 * height && c->w <= 12 * height && c->area >= 4;
}

/* Joins letters that stand beside one another. order: core components by x. */
static void join_beside(const components_t *parts, const int *order, int n, double height, int *parent)
{
    for (int a = 0; a < n; a++) {
        const component_t *p = &parts->items[order[a]];
        if (p->h > 1.9 * height)
            continue; /* letters of two lines grown together would join the lines */
        for (int b = a + 1; b < n; b++) {
            const component_t *q = &parts->items[order[b]];
            if (q->x - (p->x + p->w) > 3 * height)
                break;
            int common = shared(p->y, p->y + p->h, q->y, q->y + q->h), small = p->h < q->h ? p->h : q->h;
            if (q->h <= 1.9 * height && common >= 0.5 * small)
                disjoint_join(parent, order[a], order[b]);
        }
    }
}

typedef struct {
    int id;      /* root component */
    int y0, y1;  /* px */
    int x0, x1;  /* px */
    int letters; /* components in it */
    int line;    /* printed line that it belongs to */
} band_t;

static int by_middle(const void *a, const void *b)
{
    const band_t *p = a, *q = b;
    int d = (p->y0 + p->y1) - (q->y0 + q->y1);
    return d ? d : p->x0 != q->x0 ? p->x0 - q->x0 : p->id - q->id;
}

/* Chains of letters that lie at one height are one printed line. Numbers lines top to bottom from `lines`; returns the
 * number behind the last. */
static int number_lines(band_t *bands, int n, int lines)
{
    qsort(bands, (size_t)n, sizeof *bands, by_middle);
    for (int i = 0; i < n; i++) {
        int found = -1;
        for (int j = i - 1; j >= 0 && found < 0; j--) {
            int common = shared(bands[i].y0, bands[i].y1, bands[j].y0, bands[j].y1);
            int a = bands[i].y1 - bands[i].y0, b = bands[j].y1 - bands[j].y0, small = a < b ? a : b;
            int beside = shared(bands[i].x0, bands[i].x1, bands[j].x0, bands[j].x1);
            if (common >= 0.6 * small && beside <= 0.2 * small)
                found = bands[j].line;
        }
        bands[i].line = found >= 0 ? found : lines++;
    }
    return lines;
}

static int by_x_then(const void *a, const void *b)
{
    const int *p = a, *q = b; /* x, index */
    return p[0] != q[0] ? p[0] - q[0] : p[1] - q[1];
}

/* The lines of both passes: of typical print, and of print much smaller beside it. */
typedef struct {
    double height, small; /* typical heights of letters, px */
    int lines, large;     /* lines; those of the first pass */
} passes_t;

/* The line nearest to a small part (dot, dash), -1 when none is near. bands: the lines' letters. */
static int nearest_band(const component_t *c, const band_t *bands, int n, const passes_t *passes)
{
    int best = -1;
    double least = 1e9, middle = c->y + c->h / 2.0;
    for (int i = 0; i < n; i++) {
        double height = bands[i].line < passes->large ? passes->height : passes->small;
        int gap = -shared(c->x, c->x + c->w, bands[i].x0, bands[i].x1);
        double off = middle < bands[i].y0 ? bands[i].y0 - middle : middle > bands[i].y1 ? middle - bands[i].y1 : 0;
        if (gap > 2.5 * height || off > 0.6 * height)
            continue;
        double cost = off + (gap > 0 ? 0.1 * gap : 0) + (middle > bands[i].y1 ? 0.2 * height : 0);
        if (cost < least)
            least = cost, best = i;
    }
    return best;
}

/* Cuts each line at wide gaps; fills items and of. */
static int cut_pieces(const print_t *p, const int *line_of, const passes_t *passes, double gap, textlines_t *out)
{
    int n = p->parts.count;
    int(*order)[2] = malloc((size_t)(n + 1) * sizeof *order);
    out->items = malloc((size_t)(n + 1) * sizeof *out->items);
    if (!order || !out->items) {
        free(order);
        return -1;
    }
    for (int line = 0; line < passes->lines; line++) {
        int m = 0, open = -1;
        double height = line < passes->large ? passes->height : passes->small;
        for (int i = 0; i < n; i++)
            if (line_of[i] == line)
                order[m][0] = p->parts.items[i].x, order[m++][1] = i;
        qsort(order, (size_t)m, sizeof *order, by_x_then);
        for (int k = 0; k < m; k++) {
            const component_t *c = &p->parts.items[order[k][1]];
            textline_t *t = open >= 0 ? &out->items[open] : NULL;
            if (!t || c->x - t->x1 > gap * height) {
                open = out->count++;
                t = &out->items[open];
                *t = (textline_t){line, c->x, c->y, c->x + c->w, c->y + c->h, height};
            }
            t->x1 = c->x + c->w > t->x1 ? c->x + c->w : t->x1;
            t->y0 = c->y < t->y0 ? c->y : t->y0;
            t->y1 = c->y + c->h > t->y1 ? c->y + c->h : t->y1;
            out->of[order[k][1]] = open;
        }
    }
    free(order);
    return 0;
}

/* Buffers with one entry for each component. */
typedef struct {
    int *parent, *line_of, *order;
    int (*by_x)[2];
    band_t *bands;
    int count; /* components that are looked at */
    int bands_n;
} work_t;

static void work_free(work_t *w)
{
    free(w->parent);
    free(w->line_of);
    free(w->order);
    free(w->by_x);
    free(w->bands);
}

static int work_open(work_t *w, const print_t *p)
{
    size_t n = (size_t)p->parts.count + 1;
    *w = (work_t){.count = p->parts.count < PARTS_MOST ? p->parts.count : PARTS_MOST};
    w->parent = malloc(n * sizeof *w->parent);
    w->line_of = malloc(n * sizeof *w->line_of);
    w->order = malloc(n * sizeof *w->order);
    w->by_x = malloc(n * sizeof *w->by_x);
    w->bands = malloc(n * sizeof *w->bands);
    if (!w->parent || !w->line_of || !w->order || !w->by_x || !w->bands) {
        work_free(w);
        return -1;
    }
    for (int i = 0; i < p->parts.count; i++)
        w->parent[i] = i, w->line_of[i] = -1;
    return 0;
}

/* The letters of a height that are in no line yet, by x; returns how many. */
static int order_cores(const print_t *p, double height, double below, work_t *w)
{
    int cores = 0;
    for (int i = 0; i < w->count; i++) {
        const component_t *c = &p->parts.items[i];
        if (w->line_of[i] < 0 && c->h < below && is_core(c, height))
            w->by_x[cores][0] = c->x, w->by_x[cores++][1] = i;
    }
    qsort(w->by_x, (size_t)cores, sizeof *w->by_x, by_x_then);
    for (int i = 0; i < cores; i++)
        w->order[i] = w->by_x[i][1];
    return cores;
}

/* One band behind the first ones for each chain of letters. */
static void make_bands(const print_t *p, int cores, int first, work_t *w)
{
    w->bands_n = first;
    for (int i = 0; i < cores; i++) {
        const component_t *c = &p->parts.items[w->order[i]];
        int root = disjoint_root(w->parent, w->order[i]), k = first;
        while (k < w->bands_n && w->bands[k].id != root)
            k++;
        if (k == w->bands_n)
            w->bands[w->bands_n++] = (band_t){root, c->y, c->y + c->h, c->x, c->x + c->w, 0, -1};
        band_t *b = &w->bands[k];
        b->y0 = c->y < b->y0 ? c->y : b->y0, b->y1 = c->y + c->h > b->y1 ? c->y + c->h : b->y1;
        b->x0 = c->x < b->x0 ? c->x : b->x0, b->x1 = c->x + c->w > b->x1 ? c->x + c->w : b->x1;
        b->letters++;
    }
}

/* Drops the bands behind the first ones that are not lines of small print by themselves: a few dots, or a part of the
 * large print that they stand in. */
static void drop_dots(int first, double height, work_t *w)
{
    enum { LETTERS = 4, SURELY = 8 };
    int kept = first;
    for (int i = first; i < w->bands_n; i++) {
        const band_t *b = &w->bands[i];
        bool alone = b->letters >= LETTERS;
        for (int k = 0; k < first && alone && b->letters < SURELY; k++)
            alone = 2 * shared(b->y0, b->y1, w->bands[k].y0, w->bands[k].y1) <= b->y1 - b->y0 ||
                    shared(b->x0, b->x1, w->bands[k].x0, w->bands[k].x1) < -2.5 * height;
        if (alone)
            w->bands[kept++] = *b;
    }
    w->bands_n = kept;
}

/* Gives every core of a band's chain the band's line. */
static void assign_lines(int cores, int first, work_t *w)
{
    for (int i = 0; i < cores; i++)
        for (int k = first; k < w->bands_n; k++)
            if (w->bands[k].id == disjoint_root(w->parent, w->order[i]))
                w->line_of[w->order[i]] = w->bands[k].line;
}

/* Lines of print less than half as high as the rest of it: a few lines beside a logo. */
static void find_small(const print_t *p, passes_t *passes, work_t *w)
{
    int first = w->bands_n;
    double below = 0.5 * passes->height;
    passes->small = typical_height(p, w->line_of, below);
    if (passes->small <= 0)
        return;
    int cores = order_cores(p, passes->small, below, w);
    join_beside(&p->parts, w->order, cores, passes->small, w->parent);
    make_bands(p, cores, first, w);
    drop_dots(first, passes->height, w);
    passes->lines = number_lines(w->bands + first, w->bands_n - first, passes->large);
    assign_lines(cores, first, w);
}

int textlines_find(const print_t *p, double gap, textlines_t *out)
{
    work_t w;
    passes_t passes = {0};
    *out = (textlines_t){0};
    out->of = malloc((size_t)(p->parts.count + 1) * sizeof *out->of);
    if (!out->of || work_open(&w, p)) {
        textlines_free(out);
        return -1;
    }
    for (int i = 0; i < p->parts.count; i++)
        out->of[i] = -1;
    passes.height = typical_height(p, w.line_of, 1e9);
    passes.height = passes.height > 0 ? passes.height : p->text;
    int cores = order_cores(p, passes.height, 1e9, &w);
    join_beside(&p->parts, w.order, cores, passes.height, w.parent);
    make_bands(p, cores, 0, &w);
    passes.lines = passes.large = number_lines(w.bands, w.bands_n, 0);
    assign_lines(cores, 0, &w);
    find_small(p, &passes, &w);
    for (int i = 0; i < w.count; i++) {
        const component_t *c = &p->parts.items[i];
        if (w.line_of[i] >= 0 || is_core(c, passes.height) || c->w > 12 * passes.height || c->h > 4 * passes.height)
            continue;
        int band = nearest_band(c, w.bands, w.bands_n, &passes);
        w.line_of[i] = band >= 0 ? w.bands[band].line : -1;
    }
    int status = cut_pieces(p, w.line_of, &passes, gap, out);
    work_free(&w);
    if (status)
        textlines_free(out);
    return status;
}

void textlines_free(textlines_t *lines)
{
    free(lines->items);
    free(lines->of);
    *lines = (textlines_t){0};
}

/* Longer for its thickness than a narrow capital (2.0) and an m (1.7). */
#define GROWN 2.3

int textlines_turn(const print_t *p, double *sure)
{
    double beside = 0, below = 0;
    const component_t *items = p->parts.items;
    int n = p->parts.count < 600 ? p->parts.count : 600;
    for (int i = 0; i < n; i++) {
        const component_t *a = &items[i];
        int size = a->w > a->h ? a->w : a->h, other_side = a->w > a->h ? a->h : a->w;
        if (other_side >= 0.6 * p->text && size > GROWN * other_side) {
            /* letters grown together lie along their line; one letter is never so long and so thick */
            *(a->w > a->h ? &beside : &below) += (double)size / other_side;
            continue;
        }
        if (size < 0.4 * p->text || size > 4 * p->text)
            continue;
        double nearest_x = 1e9, nearest_y = 1e9;
        for (int j = 0; j < n; j++) {
            const component_t *b = &items[j];
            int other = b->w > b->h ? b->w : b->h;
            if (j == i || other < 0.4 * p->text || other > 4 * p->text)
                continue;
            int dx = -shared(a->x, a->x + a->w, b->x, b->x + b->w), dy = -shared(a->y, a->y + a->h, b->y, b->y + b->h);
            int w = a->w < b->w ? a->w : b->w, h = a->h < b->h ? a->h : b->h;
            if (-dy >= 0.4 * h && dx < nearest_x)
                nearest_x = dx;
            if (-dx >= 0.4 * w && dy < nearest_y)
                nearest_y = dy;
        }
        if (nearest_x > 3 * p->text && nearest_y > 3 * p->text)
            continue;
        if (nearest_x <= nearest_y)
            beside++;
        else
            below++;
    }
    *sure = beside + below > 0 ? (beside > below ? beside : below) / (beside + below) : 0;
    return below > beside ? 90 : 0;
}
