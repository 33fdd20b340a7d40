/* events: see events.h. */
#include "events.h"
#include "proto/json.h"

static void read_list(const sql_rows_t *rows, arena_t *arena, event_list_t *list)
{
    list->rows = arena_array(arena, rows->rows, sizeof *list->rows);
    list->count = rows->rows;
    for (size_t i = 0; i < rows->rows; i++)
        list->rows[i] = (event_row_t){
            .number = sql_cell_int(rows, i, 0),
            .document = sql_cell(rows, i, 1),
            .type = sql_cell(rows, i, 2),
            .step = sql_cell(rows, i, 3),
            .percentage = sql_cell(rows, i, 4) ? sql_cell_int(rows, i, 4) : -1,
            .message = sql_cell(rows, i, 5),
            .data = sql_cell(rows, i, 6),
            .created_ms = sql_cell_int(rows, i, 7),
        };
}

int events_after(session_t *session, const char *tenant, view_t document, int64_t number, int64_t limit, arena_t *arena,
                 event_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (event_list_t){0};
    if (session_query(session, STATEMENT_EVENT_AFTER,
                      SQL(sql_text(tenant), sql_view(document), sql_int(number), sql_int(limit)), arena, &rows,
                      fault) < 0)
        return -1;
    read_list(&rows, arena, list);
    return 0;
}

int events_watch(session_t *session, const event_watch_t *watches, size_t count, int64_t limit, arena_t *arena,
                 event_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    buf_t json = {0};
    *list = (event_list_t){0};
    buf_char(&json, '[');
    for (size_t i = 0; i < count; i++) {
        buf_text(&json, i ? ",{\"d\":" : "{\"d\":");
        json_text(watches[i].document, &json);
        buf_format(&json, ",\"a\":%lld}", (long long)watches[i].number);
    }
    buf_char(&json, ']');
    int failed = session_query(session, STATEMENT_EVENT_WATCH,
                               SQL(sql_view((view_t){json.bytes, json.size}), sql_int(limit)), arena, &rows, fault);
    buf_free(&json);
    if (!failed)
        read_list(&rows, arena, list);
    return failed;
}

int events_newest(session_t *session, arena_t *arena, int64_t *number, fault_t *fault)
{
    sql_rows_t rows;
    if (session_query(session, STATEMENT_EVENT_NEWEST, NULL, arena, &rows, fault) < 0)
        return -1;
    *number = sql_cell_int(&rows, 0, 0);
    return 0;
}

int events_sweep(session_t *session, int64_t age_ms, int64_t *forgotten, fault_t *fault)
{
    *forgotten = session_write(session, STATEMENT_EVENT_SWEEP, SQL(sql_int(age_ms)), fault);
    return *forgotten < 0 ? -1 : 0;
}
