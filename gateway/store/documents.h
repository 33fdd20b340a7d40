/* documents: what people have handed in. Every call is one tenant's; what is another's is not found.
 *
 * Called in tasks of the store (store.h), where the fault of -1 and the repetition are described. Results lie in the
 * arena.
 */
#ifndef YOGI_GATEWAY_DOCUMENTS_H
#define YOGI_GATEWAY_DOCUMENTS_H

#include "proto/base/arena.h"
#include "session.h"
#include "state.h"

/* A row. Texts are NULL where there is nothing. */
typedef struct {
    const char *id, *filename, *file_path, *file_type;
    int64_t file_size; /* bytes; -1 = not known */
    state_t status;
    int64_t created_ms, updated_ms; /* Unix time */
    const char *cursor;             /* when it was made, exactly: with the id, where a list goes on behind it */
    const char *sha256;             /* of the blob; NULL = there is none of ours */
    const char *options;            /* JSON object */
    const char *name, *teacher_name, *class_name; /* as given with the upload */
    const char *run;                              /* the latest */
    const char *reused_from;                      /* the document whose result it has got */
    double confidence;                            /* NAN = none yet */
    int64_t pages;                                /* 0 = not known */
    const char *error, *error_message;            /* name of a fault and its sentence */
    const char *uploader;                         /* id of the key */
} document_row_t;

typedef struct {
    document_row_t *rows;
    size_t count;
} document_list_t;

/* An upload whose blob is in its place. */
typedef struct {
    const char *id, *run; /* new ones, made by the caller */
    const char *tenant;
    view_t filename, file_type; /* as they came */
    const char *file_path;      /* where the bytes are, for people; NULL = the blob's key */
    int64_t file_size;
    const char *sha256;       /* NULL: no blob of ours */
    const char *birth;        /* what holds_take said of it */
    view_t options;           /* JSON object; nothing = {} */
    const char *options_hash; /* equal where a result may be used again */
    view_t name, teacher_name, class_name;
    const char *uploader; /* NULL = nobody known */
    const char *owner;    /* the gateway's instance, which has it in hand from now on */
    const char *route;    /* stages, a space between */
    int priority, attempts;
    bool fresh;              /* read again whatever is known of these bytes */
    view_t key;              /* Idempotency-Key; nothing = none */
    const char *fingerprint; /* of the whole upload, to tell a repetition from another use of the key */
    int part;                /* number of this file in the upload, from 0 */
} accept_t;

typedef struct {
    verdict_t verdict;       /* DONE; ALREADY (this key, or this id: look at the document); CONFLICT (the key means
                                another upload); BLOB_AWAY */
    const char *id;          /* of the document that it is now */
    state_t status;          /* of DONE */
    const char *reused_from; /* NULL = it must be read */
} accepted_t;

/* Document, blob, run and key in one. A document of the same bytes and options that was read is copied instead of read.
 */
int documents_accept(session_t *session, const accept_t *accept, arena_t *arena, accepted_t *accepted, fault_t *fault)
    __attribute__((warn_unused_result));

/* DONE or NOT_FOUND. */
int documents_get(session_t *session, const char *tenant, view_t id, arena_t *arena, document_row_t *row,
                  verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* A part of a list, newest first. */
typedef struct {
    int64_t limit, offset;      /* rows; offset is for the demo's clients, its cost grows with it */
    const char *cursor, *after; /* cursor and id of the last row seen; NULL = from the newest */
    const char *status;         /* only those; NULL = all */
    view_t search;              /* words that the name, teacher or class begin with; nothing = all */
} document_filter_t;

/* A search looks at the newest SEARCH_MOST hits of its longest word, whatever it has besides. */
enum { DOCUMENTS_SEARCH_MOST = 1000, DOCUMENTS_LIST_MOST = 1000 };

/* Pages of at most DOCUMENTS_LIST_MOST. A cursor that is not one of ours is FAULT_INPUT. */
int documents_list(session_t *session, const char *tenant, const document_filter_t *filter, arena_t *arena,
                   document_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

/* A stage's result. */
typedef struct {
    const char *run, *stage, *status; /* "completed", "failed" */
    double confidence;                /* NAN = none */
    const char *message;              /* of a failure */
    int64_t attempt, recorded_ms;     /* 0 = not known; Unix time */
    const char *result;               /* JSON, or NULL */
} stage_row_t;

typedef struct {
    stage_row_t *rows; /* oldest first, of all runs; those of the same millisecond in any order */
    size_t count;
} stage_list_t;

int documents_stages(session_t *session, const char *tenant, view_t id, arena_t *arena, stage_list_t *list,
                     fault_t *fault) __attribute__((warn_unused_result));

/* Deletes everything of it: rows, run, and the mark on its blob where nobody else has it. DONE or NOT_FOUND. What still
 * works on it is told to its owner (runs_called_off). */
int documents_delete(session_t *session, const char *tenant, view_t id, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* The run that is under way for it, if any, is gone and its owner told (runs_called_off). Locks the run; before the
 * document is locked: everybody goes in this order. */
int documents_drop_run(session_t *session, const char *tenant, view_t id, fault_t *fault)
    __attribute__((warn_unused_result));

/* The dossier that the last run left. DONE or NOT_FOUND. */
int documents_dossier(session_t *session, const char *tenant, view_t id, arena_t *arena, view_t *dossier,
                      verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* Forgets the keys of uploads that are older. */
int documents_sweep(session_t *session, int64_t age_ms, fault_t *fault) __attribute__((warn_unused_result));

/* Reads a row's columns from where they begin; for runs.c. */
void documents_read(const sql_rows_t *rows, size_t row, size_t column, document_row_t *document);

#endif
