/* pictures: pages that were drawn, one for each document, page and choice of what is drawn over it, and what each one
 * shows. Their objects are blobs as those of documents are (holds.h): held, put, and from then on kept by the row.
 *
 * What a picture shows is told by its print, which whoever draws makes of everything that goes into it: a picture of
 * another print is none. There is one row for a page and its layers at most: the next one takes its place, and its blob
 * is let go. Called in tasks of the store (store.h).
 */
#ifndef YOGI_GATEWAY_PICTURES_H
#define YOGI_GATEWAY_PICTURES_H

#include "proto/base/arena.h"
#include "session.h"

/* Which page. */
typedef struct {
    const char *tenant;
    view_t document;
    int64_t page;    /* from 1 */
    unsigned layers; /* that are drawn over it: layer_t bits */
} picture_place_t;

typedef struct {
    const char *run;    /* that has left the document's dossier */
    const char *print;  /* what the picture shows; NULL = there is none */
    const char *sha256; /* its blob; likewise */
    int64_t bytes;      /* of it */
} picture_row_t;

/* DONE, with the picture where there is one; NOT_FOUND: no run has left a dossier. */
int pictures_get(session_t *session, const picture_place_t *place, arena_t *arena, picture_row_t *row,
                 verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* The picture is this one from now on. birth: what holds_take said of its blob, which has been put. DONE; NOT_FOUND:
 * the document has gone; BLOB_AWAY. */
int pictures_put(session_t *session, const picture_place_t *place, const picture_row_t *row, const char *birth,
                 verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* Locks the blobs of a document's pictures, and lets them go once its rows are gone; for documents_delete, between
 * which it deletes. */
typedef struct {
    const char **digests; /* in the arena */
    size_t count;
} picture_blobs_t;

int pictures_lock(session_t *session, const char *tenant, view_t document, arena_t *arena, picture_blobs_t *blobs,
                  fault_t *fault) __attribute__((warn_unused_result));
int pictures_let_go(session_t *session, const char *tenant, const picture_blobs_t *blobs, fault_t *fault)
    __attribute__((warn_unused_result));

/* Forgets pictures that are older, so many at a time at most, as its statement has it. */
enum { PICTURES_SWEEP_MOST = 100 };

int pictures_sweep(session_t *session, int64_t age_ms, int64_t *forgotten, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
