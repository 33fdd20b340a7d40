/* cellgraph: see cellgraph.h. */
#include "cellgraph.h"

#include "palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int root_of(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* The region (a root) of each lattice cell. */
static void join_cells(const lattice_t *l, int *region)
{
    int rows = l->counts[0] - 1, cols = l->counts[1] - 1;
    for (int i = 0; i < rows * cols; i++)
        region[i] = i;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            if (c + 1 < cols && !lattice_down(l, r, c + 1)->drawn) {
                int a = root_of(region, r * cols + c), b = root_of(region, r * cols + c + 1);
                region[a > b ? a : b] = a > b ? b : a;
            }
            if (r + 1 < rows && !lattice_across(l, r + 1, c)->drawn) {
                int a = root_of(region, r * cols + c), b = root_of(region, (r + 1) * cols + c);
                region[a > b ? a : b] = a > b ? b : a;
            }
        }
    for (int i = 0; i < rows * cols; i++)
        region[i] = root_of(region, i);
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
    int places[LATTICE_LINES_MOST], n = 0, length = 0, drawn = 0, kinds[LINE_STEP + 1] = {0};
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
    side.kind = kinds[LINE_DARK] >= kinds[LINE_PALE] ? LINE_DARK : LINE_PALE;
    side.kind = kinds[LINE_STEP] > kinds[side.kind] ? LINE_STEP : side.kind;
    side.score = sum / drawn;
    side.at = places[n / 2];
    int from_px = along[longest_at] + 3, to_px = along[longest_at + 1] - 3;
    int thick = traces_thickness(traces, direction, side.at, from_px, to_px, side.kind);
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
    cells->items = malloc((size_t)n * sizeof *cells->items);
    int status = region && spans && done && cells->items ? 0 : -1;
    if (!status) {
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
    if (status)
        cellgraph_free(cells);
    return status;
}

void cellgraph_free(cellgraph_t *cells)
{
    free(cells->items);
    *cells = (cellgraph_t){0};
}
