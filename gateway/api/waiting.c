/* waiting: see waiting.h. */
#include "waiting.h"

#include "gateway/store/timetables.h"
#include "proto/base/clock.h"
#include "proto/json.h"
#include "show.h"

#include <string.h>

/* FILES: of one form. LOOK: another gateway may have done the work, which rings no bell here. */
enum { FILES_MOST = 16, LOOK_MS = 1000 };

typedef struct {
    const char *id, *reused_from;
    bool known; /* new: its row is as it was accepted */
    bool again; /* accepted before, under the same key */
    document_row_t row;
    timetable_list_t timetables; /* once it has ended */
    verdict_t verdict;
} awaited_t;

struct waiting {
    awaited_t documents[FILES_MOST];
    size_t count;
    int64_t seconds;
    int64_t until_us;
    const char *tenant; /* of the look that goes on */
    arena_t *arena;
    bool all; /* have ended */
};

waiting_t *waiting_new(arena_t *arena, int64_t seconds)
{
    waiting_t *waiting = arena_take(arena, sizeof *waiting);
    waiting->arena = arena;
    waiting->seconds = seconds;
    waiting->until_us = clock_now_us() + seconds * 1000000;
    return waiting;
}

void waiting_add(waiting_t *waiting, const accepted_t *accepted)
{
    if (waiting->count == FILES_MOST)
        return;
    awaited_t *document = &waiting->documents[waiting->count++];
    *document = (awaited_t){.id = accepted->id,
                            .reused_from = accepted->reused_from,
                            .known = accepted->verdict == VERDICT_DONE,
                            .again = accepted->verdict == VERDICT_ALREADY,
                            .row.status = accepted->status,
                            .verdict = VERDICT_DONE};
}

/* Whether nothing need be asked for the answer: nobody waits for what becomes of them. */
static bool are_known(const waiting_t *waiting)
{
    bool known = !waiting->seconds;
    for (size_t i = 0; i < waiting->count; i++)
        known &= waiting->documents[i].known;
    return known;
}

/* Who does not wait is answered what the first upload was: that it has been accepted, not what has become of it. */
static void answer_as_before(const waiting_t *waiting, awaited_t *document)
{
    document_row_t *row = &document->row;
    document->reused_from = row->reused_from;
    if (!waiting->seconds && document->verdict == VERDICT_DONE && !row->reused_from)
        row->status = STATE_UPLOADED, row->error = NULL;
}

/* Looks at all documents, and at the timetables of those that have ended. */
static int look(session_t *session, store_task_t *task, fault_t *fault)
{
    waiting_t *waiting = task->context;
    waiting->all = true;
    for (size_t i = 0; i < waiting->count; i++) {
        awaited_t *document = &waiting->documents[i];
        view_t id = view_of(document->id);
        if (documents_get(session, waiting->tenant, id, waiting->arena, &document->row, &document->verdict, fault) < 0)
            return -1;
        if (document->again)
            answer_as_before(waiting, document);
        bool ended = document->verdict != VERDICT_DONE || state_is_end(document->row.status);
        waiting->all &= ended;
        if (ended && waiting->seconds &&
            timetables_of(session, waiting->tenant, id, waiting->arena, &document->timetables, fault) < 0)
            return -1;
    }
    return 0;
}

static void show_one(const awaited_t *document, buf_t *out)
{
    const document_row_t *row = &document->row;
    buf_text(out, "{\"documentId\":");
    json_text(document->id, out);
    buf_text(out, ",\"status\":");
    json_text(document->verdict == VERDICT_DONE ? state_name(row->status) : "deleted", out);
    if (document->reused_from) {
        buf_text(out, ",\"reusedFrom\":");
        json_text(document->reused_from, out);
    }
    if (document->verdict == VERDICT_DONE && row->error) {
        buf_text(out, ",\"errorCode\":");
        json_text(row->error, out);
        buf_text(out, ",\"error\":");
        show_text(row->error_message, out);
    }
    if (document->timetables.count) {
        buf_text(out, ",\"confidence\":");
        show_share(row->confidence, out);
        buf_text(out, ",\"timetables\":[");
        for (size_t i = 0; i < document->timetables.count; i++) {
            buf_text(out, i ? "," : "");
            show_timetable(&document->timetables.rows[i], out);
        }
        buf_char(out, ']');
    }
    buf_char(out, '}');
}

static void answer(waiting_t *waiting, call_t *call)
{
    buf_t body = {0};
    if (waiting->count == 1) {
        show_one(&waiting->documents[0], &body);
    } else {
        buf_text(&body, "{\"documents\":[");
        for (size_t i = 0; i < waiting->count; i++) {
            buf_text(&body, i ? "," : "");
            show_one(&waiting->documents[i], &body);
        }
        buf_text(&body, "]}");
    }
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

void waiting_go_on(waiting_t *waiting, call_t *call, gateway_t *gateway)
{
    int64_t left_ms = (waiting->until_us - clock_now_us()) / 1000;
    call_number_t ticket = 0;
    waiting->tenant = api_caller(call)->tenant;
    if (waiting->seconds) { /* before the look: what happens after it rings */
        ticket = call_ticket(call);
        bell_wait(gateway->bell, ticket);
    }
    if (!are_known(waiting) && !api_store(call, gateway, STORE_READ, look, waiting))
        return;
    if (waiting->all || left_ms <= 0 || !waiting->seconds)
        answer(waiting, call);
    else
        call_park(call, left_ms < LOOK_MS ? left_ms : LOOK_MS);
}
