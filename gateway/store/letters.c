/* letters: see letters.h. */
#include "letters.h"
#include "cursor_time.h"

#include <assert.h>

static void read_row(const sql_rows_t *rows, size_t i, letter_row_t *row)
{
    *row = (letter_row_t){
        .id = sql_cell(rows, i, 0),
        .document = sql_cell(rows, i, 1),
        .stage = sql_cell(rows, i, 2),
        .error = sql_cell(rows, i, 3),
        .message = sql_cell(rows, i, 4),
        .attempts = sql_cell_int(rows, i, 5),
        .crashes = sql_cell_int(rows, i, 6),
        .losses = sql_cell_int(rows, i, 7),
        .inputs = sql_cell(rows, i, 8),
        .created_ms = sql_cell_int(rows, i, 9),
        .cursor = sql_cell(rows, i, 10),
    };
}

int letters_list(session_t *session, const char *tenant, const char *cursor, const char *after, int64_t limit,
                 arena_t *arena, letter_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (letter_list_t){0};
    assert(limit >= 0 && limit <= LETTERS_LIST_MOST);
    if (cursor_time_check(&cursor, &after, fault) < 0 ||
        session_query(session, STATEMENT_LETTER_LIST,
                      SQL(sql_text(tenant), sql_text(cursor), sql_text(after), sql_int(limit)), arena, &rows,
                      fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        read_row(&rows, i, &list->rows[i]);
    return 0;
}

int letters_get(session_t *session, const char *tenant, view_t id, arena_t *arena, letter_row_t *row,
                verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *row = (letter_row_t){0};
    if (session_query(session, STATEMENT_LETTER_GET, SQL(sql_text(tenant), sql_view(id)), arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        read_row(&rows, 0, row);
    return 0;
}
