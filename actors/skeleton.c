/* skeleton: see skeleton.h. */
#include "skeleton.h"
#include "actors/sandbox/sandbox.h"
#include "proto/base/clock.h"
#include "proto/pack.h"
#include "proto/work.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The skeleton, for the life of the process. */
typedef struct {
    const stage_t *stage;
    channel_t *channel;
    void *state;      /* what the stage's open gave */
    unsigned missing; /* protections that could not be had, SANDBOX_ bits */
    int64_t begin_us; /* process CPU time when the job under way came */
    int64_t spent_us; /* CPU time of the job, once its stage has ended */
    int64_t lap_us;   /* process CPU time at the last lap */
    list_t laps;      /* lap_t, of the job under way; its own so that a stage cannot spoil the trail */
    buf_t dossier;    /* the last DOSSIER frame */
    buf_t packed;     /* the last answer */
    buf_t attachment; /* of the job under way */
} worker_t;

static void lap(stage_job_t *job, const char *name)
{
    worker_t *worker = job->skeleton;
    int64_t now_us = clock_process_us();
    double ms = (double)(now_us - worker->lap_us) / 1000;
    worker->lap_us = now_us;
    for (size_t i = 0; i < worker->laps.count; i++) /* laps of one name add up: many pages, one figure */
        if (strcmp(LIST_AT(lap_t, worker->laps, i)->name, name) == 0) {
            LIST_AT(lap_t, worker->laps, i)->ms += ms;
            return;
        }
    lap_t *entry = list_push(job->dossier->arena, &worker->laps, sizeof *entry);
    entry->name = arena_text(job->dossier->arena, name);
    entry->ms = ms;
}

static void progress(stage_job_t *job, int done, int total)
{
    worker_t *worker = job->skeleton;
    work_progress_t message = {.done = done, .total = total};
    fault_t ignored; /* progress may be lost; a closed channel is met again at the answer */
    if (work_send(worker->channel, WORK_PROGRESS, &work_progress_schema, &message, -1, &ignored) == 0)
        (void)!channel_flush(worker->channel, &ignored);
}

/* Maps the document that came as a descriptor. NULL with the fault. */
static const uint8_t *map_document(int fd, size_t *size, fault_t *fault)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0 || status.st_size <= 0) {
        fault_set(fault, FAULT_MESSAGE, "the job came without its document");
        return NULL;
    }
    *size = (size_t)status.st_size;
    void *bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        fault_set(fault, FAULT_SYSTEM, "the document cannot be mapped: %s", strerror(errno));
        return NULL;
    }
    return bytes;
}

/* Runs the stage on the dossier, with the document in fd, and writes the trail. */
static stage_end_t run(worker_t *worker, dossier_t *dossier, const work_job_t *order, int fd, fault_t *fault)
{
    char started[32], finished[32];
    clock_format(clock_wall_ms(), started);
    worker->lap_us = worker->begin_us;
    worker->laps = (list_t){0};
    buf_clear(&worker->attachment);
    stage_job_t job = {
        .dossier = dossier, .skeleton = worker, .lap = lap, .progress = progress, .attachment = &worker->attachment};
    stage_end_t end = STAGE_FAIL;
    if (!worker->stage->wants_bytes || (job.bytes = map_document(fd, &job.size, fault))) {
        job.state = worker->state;
        end = worker->stage->run(&job, fault);
    }
    if (job.bytes)
        munmap((void *)(uintptr_t)job.bytes, job.size);
    trail_t *trail = list_push(dossier->arena, &dossier->trail, sizeof *trail);
    trail->stage = worker->stage->name;
    trail->engine = strcmp(trail->stage, "llm") == 0 ? dossier->options.engine : NULL;
    trail->host = arena_text(dossier->arena, order->host);
    trail->attempt = order->attempt;
    trail->started = arena_text(dossier->arena, started);
    trail->finished = arena_text(dossier->arena, clock_format(clock_wall_ms(), finished));
    worker->spent_us = clock_process_us() - worker->begin_us;
    if (worker->spent_us < 1)
        worker->spent_us = 1; /* none would mean that it is not known */
    trail->cpu_ms = (double)worker->spent_us / 1000;
    trail->laps = worker->laps;
    trail->error = end == STAGE_FAIL ? fault_name(fault->code) : NULL;
    return end;
}

static int answer(worker_t *worker, const dossier_t *dossier, stage_end_t end, const fault_t *why, fault_t *fault)
{
    static const char *const ends[] = {[STAGE_NEXT] = "next", [STAGE_END] = "end", [STAGE_FAIL] = "fail"};
    work_end_t message = {.end = ends[end], .cpu_us = worker->spent_us};
    if (end == STAGE_FAIL) {
        message.fault = fault_name(why->code);
        message.message = why->text;
    }
    buf_clear(&worker->packed);
    dossier_encode(dossier, &worker->packed);
    int sent = channel_send(worker->channel, WORK_DOSSIER, worker->packed.bytes, worker->packed.size, -1, fault);
    if (sent == 0 && worker->attachment.size)
        sent = channel_send(worker->channel, WORK_ATTACHMENT, worker->attachment.bytes, worker->attachment.size, -1,
                            fault);
    if (sent == 0)
        sent = work_send(worker->channel, WORK_END, &work_end_schema, &message, -1, fault);
    return sent == 0 ? channel_drain(worker->channel, fault) : -1;
}

