/* picture_tiff: hears what libtiff has to say while leptonica reads with it. Used by picture_codec.c alone; the only
 * file that knows libtiff.
 *
 * leptonica takes the rows that libtiff could not unpack for white or noise, and switches its messages off.
 */
#ifndef YOGI_PICTURE_TIFF_H
#define YOGI_PICTURE_TIFF_H

/* From here on, errors on this thread are counted from 0. */
void picture_tiff_listen(void);

/* Errors since then: what cannot be unpacked. Tags that are only odd are warnings, which do not count. */
int picture_tiff_errors(void);

#endif
