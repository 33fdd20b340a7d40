/* moment: one time of day at a place in a text, in the shapes that pages print and OCR leaves of them; timetext makes
 * spans of them. Words come from the vocabulary (clock, hours, noon, number, part, past, before,
 * counted, measure).
 *
 * Pure functions; nothing fails, nothing is kept.
 */
#ifndef YOGI_RULES_MOMENT_H
#define YOGI_RULES_MOMENT_H

#include "momentpart.h"

/* The moment at `at` in its clearest shape. `first` is the other end of the range where one was read, NULL for none. */
bool moment_read(const char *at, const reading_t *first, reading_t *out);

/* Whether what the number at `at` touches lets it be a time: no code, no price. */
bool moment_starts_well(const char *text, const char *at, const reading_t *reading);

/* Whether the word before it says that it counts something: "Room 9.15", "Year 9 AM". */
bool moment_is_counted(const char *text, const char *at, const reading_t *reading);

#endif
