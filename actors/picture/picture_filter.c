/* picture_filter: see picture_filter.h. */
#include "picture_filter.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* Loops over rows are functions of their own, so that the compiler knows that nothing they read changes. */

bool picture_alike(const uint8_t *v, int channels)
{
    uint64_t here, before, differ = 0;
    for (int i = 0; i < channels; i++) {
        memcpy(&here, v + 8 * i, 8);
        memcpy(&before, v + 8 * i - channels, 8);
        differ |= here ^ before;
    }
    return differ == 0;
}

static void grey_row(uint8_t *restrict to, const uint8_t *restrict in, int n)
{
    for (int x = 0; x < n; x++) {
        for (; x > 0 && x + PICTURE_ALIKE <= n && picture_alike(in + (ptrdiff_t)(3 * x), 3); x += PICTURE_ALIKE)
            memset(to + x, to[x - 1], PICTURE_ALIKE);
        if (x < n)
            to[x] = (uint8_t)((in[3 * x] * 77 + in[3 * x + 1] * 150 + in[3 * x + 2] * 29 + 128) >> 8);
    }
}

picture_t *picture_grey(const picture_t *picture)
{
    if (picture->channels == 1)
        return picture_clone(picture);
    picture_t *grey = picture_unset(picture->width, picture->height, 1);
    if (!grey)
        return NULL;
    grey->dpi = picture->dpi;
    for (int y = 0; y < grey->height; y++)
        grey_row(grey->pixels + (size_t)y * grey->stride, picture->pixels + (size_t)y * picture->stride, grey->width);
    return grey;
}

picture_t *picture_crop(const picture_t *picture, int x, int y, int w, int h)
{
    int x1 = least(x + w, picture->width), y1 = least(y + h, picture->height);
    x = most(x, 0), y = most(y, 0);
    if (x1 <= x || y1 <= y)
        return NULL;
    picture_t *crop = picture_unset(x1 - x, y1 - y, picture->channels);
    if (!crop)
        return NULL;
    crop->dpi = picture->dpi;
    for (int row = 0; row < crop->height; row++)
        memcpy(crop->pixels + (size_t)row * crop->stride,
               picture->pixels + (size_t)(y + row) * picture->stride + (size_t)x * (size_t)picture->channels,
               crop->stride);
    return crop;
}

picture_t *picture_turn(const picture_t *picture, int degrees)
{
    assert(degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270);
    int w = picture->width, h = picture->height, c = picture->channels;
    if (degrees == 0)
        return picture_clone(picture);
    picture_t *turned = degrees == 180 ? picture_new(w, h, c) : picture_new(h, w, c);
    if (!turned)
        return NULL;
    turned->dpi = picture->dpi;
    for (int y = 0; y < h; y++) {
        const uint8_t *in = picture->pixels + (size_t)y * picture->stride;
        for (int x = 0; x < w; x++, in += c) {
            int tx = degrees == 90 ? h - 1 - y : degrees == 180 ? w - 1 - x : y;
            int ty = degrees == 90 ? x : degrees == 180 ? h - 1 - y : w - 1 - x;
            uint8_t *out = turned->pixels + (size_t)ty * turned->stride + (size_t)tx * (size_t)c;
            for (int k = 0; k < c; k++)
                out[k] = in[k];
        }
    }
    return turned;
}

/* Weights of one output sample along one axis. */
typedef struct {
    int first, count; /* input samples */
    float weight[4];  /* for growing: up to 4 taps; shrinking uses first, count and the two ends' shares */
    float head, tail; /* share of the first and last sample when shrinking */
} tap_t;

