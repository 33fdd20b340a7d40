/* hosting: the loop of an actor host, around its ledger of jobs (ledger.h), a post for each stage with its workers
 * (post.h), the fetching of documents (proto/fetch) and the time.
 *
 * One thread that never waits for work: workers are other processes, fetching is libcurl's, and heartbeats leave in
 * time whatever they do. It parses nothing of a document, and of a dossier only where its document is (origin.h).
 *
 * When the process is told to end, waiting jobs are returned, running ones end, and GOODBYE is said; what still runs
 * when the grace time is over is given up as lost, so that the broker gives it to somebody else at once.
 */
#ifndef YOGI_HOST_HOSTING_H
#define YOGI_HOST_HOSTING_H

#include "proto/process.h"

typedef struct hosting hosting_t;

/* Serves these stages, which the worker knows and which differ (asserted). NULL with the fault. The process outlives
 * it.
 */
hosting_t *hosting_new(process_t *process, const char *const *stages, size_t count, fault_t *fault);

/* Runs until the process was told to end, or no worker can be had: -1 with the fault. */
int hosting_run(hosting_t *hosting, fault_t *fault) __attribute__((warn_unused_result));

void hosting_destroy(hosting_t **hosting); /* kills what still runs; takes NULL; nulls the caller's pointer */

#endif
