/* form_canvas: a sheet of terminal columns on which text and lines are put and which is then written out, with the
 * right box-drawing character (Unicode block U+2500) where lines meet. For proto/form_table.c.
 */
#ifndef YOGI_FORM_CANVAS_H
#define YOGI_FORM_CANVAS_H

#include "base/buf.h"

#include <stdbool.h>

typedef struct canvas canvas_t;

/* A blank sheet; never NULL (running out of memory aborts, as in arena). */
canvas_t *canvas_new(int width, int height);
void canvas_destroy(canvas_t **canvas);

/* Puts text from column x of line y on, at most `columns` wide; what does not fit is cut. */
void canvas_text(canvas_t *canvas, int x, int y, int columns, const char *text, int style);

/* Draws the outline of a rectangle whose corners are these columns and lines. */
void canvas_frame(canvas_t *canvas, int x0, int y0, int x1, int y1);

/* Appends the sheet, line by line without blanks at the ends; lines dim and text in its style where colour is set. */
void canvas_write(const canvas_t *canvas, bool colour, buf_t *out);

#endif
