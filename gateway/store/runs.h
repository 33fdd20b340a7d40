/* runs: what keeps work alive: the outbox, and who has it in hand (DESIGN.md section 6).
 *
 * A run is one attempt to read a document. Its row is there from the moment it is accepted until its end is on disk. It
 * belongs to an owner, which is one life of a gateway and holds one lease for all its runs, by the database's clock;
 * when that expires, any other gateway takes the runs over, each under the next epoch. Everything an owner writes is
 * bound to (run, epoch): what an owner writes that has lost the run is STALE, and changes nothing.
 *
 *     documents_accept, runs_retry ─▶ (row) ── runs_start, runs_record, runs_count ──▶ (row) ── runs_finish ──▶ (gone)
 *                                       │ runs_take, runs_raise: epoch + 1                runs_cancel,
 * documents_delete, ▼                                                 runs_retry: gone, and its owner (row) is told
 * (runs_called_off)
 *
 * Called in tasks of the store (store.h).
 */
#ifndef YOGI_GATEWAY_RUNS_H
#define YOGI_GATEWAY_RUNS_H

#include "documents.h"

/* ---- leases ---- */

/* The owner lives for another lease_ms. Also its first call, before it accepts or takes anything. */
int runs_hold(session_t *session, const char *owner, int64_t lease_ms, fault_t *fault)
    __attribute__((warn_unused_result));

/* The owner ends: whoever looks next takes its runs at once. */
int runs_leave(session_t *session, const char *owner, fault_t *fault) __attribute__((warn_unused_result));

/* A run that was taken. */
typedef struct {
    const char *run, *document, *tenant;
    int64_t epoch;
} run_taken_t;

typedef struct {
    run_taken_t *rows;
    size_t count;
} run_taken_list_t;

/* Takes runs whose owner's lease has expired, or that nobody has: at most RUNS_TAKE_MOST, so that several gateways
 * share them; ask again until there is none. */
enum { RUNS_TAKE_MOST = 100 };

int runs_take(session_t *session, const char *owner, arena_t *arena, run_taken_list_t *list, fault_t *fault)
    __attribute__((warn_unused_result));

/* Runs that the owner has, by their ids, behind one ("" = from the first); at most limit. What was committed without
 * anybody being told (an upload whose client was refused when the database went away, a take-over) is found by it: an
 * owner that compares now and then what it has with what it believes to have leaves none behind. */
