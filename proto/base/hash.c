/* hash: see hash.h. */
#include "hash.h"

#include <stdio.h>
#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static void work_in(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25), choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + s1 + choice + constants[i] + w[i];
        uint32_t s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22);
        uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

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
        work_in(hash->state, hash->block);
        from += 64 - held;
        size -= 64 - held;
    }
    for (; size >= 64; from += 64, size -= 64)
        work_in(hash->state, from);
    memcpy(hash->block, from, size);
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
