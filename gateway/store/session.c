/* session: see session.h. */
#include "session.h"

#include <assert.h>

int session_query(session_t *session, statement_t statement, const sql_value_t *values, arena_t *arena,
                  sql_rows_t *rows, fault_t *fault)
{
    database_t *database = session->database;
    *rows = (sql_rows_t){0};
    if (statement_check(statement, values, fault) < 0)
        return -1;
    return database->driver->query(database, statement, values, arena, rows, fault);
}

int session_later(session_t *session, statement_t statement, const sql_value_t *values, fault_t *fault)
{
    database_t *database = session->database;
    assert(session->kind != STORE_READ);
    if (statement_check(statement, values, fault) < 0)
        return -1;
    return database->driver->later(database, statement, values, fault);
}

int64_t session_write(session_t *session, statement_t statement, const sql_value_t *values, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    assert(session->kind != STORE_READ);
    int64_t written = session_query(session, statement, values, arena, &rows, fault) < 0 ? -1 : rows.affected;
    arena_destroy(&arena);
    return written;
}
