/* directory: from the number that the loop gives a connection to the number of the peer behind it. */
#ifndef YOGI_BROKER_DIRECTORY_H
#define YOGI_BROKER_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t key;
    uint32_t value;
    bool used;
} directory_entry_t;

/* Open addressing with linear probing, at most half full. Plain data; {0} is empty. */
typedef struct {
    directory_entry_t *entries;
    uint32_t count, room; /* in use; reserved, a power of two */
} directory_t;

void directory_free(directory_t *directory);
void directory_put(directory_t *directory, uint64_t key, uint32_t value); /* replaces */
void directory_remove(directory_t *directory, uint64_t key);              /* nothing when it is not there */
bool directory_get(const directory_t *directory, uint64_t key, uint32_t *value);

#endif
