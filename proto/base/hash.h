/* hash: SHA-256 of bytes as they come. Source: FIPS 180-4. */
#ifndef YOGI_BASE_HASH_H
#define YOGI_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Plain data; start with hash_begin. */
typedef struct {
    uint32_t state[8]; /* chaining value */
    uint8_t block[64]; /* bytes not yet worked in */
    uint64_t bytes;    /* so far */
} hash_t;

enum { HASH_HEX = 64 + 1 };

void hash_begin(hash_t *hash);
void hash_add(hash_t *hash, const void *bytes, size_t size);

/* The digest as lower-case hex; the hash is used up. Returns out. */
char *hash_hex(hash_t *hash, char out[HASH_HEX]);

#endif
