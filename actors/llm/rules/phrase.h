/* phrase: a page's print as phrases, runs of words of one line without a wide gap, and these as paragraphs ("blobs").
 *
 * Cells that come with the page part phrases; where there are none, white space does. Coordinates: px of the page.
 */
#ifndef YOGI_RULES_PHRASE_H
#define YOGI_RULES_PHRASE_H

#include "proto/base/arena.h"
#include "proto/page.h"

typedef struct {
    int x0, y0, x1, y1; /* px; x1, y1 lie just outside */
} rect_t;

typedef struct {
    const char *text;    /* words with single spaces */
    rect_t box;          /* around the words */
    int angle;           /* 0, 90, 270 */
    bool stacked;        /* letters one below the other */
    double size;         /* font size, px; the largest of its words where they differ by little */
    double weight;       /* 0 regular … 1 bold: mean over its words */
    int colour;          /* 0xRRGGBB of most of it */
    double confidence;   /* the least of its words */
    int cell;            /* index into page.cells, -1 outside */
    size_t first, count; /* words: page.words[first … first + count) */
    bool struck;
} phrase_t;

typedef struct {
    phrase_t *items; /* in reading order */
    size_t count;
} phrases_t;

phrases_t phrases_of(arena_t *arena, const page_t *page);

#endif
