/* picture_codec_plain: packs the pictures of lines that tesseract keeps for itself, without compression.
 *
 * tesseract asks leptonica to pack the picture of each line as a PNG and unpacks it again before its network reads it:
 * 5 to 7 % of the time of a line, for nothing. The function that it calls is defined here under leptonica's name, in
 * the program, where the loader finds it before the library's; nobody else calls it.
 */
#ifndef YOGI_PICTURE_CODEC_PLAIN_H
#define YOGI_PICTURE_CODEC_PLAIN_H

/* Pictures that were packed here since the process began. A program that calls it has the function. */
int picture_codec_packed(void);

#endif
