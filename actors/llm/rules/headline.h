/* headline: what one line of a heading claims about its timetable ("Class: 2EJ Term: Autumn 2 2024 Teacher: Miss
 * Joynes"). */
#ifndef YOGI_RULES_HEADLINE_H
#define YOGI_RULES_HEADLINE_H

#include "proto/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    CLAIM_TEACHER,
    CLAIM_CLASS,
    CLAIM_SECTION, /* the second half of a class that another label gives */
    CLAIM_TERM,
    CLAIM_YEAR,
    CLAIM_SCHOOL,
    CLAIM_WEEK,
    CLAIM_KINDS
} claim_kind_t;

/* How sure a claim is by the line alone. */
typedef enum {
    CLAIM_FAINT = 1, /* holds where nothing else is said: the year of an effective date */
    CLAIM_ALONE,     /* stands there without a word about it: "4M", "Mrs Thornton" */
    CLAIM_NAMED,     /* "4M timetable", "Term 3", "Mrs Kavanagh's Timetable" */
    CLAIM_LABEL,     /* "Class: 4M" */
} claim_rank_t;

typedef struct {
    claim_kind_t kind;
    claim_rank_t rank;
    const char *text; /* from the arena; NULL for a year */
    int32_t year;     /* of CLAIM_YEAR */
} claim_t;

enum { HEADLINE_CLAIMS = 16 }; /* most claims of one line; lines of the test documents have at most 4 */

/* Reads a line and returns how many claims it makes, at most HEADLINE_CLAIMS. Below the table (title = false) only what
 * has a label counts. */
size_t headline_read(const char *text, bool title, arena_t *arena, claim_t out[HEADLINE_CLAIMS]);

/* How a line wants another. */
typedef enum {
    HEADLINE_WHOLE, /* says all it has to say */
    HEADLINE_OPEN,  /* ends in a label with its mark and no value: "Term: 3 Class:" */
    HEADLINE_LABEL, /* is nothing but a label, without a mark: "Class Teacher" */
} headline_end_t;

headline_end_t headline_end(const char *text);

/* The line begins with a label. */
bool headline_labels(const char *text);

#endif