static void taps_fill(tap_t *taps, int in, int out, bool cubic)
{
    double step = (double)in / out;
    for (int i = 0; i < out; i++) {
        tap_t *tap = &taps[i];
        if (step > 1) {
            double a = i * step, b = (i + 1) * step;
            int first = (int)a, last = least((int)(b - 1e-9), in - 1);
            *tap = (tap_t){.first = first, .count = last - first + 1};
            tap->head = (float)(first + 1 - a);
            tap->tail = (float)(b - last);
            if (first == last)
                tap->head = tap->tail = (float)(b - a);
            continue;
        }
        double at = (i + 0.5) * step - 0.5;
        int base = (int)(at + 1) - 1;
        double f = at - base;
        double w[4] = {0, 1 - f, f, 0};
        if (cubic) {
            w[0] = ((-0.5 * f + 1) * f - 0.5) * f;
            w[1] = (1.5 * f - 2.5) * f * f + 1;
            w[2] = ((-1.5 * f + 2) * f + 0.5) * f;
            w[3] = (0.5 * f - 0.5) * f * f;
        }
        *tap = (tap_t){.first = base - 1, .count = 4};
        for (int k = 0; k < 4; k++)
            tap->weight[k] = (float)w[k];
    }
}

static void scale_row(const float *in, int width, int channels, const tap_t *taps, int out_width, bool shrink,
                      uint8_t *out)
{
    for (int x = 0; x < out_width; x++) {
        const tap_t *tap = &taps[x];
        for (int c = 0; c < channels; c++) {
            float sum = 0;
            if (shrink) {
                float total = 0;
                for (int k = 0; k < tap->count; k++) {
                    float w = k == 0 ? tap->head : k == tap->count - 1 ? tap->tail : 1;
                    sum += w * in[(tap->first + k) * channels + c];
                    total += w;
                }
                sum /= total;
            } else {
                for (int k = 0; k < 4; k++)
                    sum += tap->weight[k] * in[most(0, least(tap->first + k, width - 1)) * channels + c];
            }
            out[x * channels + c] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum + 0.5f);
        }
    }
}

static void gather_row(const picture_t *in, const tap_t *tap, bool shrink, float *sums)
{
    int n = in->width * in->channels;
    memset(sums, 0, (size_t)n * sizeof *sums);
    float total = 0;
    for (int k = 0; k < tap->count; k++) {
        float w = tap->weight[k & 3];
        if (shrink)
            w = k == 0 ? tap->head : k == tap->count - 1 ? tap->tail : 1;
        int y = most(0, least(tap->first + k, in->height - 1));
        const uint8_t *row = in->pixels + (size_t)y * in->stride;
        for (int x = 0; x < n; x++)
            sums[x] += w * row[x];
        total += w;
    }
    if (shrink)
        for (int x = 0; x < n; x++)
            sums[x] /= total;
}

picture_t *picture_scale(const picture_t *picture, int width, int height)
{
    bool cubic = picture->channels == 1;
    picture_t *out = picture_new(width, height, picture->channels);
    tap_t *across = calloc((size_t)width, sizeof *across), *down = calloc((size_t)height, sizeof *down);
    float *sums = malloc((size_t)picture->width * (size_t)picture->channels * sizeof *sums);
    if (out && across && down && sums) {
        taps_fill(across, picture->width, width, cubic);
        taps_fill(down, picture->height, height, cubic);
        out->dpi = picture->dpi * width / picture->width;
        for (int y = 0; y < height; y++) {
            gather_row(picture, &down[y], picture->height > height, sums);
            scale_row(sums, picture->width, picture->channels, across, width, picture->width > width,
                      out->pixels + (size_t)y * out->stride);
        }
    } else {
        picture_destroy(&out);
    }
    free(across);
    free(down);
    free(sums);
    return out;
}

void picture_invert(picture_t *picture)
{
    size_t n = picture->stride * (size_t)picture->height;
    for (size_t i = 0; i < n; i++)
        picture->pixels[i] = (uint8_t)(255 - picture->pixels[i]);
}

/* Largest or smallest values, and what counts nothing in them. */
typedef struct {
    bool largest;
    uint8_t nothing;
} extreme_t;

static const extreme_t largest = {true, 0}, smallest = {false, 255};

static void pick(extreme_t extreme, uint8_t *restrict to, const uint8_t *restrict a, const uint8_t *restrict b, int n)
{
    if (extreme.largest)
        for (int i = 0; i < n; i++)
            to[i] = a[i] > b[i] ? a[i] : b[i];
    else
        for (int i = 0; i < n; i++)
            to[i] = a[i] < b[i] ? a[i] : b[i];
}

