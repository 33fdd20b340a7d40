/* subject: what the picture of a page is to show, as it stands in the store: the document, its timetables, and the
 * picture that there is. Looked at by whoever asks for one, and again by the easel that lets it be drawn.
 */
#ifndef YOGI_GATEWAY_SUBJECT_H
#define YOGI_GATEWAY_SUBJECT_H

#include "gateway/store/documents.h"
#include "gateway/store/pictures.h"
#include "gateway/store/timetables.h"
#include "proto/base/hash.h"

/* place and arena are the caller's; the rest is filled in. */
typedef struct {
    picture_place_t place;
    arena_t *arena;
    document_row_t document;
    timetable_list_t timetables; /* that are shown: those that a run has read, with what people made of them */
    picture_row_t picture;
    verdict_t found;      /* the document: DONE or NOT_FOUND */
    verdict_t read;       /* likewise the dossier of a run */
    char print[HASH_HEX]; /* where read: of everything that the picture shows; another one after every edit */
} subject_t;

/* In a task of the store. */
int subject_look(session_t *session, subject_t *subject, fault_t *fault) __attribute__((warn_unused_result));

/* Whether the picture that there is shows what is to be shown. */
bool subject_is_drawn(const subject_t *subject);

#endif
