/* linecache: see linecache.h. */
#include "linecache.h"

#include <stdlib.h>

/* Most pictures kept: a page has 400 lines. */
enum { ENTRIES_MOST = 600 };

/* Grey under which a pixel is ink, and the difference of grey that counts as another pixel. */
enum { INK = 128, OTHER = 90 };

typedef struct {
    picture_t *line;    /* owned */
    readings_t reading; /* items belong to the page's arena */
    int ink;            /* pixels of ink */
} entry_t;

struct linecache {
    entry_t items[ENTRIES_MOST]; /* as they came */
    int count;                   /* entries */
};

linecache_t *linecache_new(void)
{
    linecache_t *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort(); /* as arena */
    return cache;
}

void linecache_destroy(linecache_t **cache)
{
    if (!cache || !*cache)
        return;
    for (int i = 0; i < (*cache)->count; i++)
        picture_destroy(&(*cache)->items[i].line);
    free(*cache);
    *cache = NULL;
}

static int count_ink(const picture_t *line)
{
    int ink = 0;
    for (int y = 0; y < line->height; y++)
        for (int x = 0; x < line->width; x++)
            ink += line->pixels[(size_t)y * line->stride + (size_t)x] < INK;
    return ink;
}

/* Pixels that differ much, up to limit + 1. */
static int difference(const picture_t *a, const picture_t *b, int limit)
{
    int w = a->width < b->width ? a->width : b->width, h = a->height < b->height ? a->height : b->height, sum = 0;
    for (int y = 0; y < h && sum <= limit; y++) {
        const uint8_t *p = a->pixels + (size_t)y * a->stride, *q = b->pixels + (size_t)y * b->stride;
        for (int x = 0; x < w; x++)
            sum += abs(p[x] - q[x]) > OTHER;
    }
    return sum;
}

bool linecache_find(const linecache_t *cache, const picture_t *line, readings_t *out)
{
    int ink = count_ink(line);
    for (int i = 0; i < cache->count; i++) {
        const entry_t *e = &cache->items[i];
        if (abs(e->line->width - line->width) > 2 || abs(e->line->height - line->height) > 1 ||
            abs(e->ink - ink) > ink / 20 || difference(e->line, line, ink / 25) > ink / 25)
            continue;
        *out = e->reading;
        return true;
    }
    return false;
}

void linecache_add(linecache_t *cache, const picture_t *line, const readings_t *reading)
{
    if (cache->count == ENTRIES_MOST)
        return; /* the rest of the page is read without it */
    picture_t *copy = picture_clone(line);
    if (copy)
        cache->items[cache->count++] = (entry_t){copy, *reading, count_ink(line)};
}