static void pick_into(extreme_t extreme, uint8_t *restrict to, const uint8_t *restrict from, int n)
{
    if (extreme.largest)
        for (int i = 0; i < n; i++)
            to[i] = to[i] > from[i] ? to[i] : from[i];
    else
        for (int i = 0; i < n; i++)
            to[i] = to[i] < from[i] ? to[i] : from[i];
}

/* A filter over windows at work: a few rows, so that they stay in the cache. */
typedef struct {
    const picture_t *in;
    extreme_t extreme;
    int width, height; /* of the window */
    uint8_t *a, *b;    /* in->width + width bytes */
    uint8_t *block;    /* height rows: extremes from each row of a block to the block's end */
    uint8_t *next;     /* height rows: those of the block below */
    uint8_t *prefix;   /* one row: the extreme from the start of the block below */
} windows_t;

/* Row y with the extremes over windows along it (windows that double). */
static void filter_along(windows_t *f, int y, uint8_t *to)
{
    int w = f->in->width, half = f->width / 2, length = w + f->width, reach = 1;
    if (y < 0 || y >= f->in->height) {
        memset(to, f->extreme.nothing, (size_t)w);
        return;
    }
    const uint8_t *row = f->in->pixels + (size_t)y * f->in->stride;
    if (f->width == 1) {
        memcpy(to, row, (size_t)w);
        return;
    }
    memset(f->a, f->extreme.nothing, (size_t)half);
    memcpy(f->a + half, row, (size_t)w);
    memset(f->a + half + w, f->extreme.nothing, (size_t)(f->width - half));
    for (; reach * 2 <= f->width; reach *= 2) {
        length -= reach;
        pick(f->extreme, f->b, f->a, f->a + reach, length);
        uint8_t *swap = f->a;
        f->a = f->b, f->b = swap;
    }
    pick(f->extreme, to, f->a, f->a + (f->width - reach), w);
}

/* The rows of out whose windows begin in the block of rows from `first` on (van Herk): each window is the end of this
 * block and the start of the next. f->block holds the rows of the block and then those of the next. */
static void filter_block(windows_t *f, int first, picture_t *out)
{
    int n = f->height, w = out->width, y = first + n / 2;
    size_t row = (size_t)w;
    for (int i = n - 2; i >= 0; i--)
        pick_into(f->extreme, f->block + (size_t)i * row, f->block + (size_t)(i + 1) * row, w);
    if (y >= 0 && y < out->height)
        memcpy(out->pixels + (size_t)y * out->stride, f->block, row);
    memset(f->prefix, f->extreme.nothing, row);
    for (int i = 1; i <= n; i++) {
        uint8_t *below = f->next + (size_t)(i - 1) * row;
        filter_along(f, first + n + i - 1, below);
        if (i == n || ++y >= out->height)
            continue;
        pick_into(f->extreme, f->prefix, below, w);
        pick(f->extreme, out->pixels + (size_t)y * out->stride, f->block + (size_t)i * row, f->prefix, w);
    }
    uint8_t *swap = f->block;
    f->block = f->next, f->next = swap;
}

static void pick_three(extreme_t extreme, uint8_t *restrict to, const uint8_t *restrict a, const uint8_t *restrict b,
                       const uint8_t *restrict c, int n)
{
    if (extreme.largest)
        for (int i = 0; i < n; i++) {
            uint8_t both = a[i] > b[i] ? a[i] : b[i];
            to[i] = both > c[i] ? both : c[i];
        }
    else
        for (int i = 0; i < n; i++) {
            uint8_t both = a[i] < b[i] ? a[i] : b[i];
            to[i] = both < c[i] ? both : c[i];
        }
}

