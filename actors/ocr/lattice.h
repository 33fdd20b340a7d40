/* lattice: all distinct edges of one table as lines of a lattice, and for each elementary edge (between two
 * neighbouring crossings) whether it is drawn, tested on the pixels whatever proposed the line.
 */
#ifndef YOGI_OCR_LATTICE_H
#define YOGI_OCR_LATTICE_H

#include "tables.h"

/* One elementary edge. */
typedef struct {
    double score; /* grey values, see traces_edge */
    int at;       /* where the line runs here, px */
    int kind;     /* LINE_*; 0 nothing found */
    bool drawn;   /* the verdict */
} edge_t;

/* Plain data; free with lattice_free. */
typedef struct {
    int *lines[2];  /* [0]: y of lines across, [1]: x of lines down; rising */
    int counts[2];  /* >= 2 */
    edge_t *across; /* counts[0] rows of counts[1] - 1 edges */
    edge_t *down;   /* counts[1] rows of counts[0] - 1 edges */
    double least;   /* score from which an edge counted as drawn */
} lattice_t;

/* The lattice of one table; counts are 0 where it has none. -1 when memory is refused. */
int lattice_open(lattice_t *lattice, const traces_t *traces, const lines_t *lines, const tables_t *tables, int table,
                 const sheet_t *sheet) __attribute__((warn_unused_result));
void lattice_free(lattice_t *lattice);

/* The edge above (row = counts[0] - 1: below) lattice cell row, col; and the one left of it. */
static inline edge_t *lattice_across(const lattice_t *l, int row, int col)
{
    return &l->across[row * (l->counts[1] - 1) + col];
}
static inline edge_t *lattice_down(const lattice_t *l, int row, int col)
{
    return &l->down[col * (l->counts[0] - 1) + row];
}

/* Most lines of one direction: a page of half-hour rows and off-grid cells has 120. */
enum { LATTICE_LINES_MOST = 400 };

#endif
