/* palette: colours of areas and of ink. */
#ifndef YOGI_OCR_PALETTE_H
#define YOGI_OCR_PALETTE_H

#include "actors/picture/picture.h"
#include "proto/page.h"

/* The commonest colour of a rectangle (mode of a coarse histogram, refined to its mean), 0xRRGGBB. `step` px apart. */
int32_t palette_fill(const picture_t *picture, box_t box, int step);

/* Largest difference of the three channels. */
int palette_distance(int32_t a, int32_t b);

/* Luminance 0 … 255. */
int palette_grey(int32_t colour);

#endif
