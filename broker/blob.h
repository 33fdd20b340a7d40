/* blob: bytes that several things hold, a dossier above all: the job that travels and the records of it that its owner
 * has not yet acknowledged. Freed when the last lets go, at the end of the tick: what a step handed out stays readable
 * until the next one.
 */
#ifndef YOGI_BROKER_BLOB_H
#define YOGI_BROKER_BLOB_H

#include "proto/message.h"

/* Read through blob_slice alone. */
typedef struct {
    uint32_t holders; /* who has not let go */
    uint32_t size;    /* bytes */
    char bytes[];
} blob_t;

/* Blobs that nobody holds any more, until they are swept. Plain data; {0} is empty. */
typedef struct {
    blob_t **items;  /* to be freed */
    size_t count;    /* of them */
    size_t capacity; /* room */
} blob_yard_t;

/* A copy of the slice, held once; NULL for an empty one. Running out of memory aborts. */
blob_t *blob_new(slice_t bytes);

/* Holds it once more; takes and gives NULL. */
blob_t *blob_hold(blob_t *blob);

/* Lets go and nulls the caller's pointer; takes NULL inside. */
void blob_drop(blob_t **blob, blob_yard_t *yard);

/* Empty for NULL. */
static inline slice_t blob_slice(const blob_t *blob)
{
    return blob ? (slice_t){blob->bytes, blob->size} : (slice_t){0};
}

void blob_sweep(blob_yard_t *yard);     /* frees what nobody holds */
void blob_yard_free(blob_yard_t *yard); /* sweeps and gives the yard itself up */

#endif
