/* holds: see holds.h. */
#include "holds.h"

#include "proto/base/ident.h"

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
        list->rows[i] = (doomed_t){sql_cell(&rows, i, 0), sql_cell(&rows, i, 1), sql_cell_int(&rows, i, 2)};
    return 0;
}

/* DELETING, unless somebody holds it by now: then it is taken off the list. */
static int condemn(session_t *session, const char *key, int64_t lease_ms, arena_t *arena, doomed_list_t *list,
                   fault_t *fault)
{
    ident_t ident;
    char birth[IDENT_TEXT];
    const char *slash = strchr(key, '/');
    if (!slash)
        return fault_set(fault, FAULT_INPUT, "%s is no key of a blob (tenant/sha256)", key);
    doomed_t one = {arena_text_n(arena, key, (size_t)(slash - key)), slash + 1, -1};
    if (ident_new(&ident, fault) < 0)
        return -1;
    int64_t written = session_write(
        session, STATEMENT_BLOB_CONDEMN,
        SQL(sql_text(one.tenant), sql_text(one.sha256), sql_int(lease_ms), sql_text(ident_format(ident, birth))),
        fault);
    if (written > 0)
        list->rows[list->count++] = one;
    return written < 0 ? -1 : 0;
}

int holds_strays(session_t *session, view_t keys, int64_t lease_ms, arena_t *arena, doomed_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (doomed_list_t){0};
    if (session_query(session, STATEMENT_BLOB_STRAYS, SQL(sql_view(keys)), arena, &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    for (size_t i = 0; i < rows.rows; i++)
        if (condemn(session, sql_cell(&rows, i, 0), lease_ms, arena, list, fault) < 0)
            return -1;
    return 0;
}

int holds_spare(session_t *session, const doomed_t *doomed, int64_t rest_ms, fault_t *fault)
{
    return session_later(session, STATEMENT_BLOB_SPARE,
                         SQL(sql_text(doomed->tenant), sql_text(doomed->sha256), sql_int(rest_ms)), fault);
}

int holds_forget(session_t *session, const char *tenant, const char *sha256, fault_t *fault)
{
    return session_later(session, STATEMENT_BLOB_FORGET, SQL(sql_text(tenant), sql_text(sha256)), fault);
}
