/* picture_warp: plane projective maps (homographies) and pictures seen through them.
 *
 * Used by the stage ocr to rectify photos and scans. Source: R. Hartley, A. Zisserman, Multiple View Geometry, 4.1.
 */
#ifndef YOGI_PICTURE_WARP_H
#define YOGI_PICTURE_WARP_H

#include "picture.h"

/* Row-major 3 x 3: (x, y, 1) goes to (m0 x + m1 y + m2, m3 x + m4 y + m5) / (m6 x + m7 y + m8). */
typedef struct {
    double m[9];
} homography_t;

/* The identity. */
homography_t homography_identity(void);

/* The map that takes four points to four others; -1 where three of them lie on a line. */
int homography_from(const double from[4][2], const double to[4][2], homography_t *out)
    __attribute__((warn_unused_result));

/* first, then second. */
homography_t homography_chain(homography_t first, homography_t second);

/* -1 where it has no inverse. */
int homography_invert(homography_t map, homography_t *out) __attribute__((warn_unused_result));

void homography_apply(const homography_t *map, double x, double y, double *to_x, double *to_y);

/* width x height pixels, each from where `back` (output px to picture px) leads, bilinear; beyond the border the
 * nearest pixel. NULL when memory is refused. */
picture_t *picture_warp(const picture_t *picture, const homography_t *back, int width, int height);

#endif
