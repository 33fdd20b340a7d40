/* wordgap: the white between the letters and the words of a line of print. It tells where the line can be cut, and
 * where the model joined two words whose space is narrow: "Class: IXA" where "IX A" is printed, "MrSilva".
 */
#ifndef YOGI_OCR_WORDGAP_H
#define YOGI_OCR_WORDGAP_H

#include "lineread.h"

/* Column at which the picture can be cut before a word, the width behind the last; -1 where letters touch. */
int wordgap_cut(const line_t *line, const readings_t *words, int word);

/* Parts words in which the white before a capital or a figure is as wide as the spaces of the line and far wider than
 * between its other letters. Only where each letter is a piece of ink of its own, so that the pieces can be counted. */
void wordgap_part(const line_t *line, arena_t *arena, readings_t *words);

#endif
