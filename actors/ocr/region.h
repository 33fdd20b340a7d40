/* region: reads the print in one box of the sheet (a cell, or a stretch of page outside cells) into words.
 */
#ifndef YOGI_OCR_REGION_H
#define YOGI_OCR_REGION_H

#include "lineread.h"
#include "print.h"
#include "proto/page.h"
#include "sheet.h"

/* What the regions of one page share. */
typedef struct {
    const sheet_t *sheet; /* borrowed */
    arena_t *arena;       /* the dossier's: words are taken from it */
    page_t *page;         /* receives the words */
    int lines;            /* printed lines so far: the next word_t.line */
    linereader_t read;    /* reads their pictures */
} reader_t;

/* Reads a box whose words belong to a cell (-1: none). -1 with the fault. */
int region_read(reader_t *reader, box_t box, int cell, fault_t *fault) __attribute__((warn_unused_result));

/* Reads every phrase of a print into words of a cell (-1: none), each piece a line of its own; turned: its letters
 * stand one below the other, reading up or down. -1 when memory is refused. */
int region_read_phrases(reader_t *reader, const print_t *print, int cell, bool turned)
    __attribute__((warn_unused_result));

#endif
