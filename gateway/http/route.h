/* route: which handler a request is for. Pure: a table of methods and paths, matched part by part.
 *
 * A path of the table is "/api/v1/documents/:id/file": a part that begins with a colon takes any one part that is not
 * empty; one that goes on after a name (":id.ics") takes what stands before that ending. Of several rows that fit, the
 * first counts. HEAD is answered by the row of GET (RFC 9110, 9.3.2).
 */
#ifndef YOGI_HTTP_ROUTE_H
#define YOGI_HTTP_ROUTE_H

#include "proto/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct call call_t;

/* What a request may bring along. */
typedef enum {
    ROUTE_NO_BODY,
    ROUTE_BYTES, /* any body, in memory (call_body) */
    ROUTE_FORM,  /* multipart/form-data: files in a spool, fields in memory (call_file, call_field) */
} route_body_t;

/* A row of the table. */
typedef struct {
    const char *method;                     /* "GET" … */
    const char *path;                       /* begins with a slash */
    void (*run)(call_t *call, void *owner); /* answers, in a thread that may block */
    route_body_t body;
    int64_t body_most; /* bytes of it altogether */
    uint32_t rights;   /* the owner's bits, for the check before the handler */
} route_t;

/* Parts with a colon in one path. */
enum { ROUTE_VALUES_MOST = 4 };

/* What the parts with a colon took, decoded, in the arena. */
typedef struct {
    const char *names[ROUTE_VALUES_MOST];
    size_t lengths[ROUTE_VALUES_MOST]; /* of the names, which stand in the table */
    const char *values[ROUTE_VALUES_MOST];
    size_t count;
} route_values_t;

typedef enum {
    ROUTE_FOUND,
    ROUTE_NOT_THERE, /* no row has this path */
    ROUTE_METHOD,    /* some have, with other methods */
    ROUTE_MALFORMED, /* the path cannot be decoded: a bad escape, a zero, malformed UTF-8 */
} route_outcome_t;

/* The path and query of what a request line asks for: proxies send a whole URL (RFC 9112, 3.2.2). Points into it. */
const char *route_path(const char *target);

/* Finds the row for a method and a path as it came (still escaped, no query). */
route_outcome_t route_find(const route_t *table, size_t count, const char *method, const char *path, arena_t *arena,
                           const route_t **route, route_values_t *values);

/* The methods of rows that have this path, as the header Allow wants them: "GET, HEAD, OPTIONS". */
const char *route_methods(const route_t *table, size_t count, const char *path, arena_t *arena);

/* The value of a part, without its colon; NULL where the path has none of this name. */
const char *route_value(const route_values_t *values, const char *name);

/* Decodes %XX (and + as a space, where wanted) of length bytes. NULL where an escape is bad or the text holds a zero or
 * malformed UTF-8. */
const char *route_decode(arena_t *arena, const char *text, size_t length, bool plus);

/* Whether every name and value of a query can be decoded: one that cannot must not pass for one that is not there. */
bool route_query_holds(arena_t *arena, const char *query);

/* The first value of a name in a query ("a=1&b=2", still escaped), decoded; NULL where there is none or it is
 * malformed. */
const char *route_query(arena_t *arena, const char *query, const char *name);

#endif
