/* features: what the week as a whole says for or against each block, added to the evidence that the engine gave. Values
 * are 0 to 1.
 */
#ifndef YOGI_VALIDATION_FEATURES_H
#define YOGI_VALIDATION_FEATURES_H

#include "roll.h"

/* Adds to every block: has_start, has_end, odd_length, overlaps, balance (blocks of its day against the usual number),
 * same_slots (the share of other days that have a block at its very times), complete (share of the document's blocks
 * with both times), outside_hours, few_blocks. */
void features_add(dossier_t *dossier, const roll_t *roll);

#endif
