/* pieces: what the entries of one table say about each other, where a table is set otherwise than name and time in one
 * cell: a row of times over a row of names, names at the head of a row whose cells hold times, headings under the days.
 */
#ifndef YOGI_RULES_PIECES_H
#define YOGI_RULES_PIECES_H

#include "piece.h"

/* Parts units that hold several entries with times of their own, in place: each begins (or ends) with its time. */
void pieces_part_units(const view_t *view, units_t *units);

/* Before pieces have their times: gives names the times that stand over them, and times the name of their row; drops
 * headings of columns below the days, and print that stands among timed cells without being one. */
void pieces_settle(matrix_t *m);

#endif
