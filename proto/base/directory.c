/* directory: see directory.h. */
#include "directory.h"
#include "chance.h"
#include "memory.h"

#include <stdlib.h>

enum { ROOM_FIRST = 16 };

void directory_free(directory_t *directory)
{
    free(directory->entries);
    *directory = (directory_t){0};
}

static uint32_t home_of(const directory_t *directory, ident_t key)
{
    return (uint32_t)chance_mix(key.high ^ chance_mix(key.low ^ directory->seed)) & (directory->room - 1);
}

/* The entry of the key, or the unused one where it would stand. */
static uint32_t place_of(const directory_t *directory, ident_t key)
{
    uint32_t at = home_of(directory, key);
    while (directory->entries[at].used && !ident_equal(directory->entries[at].key, key))
        at = (at + 1) & (directory->room - 1);
    return at;
}

static void widen(directory_t *directory)
{
    directory_t wider = {.room = directory->room ? 2 * directory->room : ROOM_FIRST, .seed = directory->seed};
    wider.entries = memory_new(wider.room, sizeof *wider.entries);
    for (uint32_t i = 0; i < directory->room; i++)
        if (directory->entries[i].used)
            wider.entries[place_of(&wider, directory->entries[i].key)] = directory->entries[i];
    wider.count = directory->count;
    free(directory->entries);
    *directory = wider;
}

void directory_put(directory_t *directory, ident_t key, uint32_t value)
{
    if (2 * (directory->count + 1) > directory->room)
        widen(directory);
    directory_entry_t *entry = &directory->entries[place_of(directory, key)];
    directory->count += !entry->used;
    *entry = (directory_entry_t){key, value, true};
}

void directory_remove(directory_t *directory, ident_t key)
{
    if (directory->count == 0)
        return;
    uint32_t mask = directory->room - 1, hole = place_of(directory, key);
    if (!directory->entries[hole].used)
        return;
    directory->count--;
    /* whatever stands behind in the same run moves up, so that no search ends too early */
    for (uint32_t at = (hole + 1) & mask; directory->entries[at].used; at = (at + 1) & mask) {
        uint32_t home = home_of(directory, directory->entries[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            directory->entries[hole] = directory->entries[at];
            hole = at;
        }
    }
    directory->entries[hole].used = false;
}

bool directory_get(const directory_t *directory, ident_t key, uint32_t *value)
{
    if (directory->count == 0)
        return false;
    const directory_entry_t *entry = &directory->entries[place_of(directory, key)];
    if (entry->used)
        *value = entry->value;
    return entry->used;
}
