/* sql: see sql.h. */
#include "sql.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

sql_value_t sql_view(view_t view)
{
    return (sql_value_t){.kind = view.at ? SQL_TEXT : SQL_NULL, .view = view};
}

sql_value_t sql_text(const char *text)
{
    return sql_view(view_of(text));
}

sql_value_t sql_bytes(view_t bytes)
{
    return (sql_value_t){.kind = bytes.at ? SQL_BYTES : SQL_NULL, .view = bytes};
}

sql_value_t sql_int(int64_t number)
{
    return (sql_value_t){.kind = SQL_INT, .number = number};
}

sql_value_t sql_real(double real)
{
    return (sql_value_t){.kind = isfinite(real) ? SQL_REAL : SQL_NULL, .real = real};
}

sql_value_t sql_bool(bool truth)
{
    return (sql_value_t){.kind = SQL_BOOL, .number = truth};
}

static const sql_cell_t *cell_at(const sql_rows_t *rows, size_t row, size_t column)
{
    assert(row < rows->rows && column < rows->columns);
    return &rows->cells[row * rows->columns + column];
}

const char *sql_cell(const sql_rows_t *rows, size_t row, size_t column)
{
    return cell_at(rows, row, column)->at;
}

int64_t sql_cell_int(const sql_rows_t *rows, size_t row, size_t column)
{
    const char *text = cell_at(rows, row, column)->at;
    return text ? strtoll(text, NULL, 10) : 0;
}

double sql_cell_real(const sql_rows_t *rows, size_t row, size_t column)
{
    const char *text = cell_at(rows, row, column)->at;
    return text ? strtod(text, NULL) : NAN;
}

bool sql_cell_bool(const sql_rows_t *rows, size_t row, size_t column)
{
    const char *text = cell_at(rows, row, column)->at;
    return text && (*text == 't' || *text == '1');
}

view_t sql_cell_view(const sql_rows_t *rows, size_t row, size_t column)
{
    const sql_cell_t *cell = cell_at(rows, row, column);
    return (view_t){cell->at, cell->size};
}
