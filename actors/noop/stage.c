/* stage: noop, which passes the dossier on as it came: for benchmarks of everything around the stages, and for tests of
 * what happens when one fails. What it does is an option of the dossier, options.noop:
 *
 *     (none)        nothing
 *     slow MS       waits so long
 *     parts N       tells progress N times
 *     spin          computes for ever, with progress all the time
 *     flood         tells progress for ever, as fast as it can
 *     hang          waits for ever
 *     crash         dies of SIGSEGV
 *     exit          ends the process in the middle
 *     eat           takes memory for ever
 *     thread        starts a thread, which a stage without a document may not
 *     garbage       answers with bytes that are no message
 *     too-large     announces an answer of 4 GB
 *     fail FAULT    fails with that fault
 *     end FAULT     ends the run with that fault as its outcome
 *
 * Runs in a worker, where an operator has asked for this stage by name; garbage and too-large speak on the channel of
 * the worker itself, as a broken or hostile stage would. Diagnostics: FAULT_USAGE for an option that it does not know.
 */
#include "actors/stage.h"
#include "proto/pack.h"
#include "proto/work.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef stage_end_t manner_fn(stage_job_t *job, const char *argument, fault_t *fault);

enum { EATEN_BLOCK = 1 << 20, SLOW_MOST_MS = 3600 * 1000, PARTS_MOST = 100000, FRAMES_AT_ONCE = 4000 };

static stage_end_t slow(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)fault;
    int ms = atoi(argument);
    poll(NULL, 0, ms < 0 ? 0 : ms > SLOW_MOST_MS ? SLOW_MOST_MS : ms);
    return STAGE_NEXT;
}

static stage_end_t parts(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)fault;
    int count = atoi(argument);
    for (int i = 0; i < count && i < PARTS_MOST; i++)
        job->progress(job, i + 1, count);
    return STAGE_NEXT;
}

static stage_end_t spin(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)argument, (void)fault;
    for (unsigned turn = 0;; turn++)
        if (turn % (1u << 28) == 0)
            job->progress(job, (int)(turn >> 28), (int)(turn >> 28) + 1);
    return STAGE_NEXT;
}

static stage_end_t hang(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument, (void)fault;
    for (;;)
        poll(NULL, 0, -1);
    return STAGE_NEXT;
}

static stage_end_t crash(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument, (void)fault;
    raise(SIGSEGV);
    return STAGE_NEXT;
}

static stage_end_t leave(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument, (void)fault;
    _exit(3);
    return STAGE_NEXT;
}

static stage_end_t eat(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument, (void)fault;
    for (;;) {
        char *block = malloc(EATEN_BLOCK);
        if (!block) {
            fputs("out of memory\n", stderr);
            abort();
        }
        memset(block, 1, EATEN_BLOCK);
    }
    return STAGE_NEXT;
}

static void *nothing(void *argument)
{
    return argument;
}

static stage_end_t start_thread(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument;
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0) {
        fault_set(fault, FAULT_SYSTEM, "no thread");
        return STAGE_FAIL;
    }
    pthread_join(thread, NULL);
    return STAGE_NEXT;
}

/* Says something on the channel behind the back of the skeleton. */
static stage_end_t say(const char *bytes, size_t size, fault_t *fault)
{
    for (ssize_t n; size; bytes += n, size -= (size_t)n) {
        n = write(WORK_FD, bytes, size);
        if (n < 0 && errno != EAGAIN) {
            fault_set(fault, FAULT_SYSTEM, "the channel takes nothing");
            return STAGE_FAIL;
        }
        n = n < 0 ? 0 : n;
        if (size > (size_t)n)
            poll(&(struct pollfd){WORK_FD, POLLOUT, 0}, 1, -1);
    }
    return STAGE_NEXT;
}

/* Many messages in one write, so that writing them takes less time than reading. */
static stage_end_t flood(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument;
    buf_t body = {0}, frames = {0};
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        work_progress_t progress = {.done = i, .total = i + 1};
        buf_clear(&body);
        pack_encode(&work_progress_schema, &progress, &body);
        const char head[8] = {(char)body.size, 0, 0, 0, WORK_PROGRESS, 0, 'Y', 'G'};
        buf_add(&frames, head, sizeof head);
        buf_add(&frames, body.bytes, body.size);
    }
    while (say(frames.bytes, frames.size, fault) == STAGE_NEXT)
        ;
    buf_free(&body);
    buf_free(&frames);
    return STAGE_FAIL;
}

static stage_end_t garbage(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument;
    return say("this is not a frame, is it?", 27, fault);
}

static stage_end_t too_large(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job, (void)argument;
    const char head[8] = {'\xff', '\xff', '\xff', '\xff', WORK_DOSSIER, 0, 'Y', 'G'};
    return say(head, sizeof head, fault);
}

static stage_end_t fail(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)job;
    fault_set(fault, fault_code_of(argument), "as the option noop wants it");
    return STAGE_FAIL;
}

static stage_end_t end(stage_job_t *job, const char *argument, fault_t *fault)
{
    (void)fault;
    outcome_t *outcome = &job->dossier->outcome;
    outcome->status = "failed";
    outcome->error = fault_name(fault_code_of(argument));
    outcome->message = "as the option noop wants it";
    return STAGE_END;
}

static const struct {
    const char *name;
    manner_fn *run;
} manners[] = {
    {"slow", slow},       {"parts", parts},         {"spin", spin}, {"hang", hang}, {"flood", flood},
    {"crash", crash},     {"exit", leave},          {"eat", eat},   {"fail", fail}, {"thread", start_thread},
    {"garbage", garbage}, {"too-large", too_large}, {"end", end},
};

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    const char *wish = job->dossier->options.noop;
    if (!wish)
        return STAGE_NEXT;
    size_t length = strcspn(wish, " ");
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (strlen(manners[i].name) == length && strncmp(manners[i].name, wish, length) == 0)
            return manners[i].run(job, wish[length] ? wish + length + 1 : "", fault);
    fault_set(fault, FAULT_USAGE, "the stage noop does not know \"%.60s\"", wish);
    return STAGE_FAIL;
}

const stage_t stage_noop = {"noop", false, NULL, run, NULL};
