/* job: one run of a document on its way through the stages, and the table of all of them.
 *
 *     SUBMIT ──────▶ QUEUED ──assign──▶ RUNNING ──DONE──▶ HELD ──RECORDs acknowledged──▶ QUEUED (the next stage)
 *        │            ▲  ▲               │ │ ▲ │
 *        │            │  └─loss, return──┘ │ │ └─owner gone─▶ OFFERED ──expired──▶ (freed)
 *        │           due                   │ │                 │ ▲
 *        └─delay──▶ DELAYED ◀────retry─────┘ └───adopted───────┘ └── OFFER of a host that outlived a broker
 *
 *     any but OFFERED ──end──▶ ENDED ──FINISHED acknowledged──▶ (freed)
 *
 * The table owns the jobs; a job is named by its number, which holds while the job lives. Who is in which list is the
 * scheduler's (scheduler_move.c), where the one function stands that sets a state. Pure.
 */
#ifndef YOGI_BROKER_JOB_H
#define YOGI_BROKER_JOB_H

#include "blob.h"
#include "proto/message.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    JOB_NEW,     /* made, in no list yet */
    JOB_QUEUED,  /* in its stage's queue */
    JOB_DELAYED, /* waits for its time, among the timers */
    JOB_RUNNING, /* at an actor, begun or not */
    JOB_HELD,    /* waits until its owner has acknowledged a RECORD */
    JOB_OFFERED, /* runs at an actor, and nobody has submitted it (yet, or any more) */
    JOB_ENDED,   /* waits until its owner has acknowledged FINISHED */
    JOB_STATES
} job_state_t;

/* No job, no owner, no server. */
#define JOB_NONE UINT32_MAX

typedef struct record record_t;

/* Fields stand by size, so that a million of them have no holes. */
typedef struct {
    ident_t id;                        /* of the run */
    token_t token;                     /* RUNNING, OFFERED: of this assignment */
    uint64_t epoch;                    /* of its owner */
    uint64_t tag, order;               /* place in its stage's queue: fair turn of its owner, then first come */
    int64_t deadline_us;               /* of the run; 0 = none */
    int64_t due_us;                    /* DELAYED, OFFERED: when that ends */
    int64_t since_us;                  /* when it entered its state */
    blob_t *body;                      /* the dossier */
    blob_t *trace;                     /* traceparent, or NULL */
    blob_t *tenant;                    /* whose it is, or NULL */
    record_t *records;                 /* what its owner has not acknowledged, oldest first */
    uint32_t number;                   /* its own, in the table */
    uint32_t chain;                    /* next with the same hash */
    uint32_t prev, next;               /* in the list of its state: a stage's or a server's */
    uint32_t owner_prev, owner_next;   /* in its owner's list */
    uint32_t owner;                    /* number of the owner; JOB_NONE when OFFERED */
    uint32_t server;                   /* RUNNING, OFFERED: number of the server */
    uint32_t priority;                 /* 0 first */
    uint32_t budget;                   /* bytes reserved for its dossier */
    uint32_t given_bytes;              /* RUNNING, OFFERED: of the dossier as it was given to this actor */
    uint32_t backoff_ms;               /* first wait after a retryable failure */
    uint16_t attempt, attempts;        /* used up at this stage, and allowed */
    uint16_t crashes, losses;          /* of the run */
    uint8_t state;                     /* job_state_t */
    uint8_t route[MESSAGE_NAMES_MOST]; /* numbers of stages */
    uint8_t route_count, at;           /* length, and the present stage */
    uint8_t backoff, jitter;           /* backoff_t, percent */
    uint8_t doom;                      /* RUNNING: outcome_kind_t that awaits it once its actor lets go; 0 = none */
    bool record;                       /* RECORDs are wanted */
    bool elastic;                      /* its SUBMIT named no budget: it may grow while there is room */
    bool started;                      /* RUNNING: a worker has it */
    bool adopted; /* was taken over where it ran: an offer that comes again, late, is not believed */
} job_t;

/* A list of jobs, through prev and next. Plain data; start with job_list_empty. */
typedef struct {
    uint32_t first, last; /* JOB_NONE when empty */
    uint32_t count;
} job_list_t;

typedef struct job_table job_table_t;

job_table_t *job_table_new(uint64_t seed);   /* seed of the hash: ids come from outside */
void job_table_destroy(job_table_t **table); /* the jobs' blobs and records are the scheduler's */

job_t *job_add(job_table_t *table, ident_t id);           /* zeroed, JOB_NEW; the id is not in the table */
void job_remove(job_table_t *table, job_t *job);          /* frees it */
job_t *job_find(const job_table_t *table, ident_t id);    /* NULL when it is not there */
job_t *job_at(const job_table_t *table, uint32_t number); /* the job lives */
uint32_t job_count(const job_table_t *table);
job_t *job_next(const job_table_t *table, const job_t *job); /* all of them in turn; NULL begins and ends */

/* Whether the diagram above has this edge. */
bool job_may_become(job_state_t from, job_state_t to);
const char *job_state_name(job_state_t state);

job_list_t job_list_empty(void);
void job_list_append(job_table_t *table, job_list_t *list, job_t *job);
void job_list_remove(job_table_t *table, job_list_t *list, job_t *job);

#endif
