/* momentpart: what a time of day is read from: digits as OCR leaves them, words of the vocabulary, am and pm; and the
 * reading that comes of it. Shared by the readers of shapes (moment, momentword) and of spans (timetext). Pure.
 */
#ifndef YOGI_RULES_MOMENTPART_H
#define YOGI_RULES_MOMENTPART_H

#include "timetext.h"

#include <stdint.h>

/* Minutes. */
enum { HOUR = 60, HALF = 12 * HOUR, DAY = 24 * HOUR };

/* From weak to clear. */
typedef enum {
    SHAPE_BARE,    /* 9 */
    SHAPE_LOOSE,   /* 8 25: raised minutes that OCR let down */
    SHAPE_SPACED,  /* 09 00 */
    SHAPE_COMPACT, /* 0900, 830 */
    SHAPE_CLOCK,   /* 9.00, 9h, 9 Uhr, 8²⁵ */
    SHAPE_SAID     /* 9am, 9.30 a.m., noon, half past nine */
} shape_t;

/* One moment as it was read. */
typedef struct {
    moment_t moment;
    shape_t shape;
    char mark;       /* between hour and minute, 0 for none; '^' where the minute is raised, 'h' for any letter */
    int digits;      /* of the hour, or of the whole compact number; 0 for words */
    bool zero;       /* begins with one: "0900", "08:50" */
    bool mended;     /* a letter was taken for a digit, or it was put together */
    bool unsure;     /* only another time beside it tells that it is one: "1,55" */
    bool apart;      /* spaces or a line break in it */
    bool loud;       /* its am or pm stands apart from it, or it is words: "Year 9 AM" */
    const char *end; /* behind it */
} reading_t;

/* Reads at most `most` digits and returns how many; 0 if there are more. Where `loose`, letters that OCR makes of
 * digits count too, and *mended says so. */
int momentpart_digits(const char *at, int most, bool loose, int *value, bool *mended);

/* Sets the moment of a reading; false where there is no such time. `zero`: it is printed with a leading nought. */
bool momentpart_set(reading_t *out, int hour, int minute, bool zero);

/* Behind the white space at `at`. */
const char *momentpart_skip_space(const char *at);

/* The code point at `at`, 0 at the end. */
uint32_t momentpart_point(const char *at);

/* The beginning of the character before `at`, which lies behind `text`. */
const char *momentpart_step_back(const char *text, const char *at);

/* Letters, digits, the underscore: what makes one word with a number that it touches. */
bool momentpart_is_glue(uint32_t point);

/* Behind the form of a section of the vocabulary that stands at `at` as a word, or NULL. */
const char *momentpart_take_word(const char *at, const char *section);

/* The beginning of the word before `at`, spaces and full stops aside; its end in *end, equal where there is none. */
const char *momentpart_word_before(const char *text, const char *at, const char **end);

/* Whether the word before `at` stands in the section. */
bool momentpart_is_after(const char *text, const char *at, const char *section);

/* Behind "am", "p.m." …, with *half, or NULL. */
const char *momentpart_take_half(const char *at, half_t *half);

#endif
