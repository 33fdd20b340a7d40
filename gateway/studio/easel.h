/* easel: what a picture costs in time: making the dossier that it is drawn from, and keeping it once it is drawn.
 *
 * Called in the studio's own thread, one picture at a time, which may wait for the store and for the place of the
 * blobs. Memory: the dossier of one document as it is kept (64 MiB at most) and decoded, for as long as it takes to
 * find a page in it.
 */
#ifndef YOGI_GATEWAY_EASEL_H
#define YOGI_GATEWAY_EASEL_H

#include "gateway/blobs/blobs.h"
#include "gateway/store/pictures.h"
#include "gateway/store/store.h"

/* Borrowed. */
typedef struct {
    store_t *store;
    blobs_t *blobs;
    int64_t grace_seconds; /* that a blob is held for beside the time its bytes take */
} easel_t;

/* Appends the dossier that the stage render draws the page from: the page as it was read, the timetables as they stand
 * in the store, and a URL of the document. -1 with the fault; FAULT_CANCELLED where the page does not show what the
 * print says any more. */
int easel_sketch(const easel_t *easel, const picture_place_t *place, const char *print, buf_t *dossier, fault_t *fault)
    __attribute__((warn_unused_result));

/* Keeps what was drawn: the bytes of the file under its digest, and the row. -1 with the fault; FAULT_CANCELLED where
 * the document has gone. */
int easel_keep(const easel_t *easel, const picture_place_t *place, const char *print, int fd, int64_t bytes,
               fault_t *fault) __attribute__((warn_unused_result));

#endif
