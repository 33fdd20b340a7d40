/* review: whether a person should look at the document, and at what. */
#ifndef YOGI_VALIDATION_REVIEW_H
#define YOGI_VALIDATION_REVIEW_H

#include "proto/dossier.h"

/* Sets the outcome's status, `completed` or `needs_review`, from its confidence, the gate of the options (0.90 where
 * they set none) and the checks: an error is for a person whatever the confidence. Says in the outcome's message what
 * to look at. */
void review_decide(dossier_t *dossier);

#endif
