/* sheet: a drawn page as a PNG. The room of libpng, for speed: somebody waits for the picture.
 *
 * Source: PNG, third edition (W3C), and libpng's manual (libpng-manual.txt, section 4).
 */
#ifndef YOGI_RENDER_SHEET_H
#define YOGI_RENDER_SHEET_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

/* Appends the PNG of pixels as cairo has them (CAIRO_FORMAT_RGB24), rows `stride` bytes apart. -1 with the fault when
 * memory is refused. */
int sheet_write(const unsigned char *pixels, int width, int height, int stride, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
