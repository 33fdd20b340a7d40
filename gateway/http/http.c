/* http: see http.h. The callbacks of libmicrohttpd and the life of the server. */
#include "call_state.h"

#include "proto/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* LOOPS: threads that read and send. EXCESS: bytes of a body that nobody wants which are read over, so that its sender
 * comes to read the answer; one that sends more is left. TOLD: the same of one that is too large and says how large, so
 * that a person's file that is somewhat too large is told so. SPARE: descriptors beside those of connections: files of
 * uploads that are read, the database, brokers. */
enum { LOOPS = 2, EXCESS_MOST = 1 << 20, TOLD_MOST = 16 << 20, BACKLOG = 1024, SPARE = 1024, SPARE_LEAST = 128 };

http_plan_t http_defaults(void)
{
    return (http_plan_t){.connections_most = 8192,
                         .address_most = 6144, /* a proxy or a school is one; a quarter is left for others */
                         .threads = 16,
                         .waiting_most = 1024,
                         .streams_most = 4096,
                         .memory_most = 64 << 20,
                         .head_ms = 15000,
                         .body_ms = 300000,
                         .answer_ms = 600000,
                         .idle_ms = 60000,
                         .stream_quiet_ms = 15000};
}

/* ---- what is answered without a handler ---- */

static void refuse_busy(call_t *call)
{
    atomic_fetch_add(&call->http->refused, 1);
    call_set_header(call, "Retry-After", "1");
    call_problem(call, 503, "busy", "there is more to do than can be done just now; ask again in a moment");
}

static void refuse_ending(call_t *call)
{
    call_set_header(call, "Retry-After", "5");
    call_set_header(call, "Connection", "close");
    call_problem(call, 503, "ending", "this server is being stopped; ask again, another one answers");
}

/* OPTIONS, and the question of a browser before it sends a page's request (CORS: WHATWG Fetch, 3.2). */
static void answer_options(call_t *call)
{
    const http_plan_t *plan = &call->http->plan;
    const char *methods = route_methods(plan->routes, plan->route_count, call->path, call->arena);
    call_set_header(call, "Allow", methods);
    if (plan->origins && call_header(call, "Access-Control-Request-Method")) {
        call_set_header(call, "Access-Control-Allow-Methods", methods);
        call_set_header(
            call, "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Api-Key, "
            "X-Session-Id");
        call_set_header(call, "Access-Control-Max-Age", "600");
    }
    call_answer(call, 204, "", &(buf_t){0});
}

/* Finds the row. false after it has answered. */
static bool find_route(call_t *call)
{
    const http_plan_t *plan = &call->http->plan;
    const char *methods = route_methods(plan->routes, plan->route_count, call->path, call->arena);
    if (strcmp(call->method, "OPTIONS") == 0 && strcmp(methods, "OPTIONS") != 0) {
        answer_options(call);
        return false;
    }
    switch (route_find(plan->routes, plan->route_count, call->method, call->path, call->arena, &call->route,
                       &call->values)) {
    case ROUTE_FOUND:
        if (route_query_holds(call->arena, call->query))
            return true;
        call_problem(call, 400, "bad-query", "the query is malformed: escapes are %%XX of valid UTF-8 without zeros");
        return false;
    case ROUTE_METHOD:
        call_set_header(call, "Allow", methods);
        call_problem(call, 405, "method-not-allowed", "%s does not take %s; it takes %s", call->path, call->method,
                     methods);
        return false;
    case ROUTE_MALFORMED:
        call_problem(call, 400, "bad-path", "the path is malformed: escapes are %%XX of valid UTF-8 without zeros");
        return false;
    case ROUTE_NOT_THERE:
        break;
    }
    call_problem(call, 404, "not-found", "there is nothing at %s", call->path);
    return false;
}

/* How a request says where its body ends. */
typedef struct {
    int lengths;    /* headers Content-Length */
    int64_t length; /* of the last; -1 = none, -2 = malformed */
    bool chunked;   /* Transfer-Encoding is there */
    bool strange;   /* and is not "chunked" alone */
    int hosts;      /* headers Host */
    bool asks;      /* Expect: it sends no body before it is told to */
} framing_t;

static enum MHD_Result on_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    framing_t *framing = user;
    if (strcasecmp(name, "Content-Length") == 0) {
        char *end = NULL;
        framing->lengths++;
        framing->length = value && *value >= '0' && *value <= '9' ? strtoll(value, &end, 10) : -2;
        if (end && *end)
            framing->length = -2;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        framing->strange = framing->chunked || !value || strcasecmp(value, "chunked") != 0;
        framing->chunked = true;
    } else if (strcasecmp(name, "Host") == 0) {
        framing->hosts++;
    } else if (strcasecmp(name, "Expect") == 0) {
        framing->asks = true;
    }
    return MHD_YES;
}

