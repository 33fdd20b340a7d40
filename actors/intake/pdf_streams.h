/* pdf_streams: whether what a PDF has packed can be unpacked whole. Used by pdf.c alone.
 *
 * poppler repairs what it can without a word: of a page whose contents are damaged it shows what came before, or
 * nothing. That would be half a week, or "not a timetable". Source: ISO 32000-1, 7.3.8 (streams), 7.4 (filters); RFC
 * 1950.
 */
#ifndef YOGI_INTAKE_PDF_STREAMS_H
#define YOGI_INTAKE_PDF_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False when a stream of the file is damaged: packed by deflate with a wrong code or checksum, or a JPEG with a wrong
 * code. Streams of other or several filters and those of an encrypted file are not looked at; nothing is looked at
 * after the first PDF_STREAMS_BYTES_MOST unpacked bytes. */
bool pdf_streams_are_sound(const uint8_t *bytes, size_t size) __attribute__((warn_unused_result));

enum { PDF_STREAMS_BYTES_MOST = 128 << 20 };

#endif
