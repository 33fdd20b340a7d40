/* worker: see worker.h. */
#include "worker.h"
#include "base/clock.h"
#include "pack.h"
#include "work.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Environment that a worker keeps: where the models are, and what the sanitizers are told. */
static const char *const kept[] = {"TESSDATA_PREFIX", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", NULL};

/* Frames taken in one step: one that talks without end must not keep its supervisor from the others. PATIENCE: jobs
 * that wait behind one for so long are taken back. Only jobs of microseconds are given several at once, so that it is
 * one in many that takes longer. */
enum { FRAMES_A_STEP = 64, PATIENCE_US = 20000 };

struct worker {
    worker_plan_t plan;
    const char *arguments[4]; /* of the process */
    child_t *child;
    bool wants_bytes;            /* as the process said when it was ready */
    bool refused;                /* it misses a protection, and that is not allowed */
    char *missing;               /* which, in words; NULL = none */
    hand_t hand;                 /* jobs that it has */
    int parts_done, parts_total; /* of the job it is at, as the stage tells */
    bool has_dossier;            /* a DOSSIER frame of the job came */
    bool done;                   /* the result waits to be taken */
    worker_result_t result;      /* of the job it is at */
    arena_t *scratch;            /* for one frame */
};

worker_t *worker_new(const worker_plan_t *plan)
{
    worker_t *worker = calloc(1, sizeof *worker);
    if (!worker)
        abort();
    worker->plan = *plan;
    worker->scratch = arena_new();
    worker->arguments[0] = "yogi-worker";
    worker->arguments[1] = plan->stage;
    worker->arguments[2] = plan->sandbox == WORKER_OPEN ? WORK_OPEN : NULL;
    worker->child = child_new(&(child_plan_t){.program = plan->program,
                                              .arguments = worker->arguments,
                                              .keep = kept,
                                              .memory_bytes = plan->memory_bytes,
                                              .job_us = plan->job_us,
                                              .cpu_us = plan->cpu_us,
                                              .patient = plan->patient,
                                              .frame_bytes = WORK_FRAME_MOST});
    return worker;
}

void worker_destroy(worker_t **worker)
{
    if (!worker || !*worker)
        return;
    child_destroy(&(*worker)->child);
    arena_destroy(&(*worker)->scratch);
    worker_result_free(&(*worker)->result);
    free((*worker)->missing);
    free(*worker);
    *worker = NULL;
}

child_state_t worker_state(const worker_t *worker)
{
    return child_state(worker->child);
}

int worker_start(worker_t *worker, int64_t now_us, fault_t *fault)
{
    if (worker->refused)
        return fault_set(fault, FAULT_SYSTEM,
                         "this system lacks a protection of the sandbox, and YOGI_SANDBOX is strict: %.250s",
                         worker->missing);
    return child_start(worker->child, now_us, fault);
}

bool worker_is_hopeless(const worker_t *worker)
{
    return worker->refused || child_gave_up(worker->child);
}

/* ---- jobs ---- */

size_t worker_jobs(const worker_t *worker)
{
    return worker->hand.count;
}

bool worker_is_late(const worker_t *worker)
{
    return hand_is_late(&worker->hand);
}

bool worker_has(const worker_t *worker, uint64_t key)
{
    return hand_place(&worker->hand, key) >= 0;
}

uint64_t worker_key(const worker_t *worker)
{
    const hand_job_t *job = hand_first(&worker->hand);
    assert(job);
    return job->key;
}

int worker_begin(worker_t *worker, const worker_job_t *job, int64_t now_us, fault_t *fault)
{
    child_state_t state = child_state(worker->child);
    assert((state == CHILD_IDLE || state == CHILD_BUSY) && !worker_is_done(worker));
    channel_t *channel = child_channel(worker->child);
    work_job_t order = {.attempt = job->attempt, .host = job->host};
    if (job->dossier->size > WORK_FRAME_MOST)
        return fault_set(fault, FAULT_TOO_LARGE, "the dossier has %zu MB, more than the %d MB of a message",
                         job->dossier->size >> 20, WORK_FRAME_MOST >> 20);
    if (channel_send(channel, WORK_DOSSIER, buf_string(job->dossier), job->dossier->size, -1, fault) < 0 ||
        work_send(channel, WORK_JOB, &work_job_schema, &order, worker->wants_bytes ? job->fd : -1, fault) < 0) {
        child_kill(worker->child); /* half a job may stand in the channel */
        hand_drop(&worker->hand);
        return -1;
    }
    hand_add(&worker->hand, job->key, job->due_us, now_us);
    if (state == CHILD_IDLE)
        child_job(worker->child, now_us, job->due_us);
    return 0;
}

void worker_flush(worker_t *worker)
{
    fault_t gone;
    channel_t *channel = child_channel(worker->child);
    if (channel)
        (void)!channel_flush(channel, &gone); /* a process that is gone is met in the next step, with its cause */
}

/* The job that the worker was at has ended so; the next one, where there is one, begins. */
static void finish(worker_t *worker, worker_end_t end)
{
    int64_t now_us = clock_now_us(), since_us = worker->hand.since_us;
    hand_job_t job = hand_end(&worker->hand, now_us);
    worker->parts_done = worker->parts_total = 0;
    worker->has_dossier = false;
    worker->result.key = job.key;
    worker->result.end = end;
    worker->result.run_us = now_us - since_us;
    worker->done = !job.is_back;
    if (job.is_back) {
        worker_result_free(&worker->result);
        worker->result = (worker_result_t){0};
    }
}

/* The process answers the next one from now on. */
static void go_on(worker_t *worker)
{
    const hand_job_t *next = hand_first(&worker->hand);
    if (next)
        child_job(worker->child, worker->hand.since_us, next->is_back ? INT64_MAX : next->due_us);
}

/* The process is gone, and had a job or not. */
static void mourn(worker_t *worker, bool busy, const fault_t *fault)
{
    bool badly = child_ended_badly(worker->child); /* a leak that a sanitizer tells of at the end */
    LOG(worker->plan.log,
        busy    ? LOG_WARNING
        : badly ? LOG_ERROR
                : LOG_INFO,
        "worker.gone", {"stage", worker->plan.stage, 0}, {"slot", NULL, worker->plan.number},
        {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0}, {"said", child_said(worker->child), 0});
    if (!busy) { /* what it had when it was told to end is given up */
        worker->hand = (hand_t){0};
        return;
    }
    worker->result.fault = *fault; /* of the one that it was at; the others are none the worse for it */
    finish(worker, WORKER_FAIL);
    hand_drop(&worker->hand);
}

/* ---- frames ---- */

typedef int take_frame_fn(worker_t *worker, const channel_frame_t *frame, fault_t *fault);

/* What the sandbox of the process lacks is told once, and settles whether it may work. */
static void take_missing(worker_t *worker, const char *missing)
{
    if (!missing || worker->missing)
        return;
    worker->missing = strdup(missing);
    if (!worker->missing)
        abort();
    worker->refused = worker->plan.sandbox == WORKER_STRICT;
    LOG(worker->plan.log, LOG_WARNING, "sandbox.incomplete", {"stage", worker->plan.stage, 0},
        {"slot", NULL, worker->plan.number}, {"missing", missing, 0});
}

static int take_ready(worker_t *worker, const channel_frame_t *frame, fault_t *fault)
{
    if (child_state(worker->child) != CHILD_STARTING)
        return fault_set(fault, FAULT_MESSAGE, "the worker was ready twice");
    arena_t *arena = worker->scratch;
    work_ready_t ready = {0};
    int taken = pack_decode(&work_ready_schema, frame->bytes, frame->size, arena, &ready, fault);
    if (taken == 0) {
        worker->wants_bytes = ready.wants_bytes;
        take_missing(worker, ready.missing);
        child_ready(worker->child);
        if (worker->refused)
            taken = fault_set(fault, FAULT_SYSTEM, "the worker lacks a protection of its sandbox");
    }
    arena_clear(arena);
    return taken;
}

static int take_progress(worker_t *worker, const channel_frame_t *frame, fault_t *fault)
{
    arena_t *arena = worker->scratch;
    work_progress_t progress = {0};
    int taken = pack_decode(&work_progress_schema, frame->bytes, frame->size, arena, &progress, fault);
    arena_clear(arena);
    bool moved = progress.done > worker->parts_done || progress.total != worker->parts_total;
    if (taken < 0 || child_state(worker->child) != CHILD_BUSY || !moved || hand_first(&worker->hand)->is_back)
        return taken; /* telling the same again is no progress: a stage that hangs may still talk */
    worker->parts_done = progress.done;
    worker->parts_total = progress.total;
    child_alive(worker->child, clock_now_us());
    return 0;
}

static int take_bytes(worker_t *worker, const channel_frame_t *frame, fault_t *fault)
{
    if (child_state(worker->child) != CHILD_BUSY)
        return fault_set(fault, FAULT_MESSAGE, "the worker answered without a job");
    bool is_dossier = frame->type == WORK_DOSSIER;
    buf_t *target = is_dossier ? &worker->result.dossier : &worker->result.attachment;
    buf_clear(target);
    buf_add(target, frame->bytes, frame->size);
    worker->has_dossier |= is_dossier;
    return 0;
}

static int take_end(worker_t *worker, const channel_frame_t *frame, fault_t *fault)
{
    if (child_state(worker->child) != CHILD_BUSY || !worker->has_dossier)
        return fault_set(fault, FAULT_MESSAGE, "the worker ended a job without an answer");
    arena_t *arena = worker->scratch;
    work_end_t end = {0};
    int taken = pack_decode(&work_end_schema, frame->bytes, frame->size, arena, &end, fault);
    if (taken == 0) {
        child_answered(worker->child);
        worker->result.answered = true;
        worker_end_t how = strcmp(end.end, "next") == 0  ? WORKER_NEXT
                           : strcmp(end.end, "end") == 0 ? WORKER_END
                                                         : WORKER_FAIL;
        if (how == WORKER_FAIL)
            fault_set(&worker->result.fault, fault_code_of(end.fault ? end.fault : ""), "%s",
                      end.message ? end.message : "");
        finish(worker, how);
        go_on(worker);
    }
    arena_clear(arena);
    return taken;
}

static take_frame_fn *const takers[] = {
    [WORK_READY] = take_ready,       [WORK_DOSSIER] = take_bytes,    [WORK_JOB] = NULL,
    [WORK_PROGRESS] = take_progress, [WORK_ATTACHMENT] = take_bytes, [WORK_END] = take_end,
};

/* Takes the next frame. false when there is none. */
static bool take_next(worker_t *worker)
{
    child_t *child = worker->child;
    fault_t fault = {0};
    channel_frame_t frame;
    bool busy = child_state(child) == CHILD_BUSY;
    int got = child_receive(child, &frame, &fault);
    if (got == 0)
        return false;
    if (got > 0) {
        if (frame.fd >= 0)
            close(frame.fd); /* a worker has nothing to hand us */
        if (child_state(child) == CHILD_ENDING)
            return true; /* it said so before it knew that it is to end */
        take_frame_fn *take = frame.type < sizeof takers / sizeof *takers ? takers[frame.type] : NULL;
        got = take ? take(worker, &frame, &fault)
                   : fault_set(&fault, FAULT_MESSAGE, "the worker sent an unknown message %d", frame.type);
        if (got < 0)
            child_kill(child);
    }
    if (got < 0)
        mourn(worker, busy, &fault);
    return true;
}

/* Takes what the process has sent, up to the end of a job. Whether there may be more. */
static bool listen_to(worker_t *worker)
{
    int taken = 0;
    while (taken < FRAMES_A_STEP && child_pid(worker->child) && !worker_is_done(worker) && take_next(worker))
        taken++;
    return taken == FRAMES_A_STEP;
}

bool worker_is_waiting(const worker_t *worker)
{
    const channel_t *channel = child_channel(worker->child);
    return !channel || channel_is_waiting(channel);
}

/* Jobs do not wait behind one that takes long, and nor does the worker stay with what was taken back from it; lowers
 * *next_us to when they would. */
static void unburden(worker_t *worker, int64_t now_us, int64_t *next_us)
{
    const hand_job_t *first = hand_first(&worker->hand);
    bool forsaken = first && first->is_back;
    if (!forsaken && !hand_is_queued(&worker->hand))
        return;
    int64_t due_us = worker->hand.since_us + PATIENCE_US;
    if (now_us < due_us) {
        *next_us = due_us < *next_us ? due_us : *next_us;
    } else if (forsaken) { /* it takes long too, and for nobody */
        LOG(worker->plan.log, LOG_INFO, "worker.replaced", {"stage", worker->plan.stage, 0},
            {"slot", NULL, worker->plan.number});
        child_kill(worker->child);
        hand_drop(&worker->hand);
    } else {
        hand_take_back(&worker->hand, 1);
    }
}

bool worker_step(worker_t *worker, int64_t now_us, int64_t *next_us)
{
    bool more = listen_to(worker);
    unburden(worker, now_us, next_us);
    if (worker_is_done(worker))
        return true;
    fault_t fault = {0};
    bool busy = child_state(worker->child) == CHILD_BUSY;
    if (child_tick(worker->child, now_us, next_us, &fault) < 0)
        mourn(worker, busy, &fault);
    if (more)
        *next_us = now_us < *next_us ? now_us : *next_us;
    return worker_is_done(worker);
}

bool worker_is_done(const worker_t *worker)
{
    return worker->done || worker->hand.back_count > 0;
}

void worker_take(worker_t *worker, worker_result_t *result)
{
    *result = (worker_result_t){.end = WORKER_BACK};
    if (!worker->done) {
        bool any = hand_next_back(&worker->hand, &result->key);
        assert(any);
        return;
    }
    *result = worker->result;
    worker->result = (worker_result_t){0};
    worker->done = false;
}

void worker_result_free(worker_result_t *result)
{
    buf_free(&result->dossier);
    buf_free(&result->attachment);
}

void worker_progress(const worker_t *worker, int *done, int *total)
{
    *done = worker->parts_done;
    *total = worker->parts_total;
}

bool worker_cancel(worker_t *worker, uint64_t key)
{
    int place = hand_place(&worker->hand, key);
    if (place > 0)
        hand_take_back(&worker->hand, (uint32_t)place); /* the few behind it too */
    if (place != 0 || worker->done)                     /* done: the result of another is to be taken first */
        return place > 0;
    child_kill(worker->child);
    fault_set(&worker->result.fault, FAULT_CANCELLED, "the job was cancelled");
    finish(worker, WORKER_FAIL);
    hand_drop(&worker->hand);
    return true;
}

/* ---- the process ---- */

void worker_stop(worker_t *worker, int64_t now_us)
{
    child_stop(worker->child, now_us);
}

size_t worker_poll(const worker_t *worker, struct pollfd *polls)
{
    return child_poll(worker->child, polls);
}

pid_t worker_pid(const worker_t *worker)
{
    return child_pid(worker->child);
}

const char *worker_missing(const worker_t *worker)
{
    return worker->missing;
}

bool worker_wants_bytes(const worker_t *worker)
{
    return worker->wants_bytes;
}

int64_t worker_peak_bytes(const worker_t *worker)
{
    return child_peak_bytes(worker->child);
}

int64_t worker_cpu_us(const worker_t *worker)
{
    return child_cpu_us(worker->child);
}
