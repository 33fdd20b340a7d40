/* page: what is on a page, the same for every source: words with their places, cells, ruling lines, coloured areas.
 * PDF, DOCX, XLSX and OCR fill it; one interpreter reads it.
 *
 * Coordinates are pixels of the upright, rectified page: origin top left, x right, y down. Where the page was a photo
 * or turned, `transform` leads from the picture's own pixels (after EXIF) to these.
 */
#ifndef YOGI_PAGE_H
#define YOGI_PAGE_H

#include "schema.h"

typedef struct {
    extras_t extras;
    int32_t x, y, w, h; /* px */
} box_t;

/* One word, or a run of letters without white space. */
typedef struct {
    extras_t extras;
    const char *text;  /* UTF-8, no white space, never NULL or empty */
    box_t box;         /* px, on the page as it stands (a rotated word has a tall box) */
    int32_t angle;     /* clockwise turn of its letters: 0 upright, 90 reads downward, 270 reads upward */
    bool stacked;      /* upright letters one below the other, spelling this word */
    double size;       /* font size estimate, px (em); 0 unknown. Comparable within a page */
    double weight;     /* 0 regular … 1 bold */
    int32_t colour;    /* of the ink, 0xRRGGBB */
    double confidence; /* 0 … 1 that the text is right; 1 for digital text */
    int32_t cell;      /* index into page.cells, -1 outside every cell */
    int32_t line;      /* words of one printed line share it; numbered in reading order over the page, >= 0 */
    bool struck;       /* struck through */
} word_t;

enum { SIDE_TOP = 1, SIDE_RIGHT = 2, SIDE_BOTTOM = 4, SIDE_LEFT = 8 };

/* One cell of a table. row, col, rowSpan, colSpan are places on the table's own lattice of edges. */
typedef struct {
    extras_t extras;
    box_t box;                           /* px, inside its rules */
    int32_t table;                       /* cells of one table share it; numbered in reading order from 0 */
    int32_t row, col, row_span, col_span; /* on the lattice; spans >= 1 */
    int32_t fill;                        /* background, 0xRRGGBB */
    int32_t ruled;                       /* SIDE_* bits whose edge is drawn (rule, or a clear step of fill) */
    double confidence;                   /* 0 … 1 that its edges are real */
} cell_t;

/* A straight drawn line. */
typedef struct {
    extras_t extras;
    int32_t x0, y0, x1, y1; /* px, x0 <= x1, y0 <= y1; horizontal or vertical after rectifying */
    double thickness;       /* px */
    int32_t colour;         /* 0xRRGGBB */
} rule_t;

/* A rectangle of one background colour that differs from the page's. */
typedef struct {
    extras_t extras;
    box_t box;      /* px */
    int32_t colour; /* 0xRRGGBB */
} fill_t;

typedef struct {
    extras_t extras;
    int32_t number;        /* from 1 */
    int32_t width, height; /* px */
    double dpi;            /* px per inch; 0 unknown */
    const char *origin;    /* "ocr", "pdf", "docx", "xlsx" … where the words come from */
    const char *title;     /* sheet name, document title or page header outside the page body; NULL where none */
    int32_t background;    /* 0xRRGGBB of the paper */
    int32_t turned;        /* clockwise degrees the picture was turned to be upright: 0, 90, 180, 270 */
    reals_t transform;     /* 9 numbers, row-major homography picture px → page px; empty = identity */
    list_t words;          /* word_t, in reading order */
    list_t cells;          /* cell_t */
    list_t rules;          /* rule_t */
    list_t fills;          /* fill_t */
} page_t;

extern const schema_t box_schema, word_schema, cell_schema, rule_schema, fill_schema, page_schema;

#endif
