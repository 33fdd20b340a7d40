/* documents: the list of documents, one of them, its progress, its bytes; deletion, another run, an end to this one. */
#include "again.h"
#include "bytes.h"
#include "gateway/outbox/papers.h"
#include "gateway/store/runs.h"
#include "handlers.h"
#include "media.h"
#include "proto/json.h"
#include "proto/s3/s3_place.h"
#include "show.h"
#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Rows of a page where none is asked for: the demo's. */
enum { LIMIT_STANDARD = 20 };

/* What a handler asks of the store about one document. */
typedef struct {
    const char *tenant;
    view_t id;
    arena_t *arena;
    document_row_t row;
    stage_list_t stages;
    verdict_t verdict;
} query_t;

static query_t query_of(call_t *call)
{
    return (query_t){
        .tenant = api_caller(call)->tenant, .id = view_of(call_value(call, "id")), .arena = call_arena(call)};
}

/* ---- one ---- */

static int get(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return documents_get(session, query->tenant, query->id, query->arena, &query->row, &query->verdict, fault);
}

/* Finds the row. false after it has answered. */
static bool find(call_t *call, gateway_t *gateway, query_t *query)
{
    if (!api_store(call, gateway, STORE_READ, get, query))
        return false;
    if (query->verdict == VERDICT_DONE)
        return true;
    api_no_document(call);
    return false;
}

