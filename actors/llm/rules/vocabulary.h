/* vocabulary: the words of schools in each language, from the data files in vocabulary/ (one a language, built into the
 * program, since a worker opens no files).
 *
 * A file is lines of UTF-8; "# …" is a comment, "[section]" starts a section, every other line is one entry: forms that
 * mean the same, parted by " | ", the first of them being what the entry stands for. Forms are compared folded
 * (text_plain: lower case, no diacritics, letters and digits, single spaces).
 *
 * Sections: days (7 entries in the order of the week: the English name, then forms, "monday | mon | mo | m"),
 * months (12), routine (what happens every day: break, lunch, registration …), subject, teacher, class, term, school,
 * week, time, period, room, note, furniture (what stands on a page and is no lesson) …
 */
#ifndef YOGI_RULES_VOCABULARY_H
#define YOGI_RULES_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

/* Index of the entry of a section whose form is exactly this text (any language), -1 for none. Folds the text. */
int vocabulary_find(const char *section, const char *text);

/* The same for texts that begin with a form at a word boundary; *length is the bytes of `text` (unfolded) that it took.
 * The longest form wins. */
int vocabulary_prefix(const char *section, const char *text, size_t *length);

/* The entry's first form, as the file has it. */
const char *vocabulary_name(const char *section, int entry);

/* How the nearest form of a section differs from the text: edit distance, or limit + 1; *entry is its entry. For print
 * that OCR has misread. */
int vocabulary_nearest(const char *section, const char *text, int limit, int *entry);

/* Whether every word of the text (two letters or more) stands in any section of any language. */
bool vocabulary_knows(const char *text);

#endif
