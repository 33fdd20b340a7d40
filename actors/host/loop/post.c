/* post: see post.h. */
#include "post.h"
#include "origin.h"
#include "proto/base/memory.h"
#include "verdict.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

/* Progress is for people: not told more often. PARTS: most that a message may say. */
enum { TELL_US = 100000, PARTS_MOST = 1000000 };

typedef enum {
    TASK_NONE,     /* free */
    TASK_FETCHING, /* its document is on the way */
    TASK_READY,    /* waits for a worker */
    TASK_WORKING,  /* a worker has it */
} task_state_t;

/* A job that was taken from the ledger. */
typedef struct {
    task_state_t state;
    bool killed;       /* its broker has called it off */
    uint32_t job;      /* its number there; the key at the crew and at fetch */
    message_t message; /* the JOB; good until it is answered */
    int64_t due_us;    /* its deadline; INT64_MAX = none */
    int64_t told_us;   /* when its progress was told last */
    int fd;            /* the document; -1 = none */
} task_t;

struct post {
    post_plan_t plan;
    crew_t *crew;
    task_t *tasks;      /* one for each worker */
    uint32_t announced; /* tasks that will want a worker: FETCHING and READY */
    bool giving_up;     /* all is lost */
};

post_t *post_new(const post_plan_t *plan)
{
    post_t *post = memory_new(1, sizeof *post);
    post->plan = *plan;
    post->tasks = memory_new(plan->workers, sizeof *post->tasks);
    for (uint32_t i = 0; i < plan->workers; i++)
        post->tasks[i].fd = -1;
    post->crew = crew_new(&plan->crew, plan->workers);
    return post;
}

void post_destroy(post_t **post)
{
    if (!post || !*post)
        return;
    crew_destroy(&(*post)->crew);
    for (uint32_t i = 0; i < (*post)->plan.workers; i++)
        if ((*post)->tasks[i].fd >= 0)
            close((*post)->tasks[i].fd);
    free((*post)->tasks);
    free(*post);
    *post = NULL;
}

crew_t *post_crew(post_t *post)
{
    return post->crew;
}

const char *post_stage(const post_t *post)
{
    return post->plan.crew.stage;
}

/* ---- tasks ---- */

static void set_state(post_t *post, task_t *task, task_state_t state)
{
    post->announced -= task->state == TASK_FETCHING || task->state == TASK_READY;
    post->announced += state == TASK_FETCHING || state == TASK_READY;
    task->state = state;
}

/* The task is over: what it held is given back. */
static void clear(post_t *post, task_t *task)
{
    if (task->fd >= 0)
        close(task->fd);
    set_state(post, task, TASK_NONE);
    *task = (task_t){.fd = -1};
}

static void fail(post_t *post, task_t *task, failed_t class, const fault_t *fault, int64_t now_us)
{
    char job[IDENT_TEXT];
    LOG(post->plan.log, LOG_WARNING, "job.failed", {"job", ident_format(task->message.job, job), 0},
        {"stage", post->plan.crew.stage, 0}, {"attempt", NULL, task->message.attempt},
        {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0});
    uint32_t number = task->job;
    clear(post, task);
    ledger_failed(post->plan.ledger, number, class, fault, now_us);
}

static task_t *find(post_t *post, uint32_t job)
{
    for (uint32_t i = 0; i < post->plan.workers; i++)
        if (post->tasks[i].state != TASK_NONE && post->tasks[i].job == job)
            return &post->tasks[i];
    return NULL;
}

/* ---- to a worker ---- */

static void begin(post_t *post, task_t *task, int64_t now_us)
{
    fault_t fault = {0};
    const message_t *message = &task->message;
    buf_t dossier = {(char *)(uintptr_t)message->body.at, message->body.size, message->body.size}; /* only read */
    worker_job_t job = {.dossier = &dossier,
                        .fd = task->fd,
                        .attempt = (int32_t)message->attempt,
                        .host = post->plan.host,
                        .due_us = task->due_us};
    if (crew_begin(post->crew, task->job, &job, now_us, &fault) < 0) {
        fail(post, task, FAILED_RETRYABLE, &fault, now_us);
        return;
    }
    set_state(post, task, TASK_WORKING);
    if (task->fd >= 0)
        close(task->fd); /* the worker has its own */
    task->fd = -1;
}

static void fetch(post_t *post, task_t *task, int64_t now_us)
{
    fault_t fault = {0};
    origin_t origin;
    arena_t *arena = arena_new();
    if (origin_read(task->message.body, arena, &origin, &fault) < 0) {
        fail(post, task, FAILED_PERMANENT, &fault, now_us);
    } else {
        set_state(post, task, TASK_FETCHING);
        fetch_order_t order = {task->job, origin.url, origin.sha256, origin.bytes};
        fetch_begin(post->plan.fetch, &order, now_us);
    }
    arena_destroy(&arena);
}

