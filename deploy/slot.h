/* slot: one place where a document is read: a kept worker (proto/worker.h) for each stage, and at most one document on
 * its way through them. Driven by the poll loop of read.c; never blocks.
 *
 * The dossier travels as bytes; this process does not look inside it between stages.
 */
#ifndef YOGI_DEPLOY_SLOT_H
#define YOGI_DEPLOY_SLOT_H

#include "proto/worker.h"

#include <stdbool.h>

typedef struct slot slot_t;

/* Stages of a route at most. */
enum { SLOT_STAGES_MOST = 8 };

typedef struct {
    const char *const *route; /* NULL-ended names of stages */
    worker_plan_t worker;     /* of each stage; stage and number are filled in */
} slot_plan_t;

/* What became of a document. */
typedef struct {
    buf_t dossier;    /* msgpack, with the trail so far; as far as it came */
    buf_t attachment; /* of the last stage that made one */
    fault_t fault;    /* FAULT_NONE when no stage failed */
    bool ended_early; /* a stage ended the run: its outcome stands in the dossier */
    int64_t begun_us; /* clock at which the first stage was handed it; 0 = never */
} slot_result_t;

/* The plan and its texts must outlive the slot. */
slot_t *slot_new(const slot_plan_t *plan, int number);
void slot_destroy(slot_t **slot);

bool slot_is_free(const slot_t *slot);

/* Takes a document: its first dossier (bytes are copied) and its bytes (fd is taken). Only when free. */
void slot_begin(slot_t *slot, size_t document, const buf_t *dossier, int fd);

/* The document under way, and how far it is: the stage's name and its parts. Only when not free. */
size_t slot_document(const slot_t *slot);
const char *slot_stage(const slot_t *slot, int *done, int *total);

/* Moves everything on that can move; lowers *next_us to the time of the next call needed. true when the document is
 * done: take the result with slot_take. */
bool slot_step(slot_t *slot, int64_t now_us, int64_t *next_us);

/* Moves the result out and frees the slot; the taker frees its buffers with slot_result_free. */
void slot_take(slot_t *slot, slot_result_t *result);
void slot_result_free(slot_result_t *result);

/* Descriptors to wait for: writes at most SLOT_STAGES_MOST * CHILD_POLLS. */
size_t slot_poll(const slot_t *slot, struct pollfd *polls);

/* Tells all children to end. Then call slot_step until slot_is_stopped. */
void slot_stop(slot_t *slot, int64_t now_us);
bool slot_is_stopped(const slot_t *slot);

/* Protections of the sandbox that a worker could not have, in words; NULL = none that is known of. */
const char *slot_missing(const slot_t *slot);

/* Largest resident size of a worker of stage i of the route, and the CPU time of ended ones. */
int64_t slot_peak_bytes(const slot_t *slot, size_t stage);
int64_t slot_cpu_us(const slot_t *slot);

#endif
