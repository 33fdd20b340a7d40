/* chance: random numbers that are the same again for the same seed: jitter, and everything a test throws. Not for keys
 * or ids. Source: splitmix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
 */
#ifndef YOGI_BASE_CHANCE_H
#define YOGI_BASE_CHANCE_H

#include <stdint.h>

/* Plain data; any state is a seed. */
typedef struct {
    uint64_t state; /* changes with every number taken */
} chance_t;

uint64_t chance_next(chance_t *chance);                  /* any 64 bits */
uint64_t chance_below(chance_t *chance, uint64_t bound); /* 0 … bound - 1; bound is not 0 */

/* The mixing step alone: a hash of 64 bits. */
static inline uint64_t chance_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

#endif
