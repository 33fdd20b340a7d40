/* slot: see slot.h. */
#include "slot.h"
#include "proto/base/clock.h"
#include "proto/dossier.h"
#include "proto/pack.h"
#include "proto/work.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Environment that a worker keeps: where the models are, and what the sanitizers are told. */
static const char *const kept[] = {"TESSDATA_PREFIX", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", NULL};

typedef struct {
    const char *arguments[3]; /* of the process */
    child_t *child;
    bool wants_bytes; /* as the worker said when it was ready */
} stage_place_t;

struct slot {
    slot_plan_t plan;
    int number;                             /* for the log */
    stage_place_t stages[SLOT_STAGES_MOST]; /* of the route */
    size_t count;                           /* of stages */
    bool busy;                              /* a document is under way */
    bool done;                              /* and its result waits to be taken */
    size_t document;                        /* its number */
    int fd;                                 /* its bytes; -1 = none */
    size_t at;                              /* the stage that it is in */
    int parts_done, parts_total;            /* of that stage, as it tells */
    bool handed;                            /* that stage's child has it */
    bool has_dossier;                       /* a DOSSIER frame of this stage came */
    slot_result_t result;                   /* under way */
};

slot_t *slot_new(const slot_plan_t *plan, int number)
{
    slot_t *slot = calloc(1, sizeof *slot);
    if (!slot)
        abort();
    slot->plan = *plan;
    slot->number = number;
    slot->fd = -1;
    for (const char *const *name = plan->route; *name; name++) {
        assert(slot->count < SLOT_STAGES_MOST);
        stage_place_t *stage = &slot->stages[slot->count++];
        stage->arguments[0] = "yogi-worker";
        stage->arguments[1] = *name;
        stage->child = child_new(&(child_plan_t){.program = plan->worker,
                                                 .arguments = stage->arguments,
                                                 .keep = kept,
                                                 .memory_bytes = plan->memory_bytes,
                                                 .job_us = plan->job_us,
                                                 .frame_bytes = WORK_FRAME_MOST});
    }
    return slot;
}

void slot_destroy(slot_t **slot)
{
    if (!slot || !*slot)
        return;
    for (size_t i = 0; i < (*slot)->count; i++)
        child_destroy(&(*slot)->stages[i].child);
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
    *done = slot->parts_done;
    *total = slot->parts_total;
    return slot->stages[slot->at].arguments[1];
}

void slot_begin(slot_t *slot, size_t document, const buf_t *dossier, int fd)
{
    assert(!slot->busy);
    slot->busy = true;
    slot->done = slot->handed = slot->has_dossier = false;
    slot->document = document;
    slot->fd = fd;
    slot->at = 0;
    slot->parts_done = slot->parts_total = 0;
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

/* A stage cannot go on with the document under way: it fails with the cause. */
static void fail(slot_t *slot, size_t stage, const fault_t *fault)
{
    slot->result.fault = *fault;
    fault_prefix(&slot->result.fault, slot->stages[stage].arguments[1]);
    finish(slot);
}

/* The child of a stage is gone. It takes along the document that it had; one that it did not have yet waits for the
 * next. */
static void mourn(slot_t *slot, size_t stage, const fault_t *fault)
{
    const char *name = slot->stages[stage].arguments[1];
    bool hit = slot->busy && !slot->done && slot->at == stage && slot->handed;
    slot->handed &= slot->at != stage;
    bool badly = child_ended_badly(slot->stages[stage].child); /* a leak that a sanitizer tells of at the end */
    LOG(slot->plan.log,
        hit     ? LOG_WARNING
        : badly ? LOG_ERROR
                : LOG_INFO,
        "worker.gone", {"stage", name, 0}, {"slot", NULL, slot->number}, {"fault", fault_name(fault->code), 0},
        {"message", fault->text, 0}, {"said", child_said(slot->stages[stage].child), 0});
    if (hit)
        fail(slot, stage, fault);
}

/* Starts the child of a stage where it is down. A start that is refused for good fails the document that waits for it.
 */
static void start(slot_t *slot, size_t stage, int64_t now_us)
{
    fault_t fault = {0};
    child_t *child = slot->stages[stage].child;
    if (child_state(child) == CHILD_DOWN && child_start(child, now_us, &fault) < 0 && stage == slot->at)
        fail(slot, stage, &fault);
}

/* Hands the document to the stage it is in. */
static void hand_over(slot_t *slot, int64_t now_us)
{
    stage_place_t *stage = &slot->stages[slot->at];
    channel_t *channel = child_channel(stage->child);
    work_job_t job = {.attempt = 1};
    slot_result_t *result = &slot->result;
    fault_t *fault = &result->fault;
    if (channel_send(channel, WORK_DOSSIER, result->dossier.bytes, result->dossier.size, -1, fault) < 0 ||
        work_send(channel, WORK_JOB, &work_job_schema, &job, stage->wants_bytes ? slot->fd : -1, fault) < 0) {
        finish(slot);
        return;
    }
    child_job(stage->child, now_us);
    slot->handed = true;
    if (!result->begun_us)
        result->begun_us = now_us;
    slot->has_dossier = false;
    if (slot->at + 1 < slot->count)
        start(slot, slot->at + 1, now_us); /* ahead: it loads while this one works */
}

/* ---- frames ---- */

typedef int take_frame_fn(slot_t *slot, size_t stage, const channel_frame_t *frame, fault_t *fault);

static int take_ready(slot_t *slot, size_t stage, const channel_frame_t *frame, fault_t *fault)
{
    stage_place_t *place = &slot->stages[stage];
    if (child_state(place->child) != CHILD_STARTING)
        return fault_set(fault, FAULT_MESSAGE, "the worker was ready twice");
    arena_t *arena = arena_new();
    work_ready_t ready = {0};
    int taken = pack_decode(&work_ready_schema, frame->bytes, frame->size, arena, &ready, fault);
    place->wants_bytes = ready.wants_bytes;
    arena_destroy(&arena);
    if (taken == 0)
        child_ready(place->child);
    return taken;
}

static int take_progress(slot_t *slot, size_t stage, const channel_frame_t *frame, fault_t *fault)
{
    arena_t *arena = arena_new();
    work_progress_t progress = {0};
    int taken = pack_decode(&work_progress_schema, frame->bytes, frame->size, arena, &progress, fault);
    arena_destroy(&arena);
    bool moved = progress.done > slot->parts_done || progress.total != slot->parts_total;
    if (taken < 0 || slot->at != stage || !moved)
        return taken; /* telling the same again is no progress: a stage that hangs may still talk */
    slot->parts_done = progress.done;
    slot->parts_total = progress.total;
    child_alive(slot->stages[stage].child, clock_now_us());
    return 0;
}

static int take_bytes(slot_t *slot, size_t stage, const channel_frame_t *frame, fault_t *fault)
{
    if (child_state(slot->stages[stage].child) != CHILD_BUSY)
        return fault_set(fault, FAULT_MESSAGE, "the worker answered without a job");
    bool is_dossier = frame->type == WORK_DOSSIER;
    buf_t *target = is_dossier ? &slot->result.dossier : &slot->result.attachment;
    buf_clear(target);
    buf_add(target, frame->bytes, frame->size);
    slot->has_dossier |= is_dossier;
    return 0;
}

static int take_end(slot_t *slot, size_t stage, const channel_frame_t *frame, fault_t *fault)
{
    child_t *child = slot->stages[stage].child;
    if (child_state(child) != CHILD_BUSY || !slot->has_dossier)
        return fault_set(fault, FAULT_MESSAGE, "the worker ended a job without an answer");
    arena_t *arena = arena_new();
    work_end_t end = {0};
    int taken = pack_decode(&work_end_schema, frame->bytes, frame->size, arena, &end, fault);
    if (taken == 0) {
        child_answered(child);
        slot->handed = false;
        slot->parts_done = slot->parts_total = 0;
        slot->result.ended_early = strcmp(end.end, "end") == 0;
        if (strcmp(end.end, "next") == 0) {
            if (++slot->at == slot->count) {
                slot->at--;
                finish(slot);
            }
        } else {
            if (!slot->result.ended_early)
                fault_set(&slot->result.fault, fault_code_of(end.fault ? end.fault : ""), "%s",
                          end.message ? end.message : "");
            finish(slot);
        }
    }
    arena_destroy(&arena);
    return taken;
}

static take_frame_fn *const takers[] = {
    [WORK_READY] = take_ready,       [WORK_DOSSIER] = take_bytes,    [WORK_JOB] = NULL,
    [WORK_PROGRESS] = take_progress, [WORK_ATTACHMENT] = take_bytes, [WORK_END] = take_end,
};

/* Takes everything that a stage's child has sent. */
static void listen_to(slot_t *slot, size_t stage)
{
    child_t *child = slot->stages[stage].child;
    while (child_pid(child)) {
        fault_t fault = {0};
        channel_frame_t frame;
        int got = child_receive(child, &frame, &fault);
        if (got == 0)
            return;
        if (got > 0) {
            if (frame.fd >= 0)
                close(frame.fd); /* a worker has nothing to hand us */
            if (child_state(child) == CHILD_ENDING)
                continue; /* it said so before it knew that it is to end */
            take_frame_fn *take = frame.type < sizeof takers / sizeof *takers ? takers[frame.type] : NULL;
            got = take ? take(slot, stage, &frame, &fault)
                       : fault_set(&fault, FAULT_MESSAGE, "the worker sent an unknown message %d", frame.type);
            if (got < 0)
                child_kill(child);
        }
        if (got < 0)
            mourn(slot, stage, &fault);
    }
}

bool slot_step(slot_t *slot, int64_t now_us, int64_t *next_us)
{
    for (size_t i = 0; i < slot->count; i++)
        listen_to(slot, i);
    for (size_t i = 0; i < slot->count; i++) {
        fault_t fault = {0};
        if (child_tick(slot->stages[i].child, now_us, next_us, &fault) < 0)
            mourn(slot, i, &fault);
    }
    if (slot->busy && !slot->done) {
        start(slot, slot->at, now_us);
        if (!slot->done && child_state(slot->stages[slot->at].child) == CHILD_IDLE)
            hand_over(slot, now_us);
        fault_t fault = {0};
        if (!slot->done && child_tick(slot->stages[slot->at].child, now_us, next_us, &fault) < 0)
            mourn(slot, slot->at, &fault);
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
        count += child_poll(slot->stages[i].child, polls + count);
    return count;
}

void slot_stop(slot_t *slot, int64_t now_us)
{
    for (size_t i = 0; i < slot->count; i++)
        child_stop(slot->stages[i].child, now_us);
}

bool slot_is_stopped(const slot_t *slot)
{
    for (size_t i = 0; i < slot->count; i++)
        if (child_state(slot->stages[i].child) != CHILD_DOWN)
            return false;
    return true;
}

int64_t slot_peak_bytes(const slot_t *slot, size_t stage)
{
    return child_peak_bytes(slot->stages[stage].child);
}

int64_t slot_cpu_us(const slot_t *slot)
{
    int64_t sum_us = 0;
    for (size_t i = 0; i < slot->count; i++)
        sum_us += child_cpu_us(slot->stages[i].child);
    return sum_us;
}
