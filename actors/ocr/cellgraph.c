/* cellgraph: see cellgraph.h. */
#include "cellgraph.h"

#include "actors/picture/disjoint.h"
#include "palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fills that differ less in every channel are the same (a step counts from 9, JPEG wanders by 6). */
enum { SAME_FILL = 8, SAME_FILL_PHOTO = 12 };

/* The region (a root) of each lattice cell. */
static void join_cells(const lattice_t *l, int *region)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1;
    for (int i = 0; i < rows * cols; i++)
        region[i] = i;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            if (c + 1 < cols && !lattice_down(l, r, c + 1)->drawn)
                disjoint_join(region, r * cols + c, r * cols + c + 1);
            if (r + 1 < rows && !lattice_across(l, r + 1, c)->drawn)
                disjoint_join(region, r * cols + c, (r + 1) * cols + c);
        }
    for (int i = 0; i < rows * cols; i++)
        region[i] = disjoint_root(region, i);
}

typedef struct {
    int r0, c0, r1, c1, size;
} span_t;

static void measure(const int *region, int rows, int cols, span_t *spans)
{
    for (int i = 0; i < rows * cols; i++)
        spans[i] = (span_t){1 << 20, 1 << 20, 0, 0, 0};
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            span_t *s = &spans[region[r * cols + c]];
            s->r0 = r < s->r0 ? r : s->r0;
            s->c0 = c < s->c0 ? c : s->c0;
            s->r1 = r + 1 > s->r1 ? r + 1 : s->r1;
            s->c1 = c + 1 > s->c1 ? c + 1 : s->c1;
            s->size++;
        }
}

static bool rectangular(const span_t *s)
{
    return (s->r1 - s->r0) * (s->c1 - s->c0) == s->size;
}

/* Whether everything else within the span lies off its border: a box drawn inside a cell. */
static bool encloses(const int *region, int cols, const span_t *s, int id)
{
    for (int r = s->r0; r < s->r1; r++)
        for (int c = s->c0; c < s->c1; c++)
            if ((r == s->r0 || r == s->r1 - 1 || c == s->c0 || c == s->c1 - 1) && region[r * cols + c] != id)
                return false;
    return true;
}

/* The commonest colour of each region as drawn, so that print does not count. */
static void measure_fills(const lattice_t *l, const picture_t *picture, const int *region, const span_t *spans,
                          int32_t *fills)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1;
    for (int id = 0; id < rows * cols; id++) {
        int best = 0, largest = 0;
        if (!spans[id].size)
            continue;
        /* of its largest lattice cell: regions are of one fill, or they are not joined */
        for (int r = spans[id].r0; r < spans[id].r1; r++)
            for (int c = spans[id].c0; c < spans[id].c1; c++) {
                int area = (l->lines[0][r + 1] - l->lines[0][r]) * (l->lines[1][c + 1] - l->lines[1][c]);
                if (region[r * cols + c] == id && area > largest)
                    largest = area, best = r * cols + c;
            }
        int r = best / cols, c = best % cols;
        box_t box = {.x = l->lines[1][c] + 3, .y = l->lines[0][r] + 3};
        box.w = l->lines[1][c + 1] - 3 - box.x, box.h = l->lines[0][r + 1] - 3 - box.y;
        fills[id] = palette_fill(picture, box, largest > 20000 ? 3 : 2);
    }
}

/* Wipes step edges between two regions of one colour. Returns how many. */
static int wipe_same(lattice_t *l, const int *region, const int32_t *fills, int same)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1, wiped = 0;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            edge_t *sides[2] = {c ? lattice_down(l, r, c) : NULL, r ? lattice_across(l, r, c) : NULL};
            int others[2] = {r * cols + c - 1, (r - 1) * cols + c};
            for (int k = 0; k < 2; k++)
                if (sides[k] && sides[k]->drawn && sides[k]->kind == LINE_STEP &&
                    palette_distance(fills[region[r * cols + c]], fills[region[others[k]]]) < same)
                    sides[k]->drawn = false, wiped++;
        }
    return wiped;
}

