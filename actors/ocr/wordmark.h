/* wordmark: what a word's ink tells beside its text: size, colour, weight. */
#ifndef YOGI_OCR_WORDMARK_H
#define YOGI_OCR_WORDMARK_H

#include "print.h"

/* Font size in px under which a stroke is too few pixels wide for its width alone to tell the weight. */
#define WORDMARK_SMALL 12.0

/* Fills size and colour of a word whose text is known, from its rectangle in the upright print. */
void wordmark_fill(word_t *word, const print_t *print, const sheet_t *sheet, int x0, int y0, int x1, int y1);

/* Weight of what is printed in a rectangle in a font of `size` px, 0 regular … 1 bold. */
double wordmark_weight(const print_t *print, double size, int x0, int y0, int x1, int y1);

#endif
