/* hosting_work: a job between the table and its worker; see hosting.h. */
#include "hosting_state.h"
#include "origin.h"
#include "verdict.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

/* Progress is for people: not told more often. PARTS: most that a message may say. */
enum { TELL_US = 100000, PARTS_MOST = 1000000 };

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

static void fail(hosting_t *hosting, post_t *post, task_t *task, failed_t class, const fault_t *fault, int64_t now_us)
{
    char job[IDENT_TEXT];
    LOG(&hosting->process->log, LOG_WARNING, "job.failed", {"job", ident_format(task->message.job, job), 0},
        {"stage", post->name, 0}, {"attempt", NULL, task->message.attempt}, {"fault", fault_name(fault->code), 0},
        {"message", fault->text, 0});
    uint32_t number = task->job;
    clear(post, task);
    jobs_failed(hosting->jobs, number, class, fault_name(fault->code), fault->text, now_us);
    hosting_act(hosting, now_us);
}

static task_t *find(post_t *post, uint32_t job)
{
    for (uint32_t i = 0; i < post->workers; i++)
        if (post->tasks[i].state != TASK_NONE && post->tasks[i].job == job)
            return &post->tasks[i];
    return NULL;
}

/* ---- to a worker ---- */

static void begin(hosting_t *hosting, post_t *post, task_t *task, int64_t now_us)
{
    fault_t fault = {0};
    const message_t *message = &task->message;
    buf_t dossier = {(char *)(uintptr_t)message->body.at, message->body.size, message->body.size}; /* only read */
    worker_job_t job = {.dossier = &dossier,
                        .fd = task->fd,
                        .attempt = (int32_t)message->attempt,
                        .host = hosting->name,
                        .due_us = task->due_us};
    if (crew_begin(post->crew, task->job, &job, now_us, &fault) < 0) {
        fail(hosting, post, task, FAILED_RETRYABLE, &fault, now_us);
        return;
    }
    set_state(post, task, TASK_WORKING);
    if (task->fd >= 0)
        close(task->fd); /* the worker has its own */
    task->fd = -1;
}

static void fetch(hosting_t *hosting, post_t *post, task_t *task, int64_t now_us)
{
    fault_t fault = {0};
    origin_t origin;
    arena_t *arena = arena_new();
    if (origin_read(task->message.body, arena, &origin, &fault) < 0) {
        fail(hosting, post, task, FAILED_PERMANENT, &fault, now_us);
    } else {
        set_state(post, task, TASK_FETCHING);
        fetch_order_t order = {task->job, origin.url, origin.sha256, origin.bytes};
        fetch_begin(hosting->fetch, &order, now_us);
    }
    arena_destroy(&arena);
}

/* Whether a job was taken. */
static bool take(hosting_t *hosting, uint32_t number, int64_t now_us)
{
    post_t *post = &hosting->posts[number];
    task_t *task = post->tasks;
    while (task < post->tasks + post->workers && task->state != TASK_NONE)
        task++;
    assert(task < post->tasks + post->workers); /* no more tasks than workers */
    task_t taken = {.fd = -1, .due_us = INT64_MAX};
    if (!jobs_take(hosting->jobs, number, &taken.job, &taken.message, now_us))
        return false;
    hosting_act(hosting, now_us);
    if (taken.message.remaining_ms)
        taken.due_us = now_us + (int64_t)taken.message.remaining_ms * 1000;
    *task = taken;
    set_state(post, task, TASK_READY);
    if (crew_wants_bytes(post->crew))
        fetch(hosting, post, task, now_us);
    else
        begin(hosting, post, task, now_us);
    return true;
}

static void feed_post(hosting_t *hosting, uint32_t number, int64_t now_us)
{
    post_t *post = &hosting->posts[number];
    for (uint32_t i = 0; i < post->workers && post->announced; i++)
        if (post->tasks[i].state == TASK_READY && crew_free(post->crew) > 0)
            begin(hosting, post, &post->tasks[i], now_us);
    while (crew_free(post->crew) > post->announced && fetch_free(hosting->fetch) > 0 && take(hosting, number, now_us))
        ;
}

void hosting_feed(hosting_t *hosting, int64_t now_us)
{
    for (uint32_t i = 0; i < hosting->post_count; i++)
        feed_post(hosting, i, now_us);
}

