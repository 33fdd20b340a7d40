/* asides: rows of teachers or rooms below rows of subjects, each in cells of their own: "Physics" above "R. Nair". They
 * are the notes of what they stand under.
 */
#ifndef YOGI_RULES_ASIDES_H
#define YOGI_RULES_ASIDES_H

#include "piece.h"

/* Where nearly all cells that share a day and a slot two by two are a name and such an aside, the first takes the
 * second as its note. */
void asides_join(matrix_t *m);

#endif
