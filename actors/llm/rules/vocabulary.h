/* vocabulary: the words of schools in each language, from the data files in vocabulary/ (one a language, named as
 * tesseract names it, built into the program, since a worker opens no files).
 *
 * A file is lines of UTF-8; "# …" is a comment, "[section]" starts a section, every other line is one entry: forms that
 * mean the same, parted by " | ", the first of them being what the entry stands for. In the files after the first, a
 * first form that an earlier file has only names the entry ("Monday | Montag | Mo" in German adds to English Monday,
 * and a German page need not say Monday). Forms are compared folded (text_plain: lower case, no diacritics, letters and
 * digits, single spaces): "P.E." is "p e".
 *
 * Sections: days (7 entries in the order of the week), weekdays (every school day: "daily"), from, to, and (what stands
 * before and between days or times: "from Monday to Friday", "lundi et jeudi"), except ("daily except Friday"), what
 * times are read with (at, until, between, clock, hours, noon, number, part, past, before; counted and measure: what
 * stands before and behind other numbers; lasts: hour and minute as lengths; hour, clocklead, clocktail: "halb zehn",
 * "nueve y media"), lookalike (no day though it holds the
 * form of one: feasts, and words that such a form is as well: "Sun", "Same"), months (12), routine (what happens every
 * day: break, lunch, registration …), subject, teacher, class, term, year, school, week, time, day, period, room, note,
 * entry (what stands over the names of a list), accented (words as their language writes them, for print whose marks
 * OCR lost), furniture (what stands on a page and is no lesson), word (other words that such pages use; only
 * vocabulary_knows asks for them). One form may stand in several sections ("library" is a subject and a room).
 *
 * Pure functions over constant tables. A section that does not exist has no forms.
 */
#ifndef YOGI_RULES_VOCABULARY_H
#define YOGI_RULES_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

/* Index of the entry of a section whose form is exactly this text (any language), -1 for none. Folds the text. Where
 * several entries have it, the language that comes first wins (English), then the entry that does. */
int vocabulary_find(const char *section, const char *text);

/* The same for texts that begin with a form at a word boundary; *length is the bytes of `text` (unfolded) that it took.
 * The longest form wins. */
int vocabulary_prefix(const char *section, const char *text, size_t *length);

/* The entry's first form, as the file has it; NULL where there is no such entry. */
const char *vocabulary_name(const char *section, int entry);

/* How the nearest form of a section differs from the text: edit distance, or limit + 1; *entry is its entry, or -1. For
 * print that OCR has misread. Forms of fewer letters than `shortest` are not looked at: too many words are near them.
 */
int vocabulary_nearest(const char *section, const char *text, int limit, size_t shortest, int *entry);

/* Whether every word of the text (two letters or more) stands in any section of any language; false where it has none.
 */
bool vocabulary_knows(const char *text);

/* What a form may mean: one entry in one language. */
typedef struct {
    int entry;    /* of the section */
    int language; /* index of the language, 0 is English */
} vocabulary_reading_t;

/* All that a text means as a form of a section, languages in their order; returns how many (at most room). */
size_t vocabulary_readings(const char *section, const char *text, vocabulary_reading_t *out, size_t room);

/* Number of languages, and the code of one ("eng"); NULL where there is none. */
int vocabulary_languages(void);
const char *vocabulary_language(int language);

#endif
