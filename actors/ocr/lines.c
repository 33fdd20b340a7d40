/* lines: see lines.h. */
#include "lines.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"

#include <math.h>
#include <stdlib.h>

static int push(lines_t *lines, int *capacity, segment_t segment)
{
    if (lines->count == *capacity) {
        int more = *capacity ? 2 * *capacity : 512;
        segment_t *items = realloc(lines->items, (size_t)more * sizeof *items);
        if (!items)
            return -1;
        lines->items = items;
        *capacity = more;
    }
    lines->items[lines->count++] = segment;
    return 0;
}

/* A pale line's response has a hole of 7 px and its own width where another crosses. */
enum { CROSSING = 12 };

/* Sums for a least-squares line through the runs of a component. */
typedef struct {
    double n, x, y, xx, xy, yy;
} sums_t;

static void sums_run(sums_t *s, const run_t *run)
{
    double n = run->x1 - run->x0, a = run->x0, b = run->x1 - 1;
    double x = n * (a + b) / 2, xx = (b * (b + 1) * (2 * b + 1) - (a - 1) * a * (2 * a - 1)) / 6;
    s->n += n;
    s->x += x;
    s->y += n * run->y;
    s->xx += xx;
    s->xy += x * run->y;
    s->yy += n * (double)run->y * run->y;
}

/* Median of a grey row between two ends. */
static int median_row(const picture_t *grey, int y, int x0, int x1)
{
    int histogram[256] = {0}, sum = 0;
    const uint8_t *row = grey->pixels + (size_t)y * grey->stride;
    for (int x = x0; x < x1; x++)
        histogram[row[x]]++;
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) * 2 >= x1 - x0)
            return v;
    return 255;
}

/* Whether the line differs from both its sides by the median: a gap between lines of print does not. */
static bool has_sides(const picture_t *grey, const segment_t *s, int threshold)
{
    enum { PIECE = 64 }; /* px; a tilted line stays in its row for a piece */
    int good = 0, pieces = 0, half = (int)(s->thick / 2 + 2.5);
    double middle = (s->from + s->to - 1) / 2.0;
    for (int x = s->from; x < s->to; x += PIECE, pieces++) {
        int end = x + PIECE < s->to ? x + PIECE : s->to;
        int y = (int)lround(s->at + s->slope * ((x + end) / 2.0 - middle));
        if (y - half < 0 || y + half >= grey->height)
            continue;
        int line = median_row(grey, y, x, end), above = median_row(grey, y - half, x, end);
        int below = median_row(grey, y + half, x, end);
        if (s->kind == LINE_DARK ? line + threshold <= above && line + threshold <= below
                                 : line >= above + threshold && line >= below + threshold)
            good++;
    }
    return 2 * good >= pieces;
}

/* Whether most pieces of the segment part two fills. */
static bool has_step(const traces_t *traces, const segment_t *s)
{
    enum { PIECE = 64 };
    int good = 0, pieces = 0;
    double middle = (s->from + s->to - 1) / 2.0;
    for (int x = s->from; x < s->to; x += PIECE, pieces++) {
        int end = x + PIECE < s->to ? x + PIECE : s->to;
        int at = (int)lround(s->at + s->slope * ((x + end) / 2.0 - middle));
        int step = traces_sides(traces, s->direction, at, x, end);
        good += step >= 2 * traces->step_least / 3;
    }
    return 2 * good >= pieces;
}

static int collect(const traces_t *traces, const picture_t *plane, int threshold, int direction, int kind, double text,
                   int least, int slack, lines_t *lines, int *capacity)
{
    picture_t *wide = NULL;
    const picture_t *source = plane;
    if (slack > 0) {
        wide = picture_clone(plane);
        if (!wide || picture_dilate(wide, 1, 2 * slack + 1)) {
            picture_destroy(&wide);
            return -1;
        }
        source = wide;
    }
    components_t c;
    int status = components_find_runs(source, threshold, kind == LINE_PALE ? CROSSING : 0, least, &c);
    picture_destroy(&wide);
    if (status)
        return -1;
    sums_t *sums = calloc((size_t)(c.count ? c.count : 1), sizeof *sums);
    for (int i = 0; sums && i < c.run_count; i++)
        sums_run(&sums[c.runs[i].component], &c.runs[i]);
    for (int i = 0; sums && i < c.count && !status; i++) {
        const component_t *item = &c.items[i];
        const sums_t *s = &sums[i];
        double variance = s->xx - s->x * s->x / s->n;
        double slope = variance > 0 ? (s->xy - s->x * s->y / s->n) / variance : 0;
        double middle = item->x + (item->w - 1) / 2.0, at = s->y / s->n + slope * (middle - s->x / s->n);
        double thick = (double)item->area / item->w - 2 * slack;
        double spread = sqrt(fmax(0, s->yy / s->n - s->y * s->y / s->n / s->n - slope * slope * variance / s->n));
        if (fabs(slope) > 0.3 || spread > 0.6 * text + slack + 2)
            continue; /* a blob, or several lines grown together: their runs belong to no single line */
        segment_t segment = {direction, at, slope, item->x, item->x + item->w, thick < 1 ? 1 : thick, kind};
        /* the ringing of JPEG around print makes short lines of up to 25 grey values */
        int contrast = traces->blocks && segment.to - segment.from < 8 * text ? 28 : threshold / 2;
        if (kind == LINE_STEP ? has_step(traces, &segment) : has_sides(traces->grey[direction], &segment, contrast))
            status = push(lines, capacity, segment);
    }
    if (!sums)
        status = -1;
    free(sums);
    components_free(&c);
    return status;
}

static int longer(const void *a, const void *b)
{
    const segment_t *s = a, *t = b;
    int difference = (t->to - t->from) - (s->to - s->from);
    if (difference)
        return difference;
    if (s->direction != t->direction)
        return s->direction - t->direction;
    if (s->kind != t->kind)
        return s->kind - t->kind;
    if (s->at != t->at)
        return s->at < t->at ? -1 : 1;
    return s->from - t->from;
}

int lines_find(const traces_t *traces, double text, int least, int slack, lines_t *lines)
{
    *lines = (lines_t){0};
    int capacity = 0;
    for (int d = 0; d < 2; d++)
        if (collect(traces, traces->dark[d], traces->dark_least, d, LINE_DARK, text, least, slack, lines, &capacity) ||
            collect(traces, traces->pale[d], traces->pale_least, d, LINE_PALE, text, least, slack, lines, &capacity) ||
            collect(traces, traces->step[d], traces->step_least, d, LINE_STEP, text, least, slack, lines, &capacity)) {
            lines_free(lines);
            return -1;
        }
    if (lines->count)
        qsort(lines->items, (size_t)lines->count, sizeof *lines->items, longer);
    if (lines->count > LINES_MOST)
        lines->count = LINES_MOST;
    return 0;
}

void lines_free(lines_t *lines)
{
    free(lines->items);
    *lines = (lines_t){0};
}
