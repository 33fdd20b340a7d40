/* holds: see holds.h. */
#include "holds.h"

#include <string.h>

int holds_take(session_t *session, const char *tenant, const char *sha256, int64_t bytes, int64_t hold_ms,
               const char *birth, arena_t *arena, hold_t *hold, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *hold = (hold_t){0};
    if (session_query(session, STATEMENT_BLOB_HOLD,
                      SQL(sql_text(tenant), sql_text(sha256), sql_int(bytes), sql_int(hold_ms), sql_text(birth)), arena,
                      &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_BLOB_AWAY;
    if (rows.rows) {
        hold->present = strcmp(sql_cell(&rows, 0, 0), "present") == 0;
        hold->birth = sql_cell(&rows, 0, 1);
    }
    return 0;
}

int holds_doomed(session_t *session, int64_t lease_ms, int64_t limit, arena_t *arena, doomed_list_t *list,
                 fault_t *fault)
{
    sql_rows_t rows;
    *list = (doomed_list_t){0};
    if (session_query(session, STATEMENT_BLOB_DOOMED, SQL(sql_int(lease_ms), sql_int(limit)), arena, &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        list->rows[i] = (doomed_t){sql_cell(&rows, i, 0), sql_cell(&rows, i, 1)};
    return 0;
}

int holds_forget(session_t *session, const char *tenant, const char *sha256, fault_t *fault)
{
    return session_later(session, STATEMENT_BLOB_FORGET, SQL(sql_text(tenant), sql_text(sha256)), fault);
}
