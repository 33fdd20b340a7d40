/* grid: see grid.h. */
#include "grid.h"

#include "proto/base/text.h"

#include <math.h>
#include <string.h>

/* What a page may hold (proto/page.c). */
enum { WORDS_MOST = 50000, CELLS_MOST = 20000, SIDE_MOST = 200000 };
/* Headings that two regions must have alike to be two tables of one form, and rows or columns searched for them. */
enum { ALIKE_LEAST = 3, HEADINGS_MOST = 8 };

/* A rectangle of the grid; ends are behind the last. */
typedef struct {
    int32_t row0, col0, row1, col1;
} region_t;

typedef struct {
    grid_t *grid;
    arena_t *arena;
    page_t *page;
    bool *used;     /* rows * cols: text, border, fill or part of such a merged cell */
    double *x, *y;  /* px, edges of columns and rows */
    list_t regions; /* region_t */
    int32_t line;
} maker_t;

grid_t *grid_new(int32_t rows, int32_t cols, arena_t *arena)
{
    grid_t *grid = arena_take(arena, sizeof *grid);
    *grid = (grid_t){.rows = rows, .cols = cols, .height = 20};
    size_t count = (size_t)rows * (size_t)cols;
    grid->cells = arena_array(arena, count, sizeof *grid->cells);
    grid->widths = arena_array(arena, (size_t)cols, sizeof(double));
    grid->heights = arena_array(arena, (size_t)rows, sizeof(double));
    for (size_t i = 0; i < count; i++)
        grid->cells[i] = (grid_cell_t){.fill = -1, .row_span = 1, .col_span = 1};
    return grid;
}

grid_cell_t *grid_at(const grid_t *grid, int32_t row, int32_t col)
{
    return &grid->cells[(size_t)row * (size_t)grid->cols + (size_t)col];
}

void grid_merge(grid_t *grid, int32_t row, int32_t col, int32_t row_span, int32_t col_span)
{
    if (row < 0 || col < 0 || row >= grid->rows || col >= grid->cols || row_span < 1 || col_span < 1)
        return;
    row_span = row_span > grid->rows - row ? grid->rows - row : row_span;
    col_span = col_span > grid->cols - col ? grid->cols - col : col_span;
    for (int32_t r = row; r < row + row_span; r++)
        for (int32_t c = col; c < col + col_span; c++) /* merged cells never overlap; what does is damaged */
            if (grid_at(grid, r, c)->row_span != 1 || grid_at(grid, r, c)->col_span != 1)
                return;
    for (int32_t r = row; r < row + row_span; r++)
        for (int32_t c = col; c < col + col_span; c++)
            grid_at(grid, r, c)->row_span = grid_at(grid, r, c)->col_span = 0;
    grid_at(grid, row, col)->row_span = row_span, grid_at(grid, row, col)->col_span = col_span;
}

static bool *used_at(const maker_t *m, int32_t row, int32_t col)
{
    return &m->used[(size_t)row * (size_t)m->grid->cols + (size_t)col];
}

static void mark_used(maker_t *m)
{
    const grid_t *g = m->grid;
    m->used = arena_array(m->arena, (size_t)g->rows * (size_t)g->cols, sizeof *m->used);
    for (int32_t r = 0; r < g->rows; r++)
        for (int32_t c = 0; c < g->cols; c++) {
            const grid_cell_t *cell = grid_at(g, r, c);
            bool used = cell->borders || (cell->fill >= 0 && cell->fill != 0xffffff) || !typeset_is_empty(&cell->spans);
            if (!used)
                continue;
            for (int32_t y = r; y < r + (cell->row_span ? cell->row_span : 1); y++)
                for (int32_t x = c; x < c + (cell->col_span ? cell->col_span : 1); x++)
                    *used_at(m, y, x) = true;
        }
}

static bool is_line_used(const maker_t *m, const region_t *in, bool row, int32_t at)
{
    for (int32_t i = row ? in->col0 : in->row0; i < (row ? in->col1 : in->row1); i++)
        if (row ? *used_at(m, at, i) : *used_at(m, i, at))
            return true;
    return false;
}

