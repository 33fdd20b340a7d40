/* words: what a document is found by: the words of its name, teacher and class, in lower case and without accents.
 * Pure. */
#ifndef YOGI_GATEWAY_WORDS_H
#define YOGI_GATEWAY_WORDS_H

#include "proto/base/arena.h"
#include "view.h"

/* Of one document. EACH in bytes; longer ones are cut. */
enum { WORDS_MOST = 12, WORD_BYTES_MOST = 48 };

typedef struct {
    const char *items[WORDS_MOST];
    size_t count;
} words_t;

/* Adds the words of a text that are not there yet; what is not UTF-8 is passed over. */
void words_add(words_t *words, view_t text, arena_t *arena);

/* As a JSON array of texts, but for one (count = all). */
const char *words_json(const words_t *words, size_t except, arena_t *arena);

/* The index of the longest. Not of none. */
size_t words_longest(const words_t *words);

#endif