static framing_t framing_of(call_t *call)
{
    framing_t framing = {.length = -1};
    MHD_get_connection_values(call->connection, MHD_HEADER_KIND, on_header, &framing);
    call->has_body = framing.chunked || framing.length > 0;
    return framing;
}

/* One that can be taken in two ways must not be, by us in one and by a proxy before us in the other (RFC 9112, 11.2).
 * false after it has answered. */
static bool check_framing(call_t *call, framing_t framing)
{
    if (framing.lengths > 1 || framing.length == -2 || (framing.lengths && framing.chunked) || framing.strange)
        call_problem(call, 400, "bad-framing",
                     "the request tells its length in two ways or wrongly; one Content-Length, or "
                     "Transfer-Encoding: chunked");
    else if (framing.hosts > 1)
        call_problem(call, 400, "bad-framing", "the request has two headers Host");
    else
        return true;
    return false;
}

/* Whether the body of a refused call is read over, so that its sender, who may read nothing before it has sent
 * everything, gets to see why. */
static bool is_read_over(const call_t *call, framing_t framing)
{
    int64_t most = call->route && call->status == 413 ? call->route->body_most + TOLD_MOST : EXCESS_MOST;
    return framing.length > 0 && !framing.asks && framing.length <= most;
}

/* Checks what the head tells of the body. false after it has answered. */
static bool check_body(call_t *call, framing_t framing)
{
    const route_t *route = call->route;
    http_t *http = call->http;
    form_spool_t spool = {http->plan.spool, &http->memory, http->plan.memory_most / 2};
    if (framing.length > route->body_most && route->body != ROUTE_NO_BODY) {
        call_problem(call, 413, "too-large", "the request has %lld bytes; at most %lld are taken here",
                     (long long)framing.length, (long long)route->body_most);
    } else if (call->has_body && route->body == ROUTE_NO_BODY) {
        call_problem(call, 413, "too-large", "%s %s takes no body", call->method, route->path);
    } else if (call->has_body && atomic_load(&call->http->memory) > call->http->plan.memory_most) {
        refuse_busy(call);
    } else if (call->has_body && call_header(call, "Content-Encoding")) {
        call_problem(call, 415, "packed", "the body is packed (Content-Encoding); send it as it is");
    } else if (route->body == ROUTE_FORM && call->has_body &&
               !(call->form = form_new(call->connection, spool, call->arena))) {
        call_problem(call, 415, "not-a-form", "send the file as multipart/form-data, as curl -F file=@week.pdf does");
    } else {
        return true;
    }
    return false;
}

/* ---- libmicrohttpd's callbacks ---- */

/* Hands the call to the desk; its connection sleeps until it is answered. false after it has answered itself; else the
 * call is not the caller's any more. */
static bool hand_over(call_t *call, call_state_t state)
{
    http_t *http = call->http;
    if (!crowd_sleeps(&http->crowd)) {
        refuse_ending(call);
        return false;
    }
    if (desk_waiting(http->desk) >= (size_t)http->plan.waiting_most) {
        crowd_wakes(&http->crowd);
        refuse_busy(call);
        return false;
    }
    call_is(call, state);
    line_enters(http->lines, call->line, LINE_WORK);
    MHD_suspend_connection(call->connection);
    desk_put(http->desk, &call->job);
    return true;
}

/* The head is there. Whether it was handed over. */
static bool begin(call_t *call)
{
    framing_t framing = framing_of(call);
    call_name(call);
    if (!check_framing(call, framing))
        return false;
    bool good = find_route(call) && check_body(call, framing);
    call->read_over = is_read_over(call, framing); /* if it is refused, here or by the check */
    if (!good) {
        line_enters(call->http->lines, call->line, LINE_BODY);
        return false;
    }
    const http_plan_t *plan = &call->http->plan;
    if (call->route->body != ROUTE_NO_BODY && plan->admit) {
        if (!plan->admits_at_once || !plan->admits_at_once(call, plan->owner))
            return hand_over(call, CALL_ADMITTING);
        if (!plan->admit(call, plan->owner))
            return false;
        call->admitted = true;
    }
    line_enters(call->http->lines, call->line, LINE_BODY);
    return false;
}

/* The body is there. Whether it was handed over; else it was answered. */
static bool finish(call_t *call)
{
    const char *why = NULL;
    int status = call->form && !call->excess ? form_end(call->form, &why) : 0;
    if (call->excess)
        call_problem(call, 413, "too-large", "the request has more than the %lld bytes that are taken here",
                     (long long)call->route->body_most);
    else if (status)
        call_problem(call, status, status == 507 ? "disk-full" : status == 503 ? "busy" : "bad-form", "%s", why);
    else
        return hand_over(call, CALL_WAITING);
    return false;
}

