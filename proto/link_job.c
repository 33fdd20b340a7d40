/* link_job: see link_job.h. */
#include "link_job.h"
#include "base/memory.h"

#include <assert.h>
#include <string.h>

/* LINK_WANTs at once: what is loaded lies in the owner's memory until it is sent. */
enum { PUMP_MOST = 64 };

/* REFUSED busy in a row after which another broker is tried. */
enum { BUSY_MOST = 3 };

/* Given-up jobs moved in one go, so that a tick stays short. */
enum { LEAVE_MOST = 256 };

/* ---- the table ---- */

link_job_t *link_job_find(const link_t *link, ident_t id)
{
    uint32_t number;
    return directory_get(&link->directory, id, &number) ? &link->jobs[number] : NULL;
}

static void widen(link_t *link)
{
    uint32_t room = link->job_room + link->job_room / 2 + 16;
    link->jobs = memory_grow(link->jobs, room, sizeof *link->jobs);
    memset(link->jobs + link->job_room, 0, (room - link->job_room) * sizeof *link->jobs);
    for (uint32_t i = room; i-- > link->job_room;) {
        link->jobs[i].number = i;
        link->jobs[i].next = link->free;
        link->free = i;
    }
    link->job_room = room;
}

static void append(link_t *link, link_list_t *list, link_job_t *job)
{
    job->prev = list->last;
    job->next = LINK_NONE;
    if (list->last != LINK_NONE)
        link->jobs[list->last].next = job->number;
    else
        list->first = job->number;
    list->last = job->number;
    list->count++;
}

static void unlink_job(link_t *link, link_list_t *list, link_job_t *job)
{
    assert(list->count > 0);
    if (job->prev != LINK_NONE)
        link->jobs[job->prev].next = job->next;
    else
        list->first = job->next;
    if (job->next != LINK_NONE)
        link->jobs[job->next].prev = job->prev;
    else
        list->last = job->prev;
    list->count--;
}

/* The list that a job is in by its state and broker. */
static link_list_t *list_of(link_t *link, const link_job_t *job)
{
    if (job->state == LINK_JOB_RAISING)
        return &link->raising;
    if (job->broker == LINK_NONE)
        return &link->homeless;
    link_broker_t *broker = &link->brokers[job->broker];
    return job->state == LINK_JOB_WAITING ? &broker->waiting : &broker->others;
}

static bool fills_window(const link_job_t *job)
{
    return job->state == LINK_JOB_WANTED || job->state == LINK_JOB_SENT;
}

static void leave(link_t *link, link_job_t *job)
{
    unlink_job(link, list_of(link, job), job);
    if (fills_window(job))
        link->brokers[job->broker].asked--;
}

static void enter(link_t *link, link_job_t *job)
{
    append(link, list_of(link, job), job);
    if (fills_window(job))
        link->brokers[job->broker].asked++;
}

link_job_t *link_job_add(link_t *link, ident_t id, uint64_t epoch)
{
    if (link->free == LINK_NONE)
        widen(link);
    link_job_t *job = &link->jobs[link->free];
    link->free = job->next;
    *job =
        (link_job_t){.id = id, .epoch = epoch, .number = job->number, .broker = LINK_NONE, .state = LINK_JOB_WAITING};
    directory_put(&link->directory, id, job->number);
    link->job_count++;
    enter(link, job);
    return job;
}

void link_job_remove(link_t *link, link_job_t *job)
{
    leave(link, job);
    link_job_due(link, job, 0);
    directory_remove(&link->directory, job->id);
    job->state = LINK_JOB_FREE;
    job->next = link->free;
    link->free = job->number;
    link->job_count--;
}

void link_job_move(link_t *link, link_job_t *job, link_job_state_t state, uint32_t broker)
{
    static const uint8_t edges[LINK_JOB_STATES] = {
#define TO(state) (1u << LINK_JOB_##state)
        [LINK_JOB_WAITING] = TO(WAITING) | TO(WANTED) | TO(THERE) | TO(RAISING) | TO(ENDED),
        [LINK_JOB_WANTED] = TO(WAITING) | TO(SENT) | TO(THERE) | TO(RAISING) | TO(ENDED),
        [LINK_JOB_SENT] = TO(WAITING) | TO(THERE) | TO(RAISING) | TO(ENDED),
        [LINK_JOB_THERE] = TO(WAITING) | TO(RAISING) | TO(ENDED),
        [LINK_JOB_RAISING] = TO(WAITING),
        [LINK_JOB_ENDED] = TO(WAITING) | TO(RAISING),
#undef TO
    };
    assert(edges[job->state] >> state & 1);
    leave(link, job);
    job->state = (uint8_t)state;
    job->broker = broker;
    enter(link, job);
    link_job_due(link, job, 0);
}

void link_job_due(link_t *link, link_job_t *job, int64_t due_us)
{
    if (heap_has(&link->timers, job->number))
        heap_remove(&link->timers, job->number);
    if (due_us > 0)
        heap_add(&link->timers, (uint64_t)due_us, job->number, job->number);
}

/* ---- moving away ---- */

/* So that the broker is told when it is heard again. */
static void remember_left(link_broker_t *broker, const link_job_t *job)
{
    if (broker->left_count == LINK_LEFT_MOST)
        return;
    if (broker->left_count == broker->left_room) {
        broker->left_room = broker->left_room ? 2 * broker->left_room : 16;
        broker->left = memory_grow(broker->left, broker->left_room, sizeof *broker->left);
    }
    broker->left[broker->left_count++] = (link_left_t){job->id, job->epoch};
}