/* Whether every edge of a row of edges is a drawn step. */
static bool all_steps(const lattice_t *l, int direction, int line, int from, int to)
{
    for (int i = from; i < to; i++) {
        const edge_t *e = direction ? lattice_down(l, i, line) : lattice_across(l, line, i);
        if (!e->drawn || e->kind != LINE_STEP)
            return false;
    }
    return true;
}

/* Wipes the long sides of a band of marker behind a line of print: between two parts of one cell of the same colour, as
 * high as a line, and not going on beside the cell. */
static int wipe_markers(lattice_t *l, const int *region, const span_t *spans, const int32_t *fills, double text)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1, wiped = 0;
    for (int id = 0; id < rows * cols; id++) {
        const span_t *s = &spans[id];
        if (!s->size || !rectangular(s))
            continue;
        for (int d = 0; d < 2; d++) {
            int a0 = d ? s->c0 : s->r0, a1 = d ? s->c1 : s->r1, b0 = d ? s->r0 : s->c0, b1 = d ? s->r1 : s->c1;
            if (a0 == 0 || a1 == (d ? cols : rows) || l->lines[d][a1] - l->lines[d][a0] > 2.4 * text ||
                !all_steps(l, d, a0, b0, b1) || !all_steps(l, d, a1, b0, b1))
                continue;
            int before = d ? region[s->r0 * cols + a0 - 1] : region[(a0 - 1) * cols + s->c0];
            int behind = d ? region[s->r0 * cols + a1] : region[a1 * cols + s->c0];
            bool goes_on = false;
            for (int line = 0; line < 2; line++) {
                int at = line ? a1 : a0;
                const edge_t *left = b0 > 0 ? d ? lattice_down(l, b0 - 1, at) : lattice_across(l, at, b0 - 1) : NULL;
                const edge_t *right =
                    b1 < (d ? rows : cols) ? d ? lattice_down(l, b1, at) : lattice_across(l, at, b1) : NULL;
                goes_on |= (left && left->drawn) || (right && right->drawn);
            }
            if (goes_on || palette_distance(fills[before], fills[behind]) >= SAME_FILL)
                continue;
            for (int i = b0; i < b1; i++)
                for (int line = 0; line < 2; line++) {
                    int at = line ? a1 : a0;
                    edge_t *e = d ? lattice_down(l, i, at) : lattice_across(l, at, i);
                    e->drawn = false;
                    wiped++;
                }
        }
    }
    return wiped;
}

/* Whether a span is lower or narrower than a line of print: fills of that size are the halo of print on a gradient. */
static bool too_thin(const lattice_t *l, const span_t *s, double text)
{
    int w = l->lines[1][s->c1] - l->lines[1][s->c0], h = l->lines[0][s->r1] - l->lines[0][s->r0];
    return (w < h ? w : h) < 1.5 * text;
}

/* Whether a line across parts a span. What stands on it (a logo on the lower border of its banner) may be of the colour
 * below, so that it was wiped there or is too short to be seen; a banner may end a rule's thickness short of the table.
 * Between cards that stand side by side there is no line. */
static bool goes_through(const lattice_t *l, const span_t *s, int row, double text)
{
    for (int c = s->c0; c < s->c1; c++) {
        const edge_t *edge = lattice_across(l, row, c);
        bool beside = lattice_down(l, row, c)->drawn && lattice_down(l, row, c + 1)->drawn;
        bool is_short = l->lines[1][c + 1] - l->lines[1][c] < 3 * text;
        if (!edge->drawn && edge->score < l->least && (beside || !is_short))
            return false;
    }
    return true;
}

