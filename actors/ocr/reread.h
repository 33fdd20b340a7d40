/* reread: whether a line should be read again, and which of several readings is best.
 */
#ifndef YOGI_OCR_REREAD_H
#define YOGI_OCR_REREAD_H

#include "engine.h"

#include <stdbool.h>

/* How many more readings a line of this ink height (px) deserves: none where it is sure and made of words, times and
 * numbers; two more where small digits are at stake. */
int reread_wanted(engine_t *engine, const readings_t *first, double tall);

/* Whether the last reading says the same as an earlier one and both are fairly sure, so that more would change nothing.
 */
bool reread_settled(const readings_t *readings, int count);

/* Index of the best of count readings: most confidence together for one text, and likelier tokens. */
int reread_best(engine_t *engine, const readings_t *readings, int count);

/* Share of the letters of a reading that stand in words of the dictionary, times, numbers or very short tokens; 0 … 1.
 */
double reread_likely(engine_t *engine, const readings_t *reading);

#endif
