/* publish: drafts into the dossier, with reasons and evidence. */
#ifndef YOGI_RULES_PUBLISH_H
#define YOGI_RULES_PUBLISH_H

#include "draft.h"
#include "proto/dossier.h"
#include "view.h"

/* What the evidence says of the table as a whole. */
typedef struct {
    double plausible; /* 0 … 1, how much like a week it looks */
    double margin;    /* 0 … 1, over the next best reading of the page */
} standing_t;

/* Appends the drafts to a timetable, sorted, without doubles. *number counts the document's blocks. */
void publish(const view_t *view, drafts_t *drafts, standing_t standing, timetable_t *table, int *number);

#endif
