/* docx_text: the runs of a Word paragraph as spans. Used by docx.c alone. */
#ifndef YOGI_INTAKE_DOCX_TEXT_H
#define YOGI_INTAKE_DOCX_TEXT_H

#include "docx_style.h"

/* What a paragraph holds. */
typedef struct {
    list_t spans;     /* span_t; text boxes anchored in it follow as lines of their own */
    typeset_t how;    /* centred */
    double size;      /* px, of its first look: an empty one is as high */
    bool page_before; /* a page break stands in it, before or without text, or its style asks for one */
    bool page_after;  /* a page break stands behind its text */
} docx_paragraph_t;

/* Px per point: pages are laid out at 96 px per inch. */
#define DOCX_PX (96.0 / 72.0)

/* Reads w:p. Deleted revisions, hidden text and field codes are left out; of alternate contents the first is taken. */
void docx_text_paragraph(const docx_styles_t *styles, const xmlNode *paragraph, arena_t *arena, docx_paragraph_t *out);

#endif
