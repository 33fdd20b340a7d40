/* timetables: what was read, what people make of it, and what they save under names. */
#include "api.h"

#include "edit.h"
#include "gateway/store/timetables.h"
#include "handlers.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_STANDARD = 20 };

typedef struct {
    const char *tenant;
    view_t document;
    arena_t *arena;
    int64_t limit, offset;
    timetable_list_t list;
    timetable_row_t row;
    verdict_t verdict;
    edit_t edit;
} query_t;

static query_t query_of(call_t *call)
{
    return (query_t){
        .tenant = api_caller(call)->tenant, .document = view_of(call_value(call, "id")), .arena = call_arena(call)};
}

static int get_list(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return timetables_list(session, query->tenant, NULL, NULL, query->limit, query->offset, query->arena, &query->list,
                           fault);
}

void timetables_get_list(call_t *call, void *gateway)
{
    query_t query = {.tenant = api_caller(call)->tenant, .arena = call_arena(call)};
    buf_t body = {0};
    if (!call_number(call, "limit", 1, TIMETABLES_LIST_MOST, LIMIT_STANDARD, &query.limit) ||
        !call_number(call, "offset", 0, 1000000000, 0, &query.offset) ||
        !api_store(call, gateway, STORE_READ, get_list, &query))
        return;
    buf_char(&body, '[');
    for (size_t i = 0; i < query.list.count; i++) {
        buf_text(&body, i ? "," : "");
        show_timetable(&query.list.rows[i], &body);
    }
    buf_char(&body, ']');
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

/* ---- one ---- */

/* The first one of a document; a timetable's own id serves too. */
static int get_one(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    if (timetables_of(session, query->tenant, query->document, query->arena, &query->list, fault) < 0)
        return -1;
    query->verdict = VERDICT_DONE;
    if (query->list.count) {
        query->row = query->list.rows[0];
        return 0;
    }
    return timetables_get(session, query->tenant, query->document, query->arena, &query->row, &query->verdict, fault);
}

static const char *tag_of(call_t *call, const timetable_row_t *row)
{
    return arena_format(call_arena(call), "%s-%lld", row->id, (long long)row->version);
}

static void answer_row(call_t *call, int status, const timetable_row_t *row)
{
    buf_t body = {0};
    call_set_tag(call, tag_of(call, row));
    show_timetable(row, &body);
    call_answer(call, status, "application/json", &body);
    buf_free(&body);
}

void timetables_get_one(call_t *call, void *gateway)
{
    query_t query = query_of(call);
    if (!api_store(call, gateway, STORE_READ, get_one, &query))
        return;
    if (query.verdict != VERDICT_DONE)
        call_problem(call, 404, "not-found", "Timetable not found");
    else
        answer_row(call, 200, &query.row);
}

/* ---- edits ---- */

static int put(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return timetables_put(session, &query->edit, query->arena, &query->row, &query->verdict, fault);
}

void timetables_put_one(call_t *call, void *gateway)
{
    query_t query = query_of(call);
    fault_t fault = {0};
    if (!api_store(call, gateway, STORE_READ, get_one, &query))
        return;
    if (query.verdict != VERDICT_DONE) {
        call_problem(call, 404, "not-found", "Timetable not found");
        return;
    }
    if (!call_matches(call, tag_of(call, &query.row))) {
        call_set_tag(call, tag_of(call, &query.row));
        call_problem(call, 412, "changed",
                     "somebody has changed the timetable since; read it again and put the two together");
        return;
    }
    query.edit = (edit_t){.tenant = query.tenant,
                          .id = view_of(query.row.id),
                          .version = query.row.version,
                          .edit = api_id(call),
                          .validated = true};
    if (edit_read(call_body(call), &query.row, query.arena, &query.edit, &fault) < 0) {
        call_problem(call, 400, "bad-timetable", "%s", fault.text);
        return;
    }
    if (!api_store(call, gateway, STORE_WRITE, put, &query))
        return;
    if (query.verdict == VERDICT_STALE)
        call_problem(call, 412, "changed", "somebody has changed the timetable meanwhile; read it again");
    else if (query.verdict == VERDICT_NOT_FOUND)
        call_problem(call, 404, "not-found", "Timetable not found");
    else
        answer_row(call, 200, &query.row);
}

static int save_as(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return timetables_save_as(session, &query->edit, query->document, query->arena, &query->row, &query->verdict,
                              fault);
}

void timetables_post_save_as(call_t *call, void *gateway)
{
    query_t query = {.tenant = api_caller(call)->tenant, .arena = call_arena(call)};
    fault_t fault = {0};
    query.edit = (edit_t){.tenant = query.tenant, .id = view_of(api_id(call)), .edit = api_id(call)};
    if (edit_read(call_body(call), NULL, query.arena, &query.edit, &fault) < 0 ||
        edit_document(call_body(call), query.arena, &query.document, &fault) < 0) {
        call_problem(call, 400, "bad-timetable", "%s", fault.text);
        return;
    }
    if (edit_is_blank(query.edit.saved_name.at)) {
        call_problem(call, 400, "bad-timetable", "saved_name is needed: the name to save the timetable under");
        return;
    }
    if (!api_store(call, gateway, STORE_WRITE, save_as, &query))
        return;
    if (query.verdict == VERDICT_DONE)
        answer_row(call, 200, &query.row);
    else
        api_no_document(call);
}
