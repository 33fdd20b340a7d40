/* heap: see heap.h. */
#include "heap.h"
#include "memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHILDREN = 4, ROOM_FIRST = 16 };

void heap_free(heap_t *heap)
{
    free(heap->entries);
    heap->entries = NULL;
    heap->count = heap->room = 0;
}

void heap_places_free(heap_places_t *places)
{
    free(places->at);
    *places = (heap_places_t){0};
}

static bool before(const heap_entry_t *a, const heap_entry_t *b)
{
    return a->major != b->major ? a->major < b->major : a->minor < b->minor;
}

static void put(heap_t *heap, uint32_t at, heap_entry_t entry)
{
    heap->entries[at] = entry;
    heap->places->at[entry.item] = at + 1;
}

static void rise(heap_t *heap, uint32_t at, heap_entry_t entry)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / CHILDREN;
        if (!before(&entry, &heap->entries[parent]))
            break;
        put(heap, at, heap->entries[parent]);
        at = parent;
    }
    put(heap, at, entry);
}

static void sink(heap_t *heap, uint32_t at, heap_entry_t entry)
{
    for (;;) {
        uint32_t first = CHILDREN * at + 1, best = first;
        if (first >= heap->count)
            break;
        for (uint32_t child = first + 1; child < first + CHILDREN && child < heap->count; child++)
            if (before(&heap->entries[child], &heap->entries[best]))
                best = child;
        if (!before(&heap->entries[best], &entry))
            break;
        put(heap, at, heap->entries[best]);
        at = best;
    }
    put(heap, at, entry);
}

/* Half as much again each time: a million jobs must not pay for a second million. */
static uint32_t wider(uint32_t room, uint32_t need)
{
    room = room + room / 2 + ROOM_FIRST;
    return room > need ? room : need;
}

static void make_room(heap_t *heap, uint32_t item)
{
    heap_places_t *places = heap->places;
    if (item >= places->room) {
        uint32_t room = wider(places->room, item + 1);
        places->at = memory_grow(places->at, room, sizeof *places->at);
        memset(places->at + places->room, 0, (room - places->room) * sizeof *places->at);
        places->room = room;
    }
    if (heap->count == heap->room) {
        heap->room = wider(heap->room, heap->count + 1);
        heap->entries = memory_grow(heap->entries, heap->room, sizeof *heap->entries);
    }
}

void heap_add(heap_t *heap, uint64_t major, uint64_t minor, uint32_t item)
{
    make_room(heap, item);
    assert(heap->places->at[item] == 0);
    rise(heap, heap->count++, (heap_entry_t){major, minor, item});
}

void heap_remove(heap_t *heap, uint32_t item)
{
    assert(item < heap->places->room && heap->places->at[item] > 0);
    uint32_t at = heap->places->at[item] - 1;
    assert(at < heap->count && heap->entries[at].item == item);
    heap->places->at[item] = 0;
    heap_entry_t last = heap->entries[--heap->count];
    if (at == heap->count)
        return;
    if (at > 0 && before(&last, &heap->entries[(at - 1) / CHILDREN]))
        rise(heap, at, last);
    else
        sink(heap, at, last);
}