static enum MHD_Result send_answer(call_t *call)
{
    line_enters(call->http->lines, call->line, call->stream ? LINE_WORK : LINE_ANSWER);
    return MHD_queue_response(call->connection, (unsigned)call->status, call->response);
}

/* A refused call: whether its body is still to be read over. */
static bool read_over(call_t *call, size_t *size)
{
    if (!call->read_over || (!*size && !call->resumed))
        return false;
    if (call->resumed)
        line_enters(call->http->lines, call->line, LINE_BODY);
    call->resumed = false;
    call->bytes_in += (int64_t)*size;
    *size = 0;
    return true;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *size, void **context)
{
    (void)user, (void)url, (void)version, (void)connection;
    call_t *call = *context;
    if (call->state == CALL_ANSWERED)
        return read_over(call, size) ? MHD_YES : send_answer(call);
    if (!call->begun) {
        call->begun = true;
        snprintf(call->method, sizeof call->method, "%s", method);
        /* an answer before the body closes the connection; behind it, it can wait for the next call */
        bool now = !begin(call) && call->state == CALL_ANSWERED && call->has_body && !call->read_over;
        return now ? send_answer(call) : MHD_YES;
    }
    if (*size) {
        call_take(call, bytes, *size);
        *size = 0;
        return call->excess && call->bytes_in > call->route->body_most + EXCESS_MOST ? MHD_NO : MHD_YES;
    }
    if (call->resumed) { /* let in: libmicrohttpd asks once more before it reads the body */
        call->resumed = false;
        line_enters(call->http->lines, call->line, LINE_BODY);
        return MHD_YES;
    }
    return finish(call) ? MHD_YES : send_answer(call);
}

/* The request line is there, whole and unchanged. What is returned becomes the request's context. */
static void *on_line(void *user, const char *url, struct MHD_Connection *connection)
{
    http_t *http = user;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    call_t *call = call_new(http, connection, "", route_path(url));
    call->line = info->socket_context;
    line_enters(http->lines, call->line, LINE_HEAD);
    return call;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection, (void)code;
    http_t *http = user;
    call_t *call = *context;
    if (!call)
        return;
    line_enters(http->lines, call->line, LINE_IDLE);
    call_destroy(call);
    *context = NULL;
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    http_t *http = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = line_open(http->lines, info->connect_fd);
    } else if (*context) {
        line_close(http->lines, *context);
        *context = NULL;
    }
}

/* Paths and queries stay as they came: they are decoded part by part, so that an escaped slash is no slash. */
static size_t on_unescape(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user, (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void on_complaint(void *user, const char *format, va_list arguments)
{
    char text[300];
    const http_t *http = user;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = 0;
    LOG(http->plan.log, LOG_DEBUG, "http.library", {"message", text, 0});
}

/* ---- life ---- */

static int parse_address(const http_plan_t *plan, struct sockaddr_storage *address, fault_t *fault)
{
    struct sockaddr_in *v4 = (void *)address;
    struct sockaddr_in6 *v6 = (void *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, plan->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)plan->port);
    } else if (inet_pton(AF_INET6, plan->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)plan->port);
    } else {
        return fault_set(fault, FAULT_SETTING,
                         "YOGI_BIND is \"%s\"; it is an address such as 127.0.0.1, 0.0.0.0 or ::1", plan->address);
    }
    return 0;
}

/* As many descriptors as all connections need, where the system gives them; else fewer connections: one that is not
 * taken waits in the backlog, and one that has no descriptor for its upload fails. */
static void fit_descriptors(http_plan_t *plan)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)plan->connections_most + SPARE;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    int64_t spare = limit.rlim_cur / 4 < SPARE ? (int64_t)limit.rlim_cur / 4 : SPARE;
    int64_t fit = (int64_t)limit.rlim_cur - (spare > SPARE_LEAST ? spare : SPARE_LEAST);
    plan->connections_most = fit > LOOPS ? (int)fit : LOOPS;
    plan->address_most = plan->address_most < plan->connections_most ? plan->address_most : plan->connections_most;
    LOG(plan->log, LOG_WARNING, "http.descriptors", {"limit", NULL, (int64_t)limit.rlim_cur},
        {"connections", NULL, plan->connections_most},
        {"advice", "raise the limit of open files (ulimit -n, LimitNOFILE) for more connections", 0});
}

