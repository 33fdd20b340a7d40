/* reader: the rows of a table in their canonical form, in the order of its key, from either side of a move.
 *
 * What does not fit is told to whoever wants to know, and is not among the rows: a value that no column holds, where
 * the column may be empty, becomes NULL; a row whose key, needed value or parent is missing is left out.
 */
#ifndef YOGI_MOVE_READER_H
#define YOGI_MOVE_READER_H

#include "proto/base/hash.h"
#include "side.h"
#include "wordmap.h"

/* The columns that are read, the key first, in the order of the catalogue. Plain data. */
typedef struct {
    const table_t *table;
    const column_t *column[BULK_COLUMNS_MOST];
    size_t count;
} columns_t;

/* Those of the table that both sides have (other NULL: that this one has). */
columns_t columns_shared(const table_t *table, const side_t *side, const side_t *other);
void columns_add(columns_t *columns, const char *name); /* unless it is there */

/* One row: a view for each column; at NULL is NULL. Valid until the next one is read. */
typedef struct {
    view_t value[BULK_COLUMNS_MOST];
} row_t;

/* Told of a value, or of a row (column NULL), that does not fit. raw: as the database gave it, an unkeyed row's too. */
typedef void reader_misfit_fn(void *user, const columns_t *columns, const sql_value_t *raw, const column_t *column,
                              const char *why);

/* Changes a row that was read, in place, by reader_put: what a move makes of it. False: it is passed over. */
typedef struct reader reader_t;
typedef bool reader_fix_fn(void *user, reader_t *reader, row_t *row);

/* How a table is read. */
typedef struct {
    side_t *side;
    const columns_t *columns;
    wordmap_t **parents; /* by number of table: ids that are there; filled by reading those tables. NULL = all are */
    reader_misfit_fn *misfit; /* NULL = nobody wants to know */
    void *misfit_user;
    reader_fix_fn *fix; /* NULL = none */
    void *fix_user;
} reader_plan_t;

/* Begins; NULL with the fault. The plan's parts outlive it. */
reader_t *reader_new(const reader_plan_t *plan, fault_t *fault);
void reader_destroy(reader_t **reader); /* takes NULL; nulls the caller's pointer */

/* 1 and the row, 0 at the end, -1 with the fault. */
int reader_next(reader_t *reader, const row_t **row, fault_t *fault) __attribute__((warn_unused_result));

/* For a fix: sets the value of a column (text NULL: NULL); nothing where the column is not read. */
void reader_put(reader_t *reader, row_t *row, const char *column, const char *text);
/* The value of a column as text in the arena of this row; NULL where it is NULL or not read. */
const char *reader_value(reader_t *reader, const row_t *row, const char *column);

/* Frees what reader_value gave: done for each row where there is a fix. */
void reader_forget(reader_t *reader);

/* The order of two rows of the same columns by their keys. */
int row_compare(const columns_t *columns, const row_t *a, const row_t *b);
/* Whether all values are the same. */
bool row_same(const columns_t *columns, const row_t *a, const row_t *b);
/* Works a row into a hash, so that no two different rows give the same bytes. */
void row_hash(const columns_t *columns, const row_t *row, hash_t *hash);
/* Appends its key for people: "id", or "a/b". */
void row_name(const columns_t *columns, const row_t *row, buf_t *out);

#endif
