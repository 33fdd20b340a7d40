/* text: UTF-8 for comparing and for showing. Malformed bytes decode to U+FFFD, one for each byte; nothing here fails.
 * Source: RFC 3629 (UTF-8).
 */
#ifndef YOGI_BASE_TEXT_H
#define YOGI_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at *at, which moves behind it; 0 at the end. */
uint32_t text_next(const char **at);

/* Writes the UTF-8 of point to out (4 bytes of room) and returns how many bytes it took. */
size_t text_encode(uint32_t point, char out[4]);

/* Number of code points. */
size_t text_length(const char *text);

/* Number of letters, of any script that tesseract's models know. */
size_t text_letters(const char *text);

/* Columns on a terminal: wide East Asian count 2, combining marks 0. */
size_t text_columns(const char *text);

bool text_valid(const char *text, size_t size); /* well-formed UTF-8 without zeros */

bool text_is_letter(uint32_t point); /* letters of any script that tesseract's models know; not digits */
bool text_is_digit(uint32_t point);  /* 0 to 9 only */
bool text_is_space(uint32_t point);  /* Unicode white space, no-break spaces too */
bool text_is_upper(uint32_t point);  /* has a different lower-case form */
uint32_t text_lower(uint32_t point); /* simple case folding: Latin, Greek, Cyrillic, Armenian */

/* Lower case, letters and digits kept, everything else one space between words; Latin diacritics are kept.
 * Writes at most size bytes with the zero to out and returns out. */
char *text_fold(const char *text, char *out, size_t size);

/* The same with diacritics removed from Latin letters ("Música" gives "musica"). */
char *text_plain(const char *text, char *out, size_t size);

/* Levenshtein distance in code points, or limit + 1 where it is more than limit. */
int text_distance(const char *a, const char *b, int limit);

/* 1 - distance / longer length, of the folded texts; 1 for two empty ones. 0 to 1. */
double text_likeness(const char *a, const char *b);

/* Same letters, case aside. */
bool text_same(const char *a, const char *b);

/* Trims and makes every run of white space one space, in place. Returns text. */
char *text_squeeze(char *text);

/* Replaces control characters and malformed bytes, in place, so that text from outside can be shown or logged.
 * Direction overrides (U+202A to U+202E, U+2066 to U+2069) go too. Never makes it longer. */
void text_neuter(char *text);

#endif
