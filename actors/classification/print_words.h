/* print_words: how much the words of a page look like a timetable's: days, times, a table. Used by the stage
 * classification; the engine decides in the end, so this is quick and permissive.
 */
#ifndef YOGI_CLASSIFICATION_PRINT_WORDS_H
#define YOGI_CLASSIFICATION_PRINT_WORDS_H

#include "proto/page.h"

typedef struct {
    int words;
    int days;  /* names of days, in the languages known here, or single letters and numbers are not */
    int times; /* "9:00", "9.00", "0900-0945", "8am" */
    int cells; /* of tables */
} print_words_t;

void print_words_count(const page_t *page, print_words_t *count);

void print_words_add(print_words_t *sum, const print_words_t *more);

/* 0 … 1 that it is a timetable. */
double print_words_likelihood(const print_words_t *count);

#endif