/* Whether a part of what rules enclose is not parted into rectangles that hold a line of print. */
static bool is_ragged(const lattice_t *l, const int *region, const span_t *spans, const span_t *part, double text)
{
    int cols = l->counts[1] - 1;
    for (int r = part->r0; r < part->r1; r++)
        for (int c = part->c0; c < part->c1; c++) {
            int inner = region[r * cols + c];
            const span_t *s = &spans[inner];
            if (rectangular(s) ? too_thin(l, s, text) : !encloses(region, cols, s, inner))
                return true;
        }
    return false;
}

static void wipe_inside(lattice_t *l, const span_t *s)
{
    for (int r = s->r0; r < s->r1; r++)
        for (int c = s->c0; c < s->c1; c++) {
            if (r > s->r0)
                lattice_across(l, r, c)->drawn = false;
            if (c > s->c0)
                lattice_down(l, r, c)->drawn = false;
        }
}

/* The next line across that parts a span below `row` into bands that hold a line of print; the span's end at last. */
static int next_band(const lattice_t *l, const span_t *s, int row, double text)
{
    const int *at = l->lines[0];
    int r = row + 1;
    while (r < s->r1 &&
           (at[r] - at[row] < 1.5 * text || at[s->r1] - at[r] < 1.5 * text || !goes_through(l, s, r, text)))
        r++;
    return r;
}

/* Draws the lines between the bands of a span whole. */
static void part_bands(lattice_t *l, const span_t *s, double text)
{
    for (int r = next_band(l, s, s->r0, text); r < s->r1; r = next_band(l, s, r, text))
        for (int c = s->c0; c < s->c1; c++)
            lattice_across(l, r, c)->drawn = true;
}

/* Wipes what is inside the ragged bands of a span. */
static void wipe_bands(lattice_t *l, const int *region, const span_t *spans, const span_t *s, double text)
{
    for (span_t band = *s; band.r0 < s->r1; band.r0 = band.r1) {
        band.r1 = next_band(l, s, band.r0, text);
        if (is_ragged(l, region, spans, &band, text))
            wipe_inside(l, &band);
    }
}

/* What rules alone enclose: spans by their id in `ruled`. */
static void measure_ruled(lattice_t *l, int *ruled, span_t *by_rules, bool *kept)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1;
    int na = l->counts[0] * cols, nd = l->counts[1] * rows;
    for (int i = 0; i < na + nd; i++) {
        edge_t *e = i < na ? &l->across[i] : &l->down[i - na];
        kept[i] = e->drawn;
        e->drawn = e->drawn && e->kind != LINE_STEP;
    }
    join_cells(l, ruled);
    measure(ruled, rows, cols, by_rules);
    for (int i = 0; i < na + nd; i++)
        (i < na ? &l->across[i] : &l->down[i - na])->drawn = kept[i];
}

/* Wipes the steps inside what rules alone enclose where they do not part it into rectangles that hold a line of print:
 * a cell may be filled in part. Bands that a line parts over its whole width are looked at one by one: a banner with a
 * logo stands above a row of days. ruled has room for the regions, by_rules for the spans that rules alone make. */
static void wipe_part_fills(lattice_t *l, int *region, span_t *spans, int *ruled, span_t *by_rules, bool *kept,
                            double text)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1, n = rows * cols;
    measure_ruled(l, ruled, by_rules, kept);
    for (int id = 0; id < n; id++) { /* what is parted well is left alone */
        span_t *s = &by_rules[id];
        if (s->size && (!rectangular(s) || s->size == n || s->size == 1 || !is_ragged(l, region, spans, s, text)))
            s->size = 0;
        if (s->size)
            part_bands(l, s, text);
    }
    join_cells(l, region);
    measure(region, rows, cols, spans);
    for (int id = 0; id < n; id++)
        if (by_rules[id].size)
            wipe_bands(l, region, spans, &by_rules[id], text);
}

