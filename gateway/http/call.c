/* call: see call.h and call_state.h. */
#include "call_state.h"

#include "pack.h"
#include "proto/base/clock.h"
#include "proto/base/ident.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"
#include "proto/json.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Longest sentence of a problem. */
enum { DETAIL_BYTES = 600 };

/* ---- life ---- */

/* Where it may go from each state; see call_state.h. */
static bool may_follow(call_state_t from, call_state_t to)
{
    static const unsigned follows[] = {
        [CALL_READING] = 1u << CALL_ADMITTING | 1u << CALL_WAITING | 1u << CALL_ANSWERED,
        [CALL_ADMITTING] = 1u << CALL_READING | 1u << CALL_ANSWERED,
        [CALL_WAITING] = 1u << CALL_RUNNING,
        [CALL_RUNNING] = 1u << CALL_PARKED | 1u << CALL_ANSWERED | 1u << CALL_WAITING,
        [CALL_PARKED] = 1u << CALL_WAITING,
        [CALL_ANSWERED] = 0,
    };
    return follows[from] & 1u << to;
}

void call_is(call_t *call, call_state_t state)
{
    assert(may_follow(call->state, state));
    call->state = state;
}

/* The id that the client gave, where it is fit for headers and logs; else a new one. */
void call_name(call_t *call)
{
    const char *given = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "X-Request-Id");
    size_t length = given ? strlen(given) : 0;
    bool fit = length >= 1 && length < sizeof call->id;
    for (size_t i = 0; i < length && fit; i++)
        fit = isalnum((unsigned char)given[i]) || strchr("-_.:", given[i]);
    ident_t fresh;
    fault_t unused;
    if (fit)
        memcpy(call->id, given, length + 1);
    else if (ident_new(&fresh, &unused) == 0)
        ident_format(fresh, call->id);
}

static void take_address(call_t *call)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info ? info->client_addr : NULL;
    if (peer && peer->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, call->address,
                  sizeof call->address);
    else if (peer && peer->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, call->address,
                  sizeof call->address);
}

call_t *call_new(http_t *http, struct MHD_Connection *connection, const char *method, const char *path)
{
    call_t *call = memory_new(1, sizeof *call);
    call->http = http;
    call->connection = connection;
    call->arena = arena_new();
    call->begun_us = clock_now_us();
    call->job = (desk_job_t){NULL, call_run, call};
    snprintf(call->method, sizeof call->method, "%s", method);
    const char *question = strchr(path, '?');
    call->path = arena_text_n(call->arena, path, question ? (size_t)(question - path) : strlen(path));
    call->query = question ? arena_text(call->arena, question + 1) : NULL;
    take_address(call);
    crowd_comes(&http->crowd);
    return call;
}

static void log_answer(const call_t *call)
{
    LOG(call->http->plan.log, LOG_INFO, "http.answer", {"method", call->method, 0},
        {"path", call->hidden ? call->route->path : call->path, 0}, {"status", NULL, call->status},
        {"bytesIn", NULL, call->bytes_in}, {"bytesOut", NULL, call->bytes_out},
        {"ms", NULL, (clock_now_us() - call->begun_us) / 1000}, {"address", call->address, 0}, {"request", call->id, 0},
        {"user", call->name ? call->name : "", 0});
}

void call_destroy(call_t *call)
{
    http_t *http = call->http;
    log_answer(call);
    atomic_fetch_add(&http->answers[call->status >= 100 && call->status < 600 ? call->status / 100 : 0], 1);
    atomic_fetch_add(&http->bytes_in, (uint64_t)call->bytes_in);
    atomic_fetch_add(&http->bytes_out, (uint64_t)call->bytes_out);
    atomic_fetch_sub(&http->memory, call->held);
    if (call->response)
        MHD_destroy_response(call->response);
    stream_close(http->streams, call->stream);
    form_destroy(&call->form);
    buf_free(&call->body);
    arena_destroy(&call->arena);
    free(call);
    crowd_goes(&http->crowd);
}

void call_take(call_t *call, const char *bytes, size_t size)
{
    const route_t *route = call->route;
    http_t *http = call->http;
    call->bytes_in += (int64_t)size;
    if (call->excess)
        return;
    if (call->bytes_in > route->body_most) {
        call->excess = true;
    } else if (call->form) {
        form_take(call->form, bytes, size);
    } else {
        atomic_fetch_add(&http->memory, (int64_t)size);
        call->held += (int64_t)size;
        buf_add(&call->body, bytes, size);
    }
}

/* libmicrohttpd goes on with the connection, and the call is its. */
static void wake(call_t *call)
{
    http_t *http = call->http;
    MHD_resume_connection(call->connection);
    crowd_wakes(&http->crowd);
}

