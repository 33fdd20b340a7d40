/* picture_heic: HEIC pictures (ISO/IEC 23008-12) by libheif. Used by picture_codec.c alone; the only file that knows
 * it. */
#ifndef YOGI_PICTURE_HEIC_H
#define YOGI_PICTURE_HEIC_H

#include "picture.h"

/* The main picture, upright, 3 channels. Its size is checked before any pixel is decoded. NULL with the fault; without
 * libheif always FAULT_UNSUPPORTED. */
picture_t *picture_heic_decode(const uint8_t *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));

#endif
