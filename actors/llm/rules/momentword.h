/* momentword: times of day that are said in words: "half past nine", "nine thirty", "noon". Readers of shapes for
 * moment: each reads at `at` and says whether the shape stands there; `first` is as for moment_read.
 */
#ifndef YOGI_RULES_MOMENTWORD_H
#define YOGI_RULES_MOMENTWORD_H

#include "momentpart.h"

/* "half past nine", "10 to 9": "10 to" needs words, being the beginning of a range. */
bool momentword_past(const char *at, const reading_t *first, reading_t *out);

/* "nine thirty", "nine o'clock", "nine am"; "half nine" is half past. */
bool momentword_hours(const char *at, const reading_t *first, reading_t *out);

/* The same in other languages than English: "halb zehn", "Viertel nach neun", "neuf heures et demie", "nueve y media".
 */
bool momentword_foreign(const char *at, const reading_t *first, reading_t *out);

/* "noon" */
bool momentword_noon(const char *at, const reading_t *first, reading_t *out);

#endif
