/* webserver: gateway/http with a few routes that show everything it does, for tests/integration/web.py.
 *
 *     webserver SPOOL [--NAME NUMBER]…      a limit of http_plan_t by its name with dashes: --head-ms 500
 *
 * Prints "ready PORT"; ends when it is told to (SIGTERM drains for 5 s).
 */
#include "gateway/http/http.h"
#include "proto/json.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static http_t *http;

/* Parked calls and streams by name, for /wake and /send. */
static struct {
    char name[32];
    call_number_t number;
} known[64];
static size_t known_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void know(const char *name, call_number_t number)
{
    pthread_mutex_lock(&lock);
    snprintf(known[known_count % 64].name, sizeof known->name, "%s", name);
    known[known_count++ % 64].number = number;
    pthread_mutex_unlock(&lock);
}

static call_number_t number_of(const char *name)
{
    call_number_t number = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < known_count && i < 64; i++)
        if (strcmp(known[i].name, name) == 0)
            number = known[i].number;
    pthread_mutex_unlock(&lock);
    return number;
}

static void answer_text(call_t *call, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void answer_text(call_t *call, int status, const char *format, ...)
{
    char text[1024];
    buf_t body = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buf_text(&body, text);
    call_answer(call, status, "text/plain; charset=utf-8", &body);
    buf_free(&body);
}

static void hello(call_t *call, void *owner)
{
    (void)owner;
    answer_text(call, 200, "hello %s", call_value(call, "name"));
}

static void ending(call_t *call, void *owner)
{
    (void)owner;
    answer_text(call, 200, "calendar of %s", call_value(call, "name"));
}

static void query(call_t *call, void *owner)
{
    (void)owner;
    int64_t number;
    if (!call_number(call, "number", 1, 100, 10, &number))
        return;
    const char *text = call_query(call, "text");
    answer_text(call, 200, "%s %lld", text ? text : "-", (long long)number);
}

static void echo(call_t *call, void *owner)
{
    (void)owner;
    call_answer(call, 200, "application/octet-stream", call_body(call));
}

static void tagged(call_t *call, void *owner)
{
    (void)owner;
    call_set_tag(call, "v7");
    buf_t body = {0};
    for (int i = 0; i < 500; i++)
        buf_format(&body, "line %d\n", i);
    call_answer(call, 200, "text/plain", &body);
    buf_free(&body);
}

static void form(call_t *call, void *owner)
{
    (void)owner;
    buf_t body = {0};
    const char *name = call_field(call, "name");
    buf_text(&body, "{\"name\":");
    json_text(name ? name : "", &body);
    buf_text(&body, ",\"files\":[");
    const call_file_t *file;
    for (size_t i = 0; (file = call_file(call, i)); i++) {
        buf_text(&body, i ? ",{\"name\":" : "{\"name\":");
        json_text(file->name, &body);
        buf_format(&body, ",\"field\":\"%s\",\"bytes\":%lld,\"sha256\":\"%s\"}", file->field, (long long)file->bytes,
                   file->sha256);
    }
    buf_text(&body, "]}");
    call_answer(call, 201, "application/json", &body);
    buf_free(&body);
}

/* Gives a file back, or a part of it. */
static void back(call_t *call, void *owner)
{
    (void)owner;
    const call_file_t *file = call_file(call, 0);
    if (!file)
        call_problem(call, 400, "no-file", "there is no file in the form");
    else
        call_file_answer(call, 200, "application/octet-stream", dup(file->fd), 0, file->bytes);
}

static void park(call_t *call, void *owner)
{
    (void)owner;
    int64_t ms;
    if (!call_number(call, "ms", 0, 60000, 0, &ms))
        return;
    if (call_turn(call)) {
        answer_text(call, 200, "turn %d", call_turn(call));
        return;
    }
    know(call_value(call, "name"), call_ticket(call));
    if (call_query(call, "early")) /* woken before it is parked */
        http_wake(http, call_ticket(call));
    call_park(call, ms);
}

static void wake(call_t *call, void *owner)
{
    (void)owner;
    http_wake(http, number_of(call_value(call, "name")));
    answer_text(call, 200, "woken");
}

static void slow(call_t *call, void *owner)
{
    (void)owner;
    int64_t ms;
    if (!call_number(call, "ms", 0, 60000, 100, &ms))
        return;
    know("slow", 0);
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
    answer_text(call, 200, "at last");
}

static void stream(call_t *call, void *owner)
{
    (void)owner;
    char name[32];
    const char *last = call_header(call, "Last-Event-ID");
    buf_t first = {0};
    snprintf(name, sizeof name, "%s", call_value(call, "name"));
    buf_format(&first, "data: after %s\n\n", last ? last : "-");
    call_number_t number = call_stream(call);
    if (number) {
        http_stream_send(http, number, first.bytes, first.size);
        know(name, number);
    }
    buf_free(&first);
}

static void send_event(call_t *call, void *owner)
{
    (void)owner;
    const buf_t *body = call_body(call);
    bool sent = http_stream_send(http, number_of(call_value(call, "name")), body->bytes, body->size);
    answer_text(call, 200, sent ? "sent" : "gone");
}

static void end_stream(call_t *call, void *owner)
{
    (void)owner;
    http_stream_end(http, number_of(call_value(call, "name")));
    answer_text(call, 200, "ended");
}

static void counts(call_t *call, void *owner)
{
    (void)owner;
    http_counts_t c = http_counts(http);
    pthread_mutex_lock(&lock);
    size_t begun = known_count;
    pthread_mutex_unlock(&lock);
    answer_text(
        call, 200,
        "{\"connections\":%llu,\"streams\":%llu,\"parked\":%llu,\"overdue\":%llu,\"refused\":%llu,\"begun\":%zu}",
        (unsigned long long)c.connections, (unsigned long long)c.streams, (unsigned long long)c.parked,
        (unsigned long long)c.overdue, (unsigned long long)c.refused, begun);
}

/* Rights 1: who brings the key. */
static bool admit(call_t *call, void *owner)
{
    (void)owner;
    const char *key = call_header(call, "X-Api-Key");
    if (!call_route(call)->rights || (key && strcmp(key, "open sesame") == 0)) {
        call_set_name(call, key ? "ali" : "nobody");
        return true;
    }
    call_problem(call, 401, "no-key", "this needs a key; send it as X-Api-Key");
    return false;
}

static const route_t routes[] = {
    {"GET", "/hello/:name", hello, ROUTE_NO_BODY, 0, 0},
    {"GET", "/calendar/:name.ics", ending, ROUTE_NO_BODY, 0, 0},
    {"GET", "/query", query, ROUTE_NO_BODY, 0, 0},
    {"POST", "/echo", echo, ROUTE_BYTES, 100000, 0},
    {"PUT", "/locked", echo, ROUTE_BYTES, 10 << 20, 1},
    {"GET", "/locked", tagged, ROUTE_NO_BODY, 0, 1},
    {"GET", "/tagged", tagged, ROUTE_NO_BODY, 0, 0},
    {"POST", "/form", form, ROUTE_FORM, 8 << 20, 0},
    {"POST", "/back", back, ROUTE_FORM, 8 << 20, 0},
    {"POST", "/locked-form", form, ROUTE_FORM, 8 << 20, 1},
    {"GET", "/park/:name", park, ROUTE_NO_BODY, 0, 0},
    {"POST", "/wake/:name", wake, ROUTE_NO_BODY, 0, 0},
    {"GET", "/slow", slow, ROUTE_NO_BODY, 0, 0},
    {"GET", "/stream/:name", stream, ROUTE_NO_BODY, 0, 0},
    {"POST", "/send/:name", send_event, ROUTE_BYTES, 100000, 0},
    {"POST", "/end/:name", end_stream, ROUTE_NO_BODY, 0, 0},
    {"GET", "/counts", counts, ROUTE_NO_BODY, 0, 0},
};

static void take_limit(http_plan_t *plan, const char *name, const char *text)
{
    const struct {
        const char *name;
        int *number;
        int64_t *big;
    } limits[] = {
        {"port", &plan->port, NULL},
        {"connections-most", &plan->connections_most, NULL},
        {"address-most", &plan->address_most, NULL},
        {"threads", &plan->threads, NULL},
        {"waiting-most", &plan->waiting_most, NULL},
        {"streams-most", &plan->streams_most, NULL},
        {"memory-most", NULL, &plan->memory_most},
        {"head-ms", NULL, &plan->head_ms},
        {"body-ms", NULL, &plan->body_ms},
        {"answer-ms", NULL, &plan->answer_ms},
        {"idle-ms", NULL, &plan->idle_ms},
        {"stream-quiet-ms", NULL, &plan->stream_quiet_ms},
    };
    if (strcmp(name, "--origins") == 0)
        plan->origins = text;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (strcmp(name + 2, limits[i].name) != 0)
            continue;
        if (limits[i].number)
            *limits[i].number = atoi(text);
        else
            *limits[i].big = atoll(text);
    }
}

int main(int argc, char **argv)
{
    sigset_t told;
    int number;
    fault_t fault = {0};
    log_t log = {STDERR_FILENO, LOG_INFO, "webserver"};
    http_plan_t plan = http_defaults();
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&told);
    sigaddset(&told, SIGTERM);
    sigprocmask(SIG_BLOCK, &told, NULL);
    plan.address = "127.0.0.1";
    plan.routes = routes, plan.route_count = sizeof routes / sizeof *routes;
    plan.admit = admit;
    plan.log = &log;
    plan.spool = argc > 1 ? argv[1] : ".";
    for (int i = 2; i + 1 < argc; i += 2)
        take_limit(&plan, argv[i], argv[i + 1]);
    http = http_new(&plan);
    if (http_start(http, &fault) < 0) {
        fprintf(stderr, "%s\n", fault.text);
        http_destroy(&http);
        return 1;
    }
    printf("ready %d\n", http_port(http));
    fflush(stdout);
    sigwait(&told, &number);
    http_drain(http, 5000);
    http_destroy(&http);
    return 0;
}
