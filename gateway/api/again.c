/* again: see again.h. */
#include "again.h"

#include "gateway/store/runs.h"
#include "options.h"
#include "proto/json.h"

#include <jansson.h>
#include <stdlib.h>

typedef struct {
    retry_t retry;
    verdict_t verdict;
} again_t;

static int run_again(session_t *session, store_task_t *task, fault_t *fault)
{
    again_t *again = task->context;
    return runs_retry(session, &again->retry, &again->verdict, fault);
}

/* Takes "options" of the body. false after it has answered. */
static bool take_options(call_t *call, retry_t *retry)
{
    const buf_t *text = call_body(call);
    upload_options_t *options = arena_take(call_arena(call), sizeof *options);
    json_error_t error;
    fault_t fault = {0};
    if (!text->size)
        return true;
    json_t *body = json_loadb(text->bytes, text->size, 0, &error);
    json_t *wish = json_object_get(body, "options");
    char *dumped = wish ? json_dumps(wish, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    bool taken = json_is_object(body) && (!dumped || options_read(dumped, call_arena(call), options, &fault) == 0);
    if (!taken)
        call_problem(call, 400, "bad-options", "%s", fault.code ? fault.text : "the body is no JSON object");
    else if (dumped)
        retry->options = view_of(options->json), retry->options_hash = options->hash;
    free(dumped);
    json_decref(body);
    return taken;
}

void again_run(call_t *call, gateway_t *gateway, const char *document)
{
    caller_t *caller = api_caller(call);
    again_t again = {.retry = {.tenant = caller->tenant,
                               .document = view_of(document),
                               .run = api_id(call),
                               .owner = outbox_name(gateway->outbox),
                               .route = OUTBOX_ROUTE,
                               .attempts = OUTBOX_ATTEMPTS,
                               .place = -1}};
    if (!take_options(call, &again.retry) || !api_store(call, gateway, STORE_WRITE, run_again, &again))
        return;
    if (again.verdict == VERDICT_NOT_FOUND) {
        api_no_document(call);
    } else if (again.verdict == VERDICT_CONFLICT) {
        call_problem(call, 409, "no-file", "the bytes of this document are not kept here; upload it again");
    } else {
        outbox_accepted(gateway->outbox, again.retry.run);
        outbox_look(gateway->outbox);
        buf_t answer = {0};
        buf_text(&answer, "{\"documentId\":");
        json_text(document, &answer);
        buf_text(&answer, ",\"status\":\"uploaded\"}");
        call_answer(call, 200, "application/json", &answer);
        buf_free(&answer);
    }
}
