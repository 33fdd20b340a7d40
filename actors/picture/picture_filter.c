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

picture_t *picture_grey(const picture_t *picture)
{
    if (picture->channels == 1)
        return picture_clone(picture);
    picture_t *grey = picture_new(picture->width, picture->height, 1);
    if (!grey)
        return NULL;
    grey->dpi = picture->dpi;
    for (int y = 0; y < grey->height; y++) {
        const uint8_t *in = picture->pixels + (size_t)y * picture->stride;
        uint8_t *out = grey->pixels + (size_t)y * grey->stride;
        for (int x = 0; x < grey->width; x++)
            out[x] = (uint8_t)((in[3 * x] * 77 + in[3 * x + 1] * 150 + in[3 * x + 2] * 29 + 128) >> 8);
    }
    return grey;
}

picture_t *picture_crop(const picture_t *picture, int x, int y, int w, int h)
{
    int x1 = least(x + w, picture->width), y1 = least(y + h, picture->height);
    x = most(x, 0), y = most(y, 0);
    if (x1 <= x || y1 <= y)
        return NULL;
    picture_t *crop = picture_new(x1 - x, y1 - y, picture->channels);
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

static void max_bytes(uint8_t *restrict to, const uint8_t *restrict from, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = to[i] > from[i] ? to[i] : from[i];
}

/* Largest over windows of `size` along the rows; a and b hold width + size bytes. */
static void max_along(picture_t *grey, int size, uint8_t *a, uint8_t *b)
{
    int w = grey->width, half = size / 2, n = w + size;
    for (int y = 0; y < grey->height; y++) {
        uint8_t *row = grey->pixels + (size_t)y * grey->stride;
        memset(a, 0, (size_t)n);
        memcpy(a + half, row, (size_t)w);
        int reach = 1;
        for (; reach * 2 <= size; reach *= 2) {
            memcpy(b, a, (size_t)n);
            max_bytes(a, b + reach, n - reach);
        }
        memcpy(b, a, (size_t)n);
        if (size > reach)
            max_bytes(a, b + (size - reach), n - (size - reach));
        memcpy(row, a, (size_t)w);
    }
}

/* Largest over windows of `size` down the columns, in place by doubling; ring keeps the rows above. */
static int max_down(picture_t *grey, int size)
{
    int h = grey->height, half = size / 2;
    size_t stride = grey->stride;
    int w = grey->width;
    /* rows shift: the window of row y starts at y - half, so work on a copy that is `half` rows longer at the top */
    uint8_t *work = calloc((size_t)(h + size), stride);
    if (!work)
        return -1;
    memcpy(work + (size_t)half * stride, grey->pixels, (size_t)h * stride);
    int n = h + size, reach = 1;
    for (; reach * 2 <= size; reach *= 2)
        for (int y = 0; y + reach < n; y++)
            max_bytes(work + (size_t)y * stride, work + (size_t)(y + reach) * stride, w);
    for (int y = 0; y < h; y++) {
        max_bytes(work + (size_t)y * stride, work + (size_t)(y + size - reach) * stride, size > reach ? w : 0);
        memcpy(grey->pixels + (size_t)y * stride, work + (size_t)y * stride, (size_t)w);
    }
    free(work);
    return 0;
}

int picture_dilate(picture_t *grey, int width, int height)
{
    assert(grey->channels == 1 && width % 2 == 1 && height % 2 == 1);
    if (width > 1) {
        uint8_t *a = malloc((size_t)(grey->width + width)), *b = malloc((size_t)(grey->width + width));
        if (a && b)
            max_along(grey, width, a, b);
        free(a);
        free(b);
        if (!a || !b)
            return -1;
    }
    return height > 1 ? max_down(grey, height) : 0;
}

int picture_erode(picture_t *grey, int width, int height)
{
    picture_invert(grey);
    int status = picture_dilate(grey, width, height);
    picture_invert(grey);
    return status;
}

picture_t *picture_black_hat(const picture_t *grey, int width, int height)
{
    picture_t *hat = picture_clone(grey);
    if (!hat || picture_dilate(hat, width, height) || picture_erode(hat, width, height)) {
        picture_destroy(&hat);
        return NULL;
    }
    for (int y = 0; y < hat->height; y++) {
        uint8_t *to = hat->pixels + (size_t)y * hat->stride;
        const uint8_t *from = grey->pixels + (size_t)y * grey->stride;
        for (int x = 0; x < hat->width; x++)
            to[x] = (uint8_t)(to[x] - from[x]);
    }
    return hat;
}

picture_t *picture_white_hat(const picture_t *grey, int width, int height)
{
    picture_t *copy = picture_clone(grey);
    if (!copy)
        return NULL;
    picture_invert(copy);
    picture_t *hat = picture_black_hat(copy, width, height);
    picture_destroy(&copy);
    return hat;
}

static void mean_along(const picture_t *in, picture_t *out, int size)
{
    int w = in->width, half = size / 2;
    for (int y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * in->stride;
        uint8_t *to = out->pixels + (size_t)y * out->stride;
        unsigned sum = 0;
        int count = least(half, w);
        for (int x = 0; x < count; x++)
            sum += row[x];
        for (int x = 0; x < w; x++) {
            if (x + half < w)
                sum += row[x + half], count++;
            if (x - half - 1 >= 0)
                sum -= row[x - half - 1], count--;
            to[x] = (uint8_t)((sum + (unsigned)count / 2) / (unsigned)count);
        }
    }
}

static int mean_down(picture_t *grey, int size)
{
    int w = grey->width, h = grey->height, half = size / 2;
    uint32_t *sums = calloc((size_t)w, sizeof *sums);
    uint8_t *copy = malloc(grey->stride * (size_t)h);
    if (!sums || !copy) {
        free(sums);
        free(copy);
        return -1;
    }
    memcpy(copy, grey->pixels, grey->stride * (size_t)h);
    int count = 0;
    for (int y = 0; y < least(half, h); y++, count++)
        for (int x = 0; x < w; x++)
            sums[x] += copy[(size_t)y * grey->stride + (size_t)x];
    for (int y = 0; y < h; y++) {
        if (y + half < h) {
            const uint8_t *row = copy + (size_t)(y + half) * grey->stride;
            for (int x = 0; x < w; x++)
                sums[x] += row[x];
            count++;
        }
        if (y - half - 1 >= 0) {
            const uint8_t *row = copy + (size_t)(y - half - 1) * grey->stride;
            for (int x = 0; x < w; x++)
                sums[x] -= row[x];
            count--;
        }
        float share = 1.0f / (float)count;
        uint8_t *to = grey->pixels + (size_t)y * grey->stride;
        for (int x = 0; x < w; x++)
            to[x] = (uint8_t)((float)sums[x] * share + 0.5f);
    }
    free(sums);
    free(copy);
    return 0;
}

picture_t *picture_mean(const picture_t *grey, int width, int height)
{
    assert(grey->channels == 1 && width % 2 == 1 && height % 2 == 1);
    picture_t *mean = picture_new(grey->width, grey->height, 1);
    if (!mean)
        return NULL;
    mean_along(grey, mean, width);
    if (height > 1 && mean_down(mean, height))
        picture_destroy(&mean);
    return mean;
}

double picture_noise(const picture_t *grey)
{
    size_t histogram[40] = {0}, total = 0;
    for (int y = 0; y < grey->height; y += 3) {
        const uint8_t *row = grey->pixels + (size_t)y * grey->stride;
        for (int x = 1; x + 1 < grey->width; x++) {
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
