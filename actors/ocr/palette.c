/* palette: see palette.h. */
#include "palette.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t *pixel(const picture_t *p, int x, int y)
{
    return p->pixels + (size_t)y * p->stride + (size_t)x * (size_t)p->channels;
}

/* How many of the samples from v on, at most `most` of them, are of one colour. */
static int run_of(const uint8_t *v, int most, int step, int channels)
{
    size_t pixel_bytes = (size_t)channels, stride = (size_t)step * pixel_bytes;
    const uint8_t *at = v + stride;
    int n = 1, last = channels - 1;
    if (most < 2 || memcmp(v, at, pixel_bytes) != 0)
        return 1;
    if (memcmp(v, v + pixel_bytes, (size_t)(most - 1) * stride) == 0) /* most rows of a fill, to their end */
        return most;
    for (; n < most && at[0] == v[0] && at[last] == v[last] && at[last / 2] == v[last / 2]; n++)
        at += stride;
    return n;
}

int32_t palette_fill(const picture_t *p, box_t box, int step)
{
    enum { BITS = 4, BINS = 1 << (3 * BITS) };
    int x1 = box.x + box.w < p->width ? box.x + box.w : p->width,
        y1 = box.y + box.h < p->height ? box.y + box.h : p->height;
    int x0 = box.x > 0 ? box.x : 0, y0 = box.y > 0 ? box.y : 0;
    if (x1 <= x0 || y1 <= y0)
        return 0xFFFFFF;
    uint32_t *counts = calloc(BINS, sizeof *counts);
    if (!counts)
        return 0xFFFFFF;
    /* bins are shifted by half a bin, so that 255 and its JPEG neighbours share one */
    int g = p->channels == 3 ? 1 : 0, b = 2 * g, best = 0, samples = (x1 - x0 + step - 1) / step;
    for (int y = y0; y < y1; y += step)
        for (int i = 0, run; i < samples; i += run) {
            const uint8_t *v = pixel(p, x0 + i * step, y);
            int bin = (v[0] >> 4) << 8 | (v[g] >> 4) << 4 | v[b] >> 4;
            run = run_of(v, samples - i, step, p->channels);
            counts[bin] += (uint32_t)run;
            if (counts[bin] > counts[best])
                best = bin;
        }
    free(counts);
    int centre[3] = {(best >> 8) * 16 + 8, (best >> 4 & 15) * 16 + 8, (best & 15) * 16 + 8};
    long sum[3] = {0}, n = 0;
    for (int y = y0; y < y1; y += step)
        for (int i = 0, run; i < samples; i += run) {
            const uint8_t *v = pixel(p, x0 + i * step, y);
            run = run_of(v, samples - i, step, p->channels);
            if (abs(v[0] - centre[0]) > 12 || abs(v[g] - centre[1]) > 12 || abs(v[b] - centre[2]) > 12)
                continue;
            sum[0] += (long)run * v[0], sum[1] += (long)run * v[g], sum[2] += (long)run * v[b], n += run;
        }
    n = n ? n : 1;
    return (int32_t)((sum[0] / n) << 16 | (sum[1] / n) << 8 | sum[2] / n);
}

int palette_distance(int32_t a, int32_t b)
{
    int most = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int d = abs((a >> shift & 255) - (b >> shift & 255));
        most = d > most ? d : most;
    }
    return most;
}

int palette_grey(int32_t colour)
{
    return ((colour >> 16 & 255) * 77 + (colour >> 8 & 255) * 150 + (colour & 255) * 29 + 128) >> 8;
}
