/* lean: what tesseract asks of other libraries for every line, done without the ceremony.
 *
 * tesseract opens and closes an OpenMP team in each column of a line though one thread is allowed, and packs the
 * picture of the line to unpack it again (see picture_codec_plain.h). Together that is 9 % of the time of a line (6800
 * lines: 34.2 s to 31.1 s) and changes nothing that is read. The functions of gcc's OpenMP library that it calls are
 * defined here, in the program, where the loader finds them before those of the library; lean_open only makes sure that
 * they are linked. A tesseract that calls others goes on as without them.
 */
#ifndef YOGI_OCR_LEAN_H
#define YOGI_OCR_LEAN_H

/* To be called once before tesseract is. */
void lean_open(void);

/* Pictures of lines that were packed here since the process began. */
int lean_packed(void);

#endif
