/* memory: see memory.h. */
#include "memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void *or_abort(void *block)
{
    if (!block) {
        fputs("yogi: out of memory\n", stderr);
        abort();
    }
    return block;
}

void *memory_new(size_t count, size_t size)
{
    return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *memory_grow(void *block, size_t count, size_t size)
{
    assert(size == 0 || count <= SIZE_MAX / 2 / size);
    size_t bytes = count * size;
    return or_abort(realloc(block, bytes ? bytes : 1));
}