void call_run(void *user)
{
    call_t *call = user;
    const http_plan_t *plan = &call->http->plan;
    if (call->state == CALL_ADMITTING) {
        if (!plan->admit(call, plan->owner))
            return;
        call->admitted = call->resumed = true;
        call_is(call, CALL_READING);
        wake(call);
        return;
    }
    call_is(call, CALL_RUNNING);
    if (!call->admitted && plan->admit && !plan->admit(call, plan->owner))
        return;
    call->admitted = true;
    call->route->run(call, plan->owner);
    /* an answered or parked call is somebody else's, and may be gone */
}

/* ---- what was asked ---- */

const char *call_value(const call_t *call, const char *name)
{
    return route_value(&call->values, name);
}

const char *call_query(call_t *call, const char *name)
{
    return route_query(call->arena, call->query, name);
}

const char *call_header(call_t *call, const char *name)
{
    return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

const route_t *call_route(const call_t *call)
{
    return call->route;
}

arena_t *call_arena(call_t *call)
{
    return call->arena;
}

bool call_number(call_t *call, const char *name, int64_t least, int64_t most, int64_t standard, int64_t *number)
{
    const char *text = call_query(call, name);
    char *end = NULL;
    *number = standard;
    if (!text)
        return true;
    *number = strtoll(text, &end, 10);
    if (*text && !*end && !isspace((unsigned char)*text) && *number >= least && *number <= most)
        return true;
    call_problem(call, 400, "bad-parameter", "%s is \"%.40s\"; it is a number from %lld to %lld", name, text,
                 (long long)least, (long long)most);
    return false;
}

const buf_t *call_body(const call_t *call)
{
    return &call->body;
}

const call_file_t *call_file(const call_t *call, size_t index)
{
    return call->form ? form_file(call->form, index) : NULL;
}

const char *call_field(const call_t *call, const char *name)
{
    return call->form ? form_field(call->form, name) : NULL;
}

void call_set_user(call_t *call, void *user)
{
    call->user = user;
}

void *call_user(const call_t *call)
{
    return call->user;
}

void call_set_name(call_t *call, const char *name)
{
    call->name = arena_text(call->arena, name);
}

void call_hide_path(call_t *call)
{
    call->hidden = true;
}

/* ---- the answer ---- */

void call_set_header(call_t *call, const char *name, const char *value)
{
    assert(call->header_count < CALL_HEADERS_MOST);
    call->headers[call->header_count++] =
        (call_header_t){arena_text(call->arena, name), arena_text(call->arena, value)};
}

void call_set_tag(call_t *call, const char *tag)
{
    call->tag = arena_format(call->arena, "\"%s\"", tag);
}

/* Whether the list of a header If-None-Match names the tag; compared weakly (RFC 9110, 8.8.3.2). */
static bool names_tag(const char *list, const char *tag)
{
    if (!list)
        return false;
    for (; *list; list += strcspn(list, ",")) {
        list += strspn(list, ", \t");
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        size_t length = strcspn(list, ", \t");
        if ((length == 1 && *list == '*') || (length == strlen(tag) && strncmp(list, tag, length) == 0))
            return true;
    }
    return false;
}

bool call_matches(call_t *call, const char *tag)
{
    const char *wanted = call_header(call, "If-Match");
    return !wanted || names_tag(wanted, arena_format(call->arena, "\"%s\"", tag));
}

/* Whether the origin of a page may read the answer. */
static const char *allowed_origin(const call_t *call)
{
    const char *origin = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Origin");
    const char *list = call->http->plan.origins;
    if (!origin || !list)
        return NULL;
    if (strcmp(list, "*") == 0)
        return "*";
    for (; *list; list += strcspn(list, " ")) {
        list += strspn(list, " ");
        size_t length = strcspn(list, " ");
        if (length && length == strlen(origin) && strncmp(list, origin, length) == 0)
            return origin;
    }
    return NULL;
}

static void add_header(call_t *call, const char *name, const char *value)
{
    MHD_add_response_header(call->response, name, value);
}

void call_finish_headers(call_t *call)
{
    const char *origin = allowed_origin(call);
    bool own_policy = false, own_cache = false;
    for (size_t i = 0; i < call->header_count; i++) {
        add_header(call, call->headers[i].name, call->headers[i].value);
        own_policy |= strcasecmp(call->headers[i].name, "Content-Security-Policy") == 0;
        own_cache |= strcasecmp(call->headers[i].name, "Cache-Control") == 0;
    }
    add_header(call, "X-Request-Id", call->id);
    add_header(call, "X-Content-Type-Options", "nosniff");
    add_header(call, "X-Frame-Options", "DENY");
    add_header(call, "Referrer-Policy", "no-referrer");
    if (!own_policy)
        add_header(call, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (!own_cache)
        add_header(call, "Cache-Control", call->tag ? "private, no-cache" : "no-store");
    if (call->tag)
        add_header(call, "ETag", call->tag);
    if (call->http->plan.origins)
        add_header(call, "Vary", "Origin");
    if (origin) {
        add_header(call, "Access-Control-Allow-Origin", origin);
        add_header(call, "Access-Control-Expose-Headers",
                   "Content-Disposition, ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
                   "Retry-After, X-Next-Cursor, X-Request-Id");
    }
}

/* The response is ready: libmicrohttpd goes on with the connection. */
static void answer(call_t *call, int status, struct MHD_Response *response)
{
    bool suspended = call->state != CALL_READING;
    call->resumed = call->state == CALL_ADMITTING;
    assert(response && !call->response);
    if (call->ticket)
        lobby_forget(call->http->lobby, call->ticket);
    call->ticket = 0;
    call->response = response;
    call->status = status;
    call_finish_headers(call);
    call_is(call, CALL_ANSWERED);
    if (suspended)
        wake(call);
}

void call_answer(call_t *call, int status, const char *media, const buf_t *body)
{
    const char *accept = call_header(call, "Accept-Encoding");
    bool unchanged = status == 200 && call->tag && names_tag(call_header(call, "If-None-Match"), call->tag);
    buf_t packed = {0};
    const void *bytes = unchanged ? "" : buf_string(body);
    size_t size = unchanged ? 0 : body->size;
    if (pack_pays(media, size)) {
        call_set_header(call, "Vary", "Accept-Encoding");
        if (pack_is_taken(accept) && pack_gzip(bytes, size, &packed)) {
            call_set_header(call, "Content-Encoding", "gzip");
            bytes = packed.bytes, size = packed.size;
        }
    }
    if (!unchanged && status != 204)
        call_set_header(call, "Content-Type", media);
    call->bytes_out = (int64_t)size;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    buf_free(&packed);
    answer(call, unchanged ? 304 : status, response);
}

bool call_unchanged(call_t *call)
{
    if (!call->tag || !names_tag(call_header(call, "If-None-Match"), call->tag))
        return false;
    answer(call, 304, MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT));
    return true;
}

void call_file_answer(call_t *call, int status, const char *media, int fd, int64_t from, int64_t bytes)
{
    call_set_header(call, "Content-Type", media);
    call->bytes_out = bytes;
    answer(call, status, MHD_create_response_from_fd_at_offset64((uint64_t)bytes, fd, (uint64_t)from));
}

void call_problem(call_t *call, int status, const char *code, const char *detail, ...)
{
    char text[DETAIL_BYTES];
    buf_t body = {0};
    va_list arguments;
    va_start(arguments, detail);
    vsnprintf(text, sizeof text, detail, arguments);
    va_end(arguments);
    text_neuter(text);
    buf_text(&body, "{\"type\":\"about:blank\",\"title\":");
    json_text(MHD_get_reason_phrase_for((unsigned)status), &body);
    buf_format(&body, ",\"status\":%d,\"code\":", status);
    json_text(code, &body);
    buf_text(&body, ",\"detail\":");
    json_text(text, &body);
    buf_text(&body, ",\"error\":"); /* the demo's clients look here */
    json_text(text, &body);
    buf_text(&body, ",\"requestId\":");
    json_text(call->id, &body);
    buf_text(&body, "}\n");
    if (status != 412) /* there it says what is there now */
        call->tag = NULL;
    call_answer(call, status, "application/problem+json", &body);
    buf_free(&body);
}

/* ---- answers that come later ---- */

call_number_t call_ticket(call_t *call)
{
    if (!call->ticket)
        call->ticket = lobby_name(call->http->lobby, call);
    return call->ticket;
}

void call_go_on(void *thing)
{
    call_t *call = thing;
    call_is(call, CALL_WAITING);
    desk_put(call->http->desk, &call->job);
}

void call_park(call_t *call, int64_t ms)
{
    http_t *http = call->http;
    call_number_t ticket = call_ticket(call);
    if (crowd_is_ending(&http->crowd)) {
        call_set_header(call, "Retry-After", "5");
        call_problem(call, 503, "ending", "this server is being stopped; ask again, another one answers");
        return;
    }
    call->ticket = 0;
    call->turn++;
    call_is(call, CALL_PARKED);
    if (lobby_settle(http->lobby, ticket, ms < 0 ? 0 : ms)) /* else it is somebody else's from here on */
        call_go_on(call);
}

int call_turn(const call_t *call)
{
    return call->turn;
}

call_number_t call_stream(call_t *call)
{
    call->stream = stream_open(call->http->streams, call->connection);
    if (!call->stream) {
        atomic_fetch_add(&call->http->refused, 1);
        call_set_header(call, "Retry-After", "5");
        call_problem(call, 503, "busy", "there are too many open streams of events; come back in a moment");
        return 0;
    }
    call_number_t number = stream_number(call->stream);
    call_set_header(call, "Content-Type", "text/event-stream");
    call_set_header(call, "X-Accel-Buffering", "no");
    answer(call, 200, stream_response(call->stream));
    return number;
}
