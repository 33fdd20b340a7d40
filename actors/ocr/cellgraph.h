/* cellgraph: lattice cells joined over edges that are not drawn, as rectangles.
 */
#ifndef YOGI_OCR_CELLGRAPH_H
#define YOGI_OCR_CELLGRAPH_H

#include "lattice.h"

/* A cell on the lattice: rows r0 … r1 - 1, columns c0 … c1 - 1. */
typedef struct {
    int r0, c0, r1, c1;
    box_t box;    /* inside its rules, px */
    int ruled;    /* SIDE_* bits with a drawn edge */
    int kinds;    /* LINE_* bits of its drawn edges */
    double score; /* weakest side's score over the lattice's least; 0 for a side that is not drawn */
} grid_cell_t;

typedef struct {
    grid_cell_t *items; /* by row, then column */
    int count;
} cellgraph_t;

/* -1 when memory is refused. Cells thinner than half a letter (between double lines) are left out. */
int cellgraph_find(lattice_t *lattice, const traces_t *traces, const sheet_t *sheet, cellgraph_t *cells)
    __attribute__((warn_unused_result));
void cellgraph_free(cellgraph_t *cells);

#endif
