/* overlay: what was found on a page, drawn over it, for people's eyes. The room of cairo.
 *
 * Called by the stage render, in a worker. Draws, as they are wanted (proto/layer.h), the cells as thin outlines
 * coloured by table, the words with a line below whose colour says how sure their text is, and the blocks as
 * translucent areas with a label "Mon 09:00–09:30 Maths 97 %"; and a legend below the page. Without any layer it is the
 * page itself.
 */
#ifndef YOGI_RENDER_OVERLAY_H
#define YOGI_RENDER_OVERLAY_H

#include "actors/picture/picture.h"
#include "proto/dossier.h"

/* Loads the fonts, once a process, while files can still be read. */
void overlay_open(void);

/* Gives back what the libraries keep; the process draws no more. */
void overlay_close(void);

/* Appends the PNG of a page to out. picture: the page's pixels times scale, or NULL, and the page is drawn from its own
 * words, fills and cells. scale: output px per page px, > 0. layers: layer_t bits. -1 with the fault when memory is
 * refused. */
int overlay_draw(const dossier_t *dossier, const page_t *page, const picture_t *picture, double scale, unsigned layers,
                 buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
