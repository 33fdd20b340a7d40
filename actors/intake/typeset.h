/* typeset: text set into boxes of a page that nobody has laid out, so that its words have plausible places.
 *
 * Used by docx.c, xlsx.c and opendocument.c. A line of the source stays one line (squeezed, where its box is narrow),
 * for it is a unit of meaning; only where it is far too long it is broken. Letter widths are those of a common sans
 * serif.
 */
#ifndef YOGI_INTAKE_TYPESET_H
#define YOGI_INTAKE_TYPESET_H

#include "proto/base/arena.h"
#include "proto/page.h"

/* A run of text of one look; "\n" begins a new line, "\t" is a tab. */
typedef struct {
    const char *text; /* UTF-8 */
    double size;      /* px */
    double weight;    /* 0 … 1 */
    int32_t colour;   /* 0xRRGGBB */
    bool struck;      /* struck through */
} span_t;

/* How a text stands in its box. */
typedef struct {
    int32_t angle; /* 0, 90, 180, 270 */
    bool stacked;  /* upright letters one below the other */
    bool centred;  /* along its line */
    bool broken;   /* long lines are broken at the box's width, never squeezed */
} typeset_t;

/* Room between a cell's edge and its text, px. */
enum { TYPESET_PADDING = 4 };

/* Adds text to a list of span_t, joined to the last span where the look is the same. */
void typeset_add(list_t *spans, const char *text, size_t length, const span_t *look, arena_t *arena);

/* Whether there is anything to be seen. */
bool typeset_is_empty(const list_t *spans);

/* Room that the spans want along their lines, with no line squeezed, and across them when they get `along`; px with
 * padding. */
double typeset_along(const list_t *spans);
double typeset_across(const list_t *spans, double along, const typeset_t *how);

/* Appends the words to words, in box, with the cell's index (-1 none) and lines numbered from *line, which grows. */
void typeset_place(const list_t *spans, const box_t *box, const typeset_t *how, int32_t cell, int32_t *line,
                   arena_t *arena, list_t *words);

/* The spans as one line of plain text, from the arena; NULL where there is nothing to be seen. */
const char *typeset_text(const list_t *spans, arena_t *arena);

#endif
