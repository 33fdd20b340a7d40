/* lineread: reads the picture of one line of print, unsure words of it again.
 *
 * Called by region, for each piece of a printed line, in the worker of the stage ocr.
 */
#ifndef YOGI_OCR_LINEREAD_H
#define YOGI_OCR_LINEREAD_H

#include "engine.h"
#include "linecache.h"

/* A line cut out of a print. */
typedef struct {
    const picture_t *picture; /* grey, dark on white; borrowed */
    double tall;              /* px from the top of its ink to the bottom, as for a line with every kind of letter */
    double rise;              /* px from the top of its letters to the base line */
    double drop;              /* px from the base line to the bottom of its ink */
    int base;                 /* row behind the base line */
} line_t;

/* What the lines of one page share. */
typedef struct {
    engine_t *engine;   /* borrowed, with its languages */
    linecache_t *cache; /* borrowed: lines of this page that were read */
    arena_t *scratch;   /* receives the readings; for one page */
    int budget;         /* readings that may still be made on this page */
} linereader_t;

/* The line of a picture that has margin rows without ink above and below. base: row behind the base line; tall: px that
 * a line of letters of its size is tall at least. */
line_t lineread_line(const picture_t *picture, int margin, int base, double tall);

/* Reads a line; places in px of its picture. -1 when memory is refused. */
int lineread(linereader_t *reader, const line_t *line, readings_t *out) __attribute__((warn_unused_result));

#endif
