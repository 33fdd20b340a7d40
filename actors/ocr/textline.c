/* textline: see textline.h. */
#include "textline.h"

#include <math.h>
#include <stdlib.h>

/* Most components of one print that are looked at pairwise; a full page of print has 4000. */
enum { PARTS_MOST = 12000 };

static int root_of(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static int shared(int a0, int a1, int b0, int b1)
{
    return (a1 < b1 ? a1 : b1) - (a0 > b0 ? a0 : b0);
}

static double typical_height(const print_t *p)
{
    enum { MOST = 300 };
    double weight[MOST + 1] = {0}, total = 0, sum = 0;
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        if (c->h >= 4 && c->h <= MOST && c->w <= 5 * c->h && c->h <= 7 * c->w)
            weight[c->h] += c->h, total += c->h;
    }
    for (int v = 0; v <= MOST && total > 0; v++)
        if ((sum += weight[v]) * 2 >= total)
            return v;
    return p->text;
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
            if (q->h <= 1.9 * height && common >= 0.5 * small) {
                int i = root_of(parent, order[a]), j = root_of(parent, order[b]);
                parent[i > j ? i : j] = i > j ? j : i;
            }
        }
    }
}

typedef struct {
    int id;     /* root component, or index of the small part */
    int y0, y1; /* px */
    int x0, x1; /* px */
} band_t;

static int by_middle(const void *a, const void *b)
{
    const band_t *p = a, *q = b;
    int d = (p->y0 + p->y1) - (q->y0 + q->y1);
    return d ? d : p->x0 != q->x0 ? p->x0 - q->x0 : p->id - q->id;
}

/* Chains of letters that lie at one height are one printed line. Numbers lines top to bottom into line_of[root]. */
static int number_lines(band_t *bands, int n, int *line_of)
{
    int lines = 0;
    qsort(bands, (size_t)n, sizeof *bands, by_middle);
    for (int i = 0; i < n; i++) {
        int found = -1;
        for (int j = i - 1; j >= 0 && found < 0; j--) {
            int common = shared(bands[i].y0, bands[i].y1, bands[j].y0, bands[j].y1);
            int a = bands[i].y1 - bands[i].y0, b = bands[j].y1 - bands[j].y0, small = a < b ? a : b;
            int beside = shared(bands[i].x0, bands[i].x1, bands[j].x0, bands[j].x1);
            if (common >= 0.6 * small && beside <= 0.2 * small)
                found = line_of[bands[j].id];
        }
        line_of[bands[i].id] = found >= 0 ? found : lines++;
    }
    return lines;
}

static int by_x_then(const void *a, const void *b)
{
    const int *p = a, *q = b; /* x, index */
    return p[0] != q[0] ? p[0] - q[0] : p[1] - q[1];
}

/* The line nearest to a small part (dot, dash), -1 when none is near. bands: the lines' letters. */
static int nearest_band(const component_t *c, const band_t *bands, int n, double height)
{
    int best = -1;
    double least = 1e9, middle = c->y + c->h / 2.0;
    for (int i = 0; i < n; i++) {
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
static int cut_pieces(const print_t *p, const int *line_of, int lines, double gap, textlines_t *out)
{
    int n = p->parts.count;
    int(*order)[2] = malloc((size_t)(n + 1) * sizeof *order);
    out->items = malloc((size_t)(n + 1) * sizeof *out->items);
    if (!order || !out->items) {
        free(order);
        return -1;
    }
    for (int line = 0; line < lines; line++) {
        int m = 0, open = -1;
        for (int i = 0; i < n; i++)
            if (line_of[i] == line)
                order[m][0] = p->parts.items[i].x, order[m++][1] = i;
        qsort(order, (size_t)m, sizeof *order, by_x_then);
        for (int k = 0; k < m; k++) {
            const component_t *c = &p->parts.items[order[k][1]];
            textline_t *t = open >= 0 ? &out->items[open] : NULL;
            if (!t || c->x - t->x1 > gap * out->height) {
                open = out->count++;
                t = &out->items[open];
                *t = (textline_t){line, c->x, c->y, c->x + c->w, c->y + c->h};
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

int textlines_find(const print_t *p, double gap, textlines_t *out)
{
    *out = (textlines_t){.height = typical_height(p)};
    int n = p->parts.count < PARTS_MOST ? p->parts.count : PARTS_MOST, cores = 0, bands_n = 0, status = -1;
    int *parent = malloc((size_t)(p->parts.count + 1) * sizeof *parent),
        *line_of = malloc((size_t)(p->parts.count + 1) * sizeof *line_of);
    int *order = malloc((size_t)(n + 1) * sizeof *order);
    int(*by_x)[2] = malloc((size_t)(n + 1) * sizeof *by_x);
    band_t *bands = malloc((size_t)(n + 1) * sizeof *bands);
    out->of = malloc((size_t)(p->parts.count + 1) * sizeof *out->of);
    if (!parent || !line_of || !order || !by_x || !bands || !out->of)
        goto done;
    for (int i = 0; i < p->parts.count; i++)
        parent[i] = i, line_of[i] = out->of[i] = -1;
    for (int i = 0; i < n; i++)
        if (is_core(&p->parts.items[i], out->height))
            by_x[cores][0] = p->parts.items[i].x, by_x[cores++][1] = i;
    qsort(by_x, (size_t)cores, sizeof *by_x, by_x_then);
    for (int i = 0; i < cores; i++)
        order[i] = by_x[i][1];
    join_beside(&p->parts, order, cores, out->height, parent);
    for (int i = 0; i < cores; i++) { /* one band for each chain */
        const component_t *c = &p->parts.items[order[i]];
        int root = root_of(parent, order[i]), k = 0;
        while (k < bands_n && bands[k].id != root)
            k++;
        if (k == bands_n)
            bands[bands_n++] = (band_t){root, c->y, c->y + c->h, c->x, c->x + c->w};
        band_t *b = &bands[k];
        b->y0 = c->y < b->y0 ? c->y : b->y0, b->y1 = c->y + c->h > b->y1 ? c->y + c->h : b->y1;
        b->x0 = c->x < b->x0 ? c->x : b->x0, b->x1 = c->x + c->w > b->x1 ? c->x + c->w : b->x1;
    }
    int lines = number_lines(bands, bands_n, line_of);
    for (int i = 0; i < cores; i++)
        line_of[order[i]] = line_of[root_of(parent, order[i])];
    for (int i = 0; i < n; i++) {
        const component_t *c = &p->parts.items[i];
        if (line_of[i] >= 0 || is_core(c, out->height) || c->w > 12 * out->height || c->h > 4 * out->height)
            continue;
        int band = nearest_band(c, bands, bands_n, out->height);
        line_of[i] = band >= 0 ? line_of[bands[band].id] : -1;
    }
    status = cut_pieces(p, line_of, lines, gap, out);
done:
    free(parent);
    free(line_of);
    free(order);
    free(by_x);
    free(bands);
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
