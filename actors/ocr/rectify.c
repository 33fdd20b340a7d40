/* rectify: see rectify.h. */
#include "rectify.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"
#include "lines.h"

#include <math.h>
#include <stdlib.h>

/* Slope below which a page is straight: 3 px over the width of a page of 1600. */
#define STRAIGHT 0.0018

/* Steepest slope that is believed, and steepest change of slope over the page (a photo from 30 degrees aside has 0.1).
 */
#define STEEP    0.35
#define CONVERGE 0.35

/* Length of the shortest candidate, in letters' heights: longer than a letter is tall, shorter than a row. */
#define LEAST_LETTERS 2.2

/* slope = a + b (at - middle), at in shares of the page's height (lines across) or width (lines down) from -0.5 to 0.5.
 */
typedef struct {
    double a, b;
    double weight; /* length of lines that it rests on, px */
    double spread; /* of their places, shares of the page */
} slopes_t;

typedef struct {
    double at, slope, weight;
} sample_t;

static int by_slope(const void *p, const void *q)
{
    double a = ((const sample_t *)p)->slope, b = ((const sample_t *)q)->slope;
    return (a > b) - (a < b);
}

/* Weighted least squares of slope over place, lines far off it left out in three rounds. */
static slopes_t fit_slopes(sample_t *samples, int n)
{
    slopes_t fit = {0};
    double total = 0, half = 0;
    if (n == 0)
        return fit;
    qsort(samples, (size_t)n, sizeof *samples, by_slope);
    for (int i = 0; i < n; i++)
        total += samples[i].weight;
    for (int i = 0; i < n; i++)
        if ((half += samples[i].weight) * 2 >= total) {
            fit.a = samples[i].slope; /* start from the weighted median */
            break;
        }
    for (int round = 0; round < 4; round++) {
        double tolerance = round == 0 ? 0.06 : round == 1 ? 0.02 : 0.008;
        double w = 0, x = 0, y = 0, xx = 0, xy = 0;
        for (int i = 0; i < n; i++) {
            const sample_t *s = &samples[i];
            if (fabs(s->slope - fit.a - fit.b * s->at) > tolerance)
                continue;
            w += s->weight, x += s->weight * s->at, y += s->weight * s->slope;
            xx += s->weight * s->at * s->at, xy += s->weight * s->at * s->slope;
        }
        if (w <= 0)
            break;
        double variance = xx - x * x / w;
        fit.weight = w;
        fit.spread = sqrt(fmax(0, variance / w));
        /* places close together say nothing of how the lines converge */
        fit.b = fit.spread > 0.08 ? (xy - x * y / w) / variance : 0;
        fit.a = y / w - fit.b * x / w;
    }
    return fit;
}

/* Slopes of the lines of one direction. Rules weigh more than steps (a shadow's edge is a step). */
static slopes_t measure_slopes(const lines_t *lines, int direction, int width, int height, double text,
                               sample_t *samples)
{
    int n = 0, across = direction ? width : height, along = direction ? height : width;
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        int length = s->to - s->from;
        if (s->direction != direction || length < 5 * text)
            continue;
        /* place and slope where the line crosses the middle of the page; slopes hardly change along a line */
        double middle = (s->from + s->to) / 2.0, at = s->at + s->slope * (along / 2.0 - middle);
        double weight = (double)length * (s->kind == LINE_STEP ? 0.3 : 1);
        samples[n++] = (sample_t){at / across - 0.5, s->slope, weight * length / along};
    }
    return fit_slopes(samples, n);
}

/* Sharpness of the rows into which the points fall at a slope. */
static double row_score(const int (*points)[2], int n, double slope, int *rows, int count, int middle)
{
    for (int i = 0; i < count; i++)
        rows[i] = 0;
    for (int i = 0; i < n; i++) {
        int row = (int)lround((points[i][1] - slope * (points[i][0] - middle)) / 2) + count / 4;
        if (row >= 0 && row < count)
            rows[row]++;
    }
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (double)rows[i] * rows[i];
    return sum;
}

/* Tilt of the lines of print from the bottoms of letters, 0 where it is not clear. */
static double print_slope(const sheet_t *sheet)
{
    enum { MOST = 6000 };
    picture_t *ink = picture_mean(sheet->grey, 31, 31);
    int(*points)[2] = malloc(MOST * sizeof *points), n = 0, count = sheet->grey->height;
    int *rows = malloc((size_t)count * sizeof *rows);
    components_t c = {0};
    double best = 0, most = -1, level = 0;
    if (!ink || !points || !rows)
        goto done;
    for (size_t i = 0; i < ink->stride * (size_t)ink->height; i++) {
        int v = sheet->grey->pixels[i], m = ink->pixels[i];
        ink->pixels[i] = (sheet->dark ? v > m + 30 : v + 30 < m) ? 255 : 0;
    }
    if (components_find(ink, &c))
        goto done;
    for (int i = 0; i < c.count && n < MOST; i++) {
        const component_t *item = &c.items[i];
        if (item->h >= 0.5 * sheet->text && item->h <= 2.5 * sheet->text && item->w <= 3 * sheet->text)
            points[n][0] = item->x + item->w / 2, points[n++][1] = item->y + item->h;
    }
    if (n < 30)
        goto done;
    level = row_score((const int(*)[2])points, n, 0, rows, count, ink->width / 2);
    for (double slope = -0.26; slope <= 0.26; slope += 0.004) {
        double score = row_score((const int(*)[2])points, n, slope, rows, count, ink->width / 2);
        if (score > most)
            most = score, best = slope;
    }
    double coarse = best;
    for (double slope = coarse - 0.004; slope <= coarse + 0.004; slope += 0.0005) {
        double score = row_score((const int(*)[2])points, n, slope, rows, count, ink->width / 2);
        if (score > most)
            most = score, best = slope;
    }
    if (most < 1.15 * level)
        best = 0;
done:
    picture_destroy(&ink);
    components_free(&c);
    free(points);
    free(rows);
    return best;
}

