/* layer: what can be drawn over the picture of a page, and its names, for those who ask (the gateway, `options.overlay`
 * of a dossier) and for the stage render, which draws. Pure.
 */
#ifndef YOGI_LAYER_H
#define YOGI_LAYER_H

#include "base/fault.h"

/* A set of bits. */
typedef enum {
    LAYER_CELLS = 1,       /* the outlines of the cells that were found */
    LAYER_WORDS = 2,       /* a line below each word */
    LAYER_BLOCKS = 4,      /* the timeblocks, with what they say */
    LAYER_CONFIDENCES = 8, /* how sure the words are, and the blocks where they are drawn */
    LAYER_ALL = 15,
} layer_t;

/* Bytes of the longest list of names with its zero. */
enum { LAYERS_TEXT = 40 };

/* Reads "cells,blocks", in any order; "none" and "" are no layer at all. -1 with FAULT_USAGE, which names what there
 * is.
 */
int layers_parse(const char *text, unsigned *layers, fault_t *fault) __attribute__((warn_unused_result));

/* Writes them as layers_parse reads them, always in the same order. Returns text. */
const char *layers_write(unsigned layers, char text[LAYERS_TEXT]);

#endif
