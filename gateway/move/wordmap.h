/* wordmap: from texts (ids of documents, keys of blobs) to small numbers. O(1); nothing is removed. Not thread safe
 * while it is written. */
#ifndef YOGI_MOVE_WORDMAP_H
#define YOGI_MOVE_WORDMAP_H

#include "gateway/store/view.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct wordmap wordmap_t;

wordmap_t *wordmap_new(void);
void wordmap_destroy(wordmap_t **map); /* takes NULL; nulls the caller's pointer */

/* Adds a copy of the word, or changes its number. */
void wordmap_put(wordmap_t *map, view_t word, uint64_t number);

/* Whether the word is there; its number where number is not NULL. */
bool wordmap_get(const wordmap_t *map, view_t word, uint64_t *number);

#endif
