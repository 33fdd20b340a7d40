/* noise: see noise.h. The generator is C++'s minstd_rand: 48271 times the last, modulo 2^31 - 1. */
#include "noise.h"

#include <stdlib.h>

enum { MODULUS = 2147483647, FACTOR = 48271 };

static int64_t next(noise_t *noise)
{
    noise->state = noise->state * FACTOR % MODULUS;
    return (int64_t)noise->state;
}

static void begin(noise_t *noise)
{
    noise->state = (uint64_t)noise->seed * 0x10000001U % MODULUS;
    noise->state = noise->state ? noise->state : 1;
    (void)next(noise);
}

void noise_need(noise_t *noise, int count)
{
    if (noise->count >= count)
        return;
    if (!noise->items)
        begin(noise);
    count += count / 2;
    int8_t *items = realloc(noise->items, (size_t)count);
    if (!items)
        abort(); /* as memory */
    noise->items = items;
    while (noise->count < count) {
        double x = 127 * 2.0 * (double)next(noise) / MODULUS - 127;
        noise->items[noise->count++] = (int8_t)(x >= 0 ? (int)(x + 0.5) : -(int)(-x + 0.5));
    }
}

void noise_free(noise_t *noise)
{
    free(noise->items);
    *noise = (noise_t){0};
}
