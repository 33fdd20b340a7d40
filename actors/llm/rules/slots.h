/* slots: the time axis of a table, the headings across the days. A slot is a heading's place along the axis with the
 * times that it gives, solved together: a school day runs forward, a start without an end ends at the next start.
 */
#ifndef YOGI_RULES_SLOTS_H
#define YOGI_RULES_SLOTS_H

#include "dayaxis.h"
#include "draft.h"
#include "periods.h"

typedef struct {
    extent_t place;       /* px along the time axis */
    extent_t ink;         /* px, of its print */
    const label_t *label; /* its time, or its name where it has none; NULL for an empty heading */
    instant_t start, end; /* minute -1 where unknown */
    const char *name;     /* what the heading calls it ("Break", "P1"), or NULL */
    const char *routine;  /* what takes place there every day, or NULL */
    bool foreign;         /* no time of the day: a column of totals or signatures */
} slot_t;

typedef struct {
    slot_t *items; /* by place */
    size_t count;
    bool celled;    /* every heading fills a cell */
    bool timed;     /* there are times */
    bool scale;     /* places are times: starts lie evenly, and blocks do not keep to the slots */
    double a, b;    /* minute = a + b * px, where scale */
    int snap;       /* minutes to which its times are rounded, where scale */
    extent_t heads; /* px along the day axis that the headings take */
} slots_t;

/* The headings of times for an axis of days; `area` is where its table may reach, px. count 0 where there are none. */
slots_t slots_of(const view_t *view, const dayaxis_t *days, rect_t area, const periods_t *periods);

/* Whether a heading is only a number of periods: "1", "P3", "Period 2", "IV", "Lesson 5", "Session 1". */
bool slots_is_number(const char *name);

#endif
