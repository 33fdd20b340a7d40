/* grid: see grid.h. */
#include "grid.h"

#include "cellgraph.h"
#include "palette.h"
#include "proto/dossier.h"

#include <math.h>
#include <stdlib.h>

/* Colours that differ less than this in every channel are one fill (JPEG wanders by 6). */
enum { FILL_STEP = 12 };

static bool inside(const box_t *inner, const box_t *outer, int slack)
{
    return inner->x >= outer->x - slack && inner->y >= outer->y - slack &&
           inner->x + inner->w <= outer->x + outer->w + slack && inner->y + inner->h <= outer->y + outer->h + slack;
}

static double area(const box_t *box)
{
    return (double)box->w * box->h;
}

int grid_cell_at(const page_t *page, int x, int y)
{
    int best = -1;
    for (size_t i = 0; i < page->cells.count; i++) {
        const box_t *box = &LIST_AT(cell_t, page->cells, i)->box;
        if (x < box->x || y < box->y || x >= box->x + box->w || y >= box->y + box->h)
            continue;
        if (best < 0 || area(box) < area(&LIST_AT(cell_t, page->cells, best)->box))
            best = (int)i;
    }
    return best;
}

/* Numbers the lattice lines that some cell uses, so that rows and columns have no gaps. */
static void renumber(cell_t *cells, int count)
{
    bool *used = calloc(LATTICE_LINES_MOST + 3, sizeof *used);
    int *number = calloc(LATTICE_LINES_MOST + 3, sizeof *number);
    for (int d = 0; d < 2 && used && number; d++) {
        for (int i = 0; i < LATTICE_LINES_MOST + 3; i++)
            used[i] = false;
        for (int i = 0; i < count; i++) {
            int from = d ? cells[i].col : cells[i].row, span = d ? cells[i].col_span : cells[i].row_span;
            used[from] = used[from + span] = true;
        }
        for (int i = 0, n = 0; i < LATTICE_LINES_MOST + 3; i++)
            number[i] = used[i] ? n++ : 0;
        for (int i = 0; i < count; i++) {
            int *from = d ? &cells[i].col : &cells[i].row, *span = d ? &cells[i].col_span : &cells[i].row_span;
            *span = number[*from + *span] - number[*from];
            *from = number[*from];
        }
    }
    free(used);
    free(number);
}

static double confidence_of(const grid_cell_t *cell)
{
    /* twice the least score on the weakest side is sure; an open side halves it */
    double c = cell->score >= 2 ? 1 : 0.6 + 0.2 * cell->score;
    return cell->score > 0 ? c : 0.5;
}

static void add_table(const sheet_t *sheet, arena_t *arena, page_t *page, const cellgraph_t *graph, int table)
{
    size_t first = page->cells.count;
    for (int i = 0; i < graph->count; i++) {
        const grid_cell_t *g = &graph->items[i];
        if ((g->ruled & (g->ruled - 1)) == 0)
            continue; /* one side alone closes nothing in: the page above a table */
        cell_t *cell = list_push(arena, &page->cells, sizeof *cell);
        cell->box = g->box;
        cell->table = table;
        cell->row = g->r0, cell->col = g->c0;
        cell->row_span = g->r1 - g->r0, cell->col_span = g->c1 - g->c0;
        cell->ruled = g->ruled;
        cell->confidence = confidence_of(g);
        cell->fill = palette_fill(sheet->picture, g->box, g->box.w * g->box.h > 40000 ? 3 : 2);
    }
    if (page->cells.count > first)
        renumber(LIST_AT(cell_t, page->cells, first), (int)(page->cells.count - first));
}

/* Whether a group of lines is a table and not part of a letter, a picture or a logo. */
static bool is_table(const cellgraph_t *graph, double text)
{
    if (graph->count == 0)
        return false;
    int x0 = 1 << 30, y0 = 1 << 30, x1 = 0, y1 = 0;
    bool holds_print = false;
    for (int i = 0; i < graph->count; i++) {
        const box_t *b = &graph->items[i].box;
        holds_print |= b->w >= text && b->h >= text;
        x0 = b->x < x0 ? b->x : x0, y0 = b->y < y0 ? b->y : y0;
        x1 = b->x + b->w > x1 ? b->x + b->w : x1, y1 = b->y + b->h > y1 ? b->y + b->h : y1;
    }
    return holds_print && x1 - x0 >= 3 * text && y1 - y0 >= 1.3 * text &&
           (double)(x1 - x0) * (y1 - y0) >= 9 * text * text;
}

