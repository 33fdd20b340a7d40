/* grid: a spreadsheet's cells on a page: merged cells, borders of both neighbours, tables parted by empty rows and
 * columns.
 *
 * Used by xlsx.c and opendocument.c, which fill the cells; hidden rows and columns are left out before.
 */
#ifndef YOGI_INTAKE_GRID_H
#define YOGI_INTAKE_GRID_H

#include "proto/base/fault.h"
#include "typeset.h"

/* Largest grid: a year in rows by a week of quarter hours in columns fits. */
enum { GRID_ROWS_MOST = 2000, GRID_COLS_MOST = 300, GRID_CELLS_MOST = 100000 };

typedef struct {
    list_t spans; /* span_t */
    typeset_t how;
    bool wrapped;               /* does not run over into empty neighbours */
    int32_t fill;               /* 0xRRGGBB, -1 none */
    int32_t borders;            /* SIDE_*, its own */
    int32_t row_span, col_span; /* 1 and more; 0: covered by a merged cell */
} grid_cell_t;

typedef struct {
    int32_t rows, cols;
    grid_cell_t *cells; /* rows * cols, by row */
    double *widths;     /* px, of cols */
    double *heights;    /* px, of rows; 0: as high as its text wants */
    double height;      /* px, of a row without text */
} grid_t;

/* An empty grid from the arena. */
grid_t *grid_new(int32_t rows, int32_t cols, arena_t *arena);

grid_cell_t *grid_at(const grid_t *grid, int32_t row, int32_t col);

/* Joins cells; spans are cut at the grid's edge. */
void grid_merge(grid_t *grid, int32_t row, int32_t col, int32_t row_span, int32_t col_span);

/* Lays it out into the zeroed page (number, origin and title are the caller's). 0, or -1 with FAULT_TOO_LARGE. */
int grid_page(grid_t *grid, arena_t *arena, page_t *page, fault_t *fault) __attribute__((warn_unused_result));

#endif
