/* cellentries: several entries below each other in one cell, told by the times among their lines. */
#ifndef YOGI_RULES_CELLENTRIES_H
#define YOGI_RULES_CELLENTRIES_H

#include "slots.h"

/* Entries each with its time before or behind it: begins[] is where each begins. Returns how many, 0 where it is no
 * such list. */
size_t cellentries_of(const phrase_t *const *phrases, size_t count, size_t *begins);

/* "Science / 2.15 PE" below 1.15 – 3.00: the second begins within the slots first … after that the cell covers (-1
 * none).
 */
size_t cellentries_later(const slots_t *slots, int first, int after, const phrase_t *const *phrases, size_t count,
                         size_t *begins);

#endif
