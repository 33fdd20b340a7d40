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
        cell_t *cell = list_push(arena, &page->cells, sizeof *cell);
        cell->box = g->box;
        cell->table = table;
        cell->row = g->r0, cell->col = g->c0;
        cell->row_span = g->r1 - g->r0, cell->col_span = g->c1 - g->c0;
        cell->ruled = g->ruled;
        cell->confidence = confidence_of(g);
        cell->fill = palette_fill(sheet->picture, g->box, g->box.w * g->box.h > 40000 ? 3 : 2);
    }
    renumber(LIST_AT(cell_t, page->cells, first), graph->count);
}

/* Whether a group of lines is a table and not part of a letter, a picture or a logo. */
static bool is_table(const cellgraph_t *graph, double text)
{
    if (graph->count == 0)
        return false;
    int x0 = 1 << 30, y0 = 1 << 30, x1 = 0, y1 = 0;
    for (int i = 0; i < graph->count; i++) {
        const box_t *b = &graph->items[i].box;
        x0 = b->x < x0 ? b->x : x0, y0 = b->y < y0 ? b->y : y0;
        x1 = b->x + b->w > x1 ? b->x + b->w : x1, y1 = b->y + b->h > y1 ? b->y + b->h : y1;
    }
    return x1 - x0 >= 3 * text && y1 - y0 >= 1.3 * text && (double)(x1 - x0) * (y1 - y0) >= 9 * text * text;
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

/* Cells that hold most of a whole table are frames (a page's border, a window, a sheet on a desk): they go. */
static void drop_frames(page_t *page, int tables)
{
    cell_t *cells = page->cells.items;
    size_t kept = 0, n = page->cells.count;
    bool *frame = calloc(n + 1, sizeof *frame);
    if (!frame)
        return;
    for (int t = 0; t < tables; t++) {
        box_t box = {0};
        int count = 0;
        for (size_t i = 0; i < n; i++)
            if (cells[i].table == t) {
                const box_t *b = &cells[i].box;
                int x1 = count && box.x + box.w > b->x + b->w ? box.x + box.w : b->x + b->w;
                int y1 = count && box.y + box.h > b->y + b->h ? box.y + box.h : b->y + b->h;
                box.x = count && box.x < b->x ? box.x : b->x, box.y = count && box.y < b->y ? box.y : b->y;
                box.w = x1 - box.x, box.h = y1 - box.y;
                count++;
            }
        for (size_t i = 0; i < n; i++)
            if (count && cells[i].table != t && inside(&box, &cells[i].box, 2) &&
                (count >= 4 || area(&box) > 0.4 * area(&cells[i].box)))
                frame[i] = true;
    }
    for (size_t i = 0; i < n; i++)
        if (!frame[i])
            cells[kept++] = cells[i];
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
    drop_frames(page, count);
    order_tables(page, count);
    add_fills(arena, page);
    status = 0;
done:
    tables_free(&tables);
    return status ? fault_set(fault, FAULT_MEMORY, "no memory for the grid of a page") : 0;
}
