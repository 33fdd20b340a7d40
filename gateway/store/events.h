/* events: what has happened to documents, for those who watch them, from any gateway.
 *
 * An event's number only grows within a document: whoever has seen number n of a document has seen all of it up to n,
 * for each is written with the run's or the document's row locked. (Across documents that is not so: a smaller number
 * may become visible later.) Called in tasks of the store (store.h); runs.h writes them.
 */
#ifndef YOGI_GATEWAY_EVENTS_H
#define YOGI_GATEWAY_EVENTS_H

#include "proto/base/arena.h"
#include "session.h"

typedef struct {
    int64_t number; /* what SSE calls the id */
    const char *document, *type, *step;
    int64_t percentage;  /* -1 = none */
    const char *message; /* or NULL */
    const char *data;    /* JSON, or NULL */
    int64_t created_ms;
} event_row_t;

typedef struct {
    event_row_t *rows; /* by document, then number */
    size_t count;
} event_list_t;

/* Those of one document behind a number (0 = all), oldest first. */
int events_after(session_t *session, const char *tenant, view_t document, int64_t number, int64_t limit, arena_t *arena,
                 event_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

/* A document that is watched, and up to which number it was seen. */
typedef struct {
    const char *document; /* whose tenant was looked at before */
    int64_t number;
} event_watch_t;

/* New ones of many documents at once. */
int events_watch(session_t *session, const event_watch_t *watches, size_t count, int64_t limit, arena_t *arena,
                 event_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

/* The greatest number there is: nothing is new where it is the same as before. */
int events_newest(session_t *session, arena_t *arena, int64_t *number, fault_t *fault)
    __attribute__((warn_unused_result));

/* Forgets some that are older than age_ms, the oldest first: at most EVENTS_SWEEP_MOST. */
enum { EVENTS_SWEEP_MOST = 250 };

int events_sweep(session_t *session, int64_t age_ms, int64_t *forgotten, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
