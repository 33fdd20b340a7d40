/* arena: see arena.h. Chunks in a list, each at least twice the one before up to a limit. */
#include "arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* First and largest ordinary chunk, bytes: a small dossier fits the first; past the second doubling only wastes. LARGE:
 * what malloc asks the system for (mallopt(3), M_MMAP_THRESHOLD). */
enum { CHUNK_FIRST = 16 * 1024, CHUNK_MOST = 1024 * 1024, LARGE = 128 * 1024, ALIGN = _Alignof(max_align_t) };

typedef struct chunk {
    struct chunk *next; /* older chunk */
    size_t size;        /* bytes of room */
    size_t used;        /* bytes taken */
    bool zeroed;        /* what is not taken is zero */
    max_align_t room[]; /* the memory */
} chunk_t;

struct arena {
    chunk_t *chunks;   /* newest first */
    size_t next_bytes; /* size of the next ordinary chunk */
    size_t bytes;      /* taken in all */
};

static chunk_t *chunk_new(size_t size)
{
    bool large = size >= LARGE; /* fresh pages are zero; of a small one most is never taken */
    chunk_t *chunk = large ? calloc(1, sizeof *chunk + size) : malloc(sizeof *chunk + size);
    if (!chunk) {
        fputs("yogi: out of memory\n", stderr);
        abort();
    }
    chunk->used = 0;
    chunk->size = size;
    chunk->zeroed = large;
    return chunk;
}

arena_t *arena_new(void)
{
    arena_t *arena = calloc(1, sizeof *arena);
    if (!arena) {
        fputs("yogi: out of memory\n", stderr);
        abort();
    }
    arena->next_bytes = CHUNK_FIRST;
    return arena;
}

void arena_destroy(arena_t **arena)
{
    if (!arena || !*arena)
        return;
    for (chunk_t *chunk = (*arena)->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(*arena);
    *arena = NULL;
}

void arena_clear(arena_t *arena)
{
    chunk_t *chunk = arena->chunks;
    for (chunk_t *next; chunk && chunk->next; chunk = next) { /* all but the oldest, which is the smallest */
        next = chunk->next;
        free(chunk);
    }
    if (chunk) {
        chunk->used = 0;
        chunk->zeroed = false;
    }
    arena->chunks = chunk;
    arena->bytes = 0;
}

void *arena_take(arena_t *arena, size_t size)
{
    assert(size <= SIZE_MAX / 2);
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    chunk_t *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < size) {
        chunk = chunk_new(size > arena->next_bytes / 2 ? size + arena->next_bytes / 2 : arena->next_bytes);
        if (arena->next_bytes < CHUNK_MOST)
            arena->next_bytes *= 2;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *place = (char *)chunk->room + chunk->used;
    chunk->used += size;
    arena->bytes += size;
    return chunk->zeroed ? place : memset(place, 0, size);
}

void *arena_array(arena_t *arena, size_t count, size_t size)
{
    assert(size == 0 || count <= SIZE_MAX / 2 / size);
    return arena_take(arena, count * size);
}

char *arena_text(arena_t *arena, const char *text)
{
    return text ? arena_text_n(arena, text, strlen(text)) : NULL;
}

char *arena_text_n(arena_t *arena, const char *text, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *arena_format(arena_t *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = arena_take(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

size_t arena_bytes(const arena_t *arena)
{
    return arena->bytes;
}