/* Draws edges inside ragged regions that are nearly good enough. Returns how many. */
static int draw_weak(lattice_t *l, const int *region, const span_t *spans, double share)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1, drawn = 0;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            int id = region[r * cols + c];
            if (rectangular(&spans[id]) || encloses(region, cols, &spans[id], id))
                continue;
            edge_t *left = lattice_down(l, r, c), *top = lattice_across(l, r, c);
            if (c > spans[id].c0 && !left->drawn && left->score >= share * l->least)
                left->drawn = true, drawn++;
            if (r > spans[id].r0 && !top->drawn && top->score >= share * l->least)
                top->drawn = true, drawn++;
        }
    return drawn;
}

/* Cuts what is still ragged into rectangles: from each free lattice cell in reading order, right, then down. */
static void cut_ragged(int *region, int rows, int cols, const span_t *spans, bool *done)
{
    memset(done, 0, (size_t)(rows * cols) * sizeof *done);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            int i = r * cols + c, id = region[i];
            if (done[i] || rectangular(&spans[id]) || encloses(region, cols, &spans[id], id))
                continue;
            int c1 = c, r1 = r + 1;
            while (c1 < cols && region[r * cols + c1] == id && !done[r * cols + c1])
                c1++;
            for (; r1 < rows; r1++) {
                bool same = true;
                for (int k = c; k < c1 && same; k++)
                    same = region[r1 * cols + k] == id && !done[r1 * cols + k];
                /* wider below means another rectangle begins there */
                bool wider = same && ((c > 0 && region[r1 * cols + c - 1] == id && !done[r1 * cols + c - 1]) ||
                                      (c1 < cols && region[r1 * cols + c1] == id && !done[r1 * cols + c1]));
                if (!same || wider)
                    break;
            }
            for (int rr = r; rr < r1; rr++)
                for (int cc = c; cc < c1; cc++)
                    done[rr * cols + cc] = true, region[rr * cols + cc] = -1 - i;
        }
    for (int i = 0; i < rows * cols; i++)
        if (region[i] < 0)
            region[i] = -1 - region[i];
}

/* One side of a cell: its line's inner border, whether it is drawn and how well. */
typedef struct {
    int at;       /* px */
    double score; /* share of drawn edges' mean score; 0 not drawn */
    int kind;     /* LINE_* of most of it */
} side_t;

