/* store: the gateway's memory: documents, runs, timetables, events, keys. PostgreSQL, or SQLite for one machine.
 *
 * For:    the HTTP handlers and the loop of the outbox, which must not wait. They hand in a task, go on, and are called
 *         back. A task is a function that is run by one of a few store threads, each of which has a connection, and
 * makes the calls of documents.h, runs.h, timetables.h, events.h, holds.h, letters.h, access.h and choices.h in it.
 * Rule:   one task is one transaction (but for STORE_READ, which is none). A task returns 0 and is committed, or -1
 * with its fault and is rolled back. It may be run several times, so it must do nothing but calls of these rooms and
 * overwrite what it has filled before: it is run again after a deadlock, a lost connection, or a commit whose outcome
 * nobody knows. All ids are made by the caller, before, so that every call can be repeated. Groups: tasks that wait at
 * the same time are put through in one transaction, and one fsync; if one of them fails, each is run by itself. Nobody
 * need know. Away: while the database cannot be reached it is tried again, from 0.1 s to 5 s apart with jitter; a task
 * waits for it as long as it has patience and then fails with FAULT_UNAVAILABLE (HTTP 503, Retry-After). Limits: tasks
 * that wait (STORE_WAITING_MOST), past which one fails with FAULT_UNAVAILABLE at once; time of a statement.
 */
#ifndef YOGI_GATEWAY_STORE_H
#define YOGI_GATEWAY_STORE_H

#include "proto/base/fault.h"
#include "proto/base/log.h"
#include "proto/settings.h"
#include "session.h"
#include "store_kind.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct store store_t;
typedef struct store_task store_task_t;

typedef int store_run_fn(session_t *session, store_task_t *task, fault_t *fault);
typedef void store_done_fn(store_task_t *task);

/* Tasks that may wait: more than all connections that a gateway serves at once. MOST_TOGETHER: in one transaction, few
 * enough that the first does not wait long for the last. */
enum { STORE_WAITING_MOST = 100000, STORE_TOGETHER_MOST = 64 };

/* Filled by the caller, who keeps it until done is called; not twice in the store at once. */
struct store_task {
    store_kind_t kind;
    int64_t patience_ms; /* how long it may wait for a database that is away; 0 = not at all */
    bool alone;          /* in a transaction of its own: one that takes long, or locks what others wait for */
    store_run_fn *run;   /* on a store thread; may be run again */
    store_done_fn *done; /* on a store thread, once, without a lock held; must not wait */
    void *context;       /* the caller's own */
    fault_t fault;       /* FAULT_NONE when it is done and committed */
    store_task_t *next;  /* the store's own, as the rest */
    int64_t until_us;    /* end of its patience */
    uint32_t tries;
};

/* Starts the threads and returns; it connects, and brings the schema up to date where migrate is true, when it can. log
 * is kept. NULL with the fault where the settings make no sense. */
store_t *store_new(const settings_t *settings, bool migrate, const log_t *log, fault_t *fault);

/* Puts through what waits, without patience, and ends; nobody may hand in any more. Takes NULL; nulls the caller's
 * pointer. */
void store_destroy(store_t **store);

/* Hands in a task. */
void store_submit(store_t *store, store_task_t *task);

/* Runs a task of this kind and waits for it, with so much patience: for start-up, commands and tests; never on a thread
 * that serves. 0, or -1 with the fault. */
int store_call(store_t *store, store_kind_t kind, store_run_fn *run, void *context, int64_t patience_ms, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether the database was there at the last contact, and its schema is ours; else why not. For readiness. */
bool store_ready(store_t *store, fault_t *why);

/* For the metrics. Counters since the start. */
typedef struct {
    uint64_t tasks;        /* done */
    uint64_t failures;     /* of these with a fault */
    uint64_t transactions; /* committed; fewer than tasks, where they went in groups */
    uint64_t retries;      /* tasks that were run again */
    uint64_t reconnects;
    uint32_t waiting; /* now */
    uint32_t threads;
} store_figures_t;

store_figures_t store_figures(store_t *store);

#endif