/* The map that makes lines with these slopes level and upright; the middle of the page keeps its scale. */
static int straighten(slopes_t across, slopes_t down, int width, int height, homography_t *map)
{
    double w = width, h = height, cx = w / 2, cy = h / 2, quad[4][2], box[4][2];
    /* the lines across that pass the middle column at the page's top and bottom, the lines down at its left and right
     */
    for (int i = 0; i < 4; i++) {
        double side = i == 1 || i == 2 ? 0.5 : -0.5, end = i >= 2 ? 0.5 : -0.5;
        double y0 = cy + end * h, m = across.a + across.b * end; /* y = y0 + m (x - cx) */
        double x0 = cx + side * w, k = down.a + down.b * side;   /* x = x0 + k (y - cy) */
        double x = (x0 + k * (y0 - m * cx - cy)) / (1 - k * m);
        quad[i][0] = x;
        quad[i][1] = y0 + m * (x - cx);
        box[i][0] = cx + side * w, box[i][1] = y0;
    }
    return homography_from((const double(*)[2])quad, (const double(*)[2])box, map);
}

/* Moves and scales so that all of the picture is in sight, within half a page more on each side. */
static homography_t fit_page(homography_t map, double scale, int width, int height, int *out_width, int *out_height)
{
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
    for (int i = 0; i < 4; i++) {
        double x, y;
        homography_apply(&map, i & 1 ? width : 0, i & 2 ? height : 0, &x, &y);
        x0 = fmin(x0, x), x1 = fmax(x1, x), y0 = fmin(y0, y), y1 = fmax(y1, y);
    }
    x0 = fmax(x0, -0.15 * width), x1 = fmin(x1, 1.15 * width), y0 = fmax(y0, -0.15 * height),
    y1 = fmin(y1, 1.15 * height);
    homography_t place = {{scale, 0, -x0 * scale, 0, scale, -y0 * scale, 0, 0, 1}};
    *out_width = (int)ceil((x1 - x0) * scale);
    *out_height = (int)ceil((y1 - y0) * scale);
    return homography_chain(map, place);
}

static int warp_sheet(sheet_t *sheet, const homography_t *map, int width, int height)
{
    homography_t back;
    if (width < 8 || height < 8 || homography_invert(*map, &back))
        return 0;
    picture_t *warped = picture_warp(sheet->picture, &back, width, height);
    if (!warped)
        return -1;
    double noise = sheet->noise; /* of the camera; interpolation hides it from the measure, not from the eye */
    sheet_close(sheet);
    int status = sheet_open(sheet, &warped);
    sheet->noise = fmax(noise, sheet->noise);
    return status;
}

/* How much larger a page of small print becomes: letters of 12 px or more are read as they are. */
static double wanted_scale(const sheet_t *sheet)
{
    enum { SMALL = 11, PIXELS_MOST_LARGE = 7000000 };
    double pixels = (double)sheet->picture->width * sheet->picture->height;
    if (sheet->text >= SMALL || sheet->letters < 30)
        return 1;
    double scale = fmin(2, 14 / sheet->text), most = sqrt(PIXELS_MOST_LARGE / pixels);
    return fmax(1, fmin(scale, most));
}

int straight_lines(const sheet_t *sheet, traces_t *traces, lines_t *lines)
{
    if (traces_open(traces, sheet))
        return -1;
    return lines_find(traces, sheet->text, (int)lround(LEAST_LETTERS * sheet->text),
                      sheet->noise > SHEET_NOISE_PHOTO ? 2 : 1, lines);
}

/* Whether the slopes ask for a warp that can be believed. */
static bool needs_warp(slopes_t across, slopes_t down)
{
    double worst = fmax(fmax(fabs(across.a), fabs(down.a)), fmax(fabs(across.b), fabs(down.b)) / 2);
    return worst >= STRAIGHT && fabs(across.a) <= STEEP && fabs(down.a) <= STEEP && fabs(across.b) <= CONVERGE &&
           fabs(down.b) <= CONVERGE;
}

int rectify(sheet_t *sheet, homography_t *map, traces_t *traces, lines_t *lines)
{
    *map = homography_identity();
    *traces = (traces_t){0};
    *lines = (lines_t){0};
    if (straight_lines(sheet, traces, lines))
        return -1;
    int width = sheet->picture->width, height = sheet->picture->height, out_width, out_height;
    sample_t *samples = malloc((size_t)(lines->count + 1) * sizeof *samples);
    if (!samples)
        return -1;
    slopes_t across = measure_slopes(lines, 0, width, height, sheet->text, samples);
    slopes_t down = measure_slopes(lines, 1, width, height, sheet->text, samples);
    free(samples);
    if (across.weight < 0.3 * width) /* no lines to speak of: the print itself */
        across = (slopes_t){.a = print_slope(sheet), .weight = width};
    if (down.weight < 0.3 * height)
        down = (slopes_t){.a = -across.a, .weight = height};
    if (!needs_warp(across, down) || straighten(across, down, width, height, map)) {
        *map = homography_identity();
        return 0;
    }
    *map = fit_page(*map, wanted_scale(sheet), width, height, &out_width, &out_height);
    traces_close(traces);
    lines_free(lines);
    return warp_sheet(sheet, map, out_width, out_height) || straight_lines(sheet, traces, lines) ? -1 : 0;
}