/* Windows of 1 x 3: no row is copied. */
static picture_t *filter_three(const picture_t *in, extreme_t extreme)
{
    picture_t *out = picture_unset(in->width, in->height, 1);
    for (int y = 0; out && y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * in->stride;
        pick_three(extreme, out->pixels + (size_t)y * out->stride, y > 0 ? row - in->stride : row, row,
                   y + 1 < in->height ? row + in->stride : row, in->width);
    }
    if (out)
        out->dpi = in->dpi;
    return out;
}

/* The extremes over windows of width x height, as a new picture. */
static picture_t *filter(const picture_t *in, int width, int height, extreme_t extreme)
{
    assert(in->channels == 1 && width % 2 == 1 && height % 2 == 1);
    if (width == 1 && height == 3)
        return filter_three(in, extreme);
    size_t row = (size_t)in->width, padded = row + (size_t)width, rows = row * (size_t)height;
    picture_t *out = picture_unset(in->width, in->height, 1);
    uint8_t *memory = malloc(2 * padded + 2 * rows + row);
    if (!out || !memory) {
        free(memory);
        picture_destroy(&out);
        return NULL;
    }
    out->dpi = in->dpi;
    windows_t f = {.in = in, .extreme = extreme, .width = width, .height = height, .a = memory, .b = memory + padded};
    f.block = f.b + padded, f.next = f.block + rows, f.prefix = f.next + rows;
    int first = -(height / 2);
    for (int i = 0; i < height && height > 1; i++)
        filter_along(&f, first + i, f.block + (size_t)i * row);
    for (; height > 1 && first + height / 2 < in->height; first += height)
        filter_block(&f, first, out);
    for (int y = 0; height == 1 && y < in->height; y++)
        filter_along(&f, y, out->pixels + (size_t)y * out->stride);
    free(memory);
    return out;
}

static int filter_in_place(picture_t *grey, int width, int height, extreme_t extreme)
{
    picture_t *out = filter(grey, width, height, extreme);
    if (!out)
        return -1;
    uint8_t *swap = grey->pixels;
    grey->pixels = out->pixels, out->pixels = swap;
    picture_destroy(&out);
    return 0;
}

int picture_dilate(picture_t *grey, int width, int height)
{
    return filter_in_place(grey, width, height, largest);
}

int picture_erode(picture_t *grey, int width, int height)
{
    return filter_in_place(grey, width, height, smallest);
}

picture_t *picture_dilated(const picture_t *grey, int width, int height)
{
    return filter(grey, width, height, largest);
}

picture_t *picture_eroded(const picture_t *grey, int width, int height)
{
    return filter(grey, width, height, smallest);
}

static void take_row(uint8_t *restrict to, const uint8_t *restrict from, int n)
{
    for (int x = 0; x < n; x++)
        to[x] = (uint8_t)(to[x] - from[x]);
}

picture_t *picture_black_hat(const picture_t *grey, int width, int height)
{
    picture_t *hat = filter(grey, width, height, largest);
    if (!hat || filter_in_place(hat, width, height, smallest)) {
        picture_destroy(&hat);
        return NULL;
    }
    for (int y = 0; y < hat->height; y++)
        take_row(hat->pixels + (size_t)y * hat->stride, grey->pixels + (size_t)y * grey->stride, hat->width);
    return hat;
}

/* The mean around x over the part of its window inside a row of w values; before[x] is the sum of those before x. */
static uint8_t mean_inside(const uint32_t *before, int x, int half, int w)
{
    int from = most(0, x - half), end = least(w, x + half + 1);
    unsigned count = (unsigned)(end - from);
    return (uint8_t)((before[end] - before[from] + count / 2) / count);
}

/* (ends[x] - starts[x] + half of size) / size. Half a step more than the numerator is never so near to a whole number
 * that a float rounds to the wrong one. */
static void mean_row(uint8_t *restrict to, const uint32_t *restrict starts, const uint32_t *restrict ends, int size,
                     int n)
{
    float share = 1.0f / (float)size, more = (float)(size / 2) + 0.5f;
    for (int x = 0; x < n; x++)
        to[x] = (uint8_t)(int32_t)(((float)(int32_t)(ends[x] - starts[x]) + more) * share);
}

