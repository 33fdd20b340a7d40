/* tables: see tables.h. */
#include "tables.h"

#include "actors/picture/disjoint.h"

#include <math.h>
#include <stdlib.h>

static int overlap(const segment_t *a, const segment_t *b)
{
    return (a->to < b->to ? a->to : b->to) - (a->from > b->from ? a->from : b->from);
}

/* How far s lies beside segments, px along it: a step beside rules of any length, a pale line beside longer segments
 * that are none. */
static int beside(const lines_t *lines, const segment_t *s, double near)
{
    enum { LONGER = 2 };
    int covered = 0;
    for (int j = 0; j < lines->count; j++) {
        const segment_t *r = &lines->items[j];
        bool casts = s->kind == LINE_STEP ? r->kind != LINE_STEP
                                          : r->kind != LINE_PALE && r->to - r->from >= LONGER * (s->to - s->from);
        if (casts && r->direction == s->direction && fabs(r->at - s->at) <= near + r->thick / 2) {
            int shared = overlap(r, s);
            covered += shared > 0 ? shared : 0;
        }
    }
    return covered;
}

/* A rule makes a step on each of its sides, and the white between a banner and the print below it a pale line: the
 * rule and the banner's border alone count. */
static void drop_shadows(lines_t *lines, double text)
{
    double near = fmax(4, 0.3 * text);
    int kept = 0;
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        bool may = s->kind == LINE_STEP || s->kind == LINE_PALE;
        /* kept segments move down over dropped ones; only shadows are dropped, so what casts them is intact */
        if (!may || beside(lines, s, near) < 0.7 * (s->to - s->from))
            lines->items[kept++] = *s;
    }
    lines->count = kept;
}

static bool touches(const segment_t *a, const segment_t *b, double near)
{
    if (a->direction == b->direction)
        return fabs(a->at - b->at) <= near && overlap(a, b) >= -near;
    return a->at >= b->from - near && a->at <= b->to + near && b->at >= a->from - near && b->at <= a->to + near;
}

/* Whether another segment meets this one's end at `place` along it. */
static bool anchored(const lines_t *lines, int i, int place, double near)
{
    const segment_t *s = &lines->items[i];
    for (int j = 0; j < lines->count; j++) {
        const segment_t *o = &lines->items[j];
        if (j == i)
            continue;
        if (o->direction != s->direction) {
            if (fabs(o->at - place) <= near + o->thick && s->at >= o->from - near && s->at <= o->to + near)
                return true;
        } else if (fabs(o->at - s->at) <= near && o->from <= place + near && o->to >= place - near &&
                   overlap(o, s) < (s->to - s->from) / 2) {
            return true;
        }
    }
    return false;
}

/* Short segments without others at both ends are strokes of letters. */
static int drop_strokes(lines_t *lines, double text)
{
    double near = fmax(3, 0.4 * text);
    bool *keep = malloc((size_t)(lines->count + 1) * sizeof *keep);
    if (!keep)
        return -1;
    for (int round = 0; round < 3; round++) {
        int kept = 0;
        for (int i = 0; i < lines->count; i++) {
            const segment_t *s = &lines->items[i];
            keep[i] =
                s->to - s->from >= 5 * text || (anchored(lines, i, s->from, near) && anchored(lines, i, s->to, near));
        }
        for (int i = 0; i < lines->count; i++)
            if (keep[i])
                lines->items[kept++] = lines->items[i];
        bool same = kept == lines->count;
        lines->count = kept;
        if (same)
            break;
    }
    free(keep);
    return 0;
}

int tables_find(lines_t *lines, double text, tables_t *tables)
{
    *tables = (tables_t){0};
    drop_shadows(lines, text);
    if (drop_strokes(lines, text))
        return -1;
    double near = fmax(3, 0.4 * text);
    int n = lines->count;
    tables->of = malloc((size_t)(n + 1) * sizeof *tables->of);
    int *parent = malloc((size_t)(n + 1) * sizeof *parent);
    if (!tables->of || !parent) {
        free(parent);
        tables_free(tables);
        return -1;
    }
    for (int i = 0; i < n; i++)
        parent[i] = i, tables->of[i] = -1;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
            if (touches(&lines->items[i], &lines->items[j], near))
                disjoint_join(parent, i, j);
    for (int i = 0; i < n; i++) {
        int root = disjoint_root(parent, i);
        if (root == i)
            tables->of[i] = tables->count++;
        else
            tables->of[i] = tables->of[root];
    }
    free(parent);
    return 0;
}

void tables_free(tables_t *tables)
{
    free(tables->of);
    *tables = (tables_t){0};
}
