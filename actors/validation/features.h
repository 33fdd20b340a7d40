/* features: what the week as a whole says for or against each block, added to the evidence that the engine gave.
 *
 *     has_start, has_end   1 when it is known
 *     odd_length           1 under 5 minutes and over 200
 *     outside_hours        1 before 07:00 and after 19:00
 *     overlaps             1 when it shares time with a block of the day that has other bounds
 *     joined               share of its edges at which another block of the day ends or begins, or the day does
 *     same_slots           share of the other days that have a block with its very bounds
 *     same_edges           share of the other days that have a block with its start, and one with its end: the mean
 *     balance              blocks of its day against the usual number, the lesser by the greater
 *     clean                share of the name that is letters, digits and what stands between words
 *     short_name           1 when the name has fewer than three letters and digits
 *     complete             share of the document's blocks with both times
 *     few_blocks           1 when the document has under ten
 *     covered              share of the words between the timetable's blocks that lie in one of them
 *
 * Values are 0 to 1 and evidence like any other: weights.c says what they weigh.
 */
#ifndef YOGI_VALIDATION_FEATURES_H
#define YOGI_VALIDATION_FEATURES_H

#include "roll.h"

/* Adds them to every block of the roll. */
void features_add(dossier_t *dossier, const roll_t *roll);

#endif
