/* wordmark: what a word's ink tells beside its text: size, weight, colour. */
#ifndef YOGI_OCR_WORDMARK_H
#define YOGI_OCR_WORDMARK_H

#include "print.h"

/* Fills size, weight and colour of a word whose text is known, from its rectangle in the upright print. */
void wordmark_fill(word_t *word, const print_t *print, const sheet_t *sheet, int x0, int y0, int x1, int y1);

#endif