void documents_get_one(call_t *call, void *gateway)
{
    query_t query = query_of(call);
    buf_t body = {0};
    if (!find(call, gateway, &query))
        return;
    show_document(&query.row, &body);
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

/* ---- its progress ---- */

static int get_status(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    if (get(session, task, fault) < 0)
        return -1;
    return query->verdict != VERDICT_DONE
               ? 0
               : documents_stages(session, query->tenant, query->id, query->arena, &query->stages, fault);
}

/* Appends how far the present run has come, by the last of its stages that has ended, and which stage is at work. */
static void show_progress(const document_row_t *row, const stage_list_t *stages, buf_t *out)
{
    const char *last = NULL;
    bool ended = state_is_end(row->status);
    for (size_t i = 0; i < stages->count; i++) {
        const stage_row_t *stage = &stages->rows[i];
        if (row->run && stage->run && strcmp(stage->run, row->run) == 0 && papers_place(stage->stage) >= 0 &&
            (!last || papers_place(stage->stage) > papers_place(last)))
            last = stage->stage;
    }
    buf_format(out, ",\"percentage\":%d,\"step\":", ended ? 100 : last ? papers_percentage(last) : 0);
    show_text(ended || !last ? NULL : papers_stage_after(last), out);
}

void documents_get_status(call_t *call, void *gateway)
{
    query_t query = query_of(call);
    buf_t body = {0};
    if (!api_store(call, gateway, STORE_READ, get_status, &query))
        return;
    if (query.verdict != VERDICT_DONE) {
        api_no_document(call);
        return;
    }
    const document_row_t *row = &query.row;
    buf_text(&body, "{\"documentId\":");
    json_text(row->id, &body);
    buf_format(&body, ",\"status\":\"%s\",\"run\":", state_name(row->status));
    show_text(row->run, &body);
    show_progress(row, &query.stages, &body);
    buf_text(&body, ",\"confidence\":");
    show_share(row->confidence, &body);
    buf_text(&body, ",\"error\":");
    show_text(row->error, &body);
    buf_text(&body, ",\"message\":");
    show_text(row->error_message, &body);
    buf_text(&body, ",\"stages\":[");
    for (size_t i = 0; i < query.stages.count; i++) {
        buf_text(&body, i ? "," : "");
        show_stage(&query.stages.rows[i], &body);
    }
    buf_text(&body, "]}");
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

/* ---- the list ---- */

typedef struct {
    const char *tenant;
    arena_t *arena;
    document_filter_t filter;
    document_list_t list;
} listing_t;

static int get_list(session_t *session, store_task_t *task, fault_t *fault)
{
    listing_t *listing = task->context;
    return documents_list(session, listing->tenant, &listing->filter, listing->arena, &listing->list, fault);
}

void documents_get_list(call_t *call, void *gateway)
{
    listing_t listing = {.tenant = api_caller(call)->tenant, .arena = call_arena(call)};
    document_filter_t *filter = &listing.filter;
    state_t unused;
    buf_t body = {0};
    filter->status = call_query(call, "status");
    filter->search = view_of(call_query(call, "search"));
    if (!call_number(call, "limit", 1, DOCUMENTS_LIST_MOST, LIMIT_STANDARD, &filter->limit) ||
        !call_number(call, "offset", 0, 1000000000, 0, &filter->offset) ||
        !api_cursor(call, &filter->cursor, &filter->after))
        return;
    if (filter->status && !*filter->status)
        filter->status = NULL;
    if (filter->status && !state_parse(filter->status, &unused)) {
        call_problem(call, 400, "bad-parameter", "there is no status %s", filter->status);
        return;
    }
    if (!api_store(call, gateway, STORE_READ, get_list, &listing))
        return;
    buf_char(&body, '[');
    for (size_t i = 0; i < listing.list.count; i++) {
        buf_text(&body, i ? "," : "");
        show_document(&listing.list.rows[i], &body);
    }
    buf_char(&body, ']');
    if (listing.list.count == (size_t)filter->limit) {
        const document_row_t *last = &listing.list.rows[listing.list.count - 1];
        api_say_next(call, last->cursor, last->id);
    }
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

/* ---- its bytes ---- */

/* "attachment", with the name that the sender gave it: once for everybody, in letters that no header is broken by, once
 * as it is (RFC 6266, 4.3). */
static const char *disposition(call_t *call, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-()";
    char *plain = arena_text(call_arena(call), name && *name ? name : "document");
    buf_t text = {0};
    for (char *at = plain; *(at += strspn(at, letters)); at++)
        *at = '_';
    buf_format(&text, "attachment; filename=\"%s\"; filename*=UTF-8''", plain);
    s3_encode(&text, name && *name ? name : "document", false);
    const char *kept = arena_text(call_arena(call), buf_string(&text));
    buf_free(&text);
    return kept;
}

/* The original. */
void documents_get_file(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    query_t query = query_of(call);
    fault_t fault = {0};
    if (!find(call, gateway, &query))
        return;
    if (!query.row.sha256) {
        call_problem(call, 404, "no-file", "the bytes of this document are not kept here");
        return;
    }
    call_set_tag(call, query.row.sha256);
    if (call_unchanged(call))
        return;
    int fd = bytes_get(gateway, query.tenant, query.row.sha256, &fault);
    if (fd < 0) {
        api_fault(call, &fault);
        return;
    }
    char head[MEDIA_BYTES];
    ssize_t n = pread(fd, head, sizeof head, 0);
    call_set_header(call, "Content-Disposition", disposition(call, query.row.filename));
    call_file_answer(call, 200, media_of(head, n > 0 ? (size_t)n : 0).media, fd, 0, query.row.file_size);
}

/* ---- wishes ---- */

static int delete_it(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return documents_delete(session, query->tenant, query->id, &query->verdict, fault);
}

void documents_delete_one(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    query_t query = query_of(call);
    buf_t body = {0};
    if (!api_store(call, gateway, STORE_WRITE, delete_it, &query))
        return;
    outbox_look(gateway->outbox);
    pump_look(gateway->pump, call_value(call, "id"));
    buf_text(&body, "{\"message\":\"Document deleted\"}"); /* also for the second time */
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

static int cancel(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return runs_cancel(session, query->tenant, query->id, &query->verdict, fault);
}

/* Answers with the document's id and its new status. */
static void answer_status(call_t *call, const char *status)
{
    buf_t body = {0};
    buf_text(&body, "{\"documentId\":");
    json_text(call_value(call, "id"), &body);
    buf_format(&body, ",\"status\":\"%s\"}", status);
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

void documents_post_cancel(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    query_t query = query_of(call);
    if (!api_store(call, gateway, STORE_WRITE, cancel, &query))
        return;
    outbox_look(gateway->outbox);
    if (query.verdict == VERDICT_NOT_FOUND)
        api_no_document(call);
    else if (query.verdict == VERDICT_ILLEGAL)
        call_problem(call, 409, "ended", "the document has been read to its end; there is nothing to cancel");
    else
        answer_status(call, "cancelled");
}

void documents_post_retry(call_t *call, void *gateway)
{
    again_run(call, gateway, call_value(call, "id"));
}
