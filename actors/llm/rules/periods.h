/* periods: a table that says when each period is, beside or below the week ("P1 8:50 – 9:40"). */
#ifndef YOGI_RULES_PERIODS_H
#define YOGI_RULES_PERIODS_H

#include "view.h"

typedef struct {
    const char *name; /* "P1", "Break" */
    int start, end;   /* minutes; end -1 for a lone start */
    double read;      /* confidence of its print */
} period_t;

typedef struct {
    period_t *items; /* by time */
    size_t count;
} periods_t;

/* The longest table of periods on the page; count 0 for none. */
periods_t periods_of(const view_t *view);

/* Gives each of `count` names (NULL for none) its period, in order: out[i] is an index or -1. */
void periods_match(const periods_t *periods, const char *const *names, size_t count, int *out);

#endif
