/* timetables: see timetables.h. */
#include "timetables.h"
#include "cursor_time.h"
#include "state.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static void read_row(const sql_rows_t *rows, size_t i, timetable_row_t *row)
{
    *row = (timetable_row_t){
        .id = sql_cell(rows, i, 0),
        .document = sql_cell(rows, i, 1),
        .position = sql_cell(rows, i, 2) ? sql_cell_int(rows, i, 2) : -1,
        .teacher_name = sql_cell(rows, i, 3),
        .class_name = sql_cell(rows, i, 4),
        .term = sql_cell(rows, i, 5),
        .year = sql_cell_int(rows, i, 6),
        .school = sql_cell(rows, i, 7),
        .week = sql_cell(rows, i, 8),
        .saved_name = sql_cell(rows, i, 9),
        .timeblocks = sql_cell(rows, i, 10),
        .confidence = sql_cell_real(rows, i, 11),
        .validated = sql_cell_bool(rows, i, 12),
        .version = sql_cell_int(rows, i, 13),
        .created_ms = sql_cell_int(rows, i, 14),
        .cursor = sql_cell(rows, i, 15),
        .updated_ms = sql_cell_int(rows, i, 16),
    };
}

static int read_list(session_t *session, statement_t statement, const sql_value_t *values, arena_t *arena,
                     timetable_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (timetable_list_t){0};
    if (session_query(session, statement, values, arena, &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        read_row(&rows, i, &list->rows[i]);
    return 0;
}

int timetables_of(session_t *session, const char *tenant, view_t document, arena_t *arena, timetable_list_t *list,
                  fault_t *fault)
{
    return read_list(session, STATEMENT_TIMETABLE_OF,
                     SQL(sql_text(tenant), sql_view(document), sql_int(TIMETABLES_LIST_MOST)), arena, list, fault);
}

int timetables_get(session_t *session, const char *tenant, view_t id, arena_t *arena, timetable_row_t *row,
                   verdict_t *verdict, fault_t *fault)
{
    timetable_list_t list;
    if (read_list(session, STATEMENT_TIMETABLE_GET, SQL(sql_text(tenant), sql_view(id)), arena, &list, fault) < 0)
        return -1;
    *row = list.count ? list.rows[0] : (timetable_row_t){0};
    *verdict = list.count ? VERDICT_DONE : VERDICT_NOT_FOUND;
    return 0;
}

int timetables_list(session_t *session, const char *tenant, const char *cursor, const char *after, int64_t limit,
                    int64_t offset, arena_t *arena, timetable_list_t *list, fault_t *fault)
{
    assert(limit >= 0 && limit <= TIMETABLES_LIST_MOST && offset >= 0);
    if (cursor_time_check(&cursor, &after, fault) < 0)
        return -1;
    return read_list(session, STATEMENT_TIMETABLE_LIST,
                     SQL(sql_text(tenant), sql_text(cursor), sql_text(after), sql_int(limit), sql_int(offset)), arena,
                     list, fault);
}

/* ---- editing ---- */

static int write_edit(session_t *session, const edit_t *edit, const char *document, fault_t *fault)
{
    sql_value_t id = sql_view(edit->id), year = edit->year ? sql_int(edit->year) : sql_text(NULL);
    if (session_later(session, STATEMENT_TIMETABLE_ARCHIVE, SQL(id), fault) < 0 ||
        session_later(session, STATEMENT_TIMETABLE_PUT,
                      SQL(sql_text(edit->tenant), id, sql_int(edit->version), sql_view(edit->teacher_name),
                          sql_view(edit->class_name), sql_view(edit->term), year, sql_view(edit->school),
                          sql_view(edit->week), sql_view(edit->saved_name), sql_view(edit->timeblocks),
                          sql_bool(edit->validated), sql_text(edit->edit)),
                      fault) < 0)
        return -1;
    if (!document || !edit->validated)
        return 0;
    /* what waited for a look has got it; a run that is under way is left to its end */
    return session_later(session, STATEMENT_DOCUMENT_MOVE,
                         SQL(sql_text(edit->tenant), sql_text(document), sql_text(state_name(STATE_COMPLETED)),
                             sql_text("needs_review,validation_failed")),
                         fault);
}

int timetables_put(session_t *session, const edit_t *edit, arena_t *arena, timetable_row_t *row, verdict_t *verdict,
                   fault_t *fault)
{
    sql_rows_t rows;
    *row = (timetable_row_t){0};
    *verdict = VERDICT_NOT_FOUND;
    if (session_query(session, STATEMENT_TIMETABLE_LOCK, SQL(sql_text(edit->tenant), sql_view(edit->id)), arena, &rows,
                      fault) < 0)
        return -1;
    if (rows.rows == 0)
        return 0;
    const char *last = sql_cell(&rows, 0, 1);
    verdict_t found = VERDICT_DONE;
    if (last && strcmp(last, edit->edit) == 0)
        found = VERDICT_ALREADY;
    else if (sql_cell_int(&rows, 0, 0) != edit->version)
        found = VERDICT_STALE;
    else if (write_edit(session, edit, sql_cell(&rows, 0, 2), fault) < 0)
        return -1;
    if (timetables_get(session, edit->tenant, edit->id, arena, row, verdict, fault) < 0)
        return -1;
    *verdict = found;
    return 0;
}

int timetables_save_as(session_t *session, const edit_t *edit, view_t document, arena_t *arena, timetable_row_t *row,
                       verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    sql_value_t none = sql_text(NULL), year = edit->year ? sql_int(edit->year) : none;
    *row = (timetable_row_t){0};
    *verdict = VERDICT_NOT_FOUND;
    if (document.at) {
        if (session_query(session, STATEMENT_DOCUMENT_LOCK, SQL(sql_text(edit->tenant), sql_view(document)), arena,
                          &rows, fault) < 0)
            return -1;
        if (rows.rows == 0)
            return 0;
    }
    if (session_later(session, STATEMENT_TIMETABLE_INSERT,
                      SQL(sql_view(edit->id), sql_text(edit->tenant), sql_view(document), none, none,
                          sql_view(edit->teacher_name), sql_view(edit->class_name), sql_view(edit->term), year,
                          sql_view(edit->school), sql_view(edit->week), sql_view(edit->saved_name),
                          sql_view(edit->timeblocks), none, sql_bool(edit->validated), sql_text(edit->edit)),
                      fault) < 0)
        return -1;
    return timetables_get(session, edit->tenant, edit->id, arena, row, verdict, fault);
}

int timetables_versions(session_t *session, const char *tenant, view_t id, int64_t limit, arena_t *arena,
                        version_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    *list = (version_list_t){0};
    if (session_query(session, STATEMENT_TIMETABLE_VERSIONS, SQL(sql_text(tenant), sql_view(id), sql_int(limit)), arena,
                      &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        list->rows[i] = (version_row_t){sql_cell_int(&rows, i, 0), sql_cell(&rows, i, 1), sql_cell(&rows, i, 2),
                                        sql_cell_int(&rows, i, 3)};
    return 0;
}