/* Shrinks a region to what is used; false where nothing is. */
static bool shrink(const maker_t *m, region_t *in)
{
    while (in->row0 < in->row1 && !is_line_used(m, in, true, in->row0))
        in->row0++;
    while (in->row1 > in->row0 && !is_line_used(m, in, true, in->row1 - 1))
        in->row1--;
    while (in->col0 < in->col1 && !is_line_used(m, in, false, in->col0))
        in->col0++;
    while (in->col1 > in->col0 && !is_line_used(m, in, false, in->col1 - 1))
        in->col1--;
    return in->row0 < in->row1 && in->col0 < in->col1;
}

/* Texts that a row (or column) of one region and one of the other have in common. */
static int alike(const maker_t *m, const region_t *a, const region_t *b, bool rows, int32_t at, int32_t bt)
{
    int count = 0;
    int32_t an = rows ? a->col1 - a->col0 : a->row1 - a->row0, bn = rows ? b->col1 - b->col0 : b->row1 - b->row0;
    for (int32_t i = 0; i < an && i < bn; i++) {
        const grid_cell_t *left = rows ? grid_at(m->grid, at, a->col0 + i) : grid_at(m->grid, a->row0 + i, at);
        const grid_cell_t *right = rows ? grid_at(m->grid, bt, b->col0 + i) : grid_at(m->grid, b->row0 + i, bt);
        const char *one = typeset_text(&left->spans, m->arena), *two = typeset_text(&right->spans, m->arena);
        count += one && two && text_same(one, two);
    }
    return count;
}

/* Whether two regions are tables of the same form: a heading row or column of one comes again in the other. */
static bool is_repeated(const maker_t *m, const region_t *a, const region_t *b)
{
    for (int32_t i = 0; i < HEADINGS_MOST; i++)
        for (int32_t n = 0; n < HEADINGS_MOST; n++) {
            if (a->row0 + i < a->row1 && b->row0 + n < b->row1 &&
                alike(m, a, b, true, a->row0 + i, b->row0 + n) >= ALIKE_LEAST)
                return true;
            if (i < 2 && n < 2 && a->col0 + i < a->col1 && b->col0 + n < b->col1 &&
                alike(m, a, b, false, a->col0 + i, b->col0 + n) >= ALIKE_LEAST)
                return true;
        }
    return false;
}

static bool has_borders(const maker_t *m, const region_t *in)
{
    for (int32_t r = in->row0; r < in->row1; r++)
        for (int32_t c = in->col0; c < in->col1; c++)
            if (grid_at(m->grid, r, c)->borders)
                return true;
    return false;
}

/* Whether an empty line between two parts, `gap` wide, parts tables: a lone empty row in the middle of an afternoon
 * does not. Parts of one width are one table, unless one repeats the other's headings or they lie far apart. */
static bool is_parted(const maker_t *m, const region_t *a, const region_t *b, bool rows, int32_t gap)
{
    int32_t from = rows ? a->col0 - b->col0 : a->row0 - b->row0, to = rows ? a->col1 - b->col1 : a->row1 - b->row1;
    if (gap > 1 || has_borders(m, a) != has_borders(m, b) || from < -1 || from > 1 || to < -1 || to > 1)
        return true;
    return is_repeated(m, a, b);
}

static void push_region(maker_t *m, const region_t *region)
{
    size_t count = m->regions.count;
    if ((count & (count - 1)) == 0) {
        void *items = arena_array(m->arena, count ? count * 2 : 1, sizeof *region);
        if (count)
            memcpy(items, m->regions.items, count * sizeof *region);
        m->regions.items = items;
    }
    *LIST_AT(region_t, m->regions, m->regions.count++) = *region;
}

/* Cuts at the first empty row (column) that parts tables; true where it did, and both parts are cut on. */
static void cut(maker_t *m, region_t in, int depth);