static void add_rules(const sheet_t *sheet, arena_t *arena, page_t *page, const lines_t *lines)
{
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        if (s->kind == LINE_STEP)
            continue;
        rule_t *rule = list_push(arena, &page->rules, sizeof *rule);
        int at = (int)lround(s->at), half = (int)(s->thick / 2);
        *rule = s->direction ? (rule_t){.x0 = at, .y0 = s->from, .x1 = at, .y1 = s->to - 1}
                             : (rule_t){.x0 = s->from, .y0 = at, .x1 = s->to - 1, .y1 = at};
        rule->thickness = s->thick;
        box_t box = s->direction ? (box_t){.x = at - half / 2, .y = s->from, .w = half | 1, .h = s->to - s->from}
                                 : (box_t){.x = s->from, .y = at - half / 2, .w = s->to - s->from, .h = half | 1};
        rule->colour = palette_fill(sheet->picture, box, 1);
    }
}

/* Cells that hold many others are frames (a page's border, a window, a sheet on a desk): they go. */
static void drop_frames(page_t *page)
{
    enum { HELD = 4 }; /* a cell may hold a box or two of its own: a logo, a marked time */
    cell_t *cells = page->cells.items;
    size_t kept = 0, n = page->cells.count;
    bool *frame = calloc(n + 1, sizeof *frame);
    for (size_t i = 0; frame && i < n; i++) {
        int held = 0;
        double covered = 0;
        for (size_t k = 0; k < n; k++)
            if (k != i && inside(&cells[k].box, &cells[i].box, 2) && area(&cells[k].box) < 0.9 * area(&cells[i].box))
                held++, covered += area(&cells[k].box);
        frame[i] = held >= HELD || covered > 0.5 * area(&cells[i].box);
    }
    for (size_t i = 0; frame && i < n; i++)
        if (!frame[i])
            cells[kept++] = cells[i];
    if (frame)
        page->cells.count = kept;
    free(frame);
}

/* Numbers tables by the place of their first cell, top to bottom, and orders the cells by table, row, column. */
static int by_table(const void *a, const void *b)
{
    const cell_t *p = a, *q = b;
    if (p->table != q->table)
        return p->table - q->table;
    return p->row != q->row ? p->row - q->row : p->col != q->col ? p->col - q->col : p->box.x - q->box.x;
}

static void order_tables(page_t *page, int tables)
{
    cell_t *cells = page->cells.items;
    int(*place)[3] = calloc((size_t)tables + 1, sizeof *place);
    if (!place)
        return;
    for (int t = 0; t < tables; t++)
        place[t][0] = place[t][1] = 1 << 30, place[t][2] = t;
    for (size_t i = 0; i < page->cells.count; i++) {
        int *p = place[cells[i].table];
        p[0] = cells[i].box.y < p[0] ? cells[i].box.y : p[0];
        p[1] = cells[i].box.x < p[1] ? cells[i].box.x : p[1];
    }
    int *number = calloc((size_t)tables + 1, sizeof *number);
    for (int t = 0, n = 0; number && t < tables; t++, n = 0) {
        for (int o = 0; o < tables; o++)
            if (place[o][0] != place[t][0]   ? place[o][0] < place[t][0]
                : place[o][1] != place[t][1] ? place[o][1] < place[t][1]
                                             : o < t)
                n += place[o][0] < 1 << 30;
        number[t] = n;
    }
    for (size_t i = 0; number && i < page->cells.count; i++)
        cells[i].table = number[cells[i].table];
    if (page->cells.count)
        qsort(cells, page->cells.count, sizeof *cells, by_table);
    free(number);
    free(place);
}

static void add_fills(arena_t *arena, page_t *page)
{
    for (size_t i = 0; i < page->cells.count; i++) {
        const cell_t *cell = LIST_AT(cell_t, page->cells, i);
        if (palette_distance(cell->fill, page->background) < FILL_STEP)
            continue;
        fill_t *fill = list_push(arena, &page->fills, sizeof *fill);
        fill->box = cell->box;
        fill->colour = cell->fill;
    }
}