static int by_int(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static side_t side_of(const lattice_t *l, const traces_t *traces, int direction, int line, int from, int to, int inward)
{
    int places[LATTICE_LINES_MOST], n = 0, length = 0, drawn = 0, kinds[LINE_COLOUR + 1] = {0};
    double sum = 0;
    const int *along = l->lines[!direction];
    int stride = l->counts[!direction] - 1;
    const edge_t *edges = direction ? l->down : l->across, *longest = NULL;
    int longest_at = from;
    for (int i = from; i < to; i++) {
        const edge_t *edge = &edges[line * stride + i];
        int piece = along[i + 1] - along[i];
        length += piece;
        if (!edge->drawn)
            continue;
        places[n++] = edge->at;
        drawn += piece;
        sum += edge->score * piece;
        kinds[edge->kind] += piece;
        if (!longest || piece > along[longest_at + 1] - along[longest_at])
            longest = edge, longest_at = i;
    }
    side_t side = {l->lines[direction][line], 0, 0};
    if (n == 0 || 2 * drawn < length)
        return side;
    qsort(places, (size_t)n, sizeof *places, by_int);
    side.kind = LINE_DARK;
    for (int kind = LINE_PALE; kind <= LINE_COLOUR; kind *= 2)
        side.kind = kinds[kind] > kinds[side.kind] ? kind : side.kind;
    side.score = sum / drawn;
    side.at = places[n / 2];
    int from_px = along[longest_at] + 3, to_px = along[longest_at + 1] - 3;
    int thick = traces_thickness(traces, direction, longest->at, from_px, to_px, side.kind);
    side.at += inward * ((thick + 1) / 2 + 1);
    return side;
}

static grid_cell_t cell_of(const lattice_t *l, const traces_t *traces, const span_t *s)
{
    grid_cell_t cell = {.r0 = s->r0, .c0 = s->c0, .r1 = s->r1, .c1 = s->c1};
    side_t sides[4] = {side_of(l, traces, 0, s->r0, s->c0, s->c1, 1), side_of(l, traces, 1, s->c1, s->r0, s->r1, -1),
                       side_of(l, traces, 0, s->r1, s->c0, s->c1, -1), side_of(l, traces, 1, s->c0, s->r0, s->r1, 1)};
    cell.score = 1e9;
    for (int i = 0; i < 4; i++) {
        if (sides[i].score > 0)
            cell.ruled |= 1 << i, cell.kinds |= sides[i].kind;
        double share = sides[i].score / l->least;
        cell.score = share < cell.score ? share : cell.score;
    }
    cell.box.x = sides[3].at;
    cell.box.y = sides[0].at;
    cell.box.w = sides[1].at - sides[3].at + 1;
    cell.box.h = sides[2].at - sides[0].at + 1;
    return cell;
}

static int by_reading(const void *a, const void *b)
{
    const grid_cell_t *p = a, *q = b;
    return p->r0 != q->r0 ? p->r0 - q->r0 : p->c0 - q->c0;
}

int cellgraph_find(lattice_t *l, const traces_t *traces, const sheet_t *sheet, cellgraph_t *cells)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1, n = rows * cols;
    *cells = (cellgraph_t){0};
    int *region = malloc((size_t)n * sizeof *region);
    span_t *spans = malloc((size_t)n * sizeof *spans);
    bool *done = malloc((size_t)n * sizeof *done);
    int32_t *fills = calloc((size_t)n, sizeof *fills);
    int *ruled = malloc((size_t)n * sizeof *ruled);
    span_t *by_rules = malloc((size_t)n * sizeof *by_rules);
    bool *kept = malloc((size_t)(l->counts[0] * cols + l->counts[1] * rows) * sizeof *kept);
    cells->items = malloc((size_t)n * sizeof *cells->items);
    int status = region && spans && done && fills && ruled && by_rules && kept && cells->items ? 0 : -1;
    if (!status) {
        join_cells(l, region);
        measure(region, rows, cols, spans);
        measure_fills(l, sheet->picture, region, spans, fills);
        if (wipe_same(l, region, fills, sheet->noise > SHEET_NOISE_PHOTO ? SAME_FILL_PHOTO : SAME_FILL)) {
            join_cells(l, region);
            measure(region, rows, cols, spans);
            measure_fills(l, sheet->picture, region, spans, fills);
        }
        wipe_markers(l, region, spans, fills, sheet->text);
        join_cells(l, region);
        measure(region, rows, cols, spans);
        wipe_part_fills(l, region, spans, ruled, by_rules, kept, sheet->text);
        join_cells(l, region);
        measure(region, rows, cols, spans);
        for (double share = 0.75; share >= 0.5; share -= 0.25)
            if (draw_weak(l, region, spans, share)) {
                join_cells(l, region);
                measure(region, rows, cols, spans);
            }
        cut_ragged(region, rows, cols, spans, done);
        measure(region, rows, cols, spans);
        double thin = 0.6 * sheet->text;
        for (int i = 0; i < n; i++) {
            if (!spans[i].size)
                continue;
            grid_cell_t cell = cell_of(l, traces, &spans[i]);
            if (cell.box.w >= thin && cell.box.h >= thin)
                cells->items[cells->count++] = cell;
        }
        qsort(cells->items, (size_t)cells->count, sizeof *cells->items, by_reading);
    }
    free(region);
    free(spans);
    free(done);
    free(fills);
    free(ruled);
    free(by_rules);
    free(kept);
    if (status)
        cellgraph_free(cells);
    return status;
}

void cellgraph_free(cellgraph_t *cells)
{
    free(cells->items);
    *cells = (cellgraph_t){0};
}
