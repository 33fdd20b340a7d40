/* traces: how much each pixel looks like part of a drawn line: dark on pale, pale on dark, or a step of colour. */
#ifndef YOGI_OCR_TRACES_H
#define YOGI_OCR_TRACES_H

#include "sheet.h"

/* What a line is made of; bits. COLOUR: a rule as dark as its sides. */
enum { LINE_DARK = 1, LINE_PALE = 2, LINE_STEP = 4, LINE_COLOUR = 8 };

/* One plane for each direction and kind. Planes of lines that run down are transposed, so that every line runs along
 * a row. dark is an isotropic top-hat (a directional one has a hole at each crossing); pale asks for solid sides, so
 * that the gaps between lines of print do not count. On a dark page pale and dark change places: dark is what print is.
 */
/* A line that differs this much from its sides must be even along its length (print is not); noise hides that of a
 * fainter one. */
enum { EVEN_FROM = 40 };

typedef struct {
    picture_t *grey[2];                     /* luminance, dark print on pale paper */
    picture_t *dark[2], *pale[2], *step[2]; /* [0] lines across, [1] lines down (transposed) */
    bool photo;                             /* noise as of a camera */
    bool grainy;                            /* more noise than a drawing has: a photo, a scan, a worn copy */
    bool blocks;                            /* of the sheet */
    picture_t *fills[3];                    /* channels at half size without print and rules */
    int dark_least, pale_least, step_least; /* grey values from which a pixel counts */
} traces_t;

/* -1 when memory is refused. */
int traces_open(traces_t *traces, const sheet_t *sheet) __attribute__((warn_unused_result));
void traces_close(traces_t *traces);

/* The value below which `share` percent of a grey row from `from` to `to` lie. */
int traces_percent(const picture_t *grey, int y, int from, int to, int share);

/* How well a line is drawn at row `at` (of the plane of that direction) from `from` to `to`: the 15th percentile along
 * the line of the best kind, at the best row within `reach`; the weaker of both halves. 0 where nothing is drawn: rules
 * shorter than solid_most must be solid, and steps part two fills. *best is that row, *kind LINE_*. */
double traces_edge(const traces_t *traces, int direction, int at, int from, int to, int reach, int solid_most,
                   int *best, int *kind);

/* Difference of the colours well beside a line, on its two sides (medians along it, the largest channel): a step
 * between two fills has it, the halo that JPEG leaves around print has not. */
int traces_sides(const traces_t *traces, int direction, int at, int from, int to);

/* Width across of the line found there, px. */
int traces_thickness(const traces_t *traces, int direction, int at, int from, int to, int kind);

/* Whether 70 % of a dark or pale line (90 % of a thick one) differ from the medians beside it: a dense line of print
 * does not. */
bool traces_solid(const traces_t *traces, int direction, int at, int from, int to, int kind);

#endif
