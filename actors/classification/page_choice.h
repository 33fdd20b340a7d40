/* page_choice: which pages of a document are to be read, from `--pages`. Used by the stage classification. */
#ifndef YOGI_CLASSIFICATION_PAGE_CHOICE_H
#define YOGI_CLASSIFICATION_PAGE_CHOICE_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"

#include <stddef.h>

/* Numbers, from 1, ascending. */
typedef struct {
    int *pages;
    size_t count;
} page_choice_t;

/* The pages that text ("1-3,5", "3-", "-2"; NULL or "" all) names of a document with `pages`, from the arena. 0, or -1
 * with the fault: FAULT_USAGE where it is not such a list or names a page that there is not, FAULT_TOO_LARGE where it
 * names more than `most`. */
int page_choice_read(const char *text, int pages, int most, arena_t *arena, page_choice_t *choice, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
