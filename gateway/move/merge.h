/* merge: two readers of the same columns side by side, and what differs between them. The one engine of a move: the
 * first copy is a merge with an empty side, a catch-up one with a side that is nearly the same, a check one that writes
 * nothing.
 */
#ifndef YOGI_MOVE_MERGE_H
#define YOGI_MOVE_MERGE_H

#include "reader.h"

/* Called for each row by what it is; a NULL one is not called. -1 with the fault ends the merge. */
typedef struct {
    int (*added)(void *user, const row_t *source, fault_t *fault); /* the target lacks it */
    int (*changed)(void *user, const row_t *source, const row_t *target, fault_t *fault);
    int (*gone)(void *user, const row_t *target, fault_t *fault); /* the source lacks it */
    int (*step)(void *user, fault_t *fault);                      /* one row further, whichever it is */
    void *user;
} merge_visitor_t;

/* What was seen. Plain data. */
typedef struct {
    int64_t source, target;          /* rows of each */
    int64_t added, changed, gone;    /* of them */
    hash_t source_hash, target_hash; /* over all rows, each in canonical form */
} merge_count_t;

/* Reads both to their ends. target NULL: an empty one. hashing: the hashes are wanted. */
int merge_run(const columns_t *columns, reader_t *source, reader_t *target, const merge_visitor_t *visitor,
              bool hashing, merge_count_t *count, fault_t *fault) __attribute__((warn_unused_result));

#endif
