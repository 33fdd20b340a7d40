/* legible: whether what was read is writing that the loaded models know, or letters of another script taken for theirs.
 *
 * Used at the end of the stage ocr, over all pages that were read from pixels.
 */
#ifndef YOGI_OCR_LEGIBLE_H
#define YOGI_OCR_LEGIBLE_H

#include "proto/dossier.h"

#include <stdbool.h>

/* False when there are words enough to tell and nearly all of them are guesses. */
bool legible(const dossier_t *dossier);

#endif
