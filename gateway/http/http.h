/* http: the gateway's HTTP/1.1 server, by libmicrohttpd: two threads read and send (epoll), a pool of others runs the
 * handlers of a table of routes.
 *
 * Before a handler: the path and method are known, the body is no larger than its row allows, the owner's check has let
 * the caller in (before a body is read). OPTIONS, HEAD, 404, 405, 413 and preflights of CORS are answered here.
 *
 * Limits: connections, and those of one address; time for the head of a request, for its body, for an answer, each in
 * total and not between two bytes (libmicrohttpd's own time-out knows inactivity alone); bytes of bodies in memory;
 * calls that wait for a thread. Past them: 503 with Retry-After, or the connection ends.
 *
 * Memory: HTTP_LINE_BYTES for each connection, what plan.memory_most says for bodies, and what handlers take.
 *
 * Log: one line for each answer, event "http.answer", at info.
 */
#ifndef YOGI_HTTP_H
#define YOGI_HTTP_H

#include "call.h"
#include "proto/base/fault.h"
#include "proto/base/log.h"

typedef struct http http_t;

/* Bytes that libmicrohttpd keeps for a connection: the longest head of a request (others take 8 to 16 kB), and with few
 * more all that an open stream of events takes, of which a thousand shall take less than 40 MB. */
enum { HTTP_LINE_BYTES = 28 * 1024 };

/* Borrowed as long as the server runs. */
typedef struct {
    const char *address; /* to listen at: "127.0.0.1", "::", "0.0.0.0" */
    int port;            /* 0 = any free one */
    const route_t *routes;
    size_t route_count;
    void *owner; /* handed to handlers and to admit */
    /* The check before a handler: true, or false after it has answered the call. May block. NULL = all are let in. */
    bool (*admit)(call_t *call, void *owner);
    /* Whether that check will not block: then it is made without a thread of its own. NULL = never. */
    bool (*admits_at_once)(call_t *call, void *owner);
    const log_t *log;
    const char *spool;       /* folder for uploads that are being read */
    const char *origins;     /* that may read answers in a browser (CORS): "https://a https://b" or "*"; NULL = none */
    int connections_most;    /* altogether */
    int address_most;        /* of one address */
    int threads;             /* that run handlers */
    int waiting_most;        /* calls that wait for one of them */
    int streams_most;        /* open streams of events */
    int64_t memory_most;     /* bytes of bodies in memory */
    int64_t head_ms;         /* for the head of a request, in total */
    int64_t body_ms;         /* for its body, in total */
    int64_t answer_ms;       /* for sending the answer, in total (streams aside) */
    int64_t idle_ms;         /* without a byte, between requests too */
    int64_t stream_quiet_ms; /* after which a stream says that it is alive */
} http_plan_t;

http_plan_t http_defaults(void); /* all limits; the rest is to be filled in */

/* A server that does not listen yet, so that its handlers can be given the way to it first. Never NULL. */
http_t *http_new(const http_plan_t *plan);

/* Listens. -1 with the fault (FAULT_SETTING: the address cannot be had). */
int http_start(http_t *http, fault_t *fault) __attribute__((warn_unused_result));

/* Takes no new connections; waits until calls under way have ended, streams are ended at once, at most so long. */
void http_drain(http_t *http, int64_t ms);

/* Ends whatever goes on. */
void http_destroy(http_t **http);

int http_port(const http_t *http);

/* A file of the spool that nobody else can open and that is gone with its descriptor; -1 with errno. */
int http_spool(const http_t *http);

/* ---- from any thread ---- */

/* Runs the handler of a parked call again; nothing where it is gone. */
void http_wake(http_t *http, call_number_t number);

/* An event for a stream, in the form of text/event-stream: "id: 7\ndata: {…}\n\n". False where the stream is gone or
 * does not read (then it is ended: its client comes back with Last-Event-ID). */
bool http_stream_send(http_t *http, call_number_t number, const char *bytes, size_t size);
bool http_stream_is_open(http_t *http, call_number_t number);
void http_stream_end(http_t *http, call_number_t number);

/* Figures of this moment and since the start. */
typedef struct {
    uint64_t connections, streams, waiting, parked; /* now */
    uint64_t answers[6];                            /* by the first digit of their status; 0 = broken off */
    uint64_t overdue, refused;                      /* connections ended for their time; calls refused for load */
    uint64_t bytes_in, bytes_out;                   /* of bodies */
} http_counts_t;

http_counts_t http_counts(http_t *http);

#endif
