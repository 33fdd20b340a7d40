/* sheets: GET /documents/:id/pages/:n.png: a page as it was read, with what was found drawn over it. What has been
 * drawn is sent from where it is kept; what has not is asked for at the studio, and the call is parked meanwhile.
 *
 *     look ──▶ drawn: sent
 *      ▲ └───▶ not drawn: studio_ask ──▶ parked, until it has ended or another gateway may have drawn it
 *      └────────────────────────────────────┘
 */
#include "api.h"

#include "bytes.h"
#include "gateway/studio/subject.h"
#include "handlers.h"
#include "proto/base/clock.h"
#include "proto/layer.h"

#include <stdlib.h>
#include <string.h>

/* WAIT: for one answer, less than the minute that proxies wait; a client that comes back finds it drawn. LOOK: another
 * gateway may be at it, which wakes nobody here. LOOKS: at once, where what was there a moment ago has gone. TAG:
 * letters of a print. */
enum { WAIT_MS = 50000, LOOK_MS = 1000, LOOKS_MOST = 3, TAG_LETTERS = 32, PAGE_DIGITS = 6 };

/* What a call wants, kept while it is parked. */
typedef struct {
    picture_place_t place;
    int64_t until_us;
} wish_t;

/* ---- the question ---- */

/* 0 where it is no number of a page. */
static int64_t page_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return *text == '0' || digits > PAGE_DIGITS || text[digits] ? 0 : strtoll(text, NULL, 10);
}

/* NULL after it has answered. */
static wish_t *read_wish(call_t *call)
{
    const char *layers = call_query(call, "overlay");
    wish_t *wish = arena_take(call_arena(call), sizeof *wish);
    fault_t fault = {0};
    *wish = (wish_t){.place = {.tenant = api_caller(call)->tenant,
                               .document = view_of(call_value(call, "id")),
                               .page = page_number(call_value(call, "n"))},
                     .until_us = clock_now_us() + WAIT_MS * 1000LL};
    if (layers && layers_parse(layers, &wish->place.layers, &fault) < 0) {
        call_problem(call, 400, "bad-parameter", "overlay: %s", fault.text);
        return NULL;
    }
    if (!wish->place.page) {
        call_problem(call, 404, "no-page", "there is no page \"%.20s\"; pages are numbered from 1",
                     call_value(call, "n"));
        return NULL;
    }
    return wish;
}

/* ---- what cannot be drawn ---- */

/* Whether the document has been read, or is being read again, so that there is something to show. */
static bool was_read(const subject_t *subject)
{
    bool failed = subject->document.status == STATE_FAILED && !subject->timetables.count;
    return subject->read == VERDICT_DONE && !failed;
}

/* Whether there is such a page to be drawn; false after it has answered. */
static bool check(call_t *call, const subject_t *subject)
{
    const document_row_t *row = &subject->document;
    long long page = (long long)subject->place.page;
    if (subject->found != VERDICT_DONE) {
        api_no_document(call);
    } else if (!row->sha256) {
        call_problem(call, 404, "no-file", "the bytes of this document are not kept here");
    } else if (!was_read(subject) && !state_is_end(row->status)) {
        call_set_header(call, "Retry-After", "2");
        call_problem(call, 409, "not-read", "the document is still being read; ask again when it has been");
    } else if (!was_read(subject)) {
        call_problem(call, 409, "not-read", "the document was not read, so there are no pages to show%s%s",
                     row->error_message ? ": " : "", row->error_message ? row->error_message : "");
    } else if (row->pages && page > row->pages) {
        call_problem(call, 404, "no-page", "there is no page %lld: the document has %lld", page, (long long)row->pages);
    } else {
        return true;
    }
    return false;
}

