/* cuts: where a column or a row ends, when nothing is drawn between it and the next. */
#ifndef YOGI_RULES_CUTS_H
#define YOGI_RULES_CUTS_H

#include "view.h"

/* The place between two positions along an axis (px) that crosses the fewest words of the area, on edges of cells where
 * there are some, else in the middle of the widest gap. `along_t` says whether the cut parts slots of time or days. */
int cut_between(const view_t *view, rect_t area, lie_t lie, bool along_t, int from, int to);

#endif
