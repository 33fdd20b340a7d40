/* chance: see chance.h. */
#include "chance.h"

#include <assert.h>

uint64_t chance_next(chance_t *chance)
{
    return chance_mix(chance->state += 0x9E3779B97F4A7C15u);
}

uint64_t chance_below(chance_t *chance, uint64_t bound)
{
    assert(bound > 0);
    /* the high half of the product is even enough for every bound that is far below 2^64 */
    return (uint64_t)(((unsigned __int128)chance_next(chance) * bound) >> 64);
}
