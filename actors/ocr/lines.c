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

/* Height of letters in px under which a line of bold print is nearly as even as a rule (in a photo any is), and the
 * share of it from which what is as thick may be one. */
#define SMALL_TEXT 8.0
#define WORD_THICK 0.45
/* In a photo a short line that is thicker than this share of a letter is a word, as even as its blur makes it. */
#define WORD_SURELY 0.42

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

/* Whether most of a row beside a line is unlike it, and so no ground on which print stands: what parts two lines of
 * print is of one value with the ground of both. */
static bool is_no_ground(const picture_t *grey, int y, int from, int to, int line, int kind)
{
    enum { GROUND = 20, UNLIKE = 5 }; /* percent of the row that is ground at least; grey values */
    int ground = traces_percent(grey, y, from, to, kind == LINE_DARK ? GROUND : 100 - GROUND);
    return kind == LINE_DARK ? ground > line + UNLIKE : ground < line - UNLIKE;
}

/* Whether the line differs from both its sides: the median does, so that a gap between lines of print does not count;
 * most of what may be print must, so that the stem of a letter or a word does not. */
static bool has_sides(const picture_t *grey, const segment_t *s, int threshold, bool may_be_print)
{
    enum { PIECE = 64 }; /* px; a tilted line stays in its row for a piece */
    int good = 0, pieces = 0, half = (int)(s->thick / 2 + 2.5), share = may_be_print ? 85 : 50;
    double middle = (s->from + s->to - 1) / 2.0;
    for (int x = s->from; x < s->to; x += PIECE, pieces++) {
        int end = x + PIECE < s->to ? x + PIECE : s->to;
        int y = (int)lround(s->at + s->slope * ((x + end) / 2.0 - middle));
        if (y - half < 0 || y + half >= grey->height)
            continue;
        int line = traces_percent(grey, y, x, end, s->kind == LINE_DARK ? share : 100 - share);
        int above = traces_percent(grey, y - half, x, end, 50), below = traces_percent(grey, y + half, x, end, 50);
        int typical = traces_percent(grey, y, x, end, 50), pale_side = above < below ? above : below;
        int dark_side = above > below ? above : below;
        /* a rule is even along its length, print is not */
        int strength = s->kind == LINE_DARK ? pale_side - typical : typical - dark_side;
        int weakest = s->kind == LINE_DARK ? pale_side - line : line - dark_side;
        if (may_be_print && strength >= EVEN_FROM && 2 * weakest < strength)
            continue;
        if (may_be_print && !(is_no_ground(grey, y - half, x, end, line, s->kind) &&
                              is_no_ground(grey, y + half, x, end, line, s->kind)))
            continue;
        if (s->kind == LINE_DARK ? line + threshold <= above && line + threshold <= below
                                 : line >= above + threshold && line >= below + threshold)
            good++;
    }
    return 2 * good >= pieces;
}

/* Whether the ground is as pale as a pale line a letter's height beside it: then what it parts are two lines of print,
 * and no two fills. */
static bool parts_print(const picture_t *grey, const segment_t *s, int threshold, double text)
{
    int y = (int)lround(s->at), away = (int)lround(text);
    if (y - away < 0 || y + away >= grey->height)
        return false;
    int line = traces_percent(grey, y, s->from, s->to, 50);
    int above = traces_percent(grey, y - away, s->from, s->to, 50),
        below = traces_percent(grey, y + away, s->from, s->to, 50);
    return above + threshold > line && below + threshold > line;
}

/* How strong a segment is d px beside its place: the mean of the plane's values along it, and what a share of them stay
 * under. */
typedef struct {
    double mean, even;
} strength_t;

static strength_t strength_beside(const picture_t *plane, const segment_t *s, int d)
{
    enum { STEP = 3, SHARE = 30 }; /* every third px along is enough; percent */
    int histogram[256] = {0}, n = 0, below = 0, v = 0;
    double middle = (s->from + s->to - 1) / 2.0, sum = 0;
    for (int x = s->from; x < s->to; x += STEP) {
        int y = (int)lround(s->at + s->slope * (x - middle)) + d;
        int value = y >= 0 && y < plane->height ? plane->pixels[(size_t)y * plane->stride + (size_t)x] : 0;
        histogram[value]++, n++;
        sum += value;
    }
    for (; v < 255 && (below += histogram[v]) * 100 < n * SHARE; v++)
        ;
    return (strength_t){n > 0 ? sum / n : 0, v};
}

/* Moves a line to where it is strongest: beside a rule JPEG draws weaker ones, and a component of all has its middle
 * between them. even: a rule, which is even along its length, wins over small print that grew together with it (in
 * photos and scans lines are less even than that). Sets its thickness to the rows of at least half the best strength.
 */
