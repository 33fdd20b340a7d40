/* headword: the words of a heading, each with what it may be: a label, part of a term, a class, a year …
 *
 * A pure function of the text. A word may be several things ("Year" is a label, and the first half of "Year 5");
 * whoever reads the line decides by what stands beside it.
 */
#ifndef YOGI_RULES_HEADWORD_H
#define YOGI_RULES_HEADWORD_H

#include <stdbool.h>
#include <stddef.h>

/* What a word may be. The first group is looked up, the second follows from its shape. */
enum {
    HEAD_TEACHER = 1 << 0, /* label: teacher, form tutor, class in-charge */
    HEAD_CLASS = 1 << 1,   /* label whose value is the class: class, group */
    HEAD_SECTION = 1 << 2, /* label whose value is the second half of a class: section */
    HEAD_UNIT = 1 << 3,    /* belongs to the class that it counts: grade, year, form */
    HEAD_STAGE = 1 << 4,   /* a class by itself: reception, nursery */
    HEAD_TERM = 1 << 5,    /* term, semester */
    HEAD_SEASON = 1 << 6,  /* autumn, fall, michaelmas */
    HEAD_YEARS = 1 << 7,   /* label of a year: academic year, session */
    HEAD_WEEK = 1 << 8,    /* week */
    HEAD_SCHOOL = 1 << 9,  /* school, academy, vidyalaya */
    HEAD_PERSON = 1 << 10, /* Mr, Mrs, Dr */
    HEAD_TABLE = 1 << 11,  /* timetable, schedule, weekly: says only what the page is */
    HEAD_MONTH = 1 << 12,  /* january */
    HEAD_GLUE = 1 << 13,   /* of, for, and */
    HEAD_DEGREE = 1 << 14, /* MSc */
    HEAD_STAMP = 1 << 15,  /* generated, updated, printed: a date of the paper, not of the timetable */
    HEAD_SINCE = 1 << 16,  /* w.e.f., effective */
    HEAD_OTHER = 1 << 17,  /* label of what no timetable keeps: room, branch, name */
    HEAD_WEAK = 1 << 18,   /* a label only with its mark, a school's word only where it comes last, a doubtful code */

    HEAD_NUMBER = 1 << 19,  /* 1 to 99 in digits */
    HEAD_ROMAN = 1 << 20,   /* I to XII */
    HEAD_LETTER = 1 << 21,  /* one capital letter */
    HEAD_ORDINAL = 1 << 22, /* 1st, third, 7. */
    HEAD_YEAR = 1 << 23,    /* 2024, 2024-25, 2024/2025 */
    HEAD_DATE = 1 << 24,    /* 12/08/2024 */
    HEAD_CODE = 1 << 25,    /* 4M, 2EJ, 3/4W, 6-B, BSE-6A, V-A */

    HEAD_PARTICLE = 1 << 26, /* de, du, della: between a label and its value, and within names */
    HEAD_DAY = 1 << 27,      /* monday */
};

typedef struct {
    size_t from, to; /* bytes of the text, without punctuation around and without a genitive's ending */
    char plain[32];  /* folded (text_plain), dots and apostrophes left out; of a longer word the beginning */
    unsigned can;    /* HEAD_* bits; 0 = nothing that headings are made of */
    int number;      /* of HEAD_NUMBER, HEAD_ROMAN, HEAD_YEAR (the first year), HEAD_DATE (the year), else 0 */
    bool capital;    /* begins with a capital letter */
    bool marked;     /* a colon, or what OCR makes of it, follows: a label */
    bool parted;     /* a comma, a bracket, a bar or a dash follows */
    bool owner;      /* genitive: "Kavanagh's" */
} headword_t;

/* The words of the text, in order; labels of several words ("Class Teacher") are one. Returns how many, at most room.
 */
size_t headword_split(const char *text, headword_t *out, size_t room);

#endif
