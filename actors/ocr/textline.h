/* textline: the lines of print in an upright print, each a set of its components. */
#ifndef YOGI_OCR_TEXTLINE_H
#define YOGI_OCR_TEXTLINE_H

#include "print.h"

/* A piece of a printed line without a wide gap in it. */
typedef struct {
    int line;           /* pieces of one printed line share it; from 0, top to bottom; those of small print
                           beside large print behind the others */
    int x0, y0, x1, y1; /* px of the print, x1 and y1 behind the last */
    double height;      /* typical height of its letters, px */
} textline_t;

typedef struct {
    textline_t *items; /* by line, then left to right */
    int count;
    int *of; /* piece of each component of the print, -1 none */
} textlines_t;

/* gap: width of white, in letters' heights, that parts a line into pieces. -1 when memory is refused. */
int textlines_find(const print_t *print, double gap, textlines_t *lines) __attribute__((warn_unused_result));
void textlines_free(textlines_t *lines);

/* Clockwise degrees by which the print should be turned to read: 0, or 90 where its letters stand one below the other
 * (which may be 270 as well, or letters that are stacked); *sure is the share of letters that say so. */
int textlines_turn(const print_t *print, double *sure);

#endif
