/* slotline: the line of print across the days of a table that its slots of time are made of: times one after the other
 * before the days, behind them or between them, or names of periods where there are no times.
 */
#ifndef YOGI_RULES_SLOTLINE_H
#define YOGI_RULES_SLOTLINE_H

#include "dayaxis.h"

/* Most headings of one axis: half-hours of a day are 48. */
enum { SLOTS_MOST = 96 };

/* Headings in one line. */
typedef struct {
    const label_t *items[SLOTS_MOST];
    size_t count, timed;
    double trust;  /* sum of its times' */
    extent_t line; /* px along the day axis */
} slotline_t;

/* Where headings are looked for along the day axis. */
typedef enum { BEFORE_DAYS, BEHIND_DAYS, BETWEEN_DAYS } side_t;

/* The best line of times; false where there is none. */
bool slotline_times(const view_t *view, const dayaxis_t *days, rect_t area, slotline_t *best);

/* Without times: the line of print nearest to the first day; false where there is none. */
bool slotline_names(const view_t *view, const dayaxis_t *days, rect_t area, slotline_t *best);

/* Leaves out print in line with the times but before the first or behind the last of them, and not in a cell. */
void slotline_trim(slotline_t *row, lie_t lie);

/* Whether a label may be a heading: on that side of the days, inside the area, beyond the names of days. */
bool slotline_may_head(const dayaxis_t *days, const label_t *label, rect_t area, side_t side);

/* Whether two labels stand in one line. */
bool slotline_level(const label_t *a, const label_t *b, lie_t lie);

#endif
