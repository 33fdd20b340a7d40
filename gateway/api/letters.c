/* letters: dead letters: documents that could not be read for good, why, and another try. */
#include "gateway/store/letters.h"
#include "again.h"
#include "handlers.h"
#include "proto/json.h"
#include "show.h"

#include <string.h>

enum { LIMIT_STANDARD = 50 };

typedef struct {
    const char *tenant, *cursor, *after;
    view_t id;
    int64_t limit;
    arena_t *arena;
    letter_list_t list;
    letter_row_t row;
    verdict_t verdict;
} query_t;

static int get_list(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return letters_list(session, query->tenant, query->cursor, query->after, query->limit, query->arena, &query->list,
                        fault);
}

static int get_one(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return letters_get(session, query->tenant, query->id, query->arena, &query->row, &query->verdict, fault);
}

static void show(const letter_row_t *row, buf_t *out)
{
    buf_text(out, "{\"id\":");
    json_text(row->id, out);
    buf_text(out, ",\"document_id\":");
    show_text(row->document, out);
    buf_text(out, ",\"stage\":");
    show_text(row->stage, out);
    buf_text(out, ",\"error\":");
    show_text(row->error, out);
    buf_text(out, ",\"message\":");
    show_text(row->message, out);
    buf_format(out, ",\"attempts\":%lld,\"crashes\":%lld,\"losses\":%lld,\"inputs\":%s,\"created_at\":",
               (long long)row->attempts, (long long)row->crashes, (long long)row->losses,
               row->inputs ? row->inputs : "null");
    show_time(row->created_ms, out);
    buf_char(out, '}');
}

void letters_get_list(call_t *call, void *gateway)
{
    query_t query = {.tenant = api_caller(call)->tenant, .arena = call_arena(call)};
    buf_t body = {0};
    if (!call_number(call, "limit", 1, LETTERS_LIST_MOST, LIMIT_STANDARD, &query.limit) ||
        !api_cursor(call, &query.cursor, &query.after) || !api_store(call, gateway, STORE_READ, get_list, &query))
        return;
    buf_char(&body, '[');
    for (size_t i = 0; i < query.list.count; i++) {
        buf_text(&body, i ? "," : "");
        show(&query.list.rows[i], &body);
    }
    buf_char(&body, ']');
    if (query.list.count == (size_t)query.limit) {
        const letter_row_t *last = &query.list.rows[query.list.count - 1];
        api_say_next(call, last->cursor, last->id);
    }
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

void letters_post_retry(call_t *call, void *gateway)
{
    query_t query = {
        .tenant = api_caller(call)->tenant, .id = view_of(call_value(call, "id")), .arena = call_arena(call)};
    if (!api_store(call, gateway, STORE_READ, get_one, &query))
        return;
    if (query.verdict == VERDICT_DONE && query.row.document)
        again_run(call, gateway, query.row.document);
    else
        call_problem(call, 404, "not-found", "Dead letter not found");
}
