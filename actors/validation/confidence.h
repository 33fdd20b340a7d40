/* confidence: how sure each block is, 0 to 1, so that it means what it says: of the blocks at 0.9, nine in ten are
 * right.
 *
 * Logistic regression over the evidence (the engine's and features.h's), fitted by tests/tools/fit_confidence on
 * documents with truth; the weights stand in weights.c. Evidence that is absent counts as its usual value.
 */
#ifndef YOGI_VALIDATION_CONFIDENCE_H
#define YOGI_VALIDATION_CONFIDENCE_H

#include "proto/dossier.h"

typedef struct {
    const char *name; /* of the evidence; "" is the constant */
    double weight;
    double usual; /* its mean where it was fitted: what counts where it is absent */
} weight_t;

extern const weight_t confidence_weights[];
extern const size_t confidence_weights_count;

/* Fills the confidence of every block and timetable (its blocks' mean); returns the document's, the mean over all
 * blocks. */
double confidence_weigh(dossier_t *dossier);

#endif