bool hosting_can_feed(const hosting_t *hosting)
{
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        const post_t *post = &hosting->posts[i];
        size_t ready = crew_free(post->crew);
        for (uint32_t j = 0; j < post->workers && ready; j++)
            if (post->tasks[j].state == TASK_READY)
                return true;
        if (ready > post->announced && fetch_free(hosting->fetch) > 0 && jobs_waiting(hosting->jobs, i) > 0)
            return true;
    }
    return false;
}

void hosting_fetched(hosting_t *hosting, const fetch_event_t *event, int64_t now_us)
{
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        post_t *post = &hosting->posts[i];
        task_t *task = find(post, (uint32_t)event->key);
        if (!task || task->state != TASK_FETCHING)
            continue;
        task->fd = event->fd;
        if (event->fault.code != FAULT_NONE)
            fail(hosting, post, task, verdict_of_fetch(&event->fault), &event->fault, now_us);
        else
            set_state(post, task, TASK_READY); /* hosting_feed goes on */
        return;
    }
    assert(event->fd < 0); /* every transfer has its task */
}

/* ---- from a worker ---- */

static void tell_progress(hosting_t *hosting, task_t *task, const crew_event_t *event, int64_t now_us)
{
    if (now_us - task->told_us < TELL_US || event->done < 0 || event->total < 0 || event->done > PARTS_MOST ||
        event->total > PARTS_MOST)
        return;
    task->told_us = now_us;
    jobs_progress(hosting->jobs, task->job, (uint32_t)event->done, (uint32_t)event->total, now_us);
    hosting_act(hosting, now_us);
}

static void ended(hosting_t *hosting, post_t *post, task_t *task, const worker_result_t *result, int64_t now_us)
{
    fault_t fault = result->fault;
    if (result->end == WORKER_FAIL) {
        fail(hosting, post, task, hosting->giving_up ? FAILED_LOST : verdict_of_work(result), &fault, now_us);
        return;
    }
    if (result->dossier.size > MESSAGE_BODY_MOST) {
        fault_set(&fault, FAULT_TOO_LARGE, "the dossier has %zu MB after this stage, more than the %u MB of a message",
                  result->dossier.size >> 20, MESSAGE_BODY_MOST >> 20);
        fail(hosting, post, task, FAILED_TOO_LARGE, &fault, now_us);
        return;
    }
    uint32_t number = task->job;
    clear(post, task);
    slice_t dossier = {result->dossier.bytes, (uint32_t)result->dossier.size};
    jobs_done(hosting->jobs, number, dossier, NULL, result->end == WORKER_END, now_us);
    hosting_act(hosting, now_us);
}

void hosting_heard(hosting_t *hosting, post_t *post, crew_event_t *event, int64_t now_us)
{
    task_t *task = find(post, (uint32_t)event->key);
    assert(task && task->state == TASK_WORKING);
    if (event->kind == CREW_PROGRESS) {
        tell_progress(hosting, task, event, now_us);
        return;
    }
    ended(hosting, post, task, &event->result, now_us);
    worker_result_free(&event->result);
}

/* ---- not wanted any more ---- */

static void kill_task(hosting_t *hosting, post_t *post, task_t *task)
{
    if (task->state == TASK_WORKING)
        crew_cancel(post->crew, task->job); /* its end comes as an event; false: it comes already */
    else if (!task->killed && task->state == TASK_FETCHING)
        fetch_cancel(hosting->fetch, task->job);
    task->killed = true;
}

void hosting_kill(hosting_t *hosting, uint32_t job)
{
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        task_t *task = find(&hosting->posts[i], job);
        if (task)
            kill_task(hosting, &hosting->posts[i], task);
    }
}

void hosting_give_up(hosting_t *hosting)
{
    hosting->giving_up = true;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        for (uint32_t j = 0; j < hosting->posts[i].workers; j++)
            if (hosting->posts[i].tasks[j].state != TASK_NONE)
                kill_task(hosting, &hosting->posts[i], &hosting->posts[i].tasks[j]);
}

void hosting_sweep(hosting_t *hosting, int64_t now_us)
{
    fault_t fault;
    fault_set(&fault, FAULT_CANCELLED, "the job was given up before a worker had it");
    for (uint32_t i = 0; i < hosting->post_count; i++)
        for (uint32_t j = 0; j < hosting->posts[i].workers && hosting->posts[i].announced; j++) {
            task_t *task = &hosting->posts[i].tasks[j];
            if (task->killed && (task->state == TASK_FETCHING || task->state == TASK_READY))
                fail(hosting, &hosting->posts[i], task, hosting->giving_up ? FAILED_LOST : FAILED_CANCELLED, &fault,
                     now_us);
        }
}
