/* form_week: how a timetable is laid out as a week: days as columns, distinct starts as rows, blocks as cells that span
 * rows, and blocks that overlap gathered in one cell. For the forms that draw it.
 */
#ifndef YOGI_FORM_WEEK_H
#define YOGI_FORM_WEEK_H

#include "base/arena.h"
#include "dossier.h"

/* Days of one timetable: seven, or the ten of a numbered cycle; more go into the last. */
enum { WEEK_DAYS_MOST = 14 };

typedef struct {
    int start;           /* minutes since midnight; -1 = blocks without a start */
    int end;             /* that most blocks of this row have; -1 = none */
    bool start_inferred; /* of most of them */
    bool end_inferred;   /* of most of them */
} week_row_t;

typedef struct {
    int day, days;                    /* first column and how many */
    int row, rows;                    /* first row and how many */
    const timeblock_t *const *blocks; /* by start; empty for a free place */
    size_t count;                     /* of blocks */
} week_cell_t;

typedef struct {
    const char *days[WEEK_DAYS_MOST]; /* names, cleaned; Monday first, other names behind in the order of the page */
    int day_count;                    /* columns */
    week_row_t *rows;                 /* by start, those without a start last */
    int row_count;                    /* of rows */
    week_cell_t *cells;               /* by day, then row; they cover the sheet without overlap */
    size_t cell_count;                /* of cells */
    int *columns;                     /* of each block of the timetable, its day's column */
    int busiest;                      /* blocks of the fullest day */
} week_t;

/* Lays the timetable out; everything from the arena. A row whose block is the same every day becomes one
 * cell, where all of them are above the gate or all below. */
week_t *week_new(arena_t *arena, const dossier_t *dossier, const timetable_t *timetable);

/* True where the cell's block needs its own time said, because the row headings do not say it. */
bool week_needs_time(const week_t *week, const week_cell_t *cell, const timeblock_t *block);

#endif
