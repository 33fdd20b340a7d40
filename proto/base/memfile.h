/* memfile: a file in memory that is written once, hashed meanwhile, and then sealed: whoever gets its descriptor can
 * map it and be sure that nobody changes it, whatever the one who wrote it does (memfd_create(2)). */
#ifndef YOGI_BASE_MEMFILE_H
#define YOGI_BASE_MEMFILE_H

#include "fault.h"
#include "hash.h"

#include <stddef.h>
#include <stdint.h>

/* Plain data; start with memfile_begin. */
typedef struct {
    int fd;        /* -1 = none */
    int64_t bytes; /* written */
    hash_t hash;   /* of them */
} memfile_t;

/* An empty one. -1 with the fault when the system has none; then there is nothing to drop. */
int memfile_begin(memfile_t *file, fault_t *fault) __attribute__((warn_unused_result));

/* Appends. -1 with the fault when there is no memory. */
int memfile_add(memfile_t *file, const void *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));

/* Seals it and hands its descriptor over, at offset 0 of nothing but reading and mapping; writes its digest. -1 with
 * the fault; the file is used up either way. */
int memfile_seal(memfile_t *file, char sha256[HASH_HEX], fault_t *fault) __attribute__((warn_unused_result));

/* Gives an unsealed one up. */
void memfile_drop(memfile_t *file);

#endif
