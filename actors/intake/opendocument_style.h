/* opendocument_style: styles of an OpenDocument, by name. Used by opendocument.c alone. */
#ifndef YOGI_INTAKE_OPENDOCUMENT_STYLE_H
#define YOGI_INTAKE_OPENDOCUMENT_STYLE_H

#include "package.h"
#include "typeset.h"

/* What a style, with those it is based on, says. */
typedef struct {
    span_t look;     /* of text, px */
    int32_t fill;    /* 0xRRGGBB, -1 none */
    int32_t borders; /* SIDE_* */
    int32_t angle;   /* 0, 90, 270 */
    bool stacked, centred, wrapped;
    double width, height; /* px, of a column or row; 0 where it says none */
} odf_look_t;

typedef struct odf_styles odf_styles_t;

/* Reads the styles of content.xml and of styles.xml (may be NULL), which must outlive it, into the arena. */
odf_styles_t *odf_styles_new(const xmlDoc *content, const xmlDoc *styles, arena_t *arena);

/* look changed by the style of that name and those it is based on; not at all where there is none. */
void odf_styles_apply(const odf_styles_t *styles, const char *name, odf_look_t *look);

/* The look of text without a style. */
odf_look_t odf_styles_plain(const odf_styles_t *styles);

#endif
