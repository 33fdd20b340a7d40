/* record: one thing that an owner is owed until it has acknowledged it: that a stage has finished (with the dossier as
 * it then stood), that attempts, crashes or losses have changed, or how the run ended. An owner keeps
 * them in two lists: those that wait for its window, and those sent.
 */
#ifndef YOGI_BROKER_RECORD_H
#define YOGI_BROKER_RECORD_H

#include "job.h"

typedef enum {
    RECORD_STAGE,    /* a stage has finished */
    RECORD_COUNTS,   /* attempt, crashes or losses have changed; one for a job at most, with the values of the moment it
                        is sent */
    RECORD_FINISHED, /* how it ended; the last one */
} record_kind_t;

/* Stage number that means none. */
enum { RECORD_NO_STAGE = 255 };

/* RECORDs of finished stages that a job may be ahead of its owner: with them it takes three times its budget at most.
 */
enum { RECORD_STAGES_MOST = 2 };

struct record {
    record_t *prev, *next;   /* in its owner's list */
    record_t *sibling;       /* next younger one of the same job */
    uint64_t counter;        /* of the token that it is acknowledged by */
    int64_t sent_us;         /* last time; meaningful when sent */
    blob_t *body;            /* the dossier, or NULL */
    blob_t *attachment;      /* FINISHED: what the last stage made beside it, or NULL */
    blob_t *fault, *text;    /* FINISHED: why, or NULL */
    uint32_t job;            /* number of its job */
    uint16_t attempt;        /* STAGE: that finished */
    uint8_t kind;            /* record_kind_t */
    uint8_t stage, upcoming; /* STAGE: that finished, and that follows */
    uint8_t outcome, class;  /* FINISHED: outcome_kind_t, failed_t */
    bool sent;               /* in the list of those sent */
};

/* Plain data; {0} is empty. */
typedef struct {
    record_t *first, *last;
    uint32_t count;
} record_list_t;

/* Bytes of its body and of what is attached. */
static inline uint64_t record_bytes(const record_t *record)
{
    return (uint64_t)blob_slice(record->body).size + blob_slice(record->attachment).size;
}

/* A new one, youngest of its job. */
record_t *record_new(job_t *job, record_kind_t kind);

/* Takes it from its job and frees it; it is in no list. */
void record_destroy(job_t *job, record_t **record, blob_yard_t *yard);

/* The job's record by the counter it was sent with, or by kind (the oldest); NULL when there is none. */
record_t *record_by_counter(const job_t *job, uint64_t counter);
record_t *record_by_kind(const job_t *job, record_kind_t kind);
uint32_t record_count(const job_t *job, record_kind_t kind);

void record_append(record_list_t *list, record_t *record);
void record_unlink(record_list_t *list, record_t *record);

#endif
