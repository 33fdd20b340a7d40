/* errand: one job of a queue as a job of the broker: its id, epoch, route and dossier. Pure but for what the sources
 * sign. For errands.c.
 */
#ifndef YOGI_BRIDGE_ERRAND_H
#define YOGI_BRIDGE_ERRAND_H

#include "noop.h"
#include "papers/sources.h"
#include "proto/dossier.h"
#include "proto/message.h"
#include "queue.h"

/* What is done for a slot. Plain data; errand_free. */
typedef struct errand {
    struct errand *next; /* in the table */
    ident_t ident;       /* at the broker */
    uint64_t epoch;
    queue_t *queue;
    uint32_t slot;
    uint64_t turn;    /* of the slot */
    const job_t *job; /* lives as long as the slot works on it */
    bool is_noop;
    noop_t noop;                           /* is_noop: what it does */
    buf_t text;                            /* is_noop: what it ends with; when storing: what the job ends with */
    bool owned;                            /* the link has it */
    bool storing;                          /* its failure is being told to the store */
    size_t told;                           /* entries of the trail that stand in the log of the job */
    bool expired;                          /* its URLs are to be made anew */
    buf_t body;                            /* the dossier to begin with */
    const char *route[MESSAGE_NAMES_MOST]; /* stages */
    uint32_t route_count;
    upshot_t outcome; /* storing: how the job ends then; its texts in `text` and of the program */
} errand_t;

/* The id of this attempt at a job; `what` tells several of one attempt apart. */
ident_t errand_ident(const char *prefix, const char *queue, const job_t *job, const char *what);

/* How often it was begun, with room for moves between brokers. */
uint64_t errand_epoch(const job_t *job);

/* Fills body and route by the job's data. -1 with the fault: FAULT_INPUT or FAULT_USAGE, where no other attempt helps.
 */
int errand_prepare(errand_t *errand, sources_t *sources, bool store, fault_t *fault)
    __attribute__((warn_unused_result));

/* Fills body and route anew: the failure of the job, for the stage store. false where the job names no document. */
bool errand_prepare_store(errand_t *errand, sources_t *sources, const char *fault, const char *text);

void errand_free(errand_t **errand); /* takes NULL; nulls the caller's pointer */

#endif
