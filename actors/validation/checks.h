/* checks: what a person who knows weeks of school would ask about this one. Nothing is repaired: what the page prints
 * stays, and each check names the blocks that it is about.
 */
#ifndef YOGI_VALIDATION_CHECKS_H
#define YOGI_VALIDATION_CHECKS_H

#include "roll.h"

/* Adds the checks of every rule to the dossier, in the order of the rules. */
void checks_run(dossier_t *dossier, const roll_t *roll);

#endif
