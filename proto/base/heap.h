/* heap: a priority queue of numbered items, smallest key first; adding, taking and removing from anywhere are O(log n).
 *
 * Where an item lies is kept in an array that several heaps may share as long as an item is in one of them at a time:
 * the queues of all stages share one. Four children to a node: one cache line of keys, and half the depth.
 */
#ifndef YOGI_BASE_HEAP_H
#define YOGI_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t major, minor; /* the key: major first */
    uint32_t item;
} heap_entry_t;

/* Where each item lies, from 1; 0 = nowhere. Plain data; {0} is empty. */
typedef struct {
    uint32_t *at;  /* by item */
    uint32_t room; /* items */
} heap_places_t;

/* Plain data; {.places = &shared} is an empty heap. */
typedef struct {
    heap_entry_t *entries; /* the tree */
    uint32_t count, room;  /* in use and reserved */
    heap_places_t *places; /* shared */
} heap_t;

void heap_free(heap_t *heap); /* the items' places are left as they are */
void heap_places_free(heap_places_t *places);

void heap_add(heap_t *heap, uint64_t major, uint64_t minor, uint32_t item); /* the item is in none of the heaps */
void heap_remove(heap_t *heap, uint32_t item);                              /* the item is in this heap */

/* In any of the heaps that share places. */
static inline bool heap_has(const heap_t *heap, uint32_t item)
{
    return item < heap->places->room && heap->places->at[item] > 0;
}

/* NULL when empty. */
static inline const heap_entry_t *heap_top(const heap_t *heap)
{
    return heap->count ? &heap->entries[0] : NULL;
}

#endif
