/* matrix: the layout of days against times, with days as rows or as columns; the same code reads both (geometry.h). */
#ifndef YOGI_RULES_MATRIX_H
#define YOGI_RULES_MATRIX_H

#include "dayaxis.h"
#include "draft.h"
#include "periods.h"

/* The blocks of the table whose days stand in `axes->items[which]`; `used` (one flag a label, may be NULL) is set for
 * the print that it explains. None where each day has a column of times of its own: these are lists. */
drafts_t matrix_read(const view_t *view, const dayaxes_t *axes, size_t which, const periods_t *periods, bool *used);

#endif
