/* flow: see flow.h. */
#include "flow.h"

#include <math.h>
#include <string.h>

/* What a page may hold (proto/page.c): words, cells, px on a side. */
enum { WORDS_MOST = 50000, CELLS_MOST = 20000, SIDE_MOST = 200000 };
/* A row with turned text gets no higher for it than this, px: such text is squeezed, as it is drawn. */
static const double TURNED_MOST = 220;
static const double ROW_LEAST = 16; /* px, an empty line */

/* The page in the making. */
typedef struct {
    page_t *page;
    arena_t *arena;
    int32_t line, tables;
} maker_t;

static double table_height(const flow_table_t *table)
{
    double sum = 0;
    for (int32_t i = 0; i < table->rows; i++)
        sum += table->heights[i];
    return sum;
}

static double span_of(const double *sizes, int32_t from, int32_t count)
{
    double sum = 0;
    for (int32_t i = from; i < from + count; i++)
        sum += sizes[i];
    return sum;
}

static void measure_table(flow_table_t *table);

/* Height that a cell wants when it is `width` px wide. */
static double cell_height(const flow_cell_t *cell, double width)
{
    bool turned = cell->how.angle % 180 == 90 || cell->how.stacked;
    double height = typeset_is_empty(&cell->spans) ? 0
                    : turned                       ? fmin(typeset_along(&cell->spans), TURNED_MOST)
                                                   : typeset_across(&cell->spans, width, &cell->how);
    for (size_t i = 0; i < cell->tables.count; i++) {
        flow_table_t *inner = *LIST_AT(flow_table_t *, cell->tables, i);
        measure_table(inner);
        height += table_height(inner) + TYPESET_PADDING;
    }
    return height;
}

/* Rows as high as their cells want; what a spanning cell wants more goes to its last row. */
static void measure_table(flow_table_t *table)
{
    for (int32_t i = 0; i < table->rows; i++)
        table->heights[i] = fmax(table->heights[i], ROW_LEAST);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < table->cells.count; i++) {
            const flow_cell_t *cell = LIST_AT(flow_cell_t, table->cells, i);
            if ((cell->row_span > 1) != (pass == 1))
                continue;
            double wants = cell_height(cell, span_of(table->widths, cell->col, cell->col_span));
            double has = span_of(table->heights, cell->row, cell->row_span);
            if (wants > has)
                table->heights[cell->row + cell->row_span - 1] += wants - has;
        }
}

static cell_t *push_cell(maker_t *m)
{
    list_t *cells = &m->page->cells;
    size_t count = cells->count;
    if ((count & (count - 1)) == 0) {
        void *items = arena_array(m->arena, count ? count * 2 : 1, sizeof(cell_t));
        if (count)
            memcpy(items, cells->items, count * sizeof(cell_t));
        cells->items = items;
    }
    return LIST_AT(cell_t, *cells, cells->count++);
}

static bool is_full(const maker_t *m)
{
    return m->page->cells.count >= CELLS_MOST || m->page->words.count >= WORDS_MOST;
}

/* Puts a measured table at x, y. */
static void place_table(maker_t *m, const flow_table_t *table, double x, double y)
{
    int32_t number = m->tables++;
    for (size_t i = 0; i < table->cells.count && !is_full(m); i++) {
        const flow_cell_t *from = LIST_AT(flow_cell_t, table->cells, i);
        int32_t index = (int32_t)m->page->cells.count;
        cell_t *cell = push_cell(m);
        double left = x + span_of(table->widths, 0, from->col), top = y + span_of(table->heights, 0, from->row);
        double w = span_of(table->widths, from->col, from->col_span);
        double h = span_of(table->heights, from->row, from->row_span);
        *cell = (cell_t){.box = {.x = (int32_t)lround(left) + 1,
                                 .y = (int32_t)lround(top) + 1,
                                 .w = (int32_t)fmax(lround(left + w) - lround(left) - 2, 1),
                                 .h = (int32_t)fmax(lround(top + h) - lround(top) - 2, 1)},
                         .table = number,
                         .row = from->row,
                         .col = from->col,
                         .row_span = from->row_span,
                         .col_span = from->col_span,
                         .fill = from->fill >= 0 ? from->fill : 0xffffff,
                         .ruled = from->ruled,
                         .confidence = 1};
        box_t box = cell->box;
        typeset_place(&from->spans, &box, &from->how, index, &m->line, m->arena, &m->page->words);
        double inner = top + (typeset_is_empty(&from->spans) ? 0 : typeset_across(&from->spans, w, &from->how));
        for (size_t t = 0; t < from->tables.count; t++) {
            const flow_table_t *nested = *LIST_AT(flow_table_t *, from->tables, t);
            place_table(m, nested, left + TYPESET_PADDING, inner);
            inner += table_height(nested) + TYPESET_PADDING;
        }
    }
}

/* Puts a paragraph at y. Returns its height. */
static double place_paragraph(maker_t *m, const flow_sheet_t *sheet, const flow_block_t *block, double y)
{
    if (typeset_is_empty(&block->spans))
        return block->height;
    typeset_t how = block->how;
    how.broken = true;
    double width = fmax(sheet->width - sheet->margin_left - sheet->margin_right, 50);
    double height = typeset_across(&block->spans, width, &how) - 2 * TYPESET_PADDING;
    box_t box = {.x = (int32_t)sheet->margin_left - TYPESET_PADDING,
                 .y = (int32_t)lround(y) - TYPESET_PADDING,
                 .w = (int32_t)width + 2 * TYPESET_PADDING,
                 .h = (int32_t)height + 2 * TYPESET_PADDING};
    typeset_place(&block->spans, &box, &how, -1, &m->line, m->arena, &m->page->words);
    return height + 4;
}

static double place_blocks(maker_t *m, const flow_sheet_t *sheet, flow_block_t *blocks, size_t count, double y)
{
    for (size_t i = 0; i < count && !is_full(m) && y < SIDE_MOST; i++) {
        if (!blocks[i].table) {
            y += place_paragraph(m, sheet, &blocks[i], y);
            continue;
        }
        measure_table(blocks[i].table);
        place_table(m, blocks[i].table, sheet->margin_left, y);
        y += table_height(blocks[i].table) + 4;
    }
    return y;
}

int flow_page(const flow_sheet_t *sheet, const list_t *header, flow_block_t *blocks, size_t count, const list_t *footer,
              arena_t *arena, page_t *page, fault_t *fault)
{
    maker_t m = {.page = page, .arena = arena};
    double y = place_blocks(&m, sheet, header->items, header->count, sheet->margin_top);
    y = place_blocks(&m, sheet, blocks, count, y);
    y = place_blocks(&m, sheet, footer->items, footer->count, y);
    double width = sheet->width;
    for (size_t i = 0; i < page->cells.count; i++) {
        const box_t *box = &LIST_AT(cell_t, page->cells, i)->box;
        width = fmax(width, box->x + box->w + 1);
    }
    if (is_full(&m) || y >= SIDE_MOST || width >= SIDE_MOST)
        return fault_set(
            fault, FAULT_TOO_LARGE,
            "the document holds more than %d words or %d cells on a page; send the page with the timetable", WORDS_MOST,
            CELLS_MOST);
    page->width = (int32_t)ceil(width);
    page->height = (int32_t)ceil(y + sheet->margin_top);
    page->dpi = 96;
    page->background = 0xffffff;
    return 0;
}
