/* blobs_place: what a place for blobs can do; blobs.c checks keys and hands on. Used by gateway/blobs alone. */
#ifndef YOGI_BLOBS_PLACE_H
#define YOGI_BLOBS_PLACE_H

#include "blobs.h"

typedef struct {
    int (*put)(blobs_t *, const char *key, int fd, int64_t bytes, const char *media, fault_t *);
    int (*get)(blobs_t *, const char *key, int64_t from, int64_t bytes, blobs_sink_fn *, void *user, fault_t *);
    int (*find)(blobs_t *, const char *key, blob_info_t *, fault_t *);
    int (*remove)(blobs_t *, const char *key, int64_t bytes, fault_t *);
    int (*list)(blobs_t *, blobs_visit_fn *, void *user, fault_t *);
    int (*url)(blobs_t *, const char *key, int seconds, buf_t *url, fault_t *);
    int (*check)(blobs_t *, fault_t *);
    void (*tidy)(blobs_t *, int64_t age_s); /* NULL = nothing is ever left */
    void (*close)(blobs_t *);
} blobs_place_t;

/* The first field of every place. */
struct blobs {
    const blobs_place_t *place;
};

/* Whether the text is "tenant/sha256". */
bool blobs_key_holds(const char *key);

#endif
