/* headshape: what a word of a heading may be by its shape alone: number, year, date, code of a class. */
#ifndef YOGI_RULES_HEADSHAPE_H
#define YOGI_RULES_HEADSHAPE_H

#include <stddef.h>

/* HEAD_NUMBER … HEAD_CODE bits of headword.h for the first size bytes of a text (closed with a zero, further on), 0 for
 * none, and the number that they stand for. */
unsigned headshape_of(const char *text, size_t size, int *number);

#endif
