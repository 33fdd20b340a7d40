/* docx_style: what a Word document's styles say of the look of text and of a table's borders. Used by docx.c. */
#ifndef YOGI_INTAKE_DOCX_STYLE_H
#define YOGI_INTAKE_DOCX_STYLE_H

#include "package.h"
#include "typeset.h"

/* Look of a run, points and flags (ECMA-376 part 1, 17.3.2). */
typedef struct {
    double size; /* points */
    double weight;
    int32_t colour;
    bool struck, hidden, capitals;
} run_look_t;

typedef struct docx_styles docx_styles_t;

/* Reads styles.xml (may be NULL) into the arena. */
docx_styles_t *docx_styles_new(const xmlDoc *doc, arena_t *arena);

/* The look of a paragraph with this pStyle (NULL: the default one). */
run_look_t docx_styles_paragraph(const docx_styles_t *styles, const char *id);

/* look changed by a character style, and by run properties (rPr; NULL changes nothing). */
void docx_styles_character(const docx_styles_t *styles, const char *id, run_look_t *look);
void docx_styles_apply(const xmlNode *properties, run_look_t *look);

/* The tblBorders element of a table style or what it is based on, or NULL. */
const xmlNode *docx_styles_borders(const docx_styles_t *styles, const char *id);

#endif
