/* grid: the cells, rules and coloured areas of a sheet.
 *
 * By evidence and verification: dark and pale rules and steps of colour propose lines; lines that touch make tables;
 * every elementary edge of a table's lattice is tested on the pixels; lattice cells join where no edge is drawn.
 */
#ifndef YOGI_OCR_GRID_H
#define YOGI_OCR_GRID_H

#include "lines.h"
#include "proto/base/arena.h"

/* Fills page->cells, rules, fills and background from the traces and lines of a straight sheet; lines keeps those that
 * belong to tables. -1 with the fault when memory is refused. */
int grid_find(const sheet_t *sheet, const traces_t *traces, lines_t *lines, arena_t *arena, page_t *page,
              fault_t *fault) __attribute__((warn_unused_result));

/* Index of the smallest cell that holds the point, -1 outside every cell. */
int grid_cell_at(const page_t *page, int x, int y);

#endif
