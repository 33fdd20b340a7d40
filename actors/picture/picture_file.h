/* picture_file: what the bytes of a file of pictures say before anything is decoded: kind, where they end, EXIF.
 *
 * Used by picture_codec.c and intake. Reads nothing but the bytes handed in, allocates nothing; never asserts on them.
 */
#ifndef YOGI_PICTURE_FILE_H
#define YOGI_PICTURE_FILE_H

#include "proto/base/fault.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    PICTURE_FILE_NONE, /* not a picture that is known */
    PICTURE_FILE_PNG,
    PICTURE_FILE_JPEG,
    PICTURE_FILE_TIFF,
    PICTURE_FILE_WEBP,
    PICTURE_FILE_GIF,
    PICTURE_FILE_BMP,
    PICTURE_FILE_HEIC,
} picture_file_t;

/* The kind, by the first bytes. */
picture_file_t picture_file_kind(const uint8_t *bytes, size_t size);

const char *picture_file_name(picture_file_t kind);  /* "PNG" */
const char *picture_file_media(picture_file_t kind); /* "image/png" */

/* Whether the file is all there, as far as its own structure tells (PNG chunks, the end marker of JPEG, RIFF size,
 * BMP offset): 0, or -1 with FAULT_DAMAGED and the byte where it ends. TIFF, GIF and HEIC are not checked here. */
int picture_file_whole(picture_file_t kind, const uint8_t *bytes, size_t size, fault_t *fault)
    __attribute__((warn_unused_result));

/* EXIF orientation 1 to 8 (Exif 2.32, tag 0x0112) of a JPEG's APP1, a PNG's eXIf or a WebP's EXIF; 1 where it has none.
 */
int picture_file_orientation(picture_file_t kind, const uint8_t *bytes, size_t size);

/* Most pages of a TIFF and most tags of one directory that are looked at. */
enum { PICTURE_FILE_PAGES_MOST = 5000, PICTURE_FILE_TAGS_MOST = 4096 };

/* Pages of a TIFF, reduced copies (TIFF 6.0, NewSubfileType bit 0) not counted. Where nth is not NULL, *nth (>= 0) is
 * replaced by the place of that page among all directories. 0 when the file has none. */
int picture_file_tiff_pages(const uint8_t *bytes, size_t size, int *nth);

/* The first frame of a GIF: bytes up to its end, its size, and the palette index that is transparent or -1. */
typedef struct {
    size_t end;        /* offset behind the frame's data; a trailer byte put there closes the file */
    int width, height; /* px, of the frame */
    int transparent;   /* palette index, -1 none */
} picture_file_gif_t;

/* Finds it; -1 with the fault where the file is cut off before the frame's end. */
int picture_file_gif(const uint8_t *bytes, size_t size, picture_file_gif_t *gif, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
