/* scale: a table whose headings are ticks of a clock: starts alone, even in px and in minutes, with entries that lie
 * anywhere between them. Found for matrix, which then reads times off the places of edges.
 */
#ifndef YOGI_RULES_SCALE_H
#define YOGI_RULES_SCALE_H

#include "piece.h"

/* Whether the headings are such ticks: minute = *a + *b * px by the middles of their print, *step minutes apart. */
bool scale_fits(const matrix_t *m, double *a, double *b, int *step);

/* Makes the slots a scale: where it begins exactly and to what it rounds follows from the edges of the cells. */
void scale_set(matrix_t *m, double a, double b, int step);

/* The time of an edge at px `at`, on a scale that is set. */
instant_t scale_time(const matrix_t *m, int at);

#endif
