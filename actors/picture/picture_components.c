/* picture_components: see picture_components.h. */
#include "picture_components.h"

#include "disjoint.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int runs_push(components_t *c, int *capacity, run_t run)
{
    if (c->run_count == *capacity) {
        int more = *capacity ? *capacity * 2 : 4096;
        run_t *runs = realloc(c->runs, (size_t)more * sizeof *runs);
        if (!runs)
            return -1;
        c->runs = runs;
        *capacity = more;
    }
    c->runs[c->run_count++] = run;
    return 0;
}

/* Whether none of eight values is over the threshold: a carry into the highest bit of a byte says that one is. */
static bool none_over(const uint8_t *v, int threshold)
{
    const uint64_t each = 0x0101010101010101, high = each << 7;
    uint64_t eight;
    memcpy(&eight, v, 8);
    if (threshold < 0 || threshold > 127)
        return eight == 0;
    return ((((eight & ~high) + (uint64_t)(127 - threshold) * each) | eight) & high) == 0;
}

static int row_runs(const uint8_t *row, int width, int y, int threshold, int gap, int run_least, components_t *c,
                    int *capacity)
{
    int x = 0;
    while (x < width) {
        while (x + 8 <= width && none_over(row + x, threshold)) /* most of a mask is empty */
            x += 8;
        while (x < width && row[x] <= threshold)
            x++;
        if (x >= width)
            break;
        int x0 = x, end = x;
        while (x < width && x - end <= gap) {
            if (row[x] > threshold)
                end = x + 1;
            x++;
        }
        if (end - x0 >= run_least && runs_push(c, capacity, (run_t){y, x0, end, c->run_count}))
            return -1;
    }
    return 0;
}

static int number_components(components_t *c, int *parent)
{
    for (int i = 0; i < c->run_count; i++)
        if (disjoint_root(parent, i) == i)
            c->count++;
    c->items = calloc((size_t)(c->count ? c->count : 1), sizeof *c->items);
    int *number = calloc((size_t)c->run_count + 1, sizeof *number);
    if (!c->items || !number) {
        free(number);
        return -1;
    }
    int next = 0;
    for (int i = 0; i < c->run_count; i++) {
        run_t *run = &c->runs[i];
        int root = disjoint_root(parent, i);
        if (root == i) {
            number[i] = next;
            c->items[next++] = (component_t){run->x0, run->y, run->x1 - run->x0, 1, 0, i};
        }
        run->component = number[root];
        component_t *item = &c->items[run->component];
        int x1 = item->x + item->w > run->x1 ? item->x + item->w : run->x1;
        item->x = item->x < run->x0 ? item->x : run->x0;
        item->w = x1 - item->x;
        item->h = run->y - item->y + 1;
        item->area += run->x1 - run->x0;
    }
    free(number);
    return 0;
}

int components_find_runs(const picture_t *grey, int threshold, int gap, int run_least, components_t *c)
{
    *c = (components_t){0};
    int capacity = 0;
    int *starts = malloc((size_t)(grey->height + 1) * sizeof *starts), *parent = NULL;
    if (!starts)
        return -1;
    for (int y = 0; y < grey->height; y++) {
        starts[y] = c->run_count;
        if (row_runs(grey->pixels + (size_t)y * grey->stride, grey->width, y, threshold, gap, run_least, c, &capacity))
            goto failed;
    }
    starts[grey->height] = c->run_count;
    parent = calloc((size_t)c->run_count + 1, sizeof *parent);
    if (!parent)
        goto failed;
    for (int i = 0; i < c->run_count; i++)
        parent[i] = i;
    for (int y = 1; y < grey->height; y++) {
        int above = starts[y - 1];
        for (int i = starts[y]; i < starts[y + 1]; i++) {
            while (above < starts[y] && c->runs[above].x1 < c->runs[i].x0)
                above++;
            for (int j = above; j < starts[y] && c->runs[j].x0 <= c->runs[i].x1; j++)
                disjoint_join(parent, i, j);
        }
    }
    if (number_components(c, parent))
        goto failed;
    free(parent);
    free(starts);
    return 0;
failed:
    free(parent);
    free(starts);
    components_free(c);
    return -1;
}

int components_find(const picture_t *mask, components_t *components)
{
    return components_find_runs(mask, 0, 0, 1, components);
}

void components_free(components_t *components)
{
    free(components->runs);
    free(components->items);
    *components = (components_t){0};
}