static void centre(const picture_t *plane, segment_t *s, bool even)
{
    enum { REACH = 8, ROWS = 2 * REACH + 1 }; /* px across */
    double values[ROWS], evens[ROWS];
    int best = REACH, a, b;
    for (int d = 0; d < ROWS; d++) {
        strength_t strength = strength_beside(plane, s, d - REACH);
        evens[d] = strength.even;
        values[d] = strength.mean + (even ? strength.even : 0);
    }
    for (int d = 0; d < ROWS; d++)
        best = values[d] > values[best] ? d : best;
    const double *across = even && evens[best] > 0 ? evens : values;
    for (a = best; a > 0 && 2 * across[a - 1] >= across[best]; a--)
        ;
    for (b = best; b < ROWS - 1 && 2 * across[b + 1] >= across[best]; b++)
        ;
    s->at += (a + b) / 2.0 - REACH;
    s->thick = b - a + 1;
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

/* Keeps a segment that passes the test of its kind. */
static int consider(const traces_t *traces, const picture_t *plane, int threshold, double text, segment_t segment,
                    lines_t *lines, int *capacity)
{
    if (segment.kind != LINE_STEP)
        centre(plane, &segment, text < SMALL_TEXT);
    /* the ringing of JPEG around print makes short lines of up to 25 grey values */
    bool is_short = segment.to - segment.from < 8 * text,
         may_be_print = is_short || ((text < SMALL_TEXT || traces->photo) && segment.thick > WORD_THICK * text);
    if (is_short && traces->photo && segment.kind == LINE_DARK && segment.thick > WORD_SURELY * text)
        return 0;
    if (is_short && traces->photo && segment.kind == LINE_PALE &&
        parts_print(traces->grey[segment.direction], &segment, threshold, text))
        return 0;
    int contrast = traces->blocks && is_short ? 28 : threshold / 2;
    if (segment.kind == LINE_STEP ? has_step(traces, &segment)
                                  : has_sides(traces->grey[segment.direction], &segment, contrast, may_be_print))
        return push(lines, capacity, segment);
    return 0;
}

/* Lines grown together: the longest runs one after another, each without the runs close beside it. */
static int take_apart(const traces_t *traces, const picture_t *plane, const components_t *c, int component,
                      int threshold, int direction, int kind, double text, lines_t *lines, int *capacity)
{
    enum { LINES = 40, BESIDE = 5 }; /* of one component; px across that belong to one line */
    const component_t *item = &c->items[component];
    run_t taken[LINES];
    for (int n = 0; n < LINES; n++) {
        const run_t *best = NULL;
        for (int i = item->first_run; i < c->run_count && c->runs[i].y < item->y + item->h; i++) {
            const run_t *run = &c->runs[i];
            if (run->component != component || (best && run->x1 - run->x0 <= best->x1 - best->x0))
                continue;
            bool is_free = true;
            for (int k = 0; k < n && is_free; k++)
                is_free = abs(run->y - taken[k].y) > BESIDE || run->x1 <= taken[k].x0 || run->x0 >= taken[k].x1;
            best = is_free ? run : best;
        }
        if (!best)
            break;
        taken[n] = *best;
        segment_t segment = {direction, best->y, 0, best->x0, best->x1, 1, kind, false};
        if (kind == LINE_STEP) { /* its middle among the runs beside it */
            double sum = 0, weight = 0;
            for (int i = item->first_run; i < c->run_count && c->runs[i].y <= best->y + BESIDE; i++) {
                const run_t *run = &c->runs[i];
                int a = run->x0 > best->x0 ? run->x0 : best->x0, b = run->x1 < best->x1 ? run->x1 : best->x1;
                if (run->component == component && run->y >= best->y - BESIDE && b > a)
                    sum += (double)run->y * (b - a), weight += b - a;
            }
            segment.at = sum / weight;
        }
        if (consider(traces, plane, threshold, text, segment, lines, capacity))
            return -1;
    }
    return 0;
}

static int collect(const traces_t *traces, const picture_t *plane, int threshold, int direction, int kind, double text,
                   int least, int slack, lines_t *lines, int *capacity)
{
    picture_t *wide = NULL;
    const picture_t *source = plane;
    if (slack > 0) {
        wide = picture_dilated(plane, 1, 2 * slack + 1);
        if (!wide)
            return -1;
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
        if (fabs(slope) > 0.3 || spread > 0.6 * text + slack + 2) {
            status = take_apart(traces, plane, &c, i, threshold, direction, kind, text, lines, capacity);
            continue;
        }
        segment_t segment = {direction, at, slope, item->x, item->x + item->w, thick < 1 ? 1 : thick, kind, false};
        status = consider(traces, plane, threshold, text, segment, lines, capacity);
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

/* The strongest trace at `x` of a segment, on its row or a neighbour. */
static int trace_at(const picture_t *plane, const segment_t *s, int x)
{
    int y = (int)lround(s->at + s->slope * (x - (s->from + s->to - 1) / 2.0)), most = 0;
    for (int d = -2; d <= 2; d++)
        if (y + d >= 0 && y + d < plane->height) {
            int value = plane->pixels[(size_t)(y + d) * plane->stride + (size_t)x];
            most = value > most ? value : most;
        }
    return most;
}

/* Sums of the traces of a line before each px from `first` to `end`; to be freed. NULL when memory is refused. */
static int *trace_sums(const picture_t *plane, const segment_t *s, int first, int end)
{
    int *sums = malloc((size_t)(end - first + 1) * sizeof *sums);
    if (sums)
        sums[0] = 0;
    for (int x = first; sums && x < end; x++)
        sums[x - first + 1] = sums[x - first] + trace_at(plane, s, x);
    return sums;
}

/* Whether hardly a window of a line is much weaker than the whole: the stems of letters that stand one below the other
 * are no rule. */
static bool is_even(const int *sums, int length, int window)
{
    enum { WEAK = 60, SHARE = 15 }; /* percent of the mean; of the windows */
    int weak = 0, windows = 0;
    for (int x = 0; x + window <= length; x += window, windows++)
        weak += (double)(sums[x + window] - sums[x]) * length * 100 < (double)(sums[length] - sums[0]) * window * WEAK;
    return windows > 0 && weak * 100 <= windows * SHARE;
}

/* The mean along a line smears it: keeps the pieces of at least `least` px in which its trace, over `window` px, is no
 * small share of what it is on the whole. They end where the rule does, and what is smeared over a gap are two rules,
 * of two tables. `reach`: how much farther the rule may go on at either end, px; the ends of what is not even are taken
 * to lie as far within. -1 when memory is refused. */
static int push_pieces(const picture_t *plane, const segment_t *s, int reach, int window, int least, lines_t *lines,
                       int *capacity)
{
    enum { GAP = 30, END = 60 }; /* percent of the mean: less is a gap; less is no more of the rule beyond its ends */
    int first = s->from > reach ? s->from - reach : 0;
    int end = s->to + reach < plane->width ? s->to + reach : plane->width;
    int *sums = trace_sums(plane, s, first, end), begun = -1, failed = 0;
    if (!sums)
        return -1;
    segment_t piece = *s;
    piece.followed = is_even(sums + (s->from - first), s->to - s->from, window);
    int within = piece.followed ? -reach : reach * 9 / 10; /* how far the ends lie within */
    double mean = (double)(sums[s->to - first] - sums[s->from - first]) / (s->to - s->from);
    for (int x = first; x <= end && !failed; x++) {
        int a = x - window / 2 > first ? x - window / 2 : first, b = x + window / 2 < end ? x + window / 2 : end;
        int share = x < s->from + reach || x >= s->to - reach ? END : GAP;
        bool drawn = x >= s->from + within && x < s->to - within && x < end &&
                     (sums[b - first] - sums[a - first]) * 100.0 >= mean * window * share;
        if (drawn && begun < 0)
            begun = x;
        if (drawn || begun < 0)
            continue;
        piece.from = begun, piece.to = x;
        piece.at = s->at + s->slope * (begun + x - s->from - s->to) / 2.0;
        if (x - begun >= least)
            failed = push(lines, capacity, piece);
        begun = -1;
    }
    free(sums);
    return failed;
}

/* Faint rules of a photo: the mean along the line stands out of moire and noise that hide each pixel. */
static int collect_soft(const traces_t *traces, int direction, double text, int slack, lines_t *lines, int *capacity)
{
    int size = (int)(4 * text) | 1, threshold = traces->dark_least * 5 / 8;
    picture_t *soft = picture_mean(traces->dark[direction], size, 1);
    if (!soft)
        return -1;
    lines_t smeared = {0};
    int room = 0;
    int status = collect(traces, soft, threshold, direction, LINE_DARK, text, (int)(9 * text), slack, &smeared, &room);
    picture_destroy(&soft);
    for (int i = 0; i < smeared.count && !status; i++)
        status = push_pieces(traces->dark[direction], &smeared.items[i], size / 2, (int)(0.7 * text), (int)(4 * text),
                             lines, capacity);
    lines_free(&smeared);
    return status;
}

int lines_find(const traces_t *traces, double text, int least, int slack, lines_t *lines)
{
    *lines = (lines_t){0};
    int capacity = 0;
    for (int d = 0; d < 2 && traces->photo; d++)
        if (collect_soft(traces, d, text, slack, lines, &capacity)) {
            lines_free(lines);
            return -1;
        }
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
