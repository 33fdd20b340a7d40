/* sql: what goes into a statement and what comes out of one, whichever database it is.
 *
 * Used by the rooms of this folder alone. Values are borrowed until the call returns; rows lie in the caller's arena. A
 * cell is text in both databases: what a column means is known by who asked for it.
 */
#ifndef YOGI_GATEWAY_SQL_H
#define YOGI_GATEWAY_SQL_H

#include "proto/base/arena.h"
#include "view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { SQL_NULL, SQL_TEXT, SQL_BYTES, SQL_INT, SQL_REAL, SQL_BOOL } sql_kind_t;

/* One value; a view without bytes (at NULL) is NULL. */
typedef struct {
    sql_kind_t kind;
    view_t view;    /* SQL_TEXT, SQL_BYTES */
    int64_t number; /* SQL_INT, SQL_BOOL */
    double real;    /* SQL_REAL */
} sql_value_t;

/* Most values of one statement: the widest table has fewer columns. */
enum { SQL_VALUES_MOST = 24 };

typedef struct {
    const char *at; /* closed with a zero; NULL is NULL */
    size_t size;    /* bytes */
} sql_cell_t;

/* Plain data. */
typedef struct {
    size_t rows, columns;
    sql_cell_t *cells; /* row by row */
    int64_t affected;  /* rows that were written */
} sql_rows_t;

sql_value_t sql_view(view_t view);      /* text, or JSON: what the statement takes it for */
sql_value_t sql_text(const char *text); /* NULL is NULL */
sql_value_t sql_bytes(view_t bytes);
sql_value_t sql_int(int64_t number);
sql_value_t sql_real(double real); /* not a number is NULL */
sql_value_t sql_bool(bool truth);

const char *sql_cell(const sql_rows_t *rows, size_t row, size_t column); /* text or NULL */
int64_t sql_cell_int(const sql_rows_t *rows, size_t row, size_t column); /* 0 for NULL */
double sql_cell_real(const sql_rows_t *rows, size_t row, size_t column); /* NAN for NULL */
bool sql_cell_bool(const sql_rows_t *rows, size_t row, size_t column);   /* false for NULL */
view_t sql_cell_view(const sql_rows_t *rows, size_t row, size_t column);

#endif
