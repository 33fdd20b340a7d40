/* dayplace: how far each day of an axis reaches, and days whose headings could not be read.
 *
 * Headings that fill cells reach as far as these; others to cuts in the print of the body (cuts.h).
 */
#ifndef YOGI_RULES_DAYPLACE_H
#define YOGI_RULES_DAYPLACE_H

#include "dayaxis.h"
#include "slots.h"

/* Sets the band of every day of the axis, within the area (px) of its table, and adds days that are missing between two
 * others, or at either end where the table goes on. The bands are made anew in the arena. */
void dayplace_fill(const view_t *view, dayaxis_t *days, rect_t area);

/* The first and the last day without cells end at the headings of times. */
void dayplace_trim(dayaxis_t *days, const slots_t *slots);

#endif
