/* xlsx_style: cell formats of a workbook: number format, font, fill, borders, direction. Used by xlsx.c alone. */
#ifndef YOGI_INTAKE_XLSX_STYLE_H
#define YOGI_INTAKE_XLSX_STYLE_H

#include "package.h"
#include "typeset.h"

/* Look of a cell (ECMA-376 part 1, 18.8.45 xf). */
typedef struct {
    const char *code; /* number format */
    span_t font;      /* without text */
    int32_t fill;     /* 0xRRGGBB, -1 none */
    int32_t borders;  /* SIDE_* that are drawn */
    int32_t rotation; /* 0 to 90 counter-clockwise, 91 to 180 clockwise by that less 90, 255 stacked */
    bool centred, wrapped;
} xlsx_look_t;

typedef struct {
    xlsx_look_t *looks; /* by cellXfs index; at least one */
    size_t count;
    int32_t theme[12]; /* colours in theme order (lt1, dk1, lt2, dk2, accent1 …) */
} xlsx_styles_t;

/* Reads styles.xml and the theme (either may be NULL) into the arena. Texts are copied. */
xlsx_styles_t *xlsx_styles_new(const xmlDoc *doc, const xmlDoc *theme, arena_t *arena);

/* The look of style index; the first one's for an index that is none. */
const xlsx_look_t *xlsx_styles_look(const xlsx_styles_t *styles, double index);

/* look changed by a run's or font's properties (font, rPr). */
void xlsx_styles_font(const xlsx_styles_t *styles, const xmlNode *font, span_t *look);

#endif
