/* label: pieces of print that may mean something as a whole: the text of a cell, and paragraphs where there are no
 * cells or a cell holds several. Each is read as a day and as a time once, here.
 */
#ifndef YOGI_RULES_LABEL_H
#define YOGI_RULES_LABEL_H

#include "daytext.h"
#include "geometry.h"
#include "phrase.h"
#include "timetext.h"

typedef struct {
    const char *text;         /* its lines, parted by '\n'; letters one below the other are one word */
    rect_t box;               /* px: its cell's where it is all the text of one, else around its print */
    rect_t ink;               /* px, around its print */
    int cell;                 /* index into page.cells, -1 outside */
    bool whole;               /* it is all the text of its cell */
    bool part;                /* it is a paragraph of a cell that has more */
    bool row;                 /* a cell with three phrases or more on a line: a row without lines between its columns */
    const phrase_t **phrases; /* in reading order */
    size_t count;             /* of phrases */
    double size;              /* font size, px, of its largest phrase */
    double confidence;        /* the least of its phrases */
    daytext_t day;            /* as a day */
    timespan_t time;          /* as a time; valid where timed */
    bool timed;               /* it holds one time or range, and little else */
    const char *rest;         /* its text without the time, squeezed to one line; "" for none */
} label_t;

typedef struct {
    label_t *items; /* those outside cells, then whole cells by index, each followed by its parts */
    size_t count;
} labels_t;

/* The phrases by cell, with those of cells whose print reads upward in its order, and words that were broken mended. */
phrases_t label_mend_upward(arena_t *arena, const phrases_t *phrases);

/* The phrases, with names of days parted from print that stands close behind them. */
phrases_t label_split_days(arena_t *arena, const page_t *page, const phrases_t *phrases);

/* The labels of phrases that stand by cell, as label_mend_upward leaves them. */
labels_t labels_of(arena_t *arena, const page_t *page, const phrases_t *phrases);

/* The word that letters one below the other spell; NULL where the phrases are something else. */
const char *label_column(arena_t *arena, const phrase_t *const *phrases, size_t count);

/* Whether the one time that was read of a label is its end: something unread with a dash stands before it
 * ("9.§0 – 10.15"). */
bool label_is_end(const label_t *label);

/* Text of several lines as one. */
char *label_line(arena_t *arena, const char *text);

/* The text without the bytes of the time and brackets around them, on one line. */
char *label_without(arena_t *arena, const char *text, const timespan_t *time);

/* A label of some phrases (at least one), borrowed. */
label_t label_of(arena_t *arena, const phrase_t **phrases, size_t count);

/* Parts phrases into paragraphs: lines of one direction that follow one another closely. group[i] is the paragraph of
 * phrases[i], named by the least index in it; returns how many. */
size_t label_paragraphs(const phrase_t *const *phrases, size_t count, size_t *group);

#endif
