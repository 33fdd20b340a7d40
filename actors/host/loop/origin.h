/* origin: what a host reads of a dossier: where its document is. Nothing else in it is looked at. Pure. */
#ifndef YOGI_HOST_ORIGIN_H
#define YOGI_HOST_ORIGIN_H

#include "proto/base/arena.h"
#include "proto/message.h"

typedef struct {
    const char *url;    /* never NULL */
    const char *sha256; /* that it must have; NULL = any */
    int64_t bytes;      /* that it must have; 0 = any */
} origin_t;

/* Texts are in the arena. -1 with the fault where the bytes are no dossier, or it names no source. */
int origin_read(slice_t dossier, arena_t *arena, origin_t *origin, fault_t *fault) __attribute__((warn_unused_result));

#endif
