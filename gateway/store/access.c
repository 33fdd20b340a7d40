/* access: see access.h. */
#include "access.h"

/* ---- tenants ---- */

int tenants_add(session_t *session, view_t id, view_t name, verdict_t *verdict, fault_t *fault)
{
    int64_t added = session_write(session, STATEMENT_TENANT_ADD, SQL(sql_view(id), sql_view(name)), fault);
    *verdict = added > 0 ? VERDICT_DONE : VERDICT_ALREADY;
    return added < 0 ? -1 : 0;
}

int tenants_list(session_t *session, const char *after, int64_t limit, arena_t *arena, tenant_list_t *list,
                 fault_t *fault)
{
    sql_rows_t rows;
    *list = (tenant_list_t){0};
    if (session_query(session, STATEMENT_TENANT_LIST, SQL(sql_text(after), sql_int(limit)), arena, &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        list->rows[i] = (tenant_row_t){sql_cell(&rows, i, 0), sql_cell(&rows, i, 1), sql_cell_int(&rows, i, 2)};
    return 0;
}

/* ---- keys ---- */

int keys_add(session_t *session, const char *id, const char *tenant, view_t name, const char *role, const char *hash,
             int64_t valid_ms, fault_t *fault)
{
    return session_later(
        session, STATEMENT_KEY_ADD,
        SQL(sql_text(id), sql_text(tenant), sql_view(name), sql_text(role), sql_text(hash), sql_int(valid_ms)), fault);
}

int keys_find(session_t *session, const char *hash, arena_t *arena, key_row_t *row, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *row = (key_row_t){0};
    if (session_query(session, STATEMENT_KEY_FIND, SQL(sql_text(hash)), arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        *row = (key_row_t){.id = sql_cell(&rows, 0, 0),
                           .tenant = sql_cell(&rows, 0, 1),
                           .name = sql_cell(&rows, 0, 2),
                           .role = sql_cell(&rows, 0, 3)};
    return 0;
}

int keys_list(session_t *session, const char *tenant, const char *after, int64_t limit, arena_t *arena,
              key_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (key_list_t){0};
    if (session_query(session, STATEMENT_KEY_LIST, SQL(sql_text(tenant), sql_text(after), sql_int(limit)), arena, &rows,
                      fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        list->rows[i] = (key_row_t){sql_cell(&rows, i, 0),    sql_cell(&rows, i, 1),     sql_cell(&rows, i, 2),
                                    sql_cell(&rows, i, 3),    sql_cell_int(&rows, i, 4), sql_cell_int(&rows, i, 5),
                                    sql_cell_int(&rows, i, 6)};
    return 0;
}

int keys_revoke(session_t *session, const char *tenant, view_t id, verdict_t *verdict, fault_t *fault)
{
    int64_t revoked = session_write(session, STATEMENT_KEY_REVOKE, SQL(sql_text(tenant), sql_view(id)), fault);
    *verdict = revoked > 0 ? VERDICT_DONE : VERDICT_NOT_FOUND;
    return revoked < 0 ? -1 : 0;
}

/* ---- feeds ---- */

int feeds_add(session_t *session, const char *hash, const char *tenant, view_t document, verdict_t *verdict,
              fault_t *fault)
{
    feed_t feed;
    if (session_later(session, STATEMENT_FEED_ADD, SQL(sql_text(hash), sql_text(tenant), sql_view(document)), fault) <
        0)
        return -1;
    arena_t *arena = arena_new();
    int failed = feeds_find(session, hash, arena, &feed, verdict, fault);
    arena_destroy(&arena);
    return failed;
}

int feeds_find(session_t *session, const char *hash, arena_t *arena, feed_t *feed, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *feed = (feed_t){0};
    if (session_query(session, STATEMENT_FEED_FIND, SQL(sql_text(hash)), arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        *feed = (feed_t){sql_cell(&rows, 0, 0), sql_cell(&rows, 0, 1)};
    return 0;
}

int feeds_revoke(session_t *session, const char *tenant, view_t document, fault_t *fault)
{
    return session_later(session, STATEMENT_FEED_REVOKE, SQL(sql_text(tenant), sql_view(document)), fault);
}
