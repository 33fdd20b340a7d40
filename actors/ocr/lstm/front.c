/* front: see front.h. What it computes is in tesseract 5.3's src/lstm/networkio.cpp (FromPix), convolve.cpp and
 * maxpool.cpp; the largest is taken before tanh instead of behind it, which is the same, as tanh rises. */
#include "front.h"

#include "proto/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REACH = 1, SIDE = 3, PATCH = SIDE * KERNEL_INPUTS }; /* a patch is three columns of three pixels and a gap */

/* Rows of a column with its edge, and what is read beyond it. */
static size_t column_bytes(const front_t *f)
{
    return (size_t)f->height + 2 * REACH + KERNEL_INPUTS;
}

void front_open(front_t *f, const matrix_file_t *weights)
{
    int8_t *spread = memory_new((size_t)weights->outputs, PATCH + 1);
    matrix_file_t wide = {spread, weights->scales, weights->outputs, PATCH};
    for (int o = 0; o < weights->outputs; o++) {
        const int8_t *from = weights->weights + o * (SIDE * SIDE + 1);
        for (int x = 0; x < SIDE; x++)
            memcpy(spread + o * (PATCH + 1) + x * KERNEL_INPUTS, from + x * SIDE, SIDE);
        spread[o * (PATCH + 1) + PATCH] = from[SIDE * SIDE];
    }
    f->outputs = weights->outputs;
    f->width = matrix_width(weights);
    matrix_pack(&wide, 1, 0, PATCH, &f->matrix);
    f->starts = memory_new((size_t)f->width, sizeof *f->starts);
    f->scales = memory_new((size_t)f->width, sizeof *f->scales);
    matrix_starts(&wide, 1, f->starts);
    matrix_scales(&wide, 1, f->scales);
    size_t pixels = (size_t)f->height * (size_t)f->across;
    f->patches = memory_new(pixels, PATCH);
    f->sums = memory_new(pixels * (size_t)f->width, sizeof *f->sums);
    free(spread);
}

void front_free(front_t *f)
{
    matrix_free(&f->matrix);
    noise_free(&f->noise);
    free(f->starts);
    free(f->scales);
    free(f->columns);
    free(f->patches);
    free(f->sums);
    *f = (front_t){0};
}

int front_rows(const front_t *f)
{
    return f->height / f->down;
}

int front_columns(const front_t *f, int width)
{
    return width / f->across;
}

/* Value below which a share of the counted ones lies, between whole values by their number. */
static float percentile(const int counts[256], int total, double share)
{
    double target = share * total < 1 ? 1 : share * total;
    int sum = 0, value = 0;
    while (value < 256 && sum < target)
        sum += counts[value++];
    return (float)(value - (sum - target) / counts[value - 1]);
}

/* What is black and white in a line: its turning points along the middle row. */
static void black_and_white(const uint8_t *row, int width, float *black, float *white)
{
    int low[256] = {0}, high[256] = {0}, lows = 0, highs = 0;
    for (int x = 1; x + 1 < width; x++) {
        int before = row[x - 1], here = row[x], behind = row[x + 1];
        if ((here < before && here <= behind) || (here <= before && here < behind))
            low[here]++, lows++;
        if ((here > before && here >= behind) || (here >= before && here > behind))
            high[here]++, highs++;
    }
    if (lows == 0)
        low[0] = lows = 1;
    if (highs == 0)
        high[255] = highs = 1;
    *black = percentile(low, lows, 0.25);
    *white = percentile(high, highs, 0.75);
}

/* Grey values to inputs, from -127 (black) to 127. */
static void make_levels(const uint8_t *pixels, int width, size_t stride, int height, int8_t levels[256])
{
    float black, white;
    black_and_white(pixels + (size_t)(height / 2) * stride, width, &black, &white);
    float contrast = (white - black) / 2.0F;
    contrast = contrast > 0 ? contrast : 1;
    for (int grey = 0; grey < 256; grey++) {
        float x = 128 * (((float)grey - black) / contrast - 1.0F);
        int level = x < -127 ? -127 : x > 127 ? 127 : x >= 0 ? (int)(x + 0.5F) : -(int)(-x + 0.5F);
        levels[grey] = (int8_t)level;
    }
}

