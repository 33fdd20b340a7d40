/* hash_block: what SHA-256 does with each 64 bytes; by the processor's own instructions where it has them, which take a
 * tenth of the time. For hash.c and its test.
 */
#ifndef YOGI_BASE_HASH_BLOCK_H
#define YOGI_BASE_HASH_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Works so many blocks into the chaining value. */
void hash_block(uint32_t state[8], const uint8_t *bytes, size_t blocks);

/* The same in plain C. */
void hash_block_plain(uint32_t state[8], const uint8_t *bytes, size_t blocks);

#endif
