/* rows: the tables of a move, one after the other: brought over, or compared.
 *
 * Bringing over makes the target's rows those of the source, whatever is there already. Everything is read from the
 * frozen source; what it lacks is removed from the target.
 */
#ifndef YOGI_MOVE_ROWS_H
#define YOGI_MOVE_ROWS_H

#include "aside.h"
#include "manifest.h"
#include "merge.h"
#include "progress.h"

typedef struct {
    side_t *source, *target;
    manifest_t *manifest;        /* of the source */
    aside_t *aside;              /* is told of what does not fit */
    int64_t total;               /* rows of the source, for the progress; 0 = not known */
    move_progress_fn *progress;  /* NULL = none */
    bool (*stopped)(void *user); /* whether to end now; NULL = never */
    void *user;
} rows_plan_t;

/* What was seen of one table. Plain data. */
typedef struct {
    const table_t *table;
    merge_count_t count;
    char source_hash[HASH_HEX], target_hash[HASH_HEX];
    columns_t columns; /* that were compared */
} rows_table_t;

/* Of all that both sides have. */
typedef struct {
    rows_table_t table[SIDE_TABLES_MOST];
    size_t count;
    int64_t rows;    /* of the source */
    int64_t changes; /* rows that were added, changed or removed */
} rows_result_t;

/* Brings all over. The target's transaction is open; in PostgreSQL it is committed and begun anew on the way. */
int rows_carry(const rows_plan_t *plan, rows_result_t *result, fault_t *fault) __attribute__((warn_unused_result));

/* Told of a row that differs: how is "missing", "changed" or "extra" (in the target). */
typedef void rows_difference_fn(void *user, const columns_t *columns, const row_t *row, const char *how);

/* Compares all; changes nothing. Both sides are frozen. */
int rows_compare(const rows_plan_t *plan, rows_difference_fn *found, void *user, rows_result_t *result, fault_t *fault)
    __attribute__((warn_unused_result));

/* Reads all of the source as if they were brought over, for what does not fit; changes nothing. The target may not be
 * there yet: then it is taken for an empty one of ours. */
int rows_try(const rows_plan_t *plan, rows_result_t *result, fault_t *fault) __attribute__((warn_unused_result));

/* Rows of the tables that would be brought over. */
int rows_count(side_t *source, const side_t *target, int64_t *rows, fault_t *fault) __attribute__((warn_unused_result));

#endif
