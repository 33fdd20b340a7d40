/* call: one HTTP request and its answer, as a handler sees it. Handlers run in threads that may block; each call is in
 * one thread at a time.
 *
 *     call_value, call_query, call_header, call_body, call_file, call_field     what was asked
 *     call_answer, call_problem, call_file_answer, call_stream                  exactly one of these ends a handler, or
 *     call_park                                                                 it runs again later
 *
 * After that the call is not the handler's any more. What is handed out lives as long as the call; texts of answers are
 * copied.
 * Sources: RFC 9110 (semantics), RFC 9457 (problem details), RFC 7578 (multipart/form-data), WHATWG HTML (server-sent
 * events).
 */
#ifndef YOGI_HTTP_CALL_H
#define YOGI_HTTP_CALL_H

#include "proto/base/buf.h"
#include "proto/base/hash.h"
#include "route.h"

/* ---- what was asked ---- */

const char *call_value(const call_t *call,
                       const char *name);                /* of a part of the path; never NULL for those of the row */
const char *call_query(call_t *call, const char *name);  /* NULL = not there */
const char *call_header(call_t *call, const char *name); /* the first of this name; NULL = not there */
const route_t *call_route(const call_t *call);
arena_t *call_arena(call_t *call); /* for what the handler makes */

/* A number of the query within least … most, `standard` where it is not there. false after a problem was answered. */
bool call_number(call_t *call, const char *name, int64_t least, int64_t most, int64_t standard, int64_t *number)
    __attribute__((warn_unused_result));

/* The body of a ROUTE_BYTES row; closed with a zero. */
const buf_t *call_body(const call_t *call);

/* A file of a ROUTE_FORM row, in the order of the form. */
typedef struct {
    const char *field;     /* name of the form's field */
    const char *name;      /* file name as it was told, valid UTF-8; "" = none */
    int fd;                /* unlinked spool file, at its end; the call closes it */
    int64_t bytes;         /* in it */
    char sha256[HASH_HEX]; /* of them */
} call_file_t;

const call_file_t *call_file(const call_t *call, size_t index); /* NULL behind the last one */
const char *call_field(const call_t *call, const char *name);   /* a text field; NULL = not there */

/* Who asks, as the owner's check has found it; NULL before. */
void call_set_user(call_t *call, void *user);
void *call_user(const call_t *call);
void call_set_name(call_t *call, const char *name); /* of who asks, for the access log */

/* The path is a secret: the access log shows that of the row. */
void call_hide_path(call_t *call);

/* ---- the answer ---- */

/* A header of the answer; before the call that answers. */
void call_set_header(call_t *call, const char *name, const char *value);

/* The answer's entity tag ("v7", without quotes). A GET whose If-None-Match names it is answered 304 by call_answer. */
void call_set_tag(call_t *call, const char *tag);

/* Whether the call may change what has this tag: its If-Match names it, or is not there. A weak tag passes for a strong
 * one, for proxies that pack answers weaken ours. */
bool call_matches(call_t *call, const char *tag) __attribute__((warn_unused_result));

/* Whether the call's If-None-Match names the tag, which has been set: then it is answered 304, before anybody has made
 * the answer. */
bool call_unchanged(call_t *call) __attribute__((warn_unused_result));

/* Answers with the bytes. Packed by gzip where the peer takes it and it pays. */
void call_answer(call_t *call, int status, const char *media, const buf_t *body);

/* Answers with a part of a file, which is closed when it was sent. */
void call_file_answer(call_t *call, int status, const char *media, int fd, int64_t from, int64_t bytes);

/* Answers with what went wrong: problem+json that carries the demo's `error` too. code: a stable name of the table of
 * problems ("not-found"); detail: a sentence by printf rules, neutered. */
void call_problem(call_t *call, int status, const char *code, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- answers that come later ---- */

/* A number by which a call or a stream is found from other threads; never used again. 0 is none. */
typedef uint64_t call_number_t;

/* The number by which http_wake finds this call once it is parked. A wake that comes earlier is not lost. */
call_number_t call_ticket(call_t *call);

/* The handler is run again when it is woken, at the latest after so many milliseconds. The last thing that a handler
 * does: the call may be in another thread before this has returned. */
void call_park(call_t *call, int64_t ms);

/* How often it has been run again. */
int call_turn(const call_t *call);

/* Answers 200 with a stream of server-sent events; the handler returns. Returns its number for stream_send. */
call_number_t call_stream(call_t *call);

#endif