static struct MHD_Daemon *start(http_t *http, const struct sockaddr_storage *address)
{
    const http_plan_t *plan = &http->plan;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (address->ss_family == AF_INET6 ? MHD_USE_DUAL_STACK : 0u);
    return MHD_start_daemon(flags, (uint16_t)plan->port, NULL, NULL, on_request, http, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_EXTERNAL_LOGGER, on_complaint, http, MHD_OPTION_THREAD_POOL_SIZE,
                            (unsigned)LOOPS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)plan->connections_most,
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)plan->address_most,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_LINE_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)((plan->idle_ms + 999) / 1000), MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_URI_LOG_CALLBACK, on_line,
                            http, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, http, MHD_OPTION_LISTEN_BACKLOG_SIZE,
                            (unsigned)BACKLOG, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

http_t *http_new(const http_plan_t *plan)
{
    http_t *http = memory_new(1, sizeof *http);
    http->plan = *plan;
    crowd_begin(&http->crowd);
    http->desk = desk_new(plan->threads);
    http->lines = lines_new((const int64_t[LINE_PHASES]){[LINE_IDLE] = plan->idle_ms + plan->head_ms,
                                                         [LINE_HEAD] = plan->head_ms,
                                                         [LINE_BODY] = plan->body_ms,
                                                         [LINE_ANSWER] = plan->answer_ms});
    http->lobby = lobby_new(call_go_on);
    http->streams = streams_new(plan->streams_most, plan->stream_quiet_ms);
    return http;
}

int http_start(http_t *http, fault_t *fault)
{
    struct sockaddr_storage address;
    if (parse_address(&http->plan, &address, fault) < 0)
        return -1;
    fit_descriptors(&http->plan);
    errno = 0;
    http->daemon = start(http, &address);
    if (http->daemon)
        return 0;
    return fault_set(fault, FAULT_SETTING, "%s port %d cannot be listened at: %s; see YOGI_BIND and YOGI_PORT",
                     http->plan.address, http->plan.port, errno ? strerror(errno) : "it is in use or not allowed");
}

/* Nobody is let in any more. Not by MHD_quiesce_daemon: it takes the listener out of the sets of epoll that a thread of
 * the pool takes it out of as well where it wakes up at that moment, and ends the process over the one that was not
 * there. Something that never tells of anything gets the listener's place instead, and the kernel forgets the listener.
 */
static void stop_listening(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
    int silent = eventfd(0, EFD_CLOEXEC);
    if (!info || silent < 0 || dup3(silent, info->listen_fd, O_CLOEXEC) < 0)
        abort(); /* without descriptors: who waits to be let in would wait for ever */
    close(silent);
}

void http_drain(http_t *http, int64_t ms)
{
    if (!http->daemon)
        return;
    crowd_ends(&http->crowd);
    stop_listening(http->daemon);
    streams_end_all(http->streams);
    lobby_wake_all(http->lobby);
    crowd_wait_calls(&http->crowd, ms);
}

void http_destroy(http_t **http)
{
    if (!http || !*http)
        return;
    http_t *h = *http;
    if (h->daemon) {
        http_drain(h, 0);
        crowd_wait_asleep(&h->crowd); /* libmicrohttpd may have nothing suspended when it ends */
        MHD_stop_daemon(h->daemon);
    }
    desk_destroy(&h->desk);
    lobby_destroy(&h->lobby);
    streams_destroy(&h->streams);
    lines_destroy(&h->lines);
    crowd_end(&h->crowd);
    free(h);
    *http = NULL;
}

int http_port(const http_t *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

int http_spool(const http_t *http)
{
    return form_spool(http->plan.spool);
}

/* ---- from any thread ---- */

void http_wake(http_t *http, call_number_t number)
{
    call_t *call = lobby_wake(http->lobby, number);
    if (call)
        call_go_on(call);
}

bool http_stream_send(http_t *http, call_number_t number, const char *bytes, size_t size)
{
    return streams_send(http->streams, number, bytes, size);
}

bool http_stream_is_open(http_t *http, call_number_t number)
{
    return streams_have(http->streams, number);
}

void http_stream_end(http_t *http, call_number_t number)
{
    streams_end(http->streams, number);
}

http_counts_t http_counts(http_t *http)
{
    http_counts_t counts = {.connections = lines_count(http->lines),
                            .streams = streams_count(http->streams),
                            .waiting = desk_waiting(http->desk),
                            .parked = lobby_count(http->lobby),
                            .overdue = lines_overdue(http->lines),
                            .refused = atomic_load(&http->refused),
                            .bytes_in = atomic_load(&http->bytes_in),
                            .bytes_out = atomic_load(&http->bytes_out)};
    for (size_t i = 0; i < sizeof counts.answers / sizeof *counts.answers; i++)
        counts.answers[i] = atomic_load(&http->answers[i]);
    return counts;
}
