/* api: see api.h. The table of routes. */
#include "api.h"

#include "gateway/store/access.h"
#include "handlers.h"
#include "proto/base/hash.h"
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
    {"DELETE", V1 "/documents/:id", documents_delete_one, ROUTE_NO_BODY, 0, RIGHT_WRITE},
    {"GET", V1 "/documents/:id/status", documents_get_status, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"GET", V1 "/documents/:id/file", documents_get_file, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/documents/:id/retry", documents_post_retry, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"POST", V1 "/documents/:id/cancel", documents_post_cancel, ROUTE_BYTES, SMALL, RIGHT_WRITE},
    {"GET", V1 "/timetables", timetables_get_list, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"POST", V1 "/timetables/save-as", timetables_post_save_as, ROUTE_BYTES, JSON_MOST, RIGHT_WRITE},
    {"GET", V1 "/timetables/:id", timetables_get_one, ROUTE_NO_BODY, 0, RIGHT_READ},
    {"PUT", V1 "/timetables/:id", timetables_put_one, ROUTE_BYTES, JSON_MOST, RIGHT_WRITE},
    {"GET", "/health", health_get, ROUTE_NO_BODY, 0, 0},
    {"GET", "/readyz", health_get_ready, ROUTE_NO_BODY, 0, 0},
};

const route_t *api_routes(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}

caller_t *api_caller(const call_t *call)
{
    return call_user(call);
}

/* ---- who asks ---- */

/* The key of a request: X-Api-Key, or Authorization: Bearer. */
static const char *key_of(call_t *call)
{
    const char *key = call_header(call, "X-Api-Key"), *authorization = call_header(call, "Authorization");
    if (!key && authorization && strncasecmp(authorization, "Bearer ", 7) == 0)
        key = authorization + 7;
    return key;
}

typedef struct {
    char hash[HASH_HEX];
    arena_t *arena;
    key_row_t row;
    verdict_t verdict;
} key_search_t;

static int find_key(session_t *session, store_task_t *task, fault_t *fault)
{
    key_search_t *search = task->context;
    return keys_find(session, search->hash, search->arena, &search->row, &search->verdict, fault);
}

static uint32_t rights_of(const char *role)
{
    return strcmp(role, "admin") == 0 ? RIGHT_READ | RIGHT_WRITE | RIGHT_ADMIN : RIGHT_READ | RIGHT_WRITE;
}

/* Finds whose key it is. false after it has answered. */
static bool know(call_t *call, gateway_t *gateway, const char *key, caller_t *caller)
{
    key_search_t search = {.arena = call_arena(call)};
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, key, strlen(key));
    hash_hex(&hash, search.hash);
    if (!api_store(call, gateway, STORE_READ, find_key, &search))
        return false;
    if (search.verdict != VERDICT_DONE) {
        call_set_header(call, "WWW-Authenticate", "Bearer");
        call_problem(call, 401, "bad-key", "this key is not known, was revoked, or has expired");
        return false;
    }
    *caller = (caller_t){search.row.tenant, search.row.id, rights_of(search.row.role), NULL};
    call_set_name(call, search.row.name ? search.row.name : search.row.id);
    return true;
}

bool api_admit(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    uint32_t needed = call_route(call)->rights;
    const char *key = key_of(call);
    caller_t *caller = arena_take(call_arena(call), sizeof *caller);
    call_set_user(call, caller);
    if (!needed)
        return true;
    if (!key && gateway->keys) {
        call_set_header(call, "WWW-Authenticate", "Bearer");
        call_problem(call, 401, "no-key", "this needs an API key; send it as X-Api-Key or as Authorization: Bearer");
        return false;
    }
    if (!key)
        *caller = (caller_t){"default", NULL, RIGHT_READ | RIGHT_WRITE | RIGHT_ADMIN, NULL};
    else if (!know(call, gateway, key, caller))
        return false;
    if ((caller->rights & needed) == needed)
        return true;
    call_problem(call, 403, "not-allowed", "this key may not do that");
    return false;
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

const char *api_id(call_t *call)
{
    char text[IDENT_TEXT];
    ident_t ident;
    fault_t fault;
    if (ident_new(&ident, &fault) < 0)
        abort(); /* the system gives no random bytes */
    return arena_text(call_arena(call), ident_format(ident, text));
}
