/* moment: one time of day at a place in a text, in the shapes that pages print and OCR leaves of them; timetext makes
 * spans of them. Words come from the vocabulary (clock, hours, noon, number, part, past, before,
 * counted, measure).
 *
 * Pure functions; nothing fails, nothing is kept.
 */
#ifndef YOGI_RULES_MOMENT_H
#define YOGI_RULES_MOMENT_H

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

/* The moment at `at` in its clearest shape. `first` is the other end of the range where one was read, NULL for none. */
bool moment_read(const char *at, const reading_t *first, reading_t *out);

/* Whether what the number at `at` touches lets it be a time: no code, no price. */
bool moment_starts_well(const char *text, const char *at, const reading_t *reading);

/* Whether the word before it says that it counts something: "Room 9.15", "Year 9 AM". */
bool moment_is_counted(const char *text, const char *at, const reading_t *reading);

/* What readers of shapes share. */

/* Reads at most `most` digits and returns how many; 0 if there are more. Where `loose`, letters that OCR makes of
 * digits count too, and *mended says so. */
int moment_digits(const char *at, int most, bool loose, int *value, bool *mended);

/* Sets the moment of a reading; false where there is no such time. `zero`: it is printed with a leading nought. */
bool moment_set(reading_t *out, int hour, int minute, bool zero);

/* Words and characters that spans are read with. */

const char *moment_skip_space(const char *at);

/* The code point at `at`, 0 at the end. */
uint32_t moment_point(const char *at);

/* The beginning of the character before `at`, which lies behind `text`. */
const char *moment_step_back(const char *text, const char *at);

/* Letters, digits, the underscore: what makes one word with a number that it touches. */
bool moment_is_glue(uint32_t point);

/* Behind the form of a section of the vocabulary that stands at `at` as a word, or NULL. */
const char *moment_take_word(const char *at, const char *section);

/* The beginning of the word before `at`, spaces and full stops aside; its end in *end, equal where there is none. */
const char *moment_word_before(const char *text, const char *at, const char **end);

/* Whether the word before `at` stands in the section. */
bool moment_is_after(const char *text, const char *at, const char *section);

/* Behind "am", "p.m." …, with *half, or NULL. */
const char *moment_take_half(const char *at, half_t *half);

#endif