static bool cut_along(maker_t *m, const region_t *in, bool rows, int depth)
{
    int32_t end = rows ? in->row1 : in->col1;
    for (int32_t at = (rows ? in->row0 : in->col0) + 1; at < end; at++) {
        if (is_line_used(m, in, rows, at))
            continue;
        int32_t next = at;
        while (next < end && !is_line_used(m, in, rows, next))
            next++;
        region_t a = *in, b = *in;
        if (rows)
            a.row1 = at, b.row0 = next;
        else
            a.col1 = at, b.col0 = next;
        region_t a_tight = a, b_tight = b;
        if (shrink(m, &a_tight) && shrink(m, &b_tight) && is_parted(m, &a_tight, &b_tight, rows, next - at)) {
            cut(m, a_tight, depth + 1);
            cut(m, b_tight, depth + 1);
            return true;
        }
        at = next;
    }
    return false;
}

static void cut(maker_t *m, region_t in, int depth)
{
    enum { DEPTH_MOST = 40 };
    if (depth < DEPTH_MOST && (cut_along(m, &in, true, depth) || cut_along(m, &in, false, depth)))
        return;
    push_region(m, &in);
}

/* Rows without a height of their own are as high as their text wants. */
static void measure(maker_t *m)
{
    const grid_t *g = m->grid;
    m->x = arena_array(m->arena, (size_t)g->cols + 1, sizeof(double));
    m->y = arena_array(m->arena, (size_t)g->rows + 1, sizeof(double));
    for (int32_t c = 0; c < g->cols; c++)
        m->x[c + 1] = m->x[c] + g->widths[c];
    for (int32_t r = 0; r < g->rows; r++) {
        double height = g->heights[r] > 0 ? g->heights[r] : g->height;
        for (int32_t c = 0; c < g->cols && !(g->heights[r] > 0); c++) {
            const grid_cell_t *cell = grid_at(g, r, c);
            if (cell->row_span == 1 && cell->how.angle == 0 && !cell->how.stacked && cell->spans.count)
                height = fmax(height, typeset_across(&cell->spans, m->x[c + cell->col_span] - m->x[c], &cell->how));
        }
        m->y[r + 1] = m->y[r] + fmin(height, 2000);
    }
}

/* The cell that covers row, col. */
static const grid_cell_t *look_at(const grid_t *g, int32_t row, int32_t col)
{
    return row < 0 || col < 0 || row >= g->rows || col >= g->cols ? NULL : grid_at(g, row, col);
}

static int32_t ground(const grid_cell_t *cell)
{
    return cell && cell->fill >= 0 ? cell->fill : 0xffffff;
}

/* Whether the edge between two neighbouring places is drawn: by either's border, or by a step of fill. */
static bool is_drawn(const grid_cell_t *in, int32_t side, const grid_cell_t *out, int32_t other, int32_t fill)
{
    return (in->borders & side) || (out && ((out->borders & other) || ground(out) != fill));
}

static int32_t ruled_sides(const grid_t *g, int32_t r, int32_t c, const grid_cell_t *cell)
{
    int32_t sides = 0, bottom = r + cell->row_span - 1, right = c + cell->col_span - 1, fill = ground(cell);
    for (int32_t x = c; x <= right; x++) {
        if (is_drawn(grid_at(g, r, x), SIDE_TOP, look_at(g, r - 1, x), SIDE_BOTTOM, fill))
            sides |= SIDE_TOP;
        if (is_drawn(grid_at(g, bottom, x), SIDE_BOTTOM, look_at(g, bottom + 1, x), SIDE_TOP, fill))
            sides |= SIDE_BOTTOM;
    }
    for (int32_t y = r; y <= bottom; y++) {
        if (is_drawn(grid_at(g, y, c), SIDE_LEFT, look_at(g, y, c - 1), SIDE_RIGHT, fill))
            sides |= SIDE_LEFT;
        if (is_drawn(grid_at(g, y, right), SIDE_RIGHT, look_at(g, y, right + 1), SIDE_LEFT, fill))
            sides |= SIDE_RIGHT;
    }
    return sides;
}

