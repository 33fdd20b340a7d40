/* picture_warp: see picture_warp.h. */
#include "picture_warp.h"

#include <math.h>
#include <string.h>

homography_t homography_identity(void)
{
    return (homography_t){{1, 0, 0, 0, 1, 0, 0, 0, 1}};
}

/* Gaussian elimination with pivoting of 8 equations; -1 where singular. */
static int solve8(double a[8][9])
{
    for (int i = 0; i < 8; i++) {
        int best = i;
        for (int r = i + 1; r < 8; r++)
            if (fabs(a[r][i]) > fabs(a[best][i]))
                best = r;
        if (fabs(a[best][i]) < 1e-9)
            return -1;
        if (best != i) {
            double swap[9];
            memcpy(swap, a[i], sizeof swap);
            memcpy(a[i], a[best], sizeof swap);
            memcpy(a[best], swap, sizeof swap);
        }
        for (int r = 0; r < 8; r++) {
            if (r == i)
                continue;
            double f = a[r][i] / a[i][i];
            for (int c = i; c < 9; c++)
                a[r][c] -= f * a[i][c];
        }
    }
    return 0;
}

int homography_from(const double from[4][2], const double to[4][2], homography_t *out)
{
    double a[8][9];
    for (int i = 0; i < 4; i++) {
        double x = from[i][0], y = from[i][1], u = to[i][0], v = to[i][1];
        double first[9] = {x, y, 1, 0, 0, 0, -u * x, -u * y, u}, second[9] = {0, 0, 0, x, y, 1, -v * x, -v * y, v};
        memcpy(a[2 * i], first, sizeof first);
        memcpy(a[2 * i + 1], second, sizeof second);
    }
    if (solve8(a))
        return -1;
    for (int i = 0; i < 8; i++)
        out->m[i] = a[i][8] / a[i][i];
    out->m[8] = 1;
    return 0;
}

homography_t homography_chain(homography_t first, homography_t second)
{
    homography_t out;
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            out.m[3 * r + c] = second.m[3 * r] * first.m[c] + second.m[3 * r + 1] * first.m[3 + c] +
                               second.m[3 * r + 2] * first.m[6 + c];
    return out;
}

int homography_invert(homography_t map, homography_t *out)
{
    const double *m = map.m;
    double cofactor[9] = {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
                          m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
                          m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
    double determinant = m[0] * cofactor[0] + m[1] * cofactor[3] + m[2] * cofactor[6];
    if (fabs(determinant) < 1e-12)
        return -1;
    for (int i = 0; i < 9; i++)
        out->m[i] = cofactor[i] / determinant;
    return 0;
}

void homography_apply(const homography_t *map, double x, double y, double *to_x, double *to_y)
{
    const double *m = map->m;
    double w = m[6] * x + m[7] * y + m[8];
    if (fabs(w) < 1e-12)
        w = w < 0 ? -1e-12 : 1e-12;
    *to_x = (m[0] * x + m[1] * y + m[2]) / w;
    *to_y = (m[3] * x + m[4] * y + m[5]) / w;
}

/* Bilinear sample in 1/256 px, both coordinates inside. */
static void sample(const picture_t *in, int fx, int fy, uint8_t *out)
{
    int x = fx >> 8, y = fy >> 8, a = fx & 255, b = fy & 255;
    int right = x + 1 < in->width ? in->channels : 0;
    size_t down = y + 1 < in->height ? in->stride : 0;
    const uint8_t *p = in->pixels + (size_t)y * in->stride + (size_t)x * (size_t)in->channels;
    for (int c = 0; c < in->channels; c++, p++) {
        int top = p[0] * (256 - a) + p[right] * a;
        int bottom = p[down] * (256 - a) + p[down + (size_t)right] * a;
        out[c] = (uint8_t)((top * (256 - b) + bottom * b + 32768) >> 16);
    }
}

picture_t *picture_warp(const picture_t *picture, const homography_t *back, int width, int height)
{
    picture_t *out = picture_new(width, height, picture->channels);
    if (!out)
        return NULL;
    out->dpi = picture->dpi;
    const double *m = back->m;
    double x_most = picture->width - 1, y_most = picture->height - 1;
    for (int y = 0; y < height; y++) {
        uint8_t *to = out->pixels + (size_t)y * out->stride;
        double u = m[1] * y + m[2], v = m[4] * y + m[5], w = m[7] * y + m[8];
        for (int x = 0; x < width; x++, to += picture->channels, u += m[0], v += m[3], w += m[6]) {
            double inverse = 1 / w, sx = u * inverse, sy = v * inverse;
            sx = sx > 0 ? sx < x_most ? sx : x_most : 0; /* NaN goes to 0 */
            sy = sy > 0 ? sy < y_most ? sy : y_most : 0;
            sample(picture, (int)(sx * 256 + 0.5), (int)(sy * 256 + 0.5), to);
        }
    }
    return out;
}
