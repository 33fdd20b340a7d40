/* flow: paragraphs and tables one after another, as word processors store them, laid out on a page.
 *
 * docx.c and opendocument.c fill the blocks; flow lays them out from the top: the page is as high as they need.
 */
#ifndef YOGI_INTAKE_FLOW_H
#define YOGI_INTAKE_FLOW_H

#include "proto/base/fault.h"
#include "typeset.h"

/* Most rows and columns of one table, and tables within tables: a half-hour grid of a week has some 30 by 60. */
enum { FLOW_ROWS_MOST = 2000, FLOW_COLUMNS_MOST = 200, FLOW_DEPTH_MOST = 8 };

typedef struct flow_table flow_table_t;

typedef struct {
    list_t spans;                         /* span_t */
    list_t tables;                        /* flow_table_t * set below the spans */
    typeset_t how;                        /* of the spans */
    int32_t row, col, row_span, col_span; /* on the table's lattice */
    int32_t fill;                         /* 0xRRGGBB, -1 none */
    int32_t ruled;                        /* SIDE_* */
} flow_cell_t;

struct flow_table {
    int32_t rows, cols;
    double *widths;  /* px, of cols */
    double *heights; /* px, of rows: the least when it is made, the real ones once it is laid out */
    list_t cells;    /* flow_cell_t, by row, then column */
    int depth;       /* tables around it */
};

typedef struct {
    flow_table_t *table; /* NULL: a paragraph */
    list_t spans;        /* span_t, of a paragraph */
    typeset_t how;
    double height;    /* px, of an empty paragraph */
    bool page_before; /* begins a new page */
} flow_block_t;

/* The page's measures in px. */
typedef struct {
    double width, margin_left, margin_right, margin_top;
} flow_sheet_t;

/* Lays out count blocks below the header's and above the footer's into the zeroed page (number, origin and title are
 * the caller's). 0, or -1 with FAULT_TOO_LARGE. */
int flow_page(const flow_sheet_t *sheet, const list_t *header, flow_block_t *blocks, size_t count, const list_t *footer,
              arena_t *arena, page_t *page, fault_t *fault) __attribute__((warn_unused_result));

#endif
