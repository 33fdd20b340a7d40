/* outbox: the gateway as an owner of jobs: what was accepted is read, whatever dies (DESIGN.md section 6).
 *
 * A thread of its own holds the link to the brokers and hands everything that belongs on disk to the store; it waits
 * for neither. A run is submitted as it stands in the store (one that was accepted here just now: as it was accepted),
 * its stages are stored as they are told (RECORD), its end is stored in one transaction (FINISHED), and only then
 * acknowledged. Stages that take no time are acknowledged at once and stored with what comes next, so that a document
 * that is read in a moment is one piece of work and not five. While the database is away, everything waits where it is.
 *
 * Leases: the outbox is one owner in the store, renewed thrice within its time (YOGI_LEASE_SECONDS); it takes over runs
 * of owners whose lease is over, each under the next epoch. Ended in order it gives its own back at once.
 */
#ifndef YOGI_GATEWAY_OUTBOX_H
#define YOGI_GATEWAY_OUTBOX_H

#include "gateway/blobs/blobs.h"
#include "gateway/store/documents.h"
#include "gateway/store/store.h"
#include "proto/base/ident.h"
#include "proto/base/log.h"
#include "queues.h"

typedef struct outbox outbox_t;

/* The stages of a whole run, as documents_accept takes them, and how often each may be tried. Only what may pass is
 * tried again, as a server of documents that is away; each time it rests twice as long (from 2 s), a quarter of an hour
 * in all. What crashes workers ends sooner, as poison. */
#define OUTBOX_ROUTE "classification ocr llm validation"
enum { OUTBOX_ATTEMPTS = 10 };

/* Borrowed while the outbox lives. */
typedef struct {
    const settings_t *settings;
    store_t *store;
    blobs_t *blobs;
    const log_t *log;
    /* Something about a document has changed in the store. Called from threads of the outbox and of the store; must not
     * wait. */
    void (*changed)(void *owner);
    void *owner;
} outbox_plan_t;

/* Connects to the brokers (YOGI_BROKERS) and starts. NULL with the fault. */
outbox_t *outbox_new(const outbox_plan_t *plan, fault_t *fault);

/* Gives its runs back, so that another gateway takes them at once, and ends its thread. Then the store is destroyed,
 * which ends what it still had of the outbox, and then the outbox. */
void outbox_stop(outbox_t *outbox);
void outbox_destroy(outbox_t **outbox); /* takes NULL; nulls the caller's pointer */

/* Its name as an owner in the store: for accept_t and retry_t. */
const char *outbox_name(const outbox_t *outbox);

/* A run has been accepted for this owner, under epoch 1. From any thread. */
void outbox_accepted(outbox_t *outbox, const char *run);

/* Likewise, a new document's, as it was accepted. */
void outbox_begin(outbox_t *outbox, const accept_t *accept);

/* Runs of this owner have been called off in the store: it looks at once. From any thread. */
void outbox_look(outbox_t *outbox);

/* For people and metrics. */
typedef struct {
    uint32_t brokers, connected;                                      /* that there are; that are heard */
    uint32_t jobs;                                                    /* in hand */
    uint64_t submitted, records, finished, failed, taken_over, stale; /* since the start */
} outbox_figures_t;

outbox_figures_t outbox_figures(outbox_t *outbox);

/* What the brokers have told of their queues, some seconds ago at most. */
void outbox_queues(outbox_t *outbox, queues_sum_t *sum);

#endif
