/* value: a value of a column in its canonical form, which is the same whichever database it came from: what is
 * compared, hashed and written. Pure.
 *
 * Text and keys as they are; whole numbers in decimal; reals with 17 digits; truth as 0 and 1; times by stamp.h; JSON
 * by jsonform.h; bytes as they are.
 */
#ifndef YOGI_MOVE_VALUE_H
#define YOGI_MOVE_VALUE_H

#include "catalog.h"
#include "gateway/store/bulk.h"
#include "gateway/store/statement.h"

/* Bytes of a key: three of them stay below what an index of PostgreSQL takes. */
enum { VALUE_KEY_MOST = STATEMENT_KEY_MOST };

/* Appends the canonical form of what a database gave, which is not NULL. NULL, or why it does not fit; then out is as
 * it was. */
const char *value_take(const column_t *column, const sql_value_t *value, buf_t *out);

/* Where a canonical value goes. */
typedef enum {
    VALUE_TO_POSTGRES,
    VALUE_TO_SQLITE, /* ours */
    VALUE_TO_DEMO,   /* SQLite, with times as the demo writes them */
} value_place_t;

/* The canonical value (at NULL: NULL) as the database takes it; number is room for times. Borrowed from both. */
sql_value_t value_put(const column_t *column, view_t canonical, value_place_t place, char number[40]);

/* The order of two values of a key. */
int value_compare(const column_t *column, view_t a, view_t b);

#endif
