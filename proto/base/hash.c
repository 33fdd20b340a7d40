/* hash: see hash.h. */
#include "hash.h"

#include "hash_block.h"

#include <stdio.h>
#include <string.h>

void hash_begin(hash_t *hash)
{
    /* fractional parts of the square roots of the first eight primes (5.3.3) */
    *hash = (hash_t){
        {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, {0}, 0};
}

void hash_add(hash_t *hash, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    size_t held = hash->bytes % 64;
    hash->bytes += size;
    if (held + size < 64) {
        if (size)
            memcpy(hash->block + held, from, size);
        return;
    }
    if (held) {
        memcpy(hash->block + held, from, 64 - held);
        hash_block(hash->state, hash->block, 1);
        from += 64 - held;
        size -= 64 - held;
    }
    hash_block(hash->state, from, size / 64);
    memcpy(hash->block, from + size / 64 * 64, size % 64);
}

void hash_end(hash_t *hash, uint8_t out[HASH_BYTES])
{
    uint64_t bits = hash->bytes * 8;
    uint8_t padding[72] = {0x80};
    size_t held = hash->bytes % 64, zeros = held < 56 ? 56 - held : 120 - held;
    for (int i = 0; i < 8; i++)
        padding[zeros + (size_t)i] = (uint8_t)(bits >> (56 - 8 * i));
    hash_add(hash, padding, zeros + 8);
    for (int i = 0; i < HASH_BYTES; i++)
        out[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

char *hash_text(const uint8_t digest[HASH_BYTES], char out[HASH_HEX])
{
    for (int i = 0; i < HASH_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return out;
}

char *hash_hex(hash_t *hash, char out[HASH_HEX])
{
    uint8_t digest[HASH_BYTES];
    hash_end(hash, digest);
    return hash_text(digest, out);
}

void hash_hmac(const void *key, size_t key_size, const void *bytes, size_t size, uint8_t out[HASH_BYTES])
{
    uint8_t inner[64] = {0}, outer[64];
    hash_t hash;
    if (key_size > sizeof inner) {
        hash_begin(&hash);
        hash_add(&hash, key, key_size);
        hash_end(&hash, inner);
    } else if (key_size) {
        memcpy(inner, key, key_size);
    }
    for (size_t i = 0; i < sizeof inner; i++)
        outer[i] = inner[i] ^ 0x5c, inner[i] ^= 0x36;
    hash_begin(&hash);
    hash_add(&hash, inner, sizeof inner);
    hash_add(&hash, bytes, size);
    hash_end(&hash, out);
    hash_begin(&hash);
    hash_add(&hash, outer, sizeof outer);
    hash_add(&hash, out, HASH_BYTES);
    hash_end(&hash, out);
}
