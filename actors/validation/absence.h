/* absence: why no timetable was found, in a sentence. */
#ifndef YOGI_VALIDATION_ABSENCE_H
#define YOGI_VALIDATION_ABSENCE_H

#include "proto/dossier.h"

/* "not a timetable: …", from what is on the dossier's pages: words, times, names of days. Lies in the dossier's arena.
 */
const char *absence_explain(const dossier_t *dossier);

#endif