/* One job: the dossier stands in worker->dossier, the order and the document in the frame. */
static int serve(worker_t *worker, const channel_frame_t *frame, fault_t *fault)
{
    worker->begin_us = clock_process_us();
    fault_t why = {0};
    work_job_t order = {0};
    dossier_t *dossier = dossier_decode(worker->dossier.bytes, worker->dossier.size, fault);
    int served = -1;
    if (dossier && pack_decode(&work_job_schema, frame->bytes, frame->size, dossier->arena, &order, fault) == 0) {
        stage_end_t end = run(worker, dossier, &order, frame->fd, &why);
        served = answer(worker, dossier, end, &why, fault);
    }
    dossier_destroy(&dossier);
    return served;
}

static int loop(worker_t *worker, fault_t *fault)
{
    buf_t missing = {0};
    sandbox_describe(worker->missing, &missing);
    work_ready_t ready = {.stage = worker->stage->name,
                          .wants_bytes = worker->stage->wants_bytes,
                          .missing = missing.size ? missing.bytes : NULL};
    int sent = work_send(worker->channel, WORK_READY, &work_ready_schema, &ready, -1, fault);
    buf_free(&missing);
    if (sent < 0)
        return -1;
    for (channel_frame_t frame;;) {
        int got = channel_wait(worker->channel, &frame, fault);
        if (got <= 0)
            return got;
        int done = 0;
        if (frame.type == WORK_DOSSIER) {
            buf_clear(&worker->dossier);
            buf_add(&worker->dossier, frame.bytes, frame.size);
        } else if (frame.type == WORK_JOB) {
            done = serve(worker, &frame, fault);
        } else {
            done = fault_set(fault, FAULT_MESSAGE, "unknown frame %d", frame.type);
        }
        if (frame.fd >= 0)
            close(frame.fd);
        if (done < 0)
            return -1;
    }
}

/* Loads what the stage always needs, then shuts the process in; from here on it may meet outside bytes. */
static void prepare(worker_t *worker, bool shut)
{
    tzset();
    if (worker->stage->open)
        worker->state = worker->stage->open();
    if (shut) /* libde265, which reads HEIC, starts threads: no other library does */
        worker->missing = sandbox_enter(&(sandbox_plan_t){worker->stage->wants_bytes, WORK_FD});
}

/* A page's pictures come and go: their memory is kept for the next, as the system would clear every page of it anew. */
static void keep_memory(void)
{
    enum { KEPT = 32 * 1024 * 1024 }; /* bytes; as large as a block may be that is not mapped by itself */
    mallopt(M_MMAP_THRESHOLD, KEPT);
    mallopt(M_TRIM_THRESHOLD, KEPT);
}

int skeleton_main(int argc, char **argv, const stage_t *const *stages, size_t count)
{
    const char *limit = getenv("OMP_THREAD_LIMIT");
    if (!limit || strcmp(limit, "1") != 0) {
        setenv("OMP_THREAD_LIMIT", "1", 1);
        execv("/proc/self/exe", argv);
        perror("yogi-worker: cannot start itself again");
        return 1;
    }
    keep_memory();
    worker_t worker = {0};
    bool open = argc == 3 && strcmp(argv[2], WORK_OPEN) == 0;
    for (size_t i = 0; (argc == 2 || open) && i < count; i++)
        if (strcmp(stages[i]->name, argv[1]) == 0)
            worker.stage = stages[i];
    struct stat status;
    if (!worker.stage || fstat(WORK_FD, &status) < 0 || !S_ISSOCK(status.st_mode)) {
        fputs("yogi-worker STAGE serves a supervisor on descriptor 3; `yogi read FILE` starts it\n", stderr);
        return 2;
    }
    fault_t fault = {0};
    worker.channel = channel_new(WORK_FD, WORK_FRAME_MOST);
    prepare(&worker, !open);
    int ended = loop(&worker, &fault);
    if (ended < 0)
        fprintf(stderr, "yogi-worker %s: %s\n", worker.stage->name, fault.text);
    if (worker.stage->close)
        worker.stage->close(worker.state);
    /* the supervisor takes the closed connection for the end: it must not close before the process has really ended */
    int open_till_the_end = dup(WORK_FD);
    (void)open_till_the_end;
    channel_destroy(&worker.channel);
    buf_free(&worker.dossier);
    buf_free(&worker.packed);
    buf_free(&worker.attachment);
    return ended < 0 ? 1 : 0;
}
