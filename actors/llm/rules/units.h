/* units: what stands in the body of a table, each piece with the area that it claims: a cell, a part of a cell that
 * holds several entries without a line between them (in places of their own, or each with its time), or a paragraph
 * where there are no cells.
 */
#ifndef YOGI_RULES_UNITS_H
#define YOGI_RULES_UNITS_H

#include "dayaxis.h"
#include "slots.h"

typedef struct {
    extent_t t, d;            /* px along the time and the day axis that it claims */
    rect_t box;               /* px, for showing */
    const phrase_t **phrases; /* its print, in reading order; none for an empty cell */
    size_t count;
    int cell;   /* index into the page's cells, -1 none */
    bool drawn; /* its edges are a cell's, not guessed from print */
} unit_t;

typedef struct {
    unit_t *items;
    size_t count;
} units_t;

/* Everything in the body of a table of these days and slots, within the area (px); empty cells too. */
units_t units_of(const view_t *view, const dayaxis_t *days, const slots_t *slots, rect_t area);

#endif
