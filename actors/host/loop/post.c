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

/* Jobs that take no longer than SHORT are handed over several at a time, as many as take HANDFUL: a wake-up costs about
 * 10 us, and who waits behind another loses no more than that. */
enum { SHORT_US = 250, HANDFUL_US = 2000 };

typedef enum {
    TASK_NONE,     /* free */
    TASK_FETCHING, /* its document is on the way; prepared in the ledger */
    TASK_READY,    /* waits for a worker; prepared there */
    TASK_WORKING,  /* a worker has it */
    TASK_STATES
} task_state_t;

/* A job that was taken from the ledger. Its number there is its place here, and its key at the crew and at fetch. */
typedef struct {
    task_state_t state;
    bool begun;        /* in the ledger */
    bool killed;       /* its broker has called it off */
    message_t message; /* the JOB; good until it is answered */
    int64_t due_us;    /* its deadline; INT64_MAX = none */
    int64_t told_us;   /* when its progress was told last */
    int fd;            /* the document; -1 = none */
} task_t;

struct post {
    post_plan_t plan;
    crew_t *crew;
    task_t *tasks;                /* by number of the job */
    uint32_t room;                /* of tasks */
    uint32_t counts[TASK_STATES]; /* tasks in each state */
    bool giving_up;               /* all is lost */
};

post_t *post_new(const post_plan_t *plan)
{
    post_t *post = memory_new(1, sizeof *post);
    post->plan = *plan;
    post->crew = crew_new(&plan->crew, plan->workers);
    return post;
}

void post_destroy(post_t **post)
{
    if (!post || !*post)
        return;
    crew_destroy(&(*post)->crew);
    for (uint32_t i = 0; i < (*post)->room; i++)
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

static uint32_t number_of(const post_t *post, const task_t *task)
{
    return (uint32_t)(task - post->tasks);
}

static void set_state(post_t *post, task_t *task, task_state_t state)
{
    post->counts[task->state]--;
    post->counts[state]++;
    task->state = state;
}

/* Tasks that will want a worker. */
static uint32_t announced(const post_t *post)
{
    return post->counts[TASK_FETCHING] + post->counts[TASK_READY];
}

/* The task of a job that was just taken. */
static task_t *add(post_t *post, uint32_t job)
{
    if (job >= post->room) {
        uint32_t room = job + job / 2 + 16;
        post->tasks = memory_grow(post->tasks, room, sizeof *post->tasks);
        for (uint32_t i = post->room; i < room; i++)
            post->tasks[i] = (task_t){.fd = -1};
        post->counts[TASK_NONE] += room - post->room;
        post->room = room;
    }
    assert(post->tasks[job].state == TASK_NONE);
    return &post->tasks[job];
}

static task_t *find(post_t *post, uint32_t job)
{
    return job < post->room && post->tasks[job].state != TASK_NONE ? &post->tasks[job] : NULL;
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
    uint32_t number = number_of(post, task);
    bool begun = task->begun;
    clear(post, task);
    if (!begun)
        ledger_begin(post->plan.ledger, number, now_us);
    ledger_failed(post->plan.ledger, number, class, fault, now_us);
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
    if (!task->begun)
        ledger_begin(post->plan.ledger, number_of(post, task), now_us);
    task->begun = true;
    if (crew_begin(post->crew, number_of(post, task), &job, now_us, &fault) < 0) {
        fail(post, task, FAILED_RETRYABLE, &fault, now_us);
        return;
    }
    set_state(post, task, TASK_WORKING);
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
        fetch_order_t order = {
            .key = number_of(post, task), .url = origin.url, .sha256 = origin.sha256, .bytes = origin.bytes};
        fetch_begin(post->plan.fetch, &order, now_us);
    }
    arena_destroy(&arena);
}

/* Whether one more can be taken from the ledger: there is a worker for it, or time to fetch its document ahead. */
static bool has_room(const post_t *post)
{
    size_t room = crew_free(post->crew);
    if (crew_wants_bytes(post->crew))
        return announced(post) < room + post->plan.workers && fetch_free(post->plan.fetch) > 0;
    return announced(post) < room;
}

/* Whether a job was taken. */
static bool take(post_t *post, int64_t now_us)
{
    uint32_t job;
    message_t message;
    ledger_t *ledger = post->plan.ledger;
    bool fetches = crew_wants_bytes(post->crew);
    if (!(fetches ? ledger_prepare : ledger_take)(ledger, post->plan.number, &job, &message, now_us))
        return false;
    task_t *task = add(post, job);
    task->message = message;
    task->due_us = message.remaining_ms ? now_us + (int64_t)message.remaining_ms * 1000 : INT64_MAX;
    task->begun = !fetches;
    set_state(post, task, TASK_READY);
    if (fetches)
        fetch(post, task, now_us);
    else
        begin(post, task, now_us);
    return true;
}

/* How many jobs a worker may have at once. */
static uint32_t depth(const post_t *post)
{
    int64_t run_us = ledger_run_us(post->plan.ledger, post->plan.number);
    if (run_us == 0 || run_us > SHORT_US || crew_wants_bytes(post->crew))
        return 1;
    return HANDFUL_US / run_us < HAND_MOST ? (uint32_t)(HANDFUL_US / run_us) : HAND_MOST;
}

/* Those whose document is there. */
static void begin_ready(post_t *post, int64_t now_us)
{
    for (uint32_t i = 0; i < post->room && post->counts[TASK_READY] > 0; i++)
        if (post->tasks[i].state == TASK_READY && !post->tasks[i].killed && crew_free(post->crew) > 0)
            begin(post, &post->tasks[i], now_us);
}

