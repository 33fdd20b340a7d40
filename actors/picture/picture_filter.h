/* picture_filter: grey and binary image operations on whole pictures, written for speed: separable, no allocation per
 * row, inner loops that the compiler vectorises.
 *
 * Used by the stage ocr. All functions return a new picture, or work in place where they say so; memory refused is
 * NULL. Sources: M. van Herk 1992 (max and min filters in constant passes: down the columns; along the rows by doubling
 * windows), J. Serra 1982 (top-hat).
 */
#ifndef YOGI_PICTURE_FILTER_H
#define YOGI_PICTURE_FILTER_H

#include "picture.h"

#include <stdbool.h>

/* Luminance (ITU-R BT.601, integer weights) of a picture; a grey one is copied. */
picture_t *picture_grey(const picture_t *picture);

/* Whether PICTURE_ALIKE px from v on are each as the one before (which is there): most of a drawing is, and loops step
 * over them. */
enum { PICTURE_ALIKE = 8 };
bool picture_alike(const uint8_t *v, int channels);

/* Rectangle x, y, w, h of a picture, clipped to it; NULL where nothing is left. */
picture_t *picture_crop(const picture_t *picture, int x, int y, int w, int h);

/* Turned clockwise by 0, 90, 180 or 270 degrees. */
picture_t *picture_turn(const picture_t *picture, int degrees);

/* To width x height: area mean where it shrinks, bilinear (Catmull-Rom for grey pictures) where it grows. */
picture_t *picture_scale(const picture_t *picture, int width, int height);

/* Every value v becomes 255 - v, in place. */
void picture_invert(picture_t *picture);

/* Grey dilation (largest) and erosion (smallest value) by a rectangle of odd width and height, in place. Outside the
 * picture nothing counts. -1 when memory is refused. */
int picture_dilate(picture_t *grey, int width, int height);
int picture_erode(picture_t *grey, int width, int height);

/* The same as a new picture. */
picture_t *picture_dilated(const picture_t *grey, int width, int height);
picture_t *picture_eroded(const picture_t *grey, int width, int height);

/* Black top-hat, closing minus picture: dark structures thinner than the rectangle in at least one direction. */
picture_t *picture_black_hat(const picture_t *grey, int width, int height);

/* Mean over a rectangle of odd width and height, which is at most 257; at the border over the part inside. */
picture_t *picture_mean(const picture_t *grey, int width, int height);

/* Noise level in grey values: median of |2 I(x) - I(x-1) - I(x+1)| over values from 1 to 39, / 1.65. 0 for clean
 * drawings, over about 1.2 for photos (measured on camera pictures and screen shots). */
double picture_noise(const picture_t *grey);

#endif
