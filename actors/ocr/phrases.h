/* phrases: print whose letters stand beside one another, and how each phrase of it reads. Letters vote with their
 * neighbours.
 */
#ifndef YOGI_OCR_PHRASES_H
#define YOGI_OCR_PHRASES_H

#include "print.h"

/* Kinds of parts of a print. */
enum { PHRASE_NONE, PHRASE_UPRIGHT, PHRASE_TURNED };

/* Marks the parts of turned phrases of at least that many letters among those that are PHRASE_UPRIGHT; kind has one
 * entry for each part. Returns how many parts are turned, -1 when memory is refused. */
int phrases_turn(const print_t *print, int letters, unsigned char *kind) __attribute__((warn_unused_result));

/* A copy of the print with the parts of one kind alone, freed on its own. -1 when memory is refused. */
int phrases_keep(const print_t *print, const unsigned char *kind, int wanted, print_t *copy)
    __attribute__((warn_unused_result));

#endif
