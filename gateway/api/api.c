/* api: see api.h. The table of routes. */
#include "api.h"

#include "handlers.h"
#include "proto/base/ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a call waits for a database that is away, and when its caller may ask again. */
enum { PATIENCE_MS = 2000, SMALL = 4096, JSON_MOST = 2 << 20, UPLOAD_MOST = 50 << 20 };

#define V1 "/api/v1"

static const route_t routes[] = {
    {"POST", V1 "/documents/upload", uploads_post, ROUTE_FORM, UPLOAD_MOST, RIGHT_WRITE},
    {"GET", V1 "/documents", documents_get_list, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/documents/:id", documents_get_one, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"DELETE", V1 "/documents/:id", documents_delete_one, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"GET", V1 "/documents/:id/status", documents_get_status, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/documents/:id/file", documents_get_file, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/documents/:id/pages/:n.png", sheets_get, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/documents/:id/retry", documents_post_retry, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"POST", V1 "/documents/:id/cancel", documents_post_cancel, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"GET", V1 "/timetables", timetables_get_list, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/timetables/save-as", timetables_post_save_as, ROUTE_BYTES, JSON_MOST, RIGHT_WRITE},
    {"GET", V1 "/timetables/:id.ics", exports_get_ics, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/timetables/:id.csv", exports_get_csv, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/timetables/:id.html", exports_get_html, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/timetables/:id.json", exports_get_json, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/timetables/:id/feed", exports_post_feed, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"DELETE", V1 "/timetables/:id/feed", exports_delete_feed, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"GET", V1 "/feeds/:token.ics", exports_get_feed, ROUTE_NO_BODY, 0, 0},
    {"GET", V1 "/timetables/:id", timetables_get_one, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"PUT", V1 "/timetables/:id", timetables_put_one, ROUTE_BYTES, JSON_MOST, RIGHT_WRITE},
    {"GET", V1 "/events/:id", events_get, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/dead-letters", letters_get_list, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/dead-letters/:id/retry", letters_post_retry, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"GET", V1 "/llm/providers", llm_get_providers, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/llm/settings", llm_get_settings, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/llm/settings", llm_post_settings, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"DELETE", V1 "/llm/settings", llm_delete_settings, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"POST", V1 "/llm/validate", llm_post_validate, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"POST", V1 "/llm/extend-session", llm_post_extend, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"GET", V1 "/llm/session-status", llm_get_status, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/queues", queues_get, ROUTE_NO_BODY, 0, RIGHT_WATCH},
    {"GET", "/metrics", metrics_get, ROUTE_NO_BODY, 0, RIGHT_WATCH},
    {"GET", "/", pages_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/first.js", pages_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/style.css", pages_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/docs.js", pages_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/api/docs", pages_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/api/openapi.json", pages_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/health", health_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/readyz", health_get_ready, ROUTE_NO_BODY, 0, 0},
};

const route_t *api_routes(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}

/* ---- the store ---- */

void api_fault(call_t *call, const fault_t *fault)
{
    switch (fault->code) {
    case FAULT_UNAVAILABLE:
    case FAULT_UNREACHABLE:
        call_set_header(call, "Retry-After", "5");
        call_problem(call, 503, "unavailable", "%s", fault->text);
        break;
    case FAULT_INPUT:
        call_problem(call, 400, "bad-text", "%s", fault->text);
        break;
    case FAULT_OUTPUT:
        call_problem(call, 507, "disk-full", "%s", fault->text);
        break;
    default:
        call_problem(call, 500, "fault", "%s", fault->text);
        break;
    }
}

bool api_store(call_t *call, gateway_t *gateway, store_kind_t kind, store_run_fn *run, void *context)
{
    fault_t fault = {0};
    if (store_call(gateway->store, kind, run, context, PATIENCE_MS, &fault) == 0)
        return true;
    api_fault(call, &fault);
    return false;
}

void api_no_document(call_t *call)
{
    call_problem(call, 404, "not-found", "Document not found");
}

bool api_cursor(call_t *call, const char **cursor, const char **after)
{
    const char *given = call_query(call, "cursor"), *mark = given ? strrchr(given, '~') : NULL;
    if (!given || !*given)
        return true;
    if (!mark) {
        call_problem(call, 400, "bad-parameter", "cursor is none of ours; take the one of the header X-Next-Cursor");
        return false;
    }
    char *time = arena_text_n(call_arena(call), given, (size_t)(mark - given));
    char *letter = strchr(time, 'T');
    if (letter)
        *letter = ' ';
    *cursor = time;
    *after = mark + 1;
    return true;
}

void api_say_next(call_t *call, const char *cursor, const char *id)
{
    char *text = arena_text(call_arena(call), cursor);
    char *space = strchr(text, ' ');
    if (space)
        *space = 'T'; /* it goes into addresses as it is */
    call_set_header(call, "X-Next-Cursor", arena_format(call_arena(call), "%s~%s", text, id));
}

const char *api_id(call_t *call)
{
    char text[IDENT_TEXT];
    ident_t ident;
    fault_t fault;
    if (ident_new(&ident, &fault) < 0)
        abort(); /* the system gives no random bytes */
    return arena_text(call_arena(call), ident_format(ident, text));
}
