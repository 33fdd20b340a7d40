/* wordmap: see wordmap.h. Open addressing with linear probing, at most half full; the hash is SipHash-like mixing under
 * a random seed, for the words are chosen by others. */
#include "wordmap.h"
#include "proto/base/arena.h"
#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

typedef struct {
    view_t word; /* at NULL: free */
    uint64_t number;
} entry_t;

struct wordmap {
    arena_t *arena; /* of the words */
    entry_t *entries;
    uint64_t room, count; /* reserved (a power of two), in use */
    uint64_t seed;
};

wordmap_t *wordmap_new(void)
{
    wordmap_t *map = memory_new(1, sizeof *map);
    map->arena = arena_new();
    map->room = 64;
    map->entries = memory_new(map->room, sizeof *map->entries);
    if (getrandom(&map->seed, sizeof map->seed, GRND_NONBLOCK) < 0)
        map->seed = (uint64_t)(uintptr_t)map;
    return map;
}

void wordmap_destroy(wordmap_t **map)
{
    if (!map || !*map)
        return;
    arena_destroy(&(*map)->arena);
    free((*map)->entries);
    free(*map);
    *map = NULL;
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    return x ^ x >> 32;
}

static uint64_t hash_of(const wordmap_t *map, view_t word)
{
    uint64_t hash = map->seed ^ word.size, part;
    for (size_t i = 0; i < word.size; i += 8) {
        part = 0;
        memcpy(&part, word.at + i, word.size - i < 8 ? word.size - i : 8);
        hash = mix(hash ^ part);
    }
    return mix(hash);
}

/* The word's entry, or the free one where it belongs. */
static entry_t *find(const wordmap_t *map, view_t word)
{
    for (uint64_t i = hash_of(map, word);; i++) {
        entry_t *entry = &map->entries[i & (map->room - 1)];
        if (!entry->word.at || (entry->word.size == word.size && memcmp(entry->word.at, word.at, word.size) == 0))
            return entry;
    }
}

static void grow(wordmap_t *map)
{
    entry_t *old = map->entries;
    uint64_t room = map->room;
    map->room *= 2;
    map->entries = memory_new(map->room, sizeof *map->entries);
    for (uint64_t i = 0; i < room; i++)
        if (old[i].word.at)
            *find(map, old[i].word) = old[i];
    free(old);
}

void wordmap_put(wordmap_t *map, view_t word, uint64_t number)
{
    entry_t *entry = find(map, word);
    if (entry->word.at) {
        entry->number = number;
        return;
    }
    *entry = (entry_t){{arena_text_n(map->arena, word.at, word.size), word.size}, number};
    if (2 * ++map->count > map->room)
        grow(map);
}

bool wordmap_get(const wordmap_t *map, view_t word, uint64_t *number)
{
    const entry_t *entry = find(map, word);
    if (entry->word.at && number)
        *number = entry->number;
    return entry->word.at != NULL;
}
