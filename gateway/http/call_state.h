/* call_state: the inside of a call and of the server, shared by the rooms of gateway/http and nobody else.
 *
 * A call is in one state, changed by call_is alone:
 *
 *     READING ─▶ ADMITTING ─▶ READING ─▶ WAITING ─▶ RUNNING ─▶ ANSWERED ─▶ (gone)
 *        │       (with a body only)        ▲           │  └──▶ PARKED ─┐
 *        └──▶ ANSWERED (refused)           └───────────┴───────────────┘
 *
 * READING and ANSWERED belong to libmicrohttpd's thread, WAITING to the desk, ADMITTING and RUNNING to a thread of the
 * desk; PARKED to whoever takes it out of the lobby. The connection is suspended except in READING and ANSWERED.
 */
#ifndef YOGI_HTTP_CALL_STATE_H
#define YOGI_HTTP_CALL_STATE_H

#include "crowd.h"
#include "desk.h"
#include "form.h"
#include "http.h"
#include "line.h"
#include "lobby.h"
#include "stream.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>

typedef enum { CALL_READING, CALL_ADMITTING, CALL_WAITING, CALL_RUNNING, CALL_PARKED, CALL_ANSWERED } call_state_t;

/* Headers of an answer; texts of the longest id, methods and path. */
enum { CALL_HEADERS_MOST = 12, CALL_ID_BYTES = 64 + 1, CALL_METHOD_BYTES = 16 };

typedef struct {
    const char *name, *value;
} call_header_t;

struct call {
    http_t *http;
    struct MHD_Connection *connection;
    line_t *line;       /* the connection's */
    arena_t *arena;     /* of everything that is handed out */
    call_state_t state; /* changed by call_is alone */
    desk_job_t job;     /* while WAITING or ADMITTING */
    char method[CALL_METHOD_BYTES];
    char id[CALL_ID_BYTES];
    char address[INET6_ADDRSTRLEN];
    const char *path, *query; /* as they came */
    const route_t *route;     /* NULL = refused before one was found */
    route_values_t values;    /* of its path */
    bool hidden;              /* its path is a secret */
    bool begun;               /* its head was looked at */
    bool has_body;            /* it says so */
    bool admitted;            /* the owner's check has let it in */
    bool resumed;             /* it was let in while libmicrohttpd waited */
    bool excess;              /* more of a body came than is taken */
    bool read_over;           /* if it is refused before its body has come: it is answered behind it */
    int64_t bytes_in;         /* of the body */
    int64_t held;             /* bytes of it that count as memory */
    buf_t body;               /* ROUTE_BYTES */
    form_t *form;             /* ROUTE_FORM */
    void *user;               /* the owner's */
    const char *name;         /* of who asks */
    call_header_t headers[CALL_HEADERS_MOST];
    size_t header_count; /* of the answer */
    const char *tag;     /* of the answer */
    struct MHD_Response *response;
    int status;           /* of it */
    int64_t bytes_out;    /* of its body, where that is known */
    stream_t *stream;     /* the answer is one */
    call_number_t ticket; /* in the lobby; 0 = none */
    int turn;             /* times that the handler ran again */
    int64_t begun_us;     /* when its head was there */
};

struct http {
    http_plan_t plan;
    struct MHD_Daemon *daemon;
    desk_t *desk;
    lines_t *lines;
    lobby_t *lobby; /* parked ones */
    streams_t *streams;
    _Atomic int64_t memory; /* bytes of bodies */
    _Atomic uint64_t answers[6], refused, bytes_in, bytes_out;
    crowd_t crowd; /* of calls */
};

call_t *call_new(http_t *http, struct MHD_Connection *connection, const char *method, const char *path);
void call_destroy(call_t *call);

/* Gives it its id; the head is there. */
void call_name(call_t *call);
void call_is(call_t *call, call_state_t state);

/* Runs in a thread of the desk: the check, or the handler. */
void call_run(void *call);

/* A call that was parked, and is out of the lobby, runs again. */
void call_go_on(void *call);

/* Takes bytes of the body. */
void call_take(call_t *call, const char *bytes, size_t size);

/* The headers that every answer has. */
void call_finish_headers(call_t *call);

#endif
