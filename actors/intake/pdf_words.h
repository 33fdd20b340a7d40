/* pdf_words: glyphs of a page to words with angle and line, without any library.
 *
 * Used by pdf.c alone. Order of the result is reading order: rows of lines from the top, in a row from the left.
 */
#ifndef YOGI_INTAKE_PDF_WORDS_H
#define YOGI_INTAKE_PDF_WORDS_H

#include "proto/base/arena.h"
#include "proto/page.h"

/* One character of the page's text, in the order of the text. */
typedef struct {
    uint32_t point;        /* Unicode; white space parts words */
    double x0, y0, x1, y1; /* box in points, y down */
    double size;           /* font size, points */
    double weight;         /* 0 regular … 1 bold */
    int32_t colour;        /* 0xRRGGBB */
    bool mirrored;         /* where it lies on its side, it came in the wrong order: from the end of its word */
} glyph_t;

/* Words of count glyphs, measured in px at scale px per point, appended to words (an empty list) from the arena. Words
 * outside width x height px are left out. */
void pdf_words(const glyph_t *glyphs, size_t count, double scale, int width, int height, arena_t *arena, list_t *words);

/* Whether the point carries no meaning of its own: control, private use, replacement. */
bool pdf_words_is_broken(uint32_t point);

#endif