void link_job_raise(link_t *link, link_job_t *job)
{
    if (job->broker != LINK_NONE && job->state != LINK_JOB_ENDED)
        remember_left(&link->brokers[job->broker], job);
    if (job->cancel) {
        link_action_t *action = link_act(link, LINK_CANCELLED);
        action->job = job->id;
        action->epoch = job->epoch;
        link_job_remove(link, job);
        return;
    }
    link_job_move(link, job, LINK_JOB_RAISING, LINK_NONE);
    link_action_t *action = link_act(link, LINK_RAISE);
    action->job = job->id;
    action->epoch = job->epoch + 1;
}

void link_broker_forgot(link_t *link, uint32_t number)
{
    link_broker_t *broker = &link->brokers[number];
    for (uint32_t at = broker->others.first, next; at != LINK_NONE; at = next) {
        link_job_t *job = &link->jobs[at];
        next = job->next;
        if (job->state != LINK_JOB_ENDED) /* what it told of the end is worth as much as before */
            link_job_move(link, job, LINK_JOB_WAITING, number);
    }
    broker->left_count = 0;
}

void link_broker_left(link_t *link, uint32_t number)
{
    link_broker_t *broker = &link->brokers[number];
    int moved = 0;
    for (uint32_t at = broker->others.first, next; at != LINK_NONE && moved < LEAVE_MOST; at = next) {
        link_job_t *job = &link->jobs[at];
        next = job->next;
        if (job->state != LINK_JOB_ENDED) {
            link_job_raise(link, job);
            moved++;
        }
    }
    while (broker->waiting.first != LINK_NONE && moved++ < LEAVE_MOST)
        link_job_raise(link, &link->jobs[broker->waiting.first]);
}

/* ---- time ---- */

void link_call_off(link_t *link, link_job_t *job, int64_t now)
{
    if (link->brokers[job->broker].up) {
        message_t *cancel = link_send(link, job->broker, COMMAND_CANCEL);
        cancel->job = job->id;
        cancel->epoch = job->epoch;
    }
    link_job_due(link, job, now + (int64_t)link->options.answer_ms * 1000);
}

void link_job_timeout(link_t *link, link_job_t *job, int64_t now)
{
    link_job_due(link, job, 0);
    if (job->state == LINK_JOB_THERE && job->cancel)
        link_call_off(link, job, now);
    else if (job->state == LINK_JOB_WANTED || job->state == LINK_JOB_SENT)
        link_job_move(link, job, LINK_JOB_WAITING, job->broker);
}

/* A broker that has just refused others is not tried: each move costs the owner a write. */
void link_job_busy(link_t *link, link_job_t *job, int64_t now)
{
    link_job_move(link, job, LINK_JOB_WAITING, job->broker);
    if (++job->busy < BUSY_MOST)
        return;
    job->busy = 0;
    for (uint32_t i = 0; i < link->broker_count; i++)
        if (i != job->broker && link->brokers[i].up && link->brokers[i].busy_us <= now) {
            link_job_raise(link, job);
            return;
        }
}

/* ---- asking for jobs ---- */

static bool has_room(const link_broker_t *broker, int64_t now)
{
    return broker->up && broker->asked < broker->window && broker->busy_us <= now;
}

/* The broker with the fewest jobs among those that may be sent one; LINK_NONE when there is none. */
static uint32_t choose(const link_t *link, int64_t now)
{
    uint32_t best = LINK_NONE, fewest = UINT32_MAX;
    for (uint32_t i = 0; i < link->broker_count; i++) {
        const link_broker_t *broker = &link->brokers[i];
        uint32_t jobs = broker->others.count + broker->waiting.count;
        if (has_room(broker, now) && jobs < fewest) {
            best = i;
            fewest = jobs;
        }
    }
    return best;
}

static void ask_for(link_t *link, link_job_t *job, uint32_t broker, int64_t now)
{
    link_job_move(link, job, LINK_JOB_WANTED, broker);
    link_job_due(link, job, now + (int64_t)link->options.answer_ms * 1000);
    link_action_t *action = link_act(link, LINK_WANT);
    action->broker = broker;
    action->job = job->id;
    action->epoch = job->epoch;
}

/* Asks for the jobs that wait for this broker. */
static void pump_broker(link_t *link, uint32_t number, int *most, int64_t now)
{
    link_broker_t *broker = &link->brokers[number];
    while (broker->waiting.first != LINK_NONE && *most > 0 && has_room(broker, now)) {
        link_job_t *job = &link->jobs[broker->waiting.first];
        --*most;
        if (job->cancel) { /* it may have had it: it must say that it has not */
            link_job_move(link, job, LINK_JOB_THERE, number);
            link_call_off(link, job, now);
        } else {
            ask_for(link, job, number, now);
        }
    }
}

void link_pump(link_t *link, int64_t now)
{
    int most = PUMP_MOST;
    for (uint32_t i = 0; i < link->broker_count; i++)
        pump_broker(link, i, &most, now);
    while (link->homeless.first != LINK_NONE && most-- > 0) {
        uint32_t broker = choose(link, now);
        if (broker == LINK_NONE)
            break;
        ask_for(link, &link->jobs[link->homeless.first], broker, now);
    }
}
