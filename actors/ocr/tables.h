/* tables: which segments belong together: they touch, cross or continue one another. */
#ifndef YOGI_OCR_TABLES_H
#define YOGI_OCR_TABLES_H

#include "lines.h"

typedef struct {
    int *of;   /* table of each segment, -1 none */
    int count; /* tables */
} tables_t;

/* Takes away from lines what is no part of a table (strokes of letters, steps beside a rule) and groups the rest. -1
 * when memory is refused. */
int tables_find(lines_t *lines, double text, tables_t *tables) __attribute__((warn_unused_result));
void tables_free(tables_t *tables);

#endif
