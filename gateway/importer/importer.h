/* importer: the gateway as the actor of the stage `store`: documents of owners that have no database (the bridge),
 * finished, are written as a gateway's own (README.md of gateway/store says how).
 *
 * A thread of its own holds the ledger of its jobs and hands each one to the store as it comes, many at a time; it
 * waits for neither. A job is answered when its result is on disk, once and for all: what comes a second time is
 * answered without another write. While the database is away, jobs wait here; when this gateway dies, its brokers give
 * them to another.
 */
#ifndef YOGI_GATEWAY_IMPORTER_H
#define YOGI_GATEWAY_IMPORTER_H

#include "gateway/store/store.h"

typedef struct importer importer_t;

/* Borrowed while it lives. */
typedef struct {
    const settings_t *settings;
    store_t *store;
    const log_t *log;
    /* Something about a document has changed in the store. Called from its thread; must not wait. */
    void (*changed)(void *owner);
    void *owner;
} importer_plan_t;

/* Connects to the brokers (YOGI_BROKERS) and starts. NULL with the fault. */
importer_t *importer_new(const importer_plan_t *plan, fault_t *fault);

/* Gives back what the store has not got, answers what it has, for a moment, and ends its thread. Then the store is
 * destroyed, which ends what it still had, and then the importer. */
void importer_stop(importer_t *importer);
void importer_destroy(importer_t **importer); /* takes NULL; nulls the caller's pointer */

/* For people and metrics, since the start. */
typedef struct {
    uint64_t stored;  /* written */
    uint64_t again;   /* had been written before */
    uint64_t refused; /* could not be written, whoever tries */
} importer_figures_t;

importer_figures_t importer_figures(importer_t *importer);

#endif
