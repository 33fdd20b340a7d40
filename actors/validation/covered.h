/* covered: how much of the print between a timetable's blocks lies in them. What does not was left out, or the blocks
 * are not where they should be. */
#ifndef YOGI_VALIDATION_COVERED_H
#define YOGI_VALIDATION_COVERED_H

#include "proto/dossier.h"

/* Share of the words inside the rectangle around the timetable's blocks that lie in one of them, over its pages; 1
 * where there are no words. Of very many words only every so-manieth is looked at. */
double covered_share(const dossier_t *dossier, const timetable_t *timetable);

#endif
