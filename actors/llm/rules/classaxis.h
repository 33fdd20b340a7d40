/* classaxis: classes or teachers down the side of a table, as on the plan of a whole school: below each day the same
 * ones in the same order, or a table for each day with them in its first column. They become headings as days are, each
 * for one class or teacher on the days that stand over it.
 */
#ifndef YOGI_RULES_CLASSAXIS_H
#define YOGI_RULES_CLASSAXIS_H

#include "dayaxis.h"

/* Parts the bands of days that hold a line of classes, and adds the axes of tables below a day's name; what stood as an
 * axis of days there gives way. Axes without classes stay as they are. */
void classaxis_refine(const view_t *view, dayaxes_t *axes);

#endif
