/* lossless: whether going back would lose anything: what the new side holds that the old one has no place for. */
#ifndef YOGI_MOVE_LOSSLESS_H
#define YOGI_MOVE_LOSSLESS_H

#include "side.h"

/* Looks through our side of a move whose other side is the demo (demo false: it is ours too, and nothing is lost).
 * Appends a line for each kind of thing that would be lost, with its number; none when going back is lossless. */
int lossless_look(side_t *ours, bool demo, buf_t *why, fault_t *fault) __attribute__((warn_unused_result));

#endif
