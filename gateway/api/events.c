/* events: GET /events/:id: a stream of what happens to a document (news.h). What is known of its present run is told at
 * once; from there on the pump goes on. */
#include "api.h"

#include "handlers.h"
#include "news.h"

#include <stdlib.h>
#include <string.h>

/* Of one document; a run has some dozens. */
enum { EVENTS_MOST = 1000 };

typedef struct {
    const char *tenant, *document;
    int64_t seen; /* the last event that the client has got */
    arena_t *arena;
    event_list_t list;
    news_subject_t subject;
} question_t;

/* The events first: where the row says that the document goes on, every end among them was an earlier run's. */
static int look(session_t *session, store_task_t *task, fault_t *fault)
{
    question_t *question = task->context;
    if (events_after(session, question->tenant, view_of(question->document), question->seen, EVENTS_MOST,
                     question->arena, &question->list, fault) < 0)
        return -1;
    return news_look(session, question->tenant, question->document, question->arena, &question->subject, fault);
}

/* Appends what the client is to get at once. Returns the number up to which it has seen everything. */
static int64_t catch_up(const question_t *question, bool ended, buf_t *out)
{
    const event_list_t *list = &question->list;
    int64_t seen = question->seen, last = 0;
    const char *step = NULL;
    size_t first = 0;
    for (size_t i = 0; i < list->count; i++)
        if (news_is_end(&list->rows[i]) && !(ended && i + 1 == list->count))
            first = i + 1; /* of the latest run */
    for (size_t i = 0; i < list->count; i++) {
        const event_row_t *event = &list->rows[i];
        seen = event->number;
        if (i >= first && strcmp(event->type, "progress") == 0)
            news_progress(event, out);
        if (news_is_end(event))
            last = event->number, step = event->step;
    }
    if (ended)
        news_end(question->document, &question->subject, list->count && last == seen ? last : 0, step, out);
    return seen;
}

void events_get(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    const char *last = call_header(call, "Last-Event-ID");
    question_t question = {.tenant = api_caller(call)->tenant,
                           .document = call_value(call, "id"),
                           .seen = last ? strtoll(last, NULL, 10) : 0,
                           .arena = call_arena(call)};
    if (question.seen < 0)
        question.seen = 0;
    if (!api_store(call, gateway, STORE_READ, look, &question))
        return;
    if (question.subject.verdict != VERDICT_DONE) {
        api_no_document(call);
        return;
    }
    bool ended = state_is_end(question.subject.row.status);
    buf_t text = {0};
    news_connected(question.document, &text);
    int64_t seen = catch_up(&question, ended, &text);
    arena_t *kept = arena_new(); /* the call may be gone once it is a stream */
    const char *tenant = arena_text(kept, question.tenant), *document = arena_text(kept, question.document);
    call_number_t stream = call_stream(call);
    if (stream && http_stream_send(gateway->http, stream, text.bytes, text.size)) {
        if (ended)
            pump_linger(gateway->pump, stream);
        else
            pump_watch(gateway->pump, stream, tenant, document, seen);
    }
    arena_destroy(&kept);
    buf_free(&text);
}
