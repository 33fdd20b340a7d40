/* slottime: the times of a table's slots, solved together from their headings: a school day runs forward, what stands
 * out of order was misread, a start without an end ends at the next start.
 */
#ifndef YOGI_RULES_SLOTTIME_H
#define YOGI_RULES_SLOTTIME_H

#include "slots.h"

/* The moments of all headings in minutes; a heading that runs backward is moved by half a day, or dropped. */
void slottime_read(const view_t *view, slots_t *slots);

/* Ends that stand in a line of their own below the starts; `area` is where headings may stand. */
void slottime_second_line(const view_t *view, const dayaxis_t *days, rect_t area, slots_t *slots);

/* Takes away times that break the order alone: what their neighbours say stands. */
void slottime_drop_strays(slots_t *slots);

/* Gives slots without times those of the periods of their names. */
void slottime_from_periods(const view_t *view, const periods_t *periods, slots_t *slots);

/* Fills what is missing from the slots beside it. */
void slottime_fill(slots_t *slots);

#endif
