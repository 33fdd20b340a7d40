/* picture_components: connected components of a binary picture, by runs and union-find.
 *
 * Used by the stage ocr. Source: A. Rosenfeld, J. Pfaltz 1966 (two passes); 8-connected.
 */
#ifndef YOGI_PICTURE_COMPONENTS_H
#define YOGI_PICTURE_COMPONENTS_H

#include "picture.h"

/* A run of set pixels in one row. */
typedef struct {
    int y, x0, x1; /* px, x1 behind the last */
    int component; /* index of its component */
} run_t;

typedef struct {
    int x, y, w, h; /* px, bounding box */
    int area;       /* set pixels */
    int first_run;  /* index of its first run in reading order */
} component_t;

/* Plain data; free with components_free. Components are numbered in reading order of their first pixel. */
typedef struct {
    run_t *runs;        /* in reading order */
    int run_count;      /* runs */
    component_t *items; /* components */
    int count;          /* components */
} components_t;

/* Components of the pixels that are not 0. -1 when memory is refused. */
int components_find(const picture_t *mask, components_t *components);

/* The same of pixels > threshold; gap: that many unset pixels within a row still belong to a run. Runs shorter than
 * run_least are left out. */
int components_find_runs(const picture_t *grey, int threshold, int gap, int run_least, components_t *components);

void components_free(components_t *components);

#endif
