/* picture: pixels in memory, and the way in and out of files of pictures.
 *
 * Used by the stages that look at pictures (classification, ocr, render), in a worker. Leptonica is used in
 * picture_codec.c alone; everything else here works on plain arrays.
 */
#ifndef YOGI_PICTURE_H
#define YOGI_PICTURE_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stddef.h>
#include <stdint.h>

/* Plain data. Pixels row by row from the top; channels 1 = grey (0 black), 3 = R, G, B. */
typedef struct {
    int width, height;  /* px, both > 0 */
    int channels;       /* 1 or 3 */
    size_t stride;      /* bytes from row to row, >= width * channels */
    uint8_t *pixels;    /* stride * height bytes */
    double dpi;         /* px per inch as the file says; 0 unknown */
} picture_t;

/* Largest picture that is decoded: 100 million pixels (a 600 dpi A3 scan has 70 million), 60,000 px on a side. */
enum { PICTURE_SIDE_MOST = 60000 - 1, PICTURE_PIXELS_MOST = 100 * 1000 * 1000 };

/* A new picture, zeroed; NULL only when memory is refused. */
picture_t *picture_new(int width, int height, int channels);
/* The same with pixels that hold anything, for those who write every one. */
picture_t *picture_unset(int width, int height, int channels);
void picture_destroy(picture_t **picture);
picture_t *picture_clone(const picture_t *picture);

/* Pages (frames) in a file of pictures; at least 1. -1 with the fault. Only TIFF and GIF can have more than 1. */
int picture_count(const uint8_t *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));

/* Decodes page `index` from 0 (PNG, JPEG, TIFF, WebP, GIF, BMP, HEIC where built in) to upright (EXIF), 3 channels, or 1
 * where it holds no colour; transparency over white, CMYK and palettes converted, 16 bits to 8. The size is checked
 * against the limits above before any pixel is decoded. NULL with the fault. */
picture_t *picture_decode(const uint8_t *bytes, size_t size, int index, fault_t *fault)
    __attribute__((warn_unused_result));

/* The same, perhaps smaller by 2, 4 or 8 where that saves decoding (JPEG), the longer side not under `side` px. */
picture_t *picture_decode_preview(const uint8_t *bytes, size_t size, int index, int side, fault_t *fault)
    __attribute__((warn_unused_result));

/* Appends the picture as a PNG to out. 0, or -1 with the fault (out of memory). */
int picture_encode_png(const picture_t *picture, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