/* Means along the rows, rounded. sums holds in->width + size values. */
static void mean_along(const picture_t *in, picture_t *out, int size, uint32_t *sums)
{
    int w = in->width, half = size / 2;
    uint32_t *before = sums + half;
    for (int y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * in->stride;
        uint8_t *to = out->pixels + (size_t)y * out->stride;
        uint32_t sum = 0;
        for (int x = 0; x < w; x++)
            before[x] = sum, sum += row[x];
        before[w] = sum;
        int inside = most(0, w - 2 * half), first = least(half, w);
        mean_row(to + half, before, before + size, size, inside);
        for (int x = 0; x < first; x++)
            to[x] = mean_inside(before, x, half, w);
        for (int x = most(first, w - half); x < w; x++)
            to[x] = mean_inside(before, x, half, w);
    }
}

/* Columns of so many rows have sums of 16 bits. */
enum { MEAN_ROWS_MOST = 257 };

static void add_row(uint16_t *restrict sums, const uint8_t *restrict row, int n)
{
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(sums[x] + row[x]);
}

static void drop_row(uint16_t *restrict sums, const uint8_t *restrict row, int n)
{
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(sums[x] - row[x]);
}

static void share_row(uint8_t *restrict to, const uint16_t *restrict sums, int count, int n)
{
    float share = 1.0f / (float)count;
    for (int x = 0; x < n; x++)
        to[x] = (uint8_t)(int32_t)((float)sums[x] * share + 0.5f);
}

/* Means down the columns, rounded. sums holds in->width values. */
static void mean_down(const picture_t *in, picture_t *out, int size, uint16_t *sums)
{
    int w = in->width, h = in->height, half = size / 2, count = 0;
    memset(sums, 0, (size_t)w * sizeof *sums);
    for (int y = -half; y < h; y++) {
        if (y + half < h)
            add_row(sums, in->pixels + (size_t)(y + half) * in->stride, w), count++;
        if (y - half - 1 >= 0)
            drop_row(sums, in->pixels + (size_t)(y - half - 1) * in->stride, w), count--;
        if (y >= 0)
            share_row(out->pixels + (size_t)y * out->stride, sums, count, w);
    }
}

picture_t *picture_mean(const picture_t *grey, int width, int height)
{
    assert(grey->channels == 1 && width % 2 == 1 && height % 2 == 1 && height <= MEAN_ROWS_MOST);
    picture_t *along = picture_unset(grey->width, grey->height, 1);
    picture_t *mean = height > 1 ? picture_unset(grey->width, grey->height, 1) : NULL;
    uint32_t *sums = malloc((size_t)(grey->width + width) * sizeof *sums);
    if (!along || (height > 1 && !mean) || !sums) {
        picture_destroy(&along);
        picture_destroy(&mean);
        free(sums);
        return NULL;
    }
    mean_along(grey, along, width, sums);
    if (height > 1) {
        mean_down(along, mean, height, (uint16_t *)sums);
        picture_destroy(&along);
    }
    free(sums);
    return height > 1 ? mean : along;
}

double picture_noise(const picture_t *grey)
{
    size_t histogram[40] = {0}, total = 0;
    for (int y = 0; y < grey->height; y += 3) {
        const uint8_t *row = grey->pixels + (size_t)y * grey->stride;
        for (int x = 1; x + 1 < grey->width; x++) {
            while (x + PICTURE_ALIKE + 1 < grey->width && row[x] == row[x - 1] && picture_alike(row + x + 1, 1)) {
                histogram[0] += PICTURE_ALIKE, total += PICTURE_ALIKE;
                x += PICTURE_ALIKE;
            }
            int v = abs(2 * row[x] - row[x - 1] - row[x + 1]);
            if (v < 40)
                histogram[v]++, total++;
        }
    }
    size_t sum = 0;
    for (int v = 0; v < 40; v++) {
        size_t before = sum;
        sum += histogram[v];
        if (2 * sum >= total && total)
            return (v + ((double)total / 2 - (double)before) / (double)(histogram[v] ? histogram[v] : 1) - 0.5) / 1.65;
    }
    return 0;
}
