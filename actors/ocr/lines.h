/* lines: straight runs of line evidence, the candidates that the lattice is made of. */
#ifndef YOGI_OCR_LINES_H
#define YOGI_OCR_LINES_H

#include "traces.h"

/* One straight segment. `along` is x for lines across and y for lines down; `at` the other coordinate. */
typedef struct {
    int direction; /* 0 across, 1 down */
    double at;     /* at the middle of its length, px */
    double slope;  /* px of `at` per px along */
    int from, to;  /* along, px; to is behind the last */
    double thick;  /* px */
    int kind;      /* LINE_* */
    bool followed; /* a faint rule whose trace was followed from end to end */
} segment_t;

typedef struct {
    segment_t *items; /* ordered by direction, kind, place */
    int count;
} lines_t;

/* Finds segments of at least `least` px. slack: px across by which a line may wander within a run (tilted pages). -1
 * when memory is refused. */
int lines_find(const traces_t *traces, double text, int least, int slack, lines_t *lines)
    __attribute__((warn_unused_result));
void lines_free(lines_t *lines);

/* Most segments kept (the longest): a page of small tables has 2000. */
enum { LINES_MOST = 6000 };

#endif
