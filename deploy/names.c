/* names: see names.h. */
#include "names.h"
#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a stem: with "-100000.json" it stays below the 255 of file systems. */
enum { STEM_MOST = 200 };

/* The path's last part without its extension; "stdin" for the standard input. */
static char *stem_of(const char *path, arena_t *arena)
{
    if (strcmp(path, "-") == 0)
        return arena_text(arena, "stdin");
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    while (length > STEM_MOST || (length && ((unsigned char)name[length] & 0xC0) == 0x80))
        length--; /* never within a code point */
    char *stem = arena_text_n(arena, name, length);
    text_neuter(stem);
    if (stem[0] == '.')
        stem[0] = '_'; /* results are not hidden */
    return *stem ? stem : arena_text(arena, "document");
}

/* A set of texts, letters of either case alike, as a hash table with open addressing. */
typedef struct {
    const char **places; /* power of two; at most half full */
    size_t size;
} set_t;

/* The place of a name or the free one where it would go. The hash (FNV-1a) decides speed alone. */
static const char **place_of(const set_t *set, const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *p = name; *p; p++)
        hash = (hash ^ (unsigned char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p)) * 1099511628211u;
    for (size_t i = hash;; i++) {
        const char **place = &set->places[i & (set->size - 1)];
        if (!*place || strcasecmp(*place, name) == 0)
            return place;
    }
}

const char **names_make(const inputs_t *inputs, const char *extension, arena_t *arena)
{
    const char **names = arena_array(arena, inputs->count + 1, sizeof *names);
    set_t set = {.size = 16};
    while (set.size < 2 * (inputs->count + 1))
        set.size *= 2;
    set.places = arena_array(arena, set.size, sizeof *set.places);
    for (size_t i = 0; i < inputs->count; i++) {
        const char *stem = stem_of(inputs->items[i].path, arena);
        const char *name = arena_format(arena, "%s.%s", stem, extension);
        for (int n = 2; *place_of(&set, name); n++)
            name = arena_format(arena, "%s-%d.%s", stem, n, extension);
        *place_of(&set, name) = names[i] = name;
    }
    return names;
}
