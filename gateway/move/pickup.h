/* pickup: the store's end of carrying over a queue: what is known of the documents that jobs of the demo's queue speak
 * of, and a run for each job, once.
 *
 *     plan      whatever state the move is in; before there is a target, documents are looked up in the source
 *     carry     after the cutover alone
 *
 * A run and the mark of its job (in the table moves) are one transaction, so a carry that was killed is run again. Used
 * by one thread; blocks.
 */
#ifndef YOGI_MOVE_PICKUP_H
#define YOGI_MOVE_PICKUP_H

#include "move.h"
#include "requeue.h"

typedef enum {
    PICKUP_WANTED,   /* nobody of ours has had it: it is to be read */
    PICKUP_BEFORE,   /* this very job was carried over before */
    PICKUP_COVERED,  /* its document is being read here, has been read, or went to BullMQ */
    PICKUP_UNKNOWN,  /* there is no such document */
    PICKUP_NO_BYTES, /* its file was not carried */
} pickup_state_t;

/* A job, as far as the store is concerned. Texts are the caller's. */
typedef struct {
    const char *mark;     /* tells it from every other job that ever was */
    const char *document; /* its id */
    int attempts;         /* that it has left */
} pickup_job_t;

/* Texts are good until the next call. */
typedef struct {
    pickup_state_t state;
    const char *filename; /* as it was uploaded; "" = not known */
    const char *status;   /* of the document; "" = not known */
    const char *blob;     /* address of its bytes for a worker: a key in the bucket, or a path; NULL = none */
    bool in_bucket;       /* blob is a key */
} pickup_found_t;

typedef struct pickup pickup_t;

/* Opens both sides of the move. planning: any state of it will do. NULL with the fault. out is borrowed. */
pickup_t *pickup_open(const move_options_t *options, bool planning, buf_t *out, fault_t *fault);
void pickup_close(pickup_t **pickup); /* takes NULL; nulls the caller's pointer */

/* Whether the move is cut over: else documents are looked up in the source, and nothing but pickup_look may be called.
 */
bool pickup_is_moved(const pickup_t *pickup);

/* Whether it has been gone back: the source is in use again. Then pickup_waiting may be called. */
bool pickup_is_back(const pickup_t *pickup);

/* A document of the source that was uploaded and has not ended, in the order of their upload. -1 ends it. */
typedef int pickup_waiting_fn(void *user, const char *document, const char *path, fault_t *fault);
int pickup_waiting(pickup_t *pickup, pickup_waiting_fn *fn, void *user, fault_t *fault)
    __attribute__((warn_unused_result));

/* What is known of the job's document. Changes nothing. */
int pickup_look(pickup_t *pickup, const pickup_job_t *job, pickup_found_t *found, fault_t *fault)
    __attribute__((warn_unused_result));

/* Makes the run of a job that is WANTED, durably. *state: WANTED when it was made now, BEFORE, or what has become of
 * the document since. */
int pickup_take(pickup_t *pickup, const pickup_job_t *job, pickup_state_t *state, fault_t *fault)
    __attribute__((warn_unused_result));

/* Notes that the job went to a queue of BullMQ instead, so that no run is made for its document any more. */
int pickup_elsewhere(pickup_t *pickup, const pickup_job_t *job, const char *where, fault_t *fault)
    __attribute__((warn_unused_result));

/* A run for each document that waits without a job, as requeue. */
int pickup_rest(pickup_t *pickup, requeue_count_t *count, fault_t *fault) __attribute__((warn_unused_result));

/* How many runs wait for a gateway, and gateways that are at work on the store; both for people. */
int pickup_figures(pickup_t *pickup, int64_t *runs, int64_t *gateways, fault_t *fault)
    __attribute__((warn_unused_result));

/* The store that runs are made in, for people. */
const char *pickup_store(const pickup_t *pickup);

#endif
