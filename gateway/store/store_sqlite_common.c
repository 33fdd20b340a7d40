/* store_sqlite_common: see store_sqlite_common.h. */
#include "store_sqlite_common.h"

#include <string.h>

static fault_code_t code_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return FAULT_UNAVAILABLE;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return FAULT_INPUT;
    default:
        return FAULT_SYSTEM;
    }
}

static const char *advice(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another process has it: end that, or wait";
    case SQLITE_FULL:
        return "; make room on the disk";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return "; the file and its folder must be ours to write";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; restore it from a backup, or name another file";
    default:
        return "";
    }
}

int sqlite_fault(sqlite3 *handle, const char *path, const char *what, fault_t *fault)
{
    int code = handle ? sqlite3_extended_errcode(handle) : SQLITE_CANTOPEN;
    const char *said = handle ? sqlite3_errmsg(handle) : "it cannot be opened";
    bool no_json = strcmp(said, "malformed JSON") == 0; /* of its functions: no code of its own */
    return fault_set(fault, no_json ? FAULT_INPUT : code_of(code), "SQLite refuses %s in %s: %s%s", what, path, said,
                     advice(code));
}

int sqlite_bind(sqlite3_stmt *prepared, int place, const sql_value_t *value)
{
    switch (value->kind) {
    case SQL_NULL:
        return sqlite3_bind_null(prepared, place);
    case SQL_TEXT:
        return sqlite3_bind_text64(prepared, place, value->view.at, value->view.size, SQLITE_STATIC, SQLITE_UTF8);
    case SQL_BYTES:
        return sqlite3_bind_blob64(prepared, place, value->view.at, value->view.size, SQLITE_STATIC);
    case SQL_INT:
    case SQL_BOOL:
        return sqlite3_bind_int64(prepared, place, value->number);
    case SQL_REAL:
        return sqlite3_bind_double(prepared, place, value->real);
    }
    return SQLITE_MISUSE;
}

static sql_cell_t cell_of(sqlite3_stmt *prepared, int column, arena_t *arena)
{
    switch (sqlite3_column_type(prepared, column)) {
    case SQLITE_NULL:
        return (sql_cell_t){NULL, 0};
    case SQLITE_FLOAT: {
        const char *text = arena_format(arena, "%.17g", sqlite3_column_double(prepared, column));
        return (sql_cell_t){text, strlen(text)};
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(prepared, column);
        size_t size = (size_t)sqlite3_column_bytes(prepared, column);
        return (sql_cell_t){arena_text_n(arena, bytes ? bytes : "", size), size};
    }
    default: {
        const char *text = (const char *)sqlite3_column_text(prepared, column);
        size_t size = (size_t)sqlite3_column_bytes(prepared, column);
        return (sql_cell_t){arena_text_n(arena, text ? text : "", size), size};
    }
    }
}

/* Cells grow by doubling. */
void sqlite_add_row(sqlite3_stmt *prepared, arena_t *arena, sql_rows_t *rows, size_t *room)
{
    rows->columns = (size_t)sqlite3_column_count(prepared);
    if (rows->rows == *room) {
        *room = *room ? 2 * *room : 8;
        sql_cell_t *more = arena_array(arena, *room * rows->columns, sizeof *more);
        if (rows->rows)
            memcpy(more, rows->cells, rows->rows * rows->columns * sizeof *more);
        rows->cells = more;
    }
    sql_cell_t *row = &rows->cells[rows->rows++ * rows->columns];
    for (size_t i = 0; i < rows->columns; i++)
        row[i] = cell_of(prepared, (int)i, arena);
}