int runs_mine(session_t *session, const char *owner, const char *after, int64_t limit, arena_t *arena,
              run_taken_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

/* The epoch that a move to another broker needs is written down. DONE, or STALE: the run is gone, another's, or
 * further. */
int runs_raise(session_t *session, const char *run, const char *owner, int64_t epoch, verdict_t *verdict,
               fault_t *fault) __attribute__((warn_unused_result));

/* Runs of this owner that were cancelled, deleted or superseded since the last call; each is told once. */
typedef struct {
    const char **runs;
    size_t count;
} run_names_t;

int runs_called_off(session_t *session, const char *owner, arena_t *arena, run_names_t *names, fault_t *fault)
    __attribute__((warn_unused_result));

/* ---- work ---- */

/* Everything that a SUBMIT is made of. */
typedef struct {
    const char *run, *document, *tenant, *owner, *route;
    int64_t epoch, priority, attempts, attempt, crashes, losses;
    const char *stage; /* the last that is recorded; NULL = none */
    int64_t place;     /* its index in the route, -1 */
    view_t dossier;    /* as it was after it; nothing = begin from the document */
    document_row_t row;
} run_t;

/* DONE or NOT_FOUND: nobody wants it any more. */
int runs_get(session_t *session, const char *run, arena_t *arena, run_t *got, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* What is told to people. */
typedef struct {
    const char *type; /* "progress", "complete", "error" */
    const char *step; /* stage, or NULL */
    int percentage;   /* 0 … 100 */
    view_t message;   /* nothing = none */
    view_t data;      /* JSON; nothing = none */
} event_t;

/* A stage has begun: the document is processing; the event (NULL = none) is told. STALE runs are left alone. */
int runs_progress(session_t *session, const char *run, int64_t epoch, const event_t *event, fault_t *fault)
    __attribute__((warn_unused_result));

/* The attempts used up so far. */
int runs_count(session_t *session, const char *run, int64_t epoch, int64_t attempt, int64_t crashes, int64_t losses,
               fault_t *fault) __attribute__((warn_unused_result));

/* A stage has ended. */
typedef struct record {
    const char *id; /* of the row of processing_jobs, new */
    const char *run;
    int64_t epoch;
    const char *stage, *status; /* "completed", "failed" */
    int place;                  /* of the stage in the route */
    double confidence;          /* NAN = none */
    view_t result;              /* JSON for people; nothing = none */
    view_t message;             /* of a failure */
    view_t dossier;             /* to go on from; nothing = where an earlier one went on from */
    struct record *before;      /* stages that ended earlier and are stored in the same go; NULL = none */
    int64_t attempt, crashes, losses;
    bool begins;          /* the first news of this run here: the document may not be processing yet */
    const event_t *event; /* NULL = none */
} record_t;

/* Stores a stage's result and those of the stages before, the first one of (document, run, stage). A stale run's is
 * dropped without a word. Many in one transaction: hand in tasks. */
int runs_record(session_t *session, const record_t *record, fault_t *fault) __attribute__((warn_unused_result));

/* A timetable that was read. Nothing (at NULL) is what the page does not give. */
typedef struct {
    const char *id; /* new */
    view_t teacher_name, class_name, term, school, week;
    int64_t year;      /* 0 = not given */
    view_t timeblocks; /* JSON array */
    double confidence;
} reading_t;

typedef struct {
    const char *run;
    int64_t epoch;
    state_t status;    /* COMPLETED, NEEDS_REVIEW or FAILED */
    double confidence; /* NAN = none */
    int64_t pages;     /* 0 = not known */
    const char *error; /* name of a fault; NULL = none */
    view_t message;
    const reading_t *readings; /* in their order */
    size_t count;
    view_t dossier;    /* nothing: none is kept */
    record_t *record;  /* stages that are not recorded yet, by the last; a later record would be dropped */
    const char *stage; /* FAILED: where */
    int64_t attempts, crashes, losses; /* FAILED: so many in vain */
    event_t event;
} finish_t;

/* The end of a run: timetables, status and the end of the outbox's row, exactly once. A timetable that somebody has
 * approved stays as it is. What FAILED becomes a dead letter. DONE, or STALE: it has ended already, was superseded,
 * cancelled or deleted, or is another owner's. */
int runs_finish(session_t *session, const finish_t *finish, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* A document of another owner (stage `store`), finished. README.md of this folder says how it is known. */
typedef struct {
    const char *tenant;
    view_t document;                       /* their name for it: an id, or anything else */
    const char *id;                        /* new: for the document, where it is not known and their name is no UUID */
    const char *run;                       /* their job */
    const char *job;                       /* id of a row of processing_jobs, new */
    view_t filename, file_path, file_type; /* of a document that is not known */
    int64_t file_size;                     /* bytes; -1 = not known */
    finish_t finish;                       /* without run and epoch; its records are all stages that have worked */
} import_t;

typedef struct {
    verdict_t verdict;    /* DONE; ALREADY: this run was stored before; CONFLICT: the document is another tenant's */
    const char *document; /* id under which it is; NULL of CONFLICT */
} imported_t;

/* Everything that runs_finish writes, and the stages, exactly once for each run. A run of a gateway that is under way
 * for the document is superseded. */
int runs_import(session_t *session, const import_t *import, arena_t *arena, imported_t *imported, fault_t *fault)
    __attribute__((warn_unused_result));

/* ---- wishes ---- */

typedef struct {
    const char *tenant;
    view_t document;
    const char *run; /* new */
    const char *owner, *route;
    int priority, attempts;
    view_t options;           /* JSON object; nothing = as before */
    const char *options_hash; /* NULL = as before */
    const char *stage;        /* go on behind it; NULL = from the beginning */
    int place;                /* its index in the route, -1 */
    view_t dossier;           /* as it was after it */
} retry_t;

/* Reads the document once more; a run that is under way is superseded. DONE, NOT_FOUND, ALREADY (this run was made
 * before), CONFLICT: there are no bytes of ours to read. */
int runs_retry(session_t *session, const retry_t *retry, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* DONE, NOT_FOUND, ALREADY (it is cancelled), ILLEGAL (it has ended). */
int runs_cancel(session_t *session, const char *tenant, view_t document, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* Forgets owners that ended and what nobody has asked for, both older than age_ms. */
int runs_sweep(session_t *session, int64_t age_ms, fault_t *fault) __attribute__((warn_unused_result));

#endif
