/* classaxis: classes down the side of a table, as on the plan of a whole school: below each day the classes in the same
 * order, or a table for each day with the classes in its first column. They become headings as days are, each for one
 * class on the days that stand over it.
 */
#ifndef YOGI_RULES_CLASSAXIS_H
#define YOGI_RULES_CLASSAXIS_H

#include "dayaxis.h"

/* Parts the bands of days that hold a line of classes, and adds the axes of tables below a day's name; what stood as an
 * axis of days there gives way. Axes without classes stay as they are. */
void classaxis_refine(const view_t *view, dayaxes_t *axes);

/* The class that print names and nothing else: "VI A", "JSS 1", "Year 5"; NULL for none. */
const char *classaxis_name(arena_t *arena, const char *text);

#endif