/* The studio could not draw it. */
static void answer_fault(call_t *call, const fault_t *fault)
{
    bool may_pass = fault_class(fault->code) == FAULT_CLASS_RETRYABLE || fault->code == FAULT_DEADLINE ||
                    fault->code == FAULT_CANCELLED || fault->code == FAULT_MESSAGE;
    if (fault->code == FAULT_OUTPUT) {
        api_fault(call, fault);
    } else if (fault->code == FAULT_USAGE) {
        call_problem(call, 404, "no-page", "%s", fault->text);
    } else if (may_pass) {
        call_set_header(call, "Retry-After", "5");
        call_problem(call, 503, fault_name(fault->code), "%s", fault->text);
    } else {
        call_problem(call, 409, fault_name(fault->code), "the page cannot be drawn: %s", fault->text);
    }
}

/* ---- what can ---- */

/* false where the blob has gone since the look. */
static bool send_picture(call_t *call, gateway_t *gateway, const subject_t *subject)
{
    fault_t fault = {0};
    int fd = bytes_get(gateway, subject->place.tenant, subject->picture.sha256, &fault);
    if (fd < 0 && fault.code == FAULT_INPUT)
        return false;
    if (fd < 0)
        api_fault(call, &fault);
    else
        call_file_answer(call, 200, "image/png", fd, 0, subject->picture.bytes);
    return true;
}

/* Parks the call until the picture is there, or says that this takes too long. */
static void wait(call_t *call, const wish_t *wish)
{
    int64_t left_ms = (wish->until_us - clock_now_us()) / 1000;
    if (left_ms > 0) {
        call_park(call, left_ms < LOOK_MS ? left_ms : LOOK_MS);
        return;
    }
    call_set_header(call, "Retry-After", "2");
    call_problem(call, 503, "drawing", "the page is still being drawn; ask for it again in a moment");
}

/* gone: it was said to be there. false where it has just been kept: to be looked at again. */
static bool ask_studio(call_t *call, gateway_t *gateway, const wish_t *wish, const subject_t *subject, bool gone)
{
    fault_t fault = {0};
    switch (studio_ask(gateway->studio, &subject->place, subject->print, gone, call_ticket(call), &fault)) {
    case STUDIO_DRAWN:
        return false;
    case STUDIO_DRAWS:
        wait(call, wish);
        return true;
    case STUDIO_FAILED:
        answer_fault(call, &fault);
        return true;
    case STUDIO_BUSY:
        break;
    }
    call_set_header(call, "Retry-After", "5");
    call_problem(call, 503, "busy", "too many pages are being drawn; ask for it again in a moment");
    return true;
}

static int look(session_t *session, store_task_t *task, fault_t *fault)
{
    return subject_look(session, task->context, fault);
}

/* Looks at what there is, in an arena of its own: a call that waits looks many times. gone: what the last look had
 * found was not there. false where this is so. */
static bool go_on(call_t *call, gateway_t *gateway, const wish_t *wish, bool gone)
{
    subject_t subject = {.place = wish->place, .arena = arena_new()};
    bool ended = true;
    if (api_store(call, gateway, STORE_READ, look, &subject) && check(call, &subject)) {
        call_set_tag(call, arena_text_n(call_arena(call), subject.print, TAG_LETTERS));
        ended = call_unchanged(call) || (subject_is_drawn(&subject) && send_picture(call, gateway, &subject)) ||
                ((gone || !subject_is_drawn(&subject)) && ask_studio(call, gateway, wish, &subject, gone));
    }
    arena_destroy(&subject.arena);
    return ended;
}

void sheets_get(call_t *call, void *owner)
{
    caller_t *caller = api_caller(call);
    wish_t *wish = caller->memo ? caller->memo : read_wish(call);
    if (!wish)
        return; /* it has been answered: the caller is gone */
    caller->memo = wish;
    for (int i = 0; i < LOOKS_MOST; i++)
        if (go_on(call, owner, wish, i > 0))
            return;
    call_set_header(call, "Retry-After", "1");
    call_problem(call, 503, "busy", "the picture is just being removed; ask for it again in a moment");
}
