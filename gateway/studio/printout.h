/* printout: a dossier as it is exported and drawn: what the last run left of the document, with the timetables as they
 * stand in the store, corrected by whoever has corrected them. Pure.
 */
#ifndef YOGI_GATEWAY_PRINTOUT_H
#define YOGI_GATEWAY_PRINTOUT_H

#include "gateway/store/documents.h"
#include "gateway/store/timetables.h"
#include "proto/dossier.h"

/* How many rows of a document are shown: those that a run has read, which come first, or the first one there is. */
size_t printout_count(const timetable_list_t *list);

/* Replaces the dossier's timetables by the rows. What was checked of the document is dropped where somebody has
 * approved another text since. Blocks that make no sense (the demo's files are anybody's) are left out. */
void printout_fill(dossier_t *dossier, const timetable_row_t *rows, size_t count);

/* A dossier for a document that has none: of the demo, or a timetable of no document (document NULL). */
dossier_t *printout_new(const document_row_t *document);

#endif