/* Column behind the last over which the text of a cell may run: its own end, or that of the empty places after it. */
static int32_t run_over(const grid_t *g, int32_t r, int32_t c, const grid_cell_t *cell)
{
    int32_t end = c + cell->col_span;
    double wants =
        cell->wrapped || cell->how.angle || cell->how.stacked || cell->row_span > 1 ? 0 : typeset_along(&cell->spans);
    for (double has = 0; end < g->cols; end++) {
        has = 0;
        for (int32_t x = c; x < end; x++)
            has += g->widths[x];
        const grid_cell_t *next = grid_at(g, r, end);
        if (wants <= has || next->row_span != 1 || next->col_span != 1 || !typeset_is_empty(&next->spans))
            break;
    }
    return end;
}

static void place_cell(maker_t *m, const region_t *in, int32_t table, int32_t r, int32_t c, cell_t *out, int32_t index)
{
    const grid_cell_t *cell = grid_at(m->grid, r, c);
    box_t box = {.x = (int32_t)lround(m->x[c]) + 1, .y = (int32_t)lround(m->y[r]) + 1};
    box.w = (int32_t)fmax(lround(m->x[c + cell->col_span]) - box.x - 1, 1);
    box.h = (int32_t)fmax(lround(m->y[r + cell->row_span]) - box.y - 1, 1);
    *out = (cell_t){.box = box,
                    .table = table,
                    .row = r - in->row0,
                    .col = c - in->col0,
                    .row_span = cell->row_span,
                    .col_span = cell->col_span,
                    .fill = ground(cell),
                    .ruled = ruled_sides(m->grid, r, c, cell),
                    .confidence = 1};
    if (typeset_is_empty(&cell->spans))
        return;
    box.w = (int32_t)fmax(lround(m->x[run_over(m->grid, r, c, cell)]) - box.x - 1, 1);
    typeset_place(&cell->spans, &box, &cell->how, index, &m->line, m->arena, &m->page->words);
}

int grid_page(grid_t *grid, arena_t *arena, page_t *page, fault_t *fault)
{
    maker_t m = {.grid = grid, .arena = arena, .page = page};
    region_t all = {0, 0, grid->rows, grid->cols};
    mark_used(&m);
    measure(&m);
    if (shrink(&m, &all))
        cut(&m, all, 0);
    size_t count = 0;
    for (size_t i = 0; i < m.regions.count; i++) {
        const region_t *in = LIST_AT(region_t, m.regions, i);
        for (int32_t r = in->row0; r < in->row1; r++)
            for (int32_t c = in->col0; c < in->col1; c++)
                count += grid_at(grid, r, c)->row_span > 0;
    }
    bool large = count > CELLS_MOST || m.x[grid->cols] >= SIDE_MOST || m.y[grid->rows] >= SIDE_MOST;
    if (!large) {
        page->cells.items = arena_array(arena, count, sizeof(cell_t));
        for (size_t i = 0; i < m.regions.count; i++) {
            const region_t *in = LIST_AT(region_t, m.regions, i);
            for (int32_t r = in->row0; r < in->row1; r++)
                for (int32_t c = in->col0; c < in->col1; c++) {
                    if (grid_at(grid, r, c)->row_span < 1)
                        continue;
                    int32_t index = (int32_t)page->cells.count++;
                    place_cell(&m, in, (int32_t)i, r, c, LIST_AT(cell_t, page->cells, index), index);
                }
        }
    }
    if (large || page->words.count > WORDS_MOST)
        return fault_set(fault, FAULT_TOO_LARGE,
                         "a sheet holds more than %d cells or %d words; save the sheet with the timetable alone",
                         CELLS_MOST, WORDS_MOST);
    page->width = (int32_t)ceil(m.x[grid->cols]) + 2;
    page->height = (int32_t)ceil(m.y[grid->rows]) + 2;
    page->dpi = 96;
    page->background = 0xffffff;
    return 0;
}
