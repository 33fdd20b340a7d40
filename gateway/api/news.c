/* news: see news.h. */
#include "news.h"

#include "proto/json.h"
#include "show.h"

#include <string.h>

int news_look(session_t *session, const char *tenant, const char *document, arena_t *arena, news_subject_t *subject,
              fault_t *fault)
{
    view_t id = view_of(document);
    *subject = (news_subject_t){0};
    if (documents_get(session, tenant, id, arena, &subject->row, &subject->verdict, fault) < 0)
        return -1;
    if (subject->verdict != VERDICT_DONE || !state_is_end(subject->row.status))
        return 0;
    return timetables_of(session, tenant, id, arena, &subject->timetables, fault);
}

bool news_is_end(const event_row_t *event)
{
    return strcmp(event->type, "complete") == 0 || strcmp(event->type, "error") == 0;
}

/* "id: 7\ndata: {"type":"progress", */
static void begin(int64_t number, const char *type, buf_t *out)
{
    if (number)
        buf_format(out, "id: %lld\n", (long long)number);
    buf_format(out, "data: {\"type\":\"%s\"", type);
}

/* ,"documentId":"…"}, and the end of the event. */
static void end(const char *document, buf_t *out)
{
    buf_text(out, ",\"documentId\":");
    json_text(document, out);
    buf_text(out, "}\n\n");
}

void news_connected(const char *document, buf_t *out)
{
    begin(0, "connected", out);
    end(document, out);
}

void news_progress(const event_row_t *event, buf_t *out)
{
    begin(event->number, "progress", out);
    buf_text(out, ",\"step\":");
    show_text(event->step, out);
    buf_format(out, ",\"percentage\":%lld", event->percentage < 0 ? 0LL : (long long)event->percentage);
    if (event->message) {
        buf_text(out, ",\"message\":");
        json_text(event->message, out);
    }
    end(event->document, out);
}

static void add_timetables(const timetable_list_t *list, buf_t *out)
{
    buf_text(out, ",\"timetableData\":");
    if (list->count)
        show_timetable(&list->rows[0], out);
    else
        buf_text(out, "null");
    if (list->count < 2)
        return;
    buf_text(out, ",\"timetables\":[");
    for (size_t i = 0; i < list->count; i++) {
        buf_text(out, i ? "," : "");
        show_timetable(&list->rows[i], out);
    }
    buf_char(out, ']');
}

/* error: name of a fault; NULL = the document is gone. */
static void add_error(const document_row_t *row, const char *error, const char *step, buf_t *out)
{
    const char *summary = error ? fault_summary(fault_code_of(error)) : "the document was deleted";
    buf_text(out, ",\"error\":");
    json_text(row->error_message ? row->error_message : summary, out);
    buf_text(out, ",\"errorCode\":");
    show_text(error ? error : "deleted", out);
    buf_text(out, ",\"errorDetails\":{\"provider\":null,\"model\":null,\"step\":");
    show_text(step, out);
    buf_text(out, ",\"hint\":");
    json_text(summary, out);
    buf_char(out, '}');
}

void news_end(const char *document, const news_subject_t *subject, int64_t number, const char *step, buf_t *out)
{
    const document_row_t *row = &subject->row;
    bool there = subject->verdict == VERDICT_DONE, cancelled = there && row->status == STATE_CANCELLED;
    bool failed = !there || cancelled || row->status == STATE_FAILED;
    const char *error = cancelled ? fault_name(FAULT_CANCELLED) : row->error ? row->error : fault_name(FAULT_SYSTEM);
    begin(number, failed ? "error" : "complete", out);
    buf_text(out, ",\"status\":");
    json_text(there ? state_name(row->status) : "deleted", out);
    if (failed) {
        add_error(row, there ? error : NULL, step, out);
    } else {
        buf_text(out, ",\"percentage\":100,\"step\":");
        show_text(step, out);
        buf_text(out, ",\"confidence\":");
        show_share(row->confidence, out);
        add_timetables(&subject->timetables, out);
    }
    end(document, out);
}
