/* aside: what does not fit into the target, set aside in a file: one JSON object a line, with the table, the row's id,
 * the column (none where the whole row does not fit), why, and the row as it was.
 */
#ifndef YOGI_MOVE_ASIDE_H
#define YOGI_MOVE_ASIDE_H

#include "reader.h"

typedef struct aside aside_t;

/* Begins the file anew; path NULL: only counts. NULL with the fault. */
aside_t *aside_new(const char *path, fault_t *fault);
void aside_destroy(aside_t **aside); /* takes NULL; nulls the caller's pointer */

/* A reader's misfit; user is the aside_t. */
reader_misfit_fn aside_note;

int64_t aside_rows(const aside_t *aside);   /* rows that stay behind whole */
int64_t aside_values(const aside_t *aside); /* values that stay behind out of rows that go */

/* The first ones in words, a line each, for people. */
const char *aside_examples(const aside_t *aside);

/* What was noted is on disk. */
int aside_finish(aside_t *aside, fault_t *fault) __attribute__((warn_unused_result));

#endif
