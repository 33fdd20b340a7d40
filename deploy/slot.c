/* slot: see slot.h. */
#include "slot.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

struct slot {
    const char *const *route;
    worker_t *workers[SLOT_STAGES_MOST]; /* of the route */
    size_t count;                        /* of stages */
    bool busy;                           /* a document is under way */
    bool done;                           /* and its result waits to be taken */
    size_t document;                     /* its number */
    int fd;                              /* its bytes; -1 = none */
    size_t at;                           /* the stage that it is in */
    bool handed;                         /* that stage's worker has it */
    slot_result_t result;                /* under way */
};

slot_t *slot_new(const slot_plan_t *plan, int number)
{
    slot_t *slot = calloc(1, sizeof *slot);
    if (!slot)
        abort();
    slot->route = plan->route;
    slot->fd = -1;
    for (const char *const *name = plan->route; *name; name++) {
        assert(slot->count < SLOT_STAGES_MOST);
        worker_plan_t worker = plan->worker;
        worker.stage = *name;
        worker.number = number;
        slot->workers[slot->count++] = worker_new(&worker);
    }
    return slot;
}

void slot_destroy(slot_t **slot)
{
    if (!slot || !*slot)
        return;
    for (size_t i = 0; i < (*slot)->count; i++)
        worker_destroy(&(*slot)->workers[i]);
    if ((*slot)->fd >= 0)
        close((*slot)->fd);
    slot_result_free(&(*slot)->result);
    free(*slot);
    *slot = NULL;
}

bool slot_is_free(const slot_t *slot)
{
    return !slot->busy;
}

size_t slot_document(const slot_t *slot)
{
    assert(slot->busy);
    return slot->document;
}

const char *slot_stage(const slot_t *slot, int *done, int *total)
{
    assert(slot->busy);
    *done = *total = 0;
    if (slot->handed)
        worker_progress(slot->workers[slot->at], done, total);
    return slot->route[slot->at];
}

void slot_begin(slot_t *slot, size_t document, const buf_t *dossier, int fd)
{
    assert(!slot->busy);
    slot->busy = true;
    slot->done = slot->handed = false;
    slot->document = document;
    slot->fd = fd;
    slot->at = 0;
    slot->result = (slot_result_t){0};
    buf_add(&slot->result.dossier, dossier->bytes, dossier->size);
}

/* The document ends here. */
static void finish(slot_t *slot)
{
    slot->done = true;
    close(slot->fd);
    slot->fd = -1;
}

/* Starts the worker of a stage where it is down. A start that is refused for good fails the document that waits for it.
 */
static void start(slot_t *slot, size_t stage, int64_t now_us)
{
    fault_t fault = {0};
    worker_t *worker = slot->workers[stage];
    if (worker_state(worker) != CHILD_DOWN || worker_start(worker, now_us, &fault) == 0 || stage != slot->at)
        return;
    slot->result.fault = fault;
    fault_prefix(&slot->result.fault, slot->route[stage]);
    finish(slot);
}

/* Hands the document to the stage it is in. */
static void hand_over(slot_t *slot, int64_t now_us)
{
    slot_result_t *result = &slot->result;
    worker_job_t job = {.dossier = &result->dossier, .fd = slot->fd, .attempt = 1, .due_us = INT64_MAX};
    if (worker_begin(slot->workers[slot->at], &job, now_us, &result->fault) < 0) {
        finish(slot);
        return;
    }
    slot->handed = true;
    if (!result->begun_us)
        result->begun_us = now_us;
    if (slot->at + 1 < slot->count)
        start(slot, slot->at + 1, now_us); /* ahead: it loads while this one works */
}

/* Puts what came from a stage in the place of what there was. */
static void replace(buf_t *mine, buf_t *theirs)
{
    if (!theirs->size)
        return;
    buf_free(mine);
    *mine = *theirs;
    *theirs = (buf_t){0};
}

/* A stage has ended its work on the document, or its worker was lost with it. */
static void advance(slot_t *slot)
{
    worker_result_t done;
    slot_result_t *result = &slot->result;
    worker_take(slot->workers[slot->at], &done);
    slot->handed = false;
    replace(&result->dossier, &done.dossier);
    replace(&result->attachment, &done.attachment);
    worker_result_free(&done);
    result->ended_early = done.end == WORKER_END;
    if (done.end == WORKER_NEXT && slot->at + 1 < slot->count) {
        slot->at++;
        return;
    }
    result->fault = done.fault;
    if (done.end == WORKER_FAIL && !done.answered)
        fault_prefix(&result->fault, slot->route[slot->at]);
    finish(slot);
}

bool slot_step(slot_t *slot, int64_t now_us, int64_t *next_us)
{
    for (size_t i = 0; i < slot->count; i++)
        if (worker_step(slot->workers[i], now_us, next_us))
            advance(slot);
    for (bool moved = true; moved && slot->busy && !slot->done && !slot->handed;) {
        start(slot, slot->at, now_us);
        if (!slot->done && worker_state(slot->workers[slot->at]) == CHILD_IDLE)
            hand_over(slot, now_us);
        if (slot->done)
            break;
        if (worker_step(slot->workers[slot->at], now_us, next_us))
            advance(slot);
        /* nothing would wake us for one that is ready, or down, by now */
        child_state_t state = worker_state(slot->workers[slot->at]);
        moved = state == CHILD_IDLE || state == CHILD_DOWN;
    }
    return slot->busy && slot->done;
}

void slot_take(slot_t *slot, slot_result_t *result)
{
    assert(slot->busy && slot->done);
    *result = slot->result;
    slot->result = (slot_result_t){0};
    slot->busy = false;
}

void slot_result_free(slot_result_t *result)
{
    buf_free(&result->dossier);
    buf_free(&result->attachment);
}

size_t slot_poll(const slot_t *slot, struct pollfd *polls)
{
    size_t count = 0;
    for (size_t i = 0; i < slot->count; i++)
        count += worker_poll(slot->workers[i], polls + count);
    return count;
}

void slot_stop(slot_t *slot, int64_t now_us)
{
    for (size_t i = 0; i < slot->count; i++)
        worker_stop(slot->workers[i], now_us);
}

bool slot_is_stopped(const slot_t *slot)
{
    for (size_t i = 0; i < slot->count; i++)
        if (worker_state(slot->workers[i]) != CHILD_DOWN)
            return false;
    return true;
}

const char *slot_missing(const slot_t *slot)
{
    const char *missing = NULL;
    for (size_t i = 0; i < slot->count && !missing; i++)
        missing = worker_missing(slot->workers[i]);
    return missing;
}

int64_t slot_peak_bytes(const slot_t *slot, size_t stage)
{
    return worker_peak_bytes(slot->workers[stage]);
}

int64_t slot_cpu_us(const slot_t *slot)
{
    int64_t sum_us = 0;
    for (size_t i = 0; i < slot->count; i++)
        sum_us += worker_cpu_us(slot->workers[i]);
    return sum_us;
}
