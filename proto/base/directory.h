/* directory: from ids of 128 bits (of a job, a token, a connection) to small numbers. O(1). Ids that an enemy may
 * choose want a random seed. */
#ifndef YOGI_BASE_DIRECTORY_H
#define YOGI_BASE_DIRECTORY_H

#include "ident.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    ident_t key;
    uint32_t value;
    bool used;
} directory_entry_t;

/* Open addressing with linear probing, at most half full. Plain data; {0} is empty, {.seed = …} too. */
typedef struct {
    directory_entry_t *entries;
    uint32_t count, room; /* in use; reserved, a power of two */
    uint64_t seed;        /* of the hash */
} directory_t;

void directory_free(directory_t *directory);
void directory_put(directory_t *directory, ident_t key, uint32_t value); /* replaces */
void directory_remove(directory_t *directory, ident_t key);              /* nothing when it is not there */
bool directory_get(const directory_t *directory, ident_t key, uint32_t *value);

#endif
