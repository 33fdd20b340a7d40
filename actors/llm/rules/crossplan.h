/* crossplan: the plan of a whole school in one table: days across the top, their periods below each of them, classes or
 * teachers down the side.
 */
#ifndef YOGI_RULES_CROSSPLAN_H
#define YOGI_RULES_CROSSPLAN_H

#include "dayaxis.h"
#include "draft.h"
#include "periods.h"

/* The blocks of such a table over an axis of days; none where it is another. Marks the labels that it explains. */
drafts_t crossplan_read(const view_t *view, const dayaxis_t *days, const periods_t *periods, bool *used);

#endif
