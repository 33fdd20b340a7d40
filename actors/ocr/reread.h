/* reread: whether a line should be read again, and which of several readings is best.
 */
#ifndef YOGI_OCR_REREAD_H
#define YOGI_OCR_REREAD_H

#include "engine.h"

#include <stdbool.h>

/* Most readings after the first. */
enum { REREAD_MOST = 2 };

/* How often unsure words of a line are read again at most: once where nothing was read, never where it is no print. */
int reread_most(engine_t *engine, const readings_t *first);

/* The last stretch of unsure words before a word, from … to - 1; one sure word between two unsure ones belongs to it.
 * False where all are sure. */
bool reread_unsure(const readings_t *reading, int before, int *from, int *to);

/* Whether it is enough of readings: of words without digits two are (a third costs more than it mends), of digits when
 * the last says the same as an earlier one and both are fairly sure. The first of them is the one that is doubted. */
bool reread_settled(const readings_t *readings, int count);

/* Index of the best of count readings: most confidence together for one text, and likelier tokens. */
int reread_best(engine_t *engine, const readings_t *readings, int count);

/* Share of the letters of a reading that stand in words of the dictionary, times, numbers or very short tokens; 0 … 1.
 */
double reread_likely(engine_t *engine, const readings_t *reading);

#endif
