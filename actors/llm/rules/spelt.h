/* spelt: words that a page sets letter by letter, with spaces between: "B R E A K", "L U N C H  B R E A K". */
#ifndef YOGI_RULES_SPELT_H
#define YOGI_RULES_SPELT_H

#include "proto/base/arena.h"

/* The word or two words that a line of single letters spells, where the vocabulary knows them; else the text itself. */
const char *spelt_word(arena_t *arena, const char *text);

#endif