/* Whether one of the first cells covers part of a rectangle. */
static bool is_taken(const page_t *page, size_t count, int x0, int y0, int x1, int y1)
{
    for (size_t i = 0; i < count; i++) {
        const box_t *b = &LIST_AT(cell_t, page->cells, i)->box;
        int w = (b->x + b->w < x1 ? b->x + b->w : x1) - (b->x > x0 ? b->x : x0);
        int h = (b->y + b->h < y1 ? b->y + b->h : y1) - (b->y > y0 ? b->y : y0);
        if (w > 0 && h > 0.3 * (y1 - y0) && w > 0.05 * (x1 - x0))
            return true;
    }
    return false;
}

/* Rows between rules across that have the same ends, where no rule goes down: cells as wide as the table. */
static int add_rows(const sheet_t *sheet, arena_t *arena, page_t *page, const lines_t *lines, int table)
{
    double near = 1.5 * sheet->text;
    size_t first_cell = page->cells.count;
    bool *used = calloc((size_t)lines->count + 1, sizeof *used);
    int first = table, *order = calloc((size_t)lines->count + 1, sizeof *order);
    for (int i = 0; used && order && i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        int n = 0;
        if (used[i] || s->direction != 0 || s->kind == LINE_STEP || s->to - s->from < 15 * sheet->text)
            continue;
        for (int j = i; j < lines->count; j++) {
            const segment_t *o = &lines->items[j];
            if (!used[j] && o->direction == 0 && o->kind != LINE_STEP && abs(o->from - s->from) <= near &&
                abs(o->to - s->to) <= near)
                order[n++] = j, used[j] = true;
        }
        for (int a = 1; a < n; a++) /* by place; a table has few rows */
            for (int b = a; b > 0 && lines->items[order[b]].at < lines->items[order[b - 1]].at; b--) {
                int swap = order[b];
                order[b] = order[b - 1], order[b - 1] = swap;
            }
        if (n < 3)
            continue;
        size_t before = page->cells.count;
        for (int k = 0, row = 0; k + 1 < n; k++) {
            const segment_t *a = &lines->items[order[k]], *b = &lines->items[order[k + 1]];
            int y0 = (int)(a->at + a->thick / 2 + 1.5), y1 = (int)(b->at - b->thick / 2 - 0.5);
            if (y1 - y0 < 1.2 * sheet->text || is_taken(page, first_cell, s->from, y0, s->to, y1))
                continue; /* a double rule, or a table with rules down as well */
            cell_t *cell = list_push(arena, &page->cells, sizeof *cell);
            cell->box = (box_t){.x = s->from, .y = y0, .w = s->to - s->from, .h = y1 - y0};
            cell->table = table, cell->row = row++, cell->row_span = cell->col_span = 1;
            cell->ruled = SIDE_TOP | SIDE_BOTTOM;
            cell->confidence = 0.8;
            cell->fill = palette_fill(sheet->picture, cell->box, 2);
        }
        table += page->cells.count > before;
    }
    free(used);
    free(order);
    return table - first;
}

int grid_find(const sheet_t *sheet, const traces_t *traces, lines_t *lines, arena_t *arena, page_t *page,
              fault_t *fault)
{
    tables_t tables = {0};
    int status = -1, count = 0;
    page->background =
        palette_fill(sheet->picture, (box_t){.w = sheet->picture->width, .h = sheet->picture->height}, 4);
    if (tables_find(lines, sheet->text, &tables))
        goto done;
    add_rules(sheet, arena, page, lines);
    for (int t = 0; t < tables.count; t++) {
        lattice_t lattice;
        cellgraph_t graph;
        if (lattice_open(&lattice, traces, lines, &tables, t, sheet))
            goto done;
        if (lattice.counts[0] < 2)
            continue;
        if (cellgraph_find(&lattice, traces, sheet, &graph)) {
            lattice_free(&lattice);
            goto done;
        }
        if (is_table(&graph, sheet->text))
            add_table(sheet, arena, page, &graph, count++);
        cellgraph_free(&graph);
        lattice_free(&lattice);
    }
    count += add_rows(sheet, arena, page, lines, count);
    drop_frames(page);
    order_tables(page, count);
    add_fills(arena, page);
    status = 0;
done:
    tables_free(&tables);
    return status ? fault_set(fault, FAULT_MEMORY, "no memory for the grid of a page") : 0;
}
