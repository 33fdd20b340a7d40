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

/* The class that print names and nothing else: "VI A", "JSS 1", "Year 5"; NULL for none. */
const char *classaxis_name(arena_t *arena, const char *text);

/* Whose row or column a whole cell's print heads, in line with others that run across the time axis. */
typedef enum { OWNER_NONE, OWNER_CLASS, OWNER_TEACHER } owner_t;

owner_t classaxis_owner(const view_t *view, const label_t *label, lie_t lie);

#endif
