/* picture_jpeg: whether the pixels of a JPEG are all there, by libjpeg's own account. Used by picture_codec.c and,
 * for pictures inside a PDF, by intake; the only file that knows libjpeg.
 *
 * Decoders go on with damaged pixels and count what they met: a stray byte before the end marker, which some cameras
 * write and which harms nothing, and a bad code after which half the page is noise, alike. Here they are told apart.
 */
#ifndef YOGI_PICTURE_JPEG_H
#define YOGI_PICTURE_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False where codes are wrong or pixels are missing. Decodes the file once more, at an
 * eighth of its size. */
bool picture_jpeg_is_sound(const uint8_t *bytes, size_t size);

#endif