void post_feed(post_t *post, int64_t now_us)
{
    crew_deepen(post->crew, depth(post));
    begin_ready(post, now_us);
    while (has_room(post) && take(post, now_us))
        ;
    crew_flush(post->crew);
}

bool post_can_feed(const post_t *post)
{
    if (post->counts[TASK_READY] > 0 && crew_free(post->crew) > 0)
        return true;
    return ledger_waiting(post->plan.ledger, post->plan.number) > 0 && has_room(post);
}

bool post_fetched(post_t *post, const fetch_event_t *event, int64_t now_us)
{
    task_t *task = find(post, (uint32_t)event->key);
    if (!task || task->state != TASK_FETCHING)
        return false;
    task->fd = event->fd;
    if (event->fault.code != FAULT_NONE)
        fail(post, task, verdict_of_fetch(&event->fault), &event->fault, now_us);
    else {
        ledger_ready(post->plan.ledger, (uint32_t)event->key, now_us);
        set_state(post, task, TASK_READY); /* post_feed goes on */
    }
    return true;
}

/* ---- from a worker ---- */

static void tell_progress(post_t *post, task_t *task, const crew_event_t *event, int64_t now_us)
{
    if (now_us - task->told_us < TELL_US || event->done < 0 || event->total < 0 || event->done > PARTS_MOST ||
        event->total > PARTS_MOST)
        return;
    task->told_us = now_us;
    ledger_progress(post->plan.ledger, number_of(post, task), (uint32_t)event->done, (uint32_t)event->total, now_us);
}

/* Whether it goes into a message. */
static int check_size(const worker_result_t *result, fault_t *fault)
{
    size_t dossier = result->dossier.size, attachment = result->attachment.size;
    if (attachment > MESSAGE_ATTACHMENT_MOST)
        return fault_set(fault, FAULT_TOO_LARGE,
                         "what the stage made beside the dossier has %zu MB, more than the %u MB of a message",
                         attachment >> 20, MESSAGE_ATTACHMENT_MOST >> 20);
    if (dossier + attachment > MESSAGE_BODY_MOST)
        return fault_set(fault, FAULT_TOO_LARGE,
                         "the dossier has %zu MB after this stage, more than the %u MB of a message",
                         (dossier + attachment) >> 20, MESSAGE_BODY_MOST >> 20);
    return 0;
}

static void ended(post_t *post, task_t *task, const worker_result_t *result, int64_t now_us)
{
    fault_t fault = result->fault;
    ledger_ran(post->plan.ledger, number_of(post, task), result->run_us);
    if (result->end == WORKER_FAIL) {
        fail(post, task, post->giving_up ? FAILED_LOST : verdict_of_work(result), &fault, now_us);
        return;
    }
    if (check_size(result, &fault) < 0) {
        fail(post, task, FAILED_TOO_LARGE, &fault, now_us);
        return;
    }
    uint32_t number = number_of(post, task);
    clear(post, task);
    jobs_result_t done = {.dossier = {result->dossier.bytes, (uint32_t)result->dossier.size},
                          .attachment = {result->attachment.bytes, (uint32_t)result->attachment.size},
                          .last = result->end == WORKER_END};
    ledger_done(post->plan.ledger, number, &done, now_us);
}

/* It waited behind one that takes long. */
static void came_back(post_t *post, task_t *task, int64_t now_us)
{
    if (task->killed) { /* the sweep answers */
        set_state(post, task, TASK_READY);
        return;
    }
    uint32_t number = number_of(post, task);
    clear(post, task);
    ledger_put_back(post->plan.ledger, number, now_us);
}

static void heard(post_t *post, crew_event_t *event, int64_t now_us)
{
    task_t *task = find(post, (uint32_t)event->key);
    assert(task && task->state == TASK_WORKING);
    switch (event->kind) {
    case CREW_PROGRESS:
        tell_progress(post, task, event, now_us);
        break;
    case CREW_BACK:
        came_back(post, task, now_us);
        break;
    case CREW_ENDED:
        ended(post, task, &event->result, now_us);
        worker_result_free(&event->result);
        break;
    }
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
        crew_cancel(post->crew, number_of(post, task)); /* its end comes as an event; false: it comes already */
    else if (!task->killed && task->state == TASK_FETCHING)
        fetch_cancel(post->plan.fetch, number_of(post, task));
    task->killed = true;
}

void post_drop(post_t *post, uint32_t job)
{
    task_t *task = find(post, job);
    if (!task)
        return;
    assert(!task->begun);
    if (task->state == TASK_FETCHING)
        fetch_cancel(post->plan.fetch, job);
    clear(post, task);
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
    for (uint32_t i = 0; i < post->room; i++)
        if (post->tasks[i].state != TASK_NONE)
            kill_task(post, &post->tasks[i]);
}

void post_sweep(post_t *post, int64_t now_us)
{
    fault_t fault;
    fault_set(&fault, FAULT_CANCELLED, "the job was given up before a worker had it");
    for (uint32_t i = 0; i < post->room && announced(post) > 0; i++) {
        task_t *task = &post->tasks[i];
        if (task->killed && (task->state == TASK_FETCHING || task->state == TASK_READY))
            fail(post, task, post->giving_up ? FAILED_LOST : FAILED_CANCELLED, &fault, now_us);
    }
}
