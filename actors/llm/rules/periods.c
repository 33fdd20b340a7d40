/* periods: see periods.h. */
#include "periods.h"
#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Fewest periods that are a table. */
enum { PERIODS_LEAST = 3, LINE_MOST = 64 };

/* Where a time's name is looked for: `lie` DAYS_ARE_ROWS stands here for times in a row with names above them. */
static const label_t *name_of(const view_t *view, const label_t *time, lie_t lie)
{
    const label_t *best = NULL;
    int nearest = 0;
    extent_t t = rect_t_axis(time->box, lie), d = rect_d_axis(time->box, lie);
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        extent_t lt = rect_t_axis(label->box, lie), ld = rect_d_axis(label->box, lie);
        int away = d.lo - ld.hi;
        if (label == time || label->timed || label->part != time->part || extent_shared(t, lt) * 2 < extent_size(lt) ||
            away < -4 || away > 3 * extent_size(d) + 40 ||
            (label->cell >= 0 && label->cell == time->cell && !label->part))
            continue;
        if (!best || away < nearest)
            best = label, nearest = away;
    }
    return best;
}

static int by_minute(const void *a, const void *b)
{
    return ((const period_t *)a)->start - ((const period_t *)b)->start;
}

/* The period of one time label: its name stands with it, or beside it. */
static bool read_period(const view_t *view, const label_t *label, lie_t lie, period_t *period)
{
    if (!label->timed || (view_is_read(view) && label_is_end(label)))
        return false;
    const char *name = label->rest;
    if (!*name) {
        const label_t *beside = name_of(view, label, lie);
        if (!beside)
            return false;
        name = beside->text;
    }
    *period = (period_t){.name = name, .read = label->confidence};
    timetext_settle(&label->time, 6 * 60, &period->start, &period->end);
    return period->start >= 0;
}

static bool same_line(const label_t *a, const label_t *b, lie_t lie)
{
    extent_t x = rect_d_axis(a->ink, lie), y = rect_d_axis(b->ink, lie);
    return extent_shared(x, y) * 2 >= extent_narrower(x, y);
}

periods_t periods_of(const view_t *view)
{
    periods_t best = {0};
    const labels_t *labels = &view->labels;
    period_t *own = arena_array(view->arena, LINE_MOST, sizeof *own);
    for (size_t seed = 0; seed < labels->count; seed++)
        for (int l = 0; l < 2; l++) {
            size_t n = 0;
            if (!labels->items[seed].timed)
                continue;
            for (size_t i = 0; i < labels->count && n < LINE_MOST; i++)
                if (same_line(&labels->items[seed], &labels->items[i], (lie_t)l) &&
                    (labels->items[i].part == labels->items[seed].part) &&
                    read_period(view, &labels->items[i], (lie_t)l, &own[n]))
                    n++;
            if (n < PERIODS_LEAST || n <= best.count)
                continue;
            best.items = arena_array(view->arena, n, sizeof *own);
            memcpy(best.items, own, n * sizeof *own);
            best.count = n;
        }
    if (best.count)
        qsort(best.items, best.count, sizeof *best.items, by_minute);
    for (size_t i = 0; i + 1 < best.count; i++)
        if (best.items[i].end < 0)
            best.items[i].end = best.items[i + 1].start;
    return best;
}

static bool same_name(const char *a, const char *b)
{
    char x[128], y[128];
    text_plain(a, x, sizeof x);
    text_plain(b, y, sizeof y);
    return strcmp(x, y) == 0 || (strlen(x) > 4 && text_distance(x, y, 1) <= 1);
}

void periods_match(const periods_t *periods, const char *const *names, size_t count, int *out)
{
    size_t next = 0, found = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = -1;
        for (size_t j = next; names[i] && *names[i] && j < periods->count; j++)
            if (same_name(names[i], periods->items[j].name)) {
                out[i] = (int)j;
                next = j + 1;
                found++;
                break;
            }
    }
    if (periods->count == count && found * 2 >= count) /* misread names keep their place */
        for (size_t i = 0; i < count; i++)
            out[i] = out[i] < 0 ? (int)i : out[i];
}
