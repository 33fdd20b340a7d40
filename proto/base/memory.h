/* memory: what has a life of its own. Running out of it aborts the process, as in arena: whoever started it starts it
 * again. */
#ifndef YOGI_BASE_MEMORY_H
#define YOGI_BASE_MEMORY_H

#include <stddef.h>

/* count * size bytes zeroed; the product is checked. */
void *memory_new(size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* The block with room for count * size bytes, as it was; what is new is not zeroed. NULL is an empty block. */
void *memory_grow(void *block, size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));

#endif
