/* hash: SHA-256 of bytes as they come, and HMAC with it. Sources: FIPS 180-4, RFC 2104. */
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

enum { HASH_BYTES = 32, HASH_HEX = 2 * HASH_BYTES + 1 };

void hash_begin(hash_t *hash);
void hash_add(hash_t *hash, const void *bytes, size_t size);

/* The digest as lower-case hex; the hash is used up. Returns out. */
char *hash_hex(hash_t *hash, char out[HASH_HEX]);

/* The digest as bytes; the hash is used up. */
void hash_end(hash_t *hash, uint8_t out[HASH_BYTES]);

/* HMAC-SHA256 of the bytes under the key. */
void hash_hmac(const void *key, size_t key_size, const void *bytes, size_t size, uint8_t out[HASH_BYTES]);

/* Bytes of a digest as lower-case hex. Returns out. */
char *hash_text(const uint8_t digest[HASH_BYTES], char out[HASH_HEX]);

#endif
