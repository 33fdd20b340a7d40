/* again: see again.h. */
#include "again.h"

#include "gateway/outbox/rewind.h"
#include "gateway/store/runs.h"
#include "options.h"
#include "proto/json.h"

#include <jansson.h>
#include <stdlib.h>

typedef struct {
    retry_t retry;
    const char *from; /* stage to begin from; NULL = from the beginning */
    arena_t *arena;
    view_t dossier; /* where from is given: as the last run left it */
    verdict_t found, verdict;
} again_t;

static int run_again(session_t *session, store_task_t *task, fault_t *fault)
{
    again_t *again = task->context;
    return runs_retry(session, &again->retry, &again->verdict, fault);
}

static int find_dossier(session_t *session, store_task_t *task, fault_t *fault)
{
    again_t *again = task->context;
    return documents_dossier(session, again->retry.tenant, again->retry.document, again->arena, &again->dossier,
                             &again->found, fault);
}

/* The stage to begin from, as the body or the query names it. false after it has answered. */
static bool take_stage(call_t *call, const json_t *body, again_t *again)
{
    const json_t *wish = json_object_get(body, "from"), *other = json_object_get(body, "stage");
    const char *asked = call_query(call, "from");
    wish = wish ? wish : other;
    if (wish && !json_is_null(wish))
        asked = json_is_string(wish) ? json_string_value(wish) : "";
    if (asked && !rewind_knows(asked)) {
        call_problem(call, 400, "bad-stage", "from is none of the stages classification, ocr, llm, validation");
        return false;
    }
    again->from = asked ? arena_text(again->arena, asked) : NULL;
    return true;
}

/* Takes "options" and "from" of the body. false after it has answered. */
static bool take_wishes(call_t *call, again_t *again)
{
    retry_t *retry = &again->retry;
    const buf_t *text = call_body(call);
    upload_options_t *options = arena_take(call_arena(call), sizeof *options);
    json_error_t error;
    fault_t fault = {0};
    if (!text->size)
        return take_stage(call, NULL, again);
    json_t *body = json_loadb(text->bytes, text->size, 0, &error);
    json_t *wish = json_object_get(body, "options");
    char *dumped = wish ? json_dumps(wish, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    bool taken = json_is_object(body) && (!dumped || options_read(dumped, call_arena(call), options, &fault) == 0);
    if (!taken)
        call_problem(call, 400, "bad-options", "%s", fault.code ? fault.text : "the body is no JSON object");
    else if (dumped)
        retry->options = view_of(options->json), retry->options_hash = options->hash;
    taken = taken && take_stage(call, body, again);
    free(dumped);
    json_decref(body);
    return taken;
}

/* Where it is to begin from a stage: from what the stages before it have left. false after it has answered. */
static bool rewind_run(call_t *call, gateway_t *gateway, again_t *again)
{
    retry_t *retry = &again->retry;
    rewound_t rewound;
    fault_t fault = {0};
    if (!again->from)
        return true;
    if (!api_store(call, gateway, STORE_READ, find_dossier, again))
        return false;
    if (rewind_dossier(again->dossier, again->from, retry->options.at, again->arena, &rewound, &fault) < 0) {
        call_problem(call, 409, "not-read", "%s", fault.text);
        return false;
    }
    retry->stage = rewound.stage, retry->place = rewound.place, retry->dossier = rewound.dossier;
    return true;
}

void again_run(call_t *call, gateway_t *gateway, const char *document)
{
    caller_t *caller = api_caller(call);
    again_t again = {.arena = call_arena(call),
                     .retry = {.tenant = caller->tenant,
                               .document = view_of(document),
                               .run = api_id(call),
                               .owner = outbox_name(gateway->outbox),
                               .route = OUTBOX_ROUTE,
                               .attempts = OUTBOX_ATTEMPTS,
                               .place = -1}};
    if (!take_wishes(call, &again) || !rewind_run(call, gateway, &again) ||
        !api_store(call, gateway, STORE_WRITE, run_again, &again))
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