static void lay_columns(front_t *f, const uint8_t *pixels, int width, size_t stride)
{
    int8_t levels[256];
    size_t column = column_bytes(f), size = column * (size_t)(width + 2 * REACH);
    if (size > f->room) {
        free(f->columns);
        f->columns = memory_new(size, 1);
        f->room = size;
    }
    make_levels(pixels, width, stride, f->height, levels);
    for (int y = 0; y < f->height; y++) {
        const uint8_t *row = pixels + (size_t)y * stride;
        int8_t *at = f->columns + REACH * column + (size_t)y + REACH;
        for (int x = 0; x < width; x++, at += column)
            *at = levels[row[x]];
    }
}

/* Number of the first noise at a pixel: row by row, three in each column beyond an edge at the side, one for each
 * column above the first row and below the last. */
static int noise_at(const front_t *f, int x, int y, int width)
{
    int row = SIDE * width + 4, before = y == 0 ? 0 : row + (y - 1) * 2 * SIDE;
    if (y == 0 || y == f->height - 1)
        return before + (x == 0 ? 0 : SIDE * x + 2);
    return before + (x == 0 ? 0 : SIDE);
}

/* Puts noise where the patch of a pixel lies beyond the edges. */
static void add_noise(const front_t *f, int x, int y, int width, int8_t *patch)
{
    const int8_t *noise = f->noise.items + noise_at(f, x, y, width);
    for (int dx = -REACH; dx <= REACH; dx++, patch += KERNEL_INPUTS) {
        if (x + dx < 0 || x + dx >= width) {
            memcpy(patch, noise, SIDE);
            noise += SIDE;
            continue;
        }
        if (y == 0)
            patch[0] = *noise++;
        if (y == f->height - 1)
            patch[SIDE - 1] = *noise++;
    }
}

/* The patches of all pixels in one column of squares. */
static void lay_patches(const front_t *f, int first, int width)
{
    size_t column = column_bytes(f);
    int8_t *patch = f->patches;
    for (int x = first; x < first + f->across; x++) {
        const int8_t *before = f->columns + (size_t)x * column;
        int8_t *top = patch;
        for (int y = 0; y < f->height; y++, before++, patch += PATCH)
            for (int i = 0; i < SIDE; i++)
                memcpy(patch + i * KERNEL_INPUTS, before + (size_t)i * column, KERNEL_INPUTS);
        bool side = x == 0 || x == width - 1;
        add_noise(f, x, 0, width, top);
        for (int y = 1; y < f->height - 1 && side; y++)
            add_noise(f, x, y, width, top + y * PATCH);
        add_noise(f, x, f->height - 1, width, patch - PATCH);
    }
}

/* The largest sum of a square, for each stroke. */
static void largest(const front_t *f, int row, int32_t *most)
{
    size_t width = (size_t)f->width;
    for (int x = 0; x < f->across; x++)
        for (int y = 0; y < f->down; y++) {
            const int32_t *sums = f->sums + ((size_t)x * (size_t)f->height + (size_t)(row * f->down + y)) * width;
            for (size_t i = 0; i < width; i++)
                most[i] = (x || y) && most[i] > sums[i] ? most[i] : sums[i];
        }
}

void front_run(front_t *f, const kernel_t *kernel, const squash_t *squash, const uint8_t *pixels, int width,
               size_t stride, int8_t *out)
{
    int32_t most[MATRIX_SIDE_MOST];
    int count = f->height * f->across, columns = front_columns(f, width), rows = front_rows(f);
    noise_need(&f->noise, 2 * (SIDE * width + 4) + f->height * 2 * SIDE);
    lay_columns(f, pixels, width, stride);
    for (int at = 0; at < columns; at++) {
        lay_patches(f, at * f->across, width);
        for (int i = 0; i < count; i++)
            memcpy(f->sums + (size_t)i * (size_t)f->width, f->starts, (size_t)f->width * sizeof *f->sums);
        kernel->multiply(&f->matrix, f->patches, PATCH, count, f->sums, (size_t)f->width);
        for (int row = 0; row < rows; row++, out += f->width) {
            largest(f, row, most);
            for (int i = 0; i < f->width; i++)
                out[i] = (int8_t)squash_byte(squash_tanh(squash, (float)most[i] * f->scales[i]));
        }
    }
}