/* Whether a job was taken. */
static bool take(post_t *post, int64_t now_us)
{
    task_t *task = post->tasks;
    while (task < post->tasks + post->plan.workers && task->state != TASK_NONE)
        task++;
    assert(task < post->tasks + post->plan.workers); /* no more tasks than workers */
    task_t taken = {.fd = -1, .due_us = INT64_MAX};
    if (!ledger_take(post->plan.ledger, post->plan.number, &taken.job, &taken.message, now_us))
        return false;
    if (taken.message.remaining_ms)
        taken.due_us = now_us + (int64_t)taken.message.remaining_ms * 1000;
    *task = taken;
    set_state(post, task, TASK_READY);
    if (crew_wants_bytes(post->crew))
        fetch(post, task, now_us);
    else
        begin(post, task, now_us);
    return true;
}

void post_feed(post_t *post, int64_t now_us)
{
    for (uint32_t i = 0; i < post->plan.workers && post->announced; i++)
        if (post->tasks[i].state == TASK_READY && crew_free(post->crew) > 0)
            begin(post, &post->tasks[i], now_us);
    while (crew_free(post->crew) > post->announced && fetch_free(post->plan.fetch) > 0 && take(post, now_us))
        ;
}

bool post_can_feed(const post_t *post)
{
    size_t ready = crew_free(post->crew);
    for (uint32_t i = 0; i < post->plan.workers && ready; i++)
        if (post->tasks[i].state == TASK_READY)
            return true;
    return ready > post->announced && fetch_free(post->plan.fetch) > 0 &&
           ledger_waiting(post->plan.ledger, post->plan.number) > 0;
}

bool post_fetched(post_t *post, const fetch_event_t *event, int64_t now_us)
{
    task_t *task = find(post, (uint32_t)event->key);
    if (!task || task->state != TASK_FETCHING)
        return false;
    task->fd = event->fd;
    if (event->fault.code != FAULT_NONE)
        fail(post, task, verdict_of_fetch(&event->fault), &event->fault, now_us);
    else
        set_state(post, task, TASK_READY); /* post_feed goes on */
    return true;
}

/* ---- from a worker ---- */

static void tell_progress(post_t *post, task_t *task, const crew_event_t *event, int64_t now_us)
{
    if (now_us - task->told_us < TELL_US || event->done < 0 || event->total < 0 || event->done > PARTS_MOST ||
        event->total > PARTS_MOST)
        return;
    task->told_us = now_us;
    ledger_progress(post->plan.ledger, task->job, (uint32_t)event->done, (uint32_t)event->total, now_us);
}

static void ended(post_t *post, task_t *task, const worker_result_t *result, int64_t now_us)
{
    fault_t fault = result->fault;
    if (result->end == WORKER_FAIL) {
        fail(post, task, post->giving_up ? FAILED_LOST : verdict_of_work(result), &fault, now_us);
        return;
    }
    if (result->dossier.size > MESSAGE_BODY_MOST) {
        fault_set(&fault, FAULT_TOO_LARGE, "the dossier has %zu MB after this stage, more than the %u MB of a message",
                  result->dossier.size >> 20, MESSAGE_BODY_MOST >> 20);
        fail(post, task, FAILED_TOO_LARGE, &fault, now_us);
        return;
    }
    uint32_t number = task->job;
    clear(post, task);
    slice_t dossier = {result->dossier.bytes, (uint32_t)result->dossier.size};
    ledger_done(post->plan.ledger, number, dossier, result->end == WORKER_END, now_us);
}

static void heard(post_t *post, crew_event_t *event, int64_t now_us)
{
    task_t *task = find(post, (uint32_t)event->key);
    assert(task && task->state == TASK_WORKING);
    if (event->kind == CREW_PROGRESS) {
        tell_progress(post, task, event, now_us);
        return;
    }
    ended(post, task, &event->result, now_us);
    worker_result_free(&event->result);
}

void post_hear(post_t *post, int64_t now_us, int64_t *next_us)
{
    crew_event_t event;
    while (crew_step(post->crew, now_us, next_us, &event))
        heard(post, &event, now_us);
}

/* ---- not wanted any more ---- */

static void kill_task(post_t *post, task_t *task)
{
    if (task->state == TASK_WORKING)
        crew_cancel(post->crew, task->job); /* its end comes as an event; false: it comes already */
    else if (!task->killed && task->state == TASK_FETCHING)
        fetch_cancel(post->plan.fetch, task->job);
    task->killed = true;
}

void post_kill(post_t *post, uint32_t job)
{
    task_t *task = find(post, job);
    if (task)
        kill_task(post, task);
}

void post_give_up(post_t *post)
{
    post->giving_up = true;
    for (uint32_t i = 0; i < post->plan.workers; i++)
        if (post->tasks[i].state != TASK_NONE)
            kill_task(post, &post->tasks[i]);
}

void post_sweep(post_t *post, int64_t now_us)
{
    fault_t fault;
    fault_set(&fault, FAULT_CANCELLED, "the job was given up before a worker had it");
    for (uint32_t i = 0; i < post->plan.workers && post->announced; i++) {
        task_t *task = &post->tasks[i];
        if (task->killed && (task->state == TASK_FETCHING || task->state == TASK_READY))
            fail(post, task, post->giving_up ? FAILED_LOST : FAILED_CANCELLED, &fault, now_us);
    }
}
