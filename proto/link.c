/* link: see link.h. Here: its life, its brokers, and what they say. */
#include "link.h"
#include "base/memory.h"
#include "link_job.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

link_options_t link_defaults(void)
{
    return (link_options_t){.window = 256, .hello_ms = 500, .answer_ms = 5000, .move_ms = 5000};
}

link_t *link_new(const link_options_t *options, int64_t now_us)
{
    (void)now_us;
    assert(!ident_none(options->instance) && options->window > 0);
    link_t *link = memory_new(1, sizeof *link);
    link->options = *options;
    link->free = LINK_NONE;
    link->directory.seed = options->seed;
    link->timers.places = &link->timed;
    link->homeless = link->raising = (link_list_t){LINK_NONE, LINK_NONE, 0};
    return link;
}

void link_destroy(link_t **link)
{
    if (!link || !*link)
        return;
    for (uint32_t i = 0; i < (*link)->broker_count; i++)
        free((*link)->brokers[i].left);
    directory_free(&(*link)->directory);
    heap_free(&(*link)->timers);
    heap_places_free(&(*link)->timed);
    free((*link)->jobs);
    free((*link)->actions);
    free(*link);
    *link = NULL;
}

const link_action_t *link_actions(const link_t *link, size_t *count)
{
    *count = link->action_count;
    return link->actions;
}

uint32_t link_jobs(const link_t *link)
{
    return link->job_count;
}

bool link_connected(const link_t *link, uint32_t broker)
{
    return broker < link->broker_count && link->brokers[broker].up;
}

/* ---- brokers ---- */

static void say_hello(link_t *link, uint32_t number, int64_t now)
{
    link_broker_t *broker = &link->brokers[number];
    if (now < broker->hello_us)
        return;
    broker->hello_us = now + (int64_t)link->options.hello_ms * 1000;
    message_t *hello = link_send(link, number, COMMAND_HELLO);
    hello->role = ROLE_OWNER;
    hello->instance = link->options.instance;
    hello->token = broker->session;
    hello->window = link->options.window;
    hello->peer = slice_of(link->options.name);
}

uint32_t link_broker(link_t *link, int64_t now_us)
{
    assert(link->broker_count < LINK_BROKERS_MOST);
    link->action_count = 0;
    uint32_t number = link->broker_count++;
    link->brokers[number] = (link_broker_t){.seen_us = now_us,
                                            .heartbeat_ms = 1000,
                                            .silence_ms = 4000,
                                            .waiting = {LINK_NONE, LINK_NONE, 0},
                                            .others = {LINK_NONE, LINK_NONE, 0}};
    say_hello(link, number, now_us);
    return number;
}

static void call_off_left(link_t *link, uint32_t number)
{
    link_broker_t *broker = &link->brokers[number];
    for (uint32_t i = 0; i < broker->left_count; i++) {
        message_t *cancel = link_send(link, number, COMMAND_CANCEL);
        cancel->job = broker->left[i].id;
        cancel->epoch = broker->left[i].epoch;
    }
    broker->left_count = 0;
}

static void take_welcome(link_t *link, uint32_t number, const message_t *message, int64_t now)
{
    link_broker_t *broker = &link->brokers[number];
    broker->session = message->token;
    broker->window = message->window;
    broker->heartbeat_ms = message->heartbeat_ms;
    broker->silence_ms = message->silence_ms;
    broker->up = true;
    broker->heartbeat_us = now;
    if (message->resumed)
        call_off_left(link, number);
    else
        link_broker_forgot(link, number);
}

/* A broker that says another session than its WELCOME has begun anew, or has forgotten this owner. */
static void take_heartbeat(link_t *link, uint32_t number, const message_t *message, int64_t now)
{
    if (!token_equal(message->token, link->brokers[number].session))
        say_hello(link, number, now);
}

static void take_goodbye(link_t *link, uint32_t number, const message_t *message, int64_t now)
{
    (void)message;
    link->brokers[number].up = false;
    say_hello(link, number, now);
}

/* ---- answers ---- */

/* The job that the message is about, if it is there under this epoch; else what the broker has is called off. */
static link_job_t *current(link_t *link, uint32_t broker, const message_t *message)
{
    link_job_t *job = link_job_find(link, message->job);
    if (job && job->broker == broker && job->epoch == message->epoch)
        return job;
    return NULL;
}

static void call_off_stranger(link_t *link, uint32_t broker, const message_t *message)
{
    message_t *cancel = link_send(link, broker, COMMAND_CANCEL);
    cancel->job = message->job;
    cancel->epoch = message->epoch;
}

static void acknowledge(link_t *link, uint32_t broker, const message_t *message)
{
    message_t *ack = link_send(link, broker, COMMAND_ACK);
    ack->acked = message->command;
    ack->job = message->job;
    ack->token = message->token;
}

static void hand_on(link_t *link, link_kind_t kind, uint32_t broker, const message_t *message)
{
    link_action_t *action = link_act(link, kind);
    action->broker = broker;
    action->job = message->job;
    action->epoch = message->epoch;
    action->message = *message;
}

/* The broker has the job: whatever was to be sent or awaited is not any more. */
static void arrived(link_t *link, link_job_t *job, int64_t now)
{
    job->busy = 0;
    if (job->state == LINK_JOB_THERE || job->state == LINK_JOB_ENDED)
        return;
    link_job_move(link, job, LINK_JOB_THERE, job->broker);
    if (job->cancel)
        link_call_off(link, job, now);
}

static void take_accepted(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    link_job_t *job = current(link, broker, message);
    if (!job)
        call_off_stranger(link, broker, message);
    else if (token_equal(message->token, link->brokers[broker].session) && job->state != LINK_JOB_WAITING)
        arrived(link, job, now);
}

static void take_busy(link_t *link, link_job_t *job, const message_t *message, int64_t now)
{
    if (job->state != LINK_JOB_SENT)
        return;
    uint64_t wait_ms = message->retry_ms ? message->retry_ms : link->options.hello_ms;
    link->brokers[job->broker].busy_us = now + (int64_t)wait_ms * 1000;
    link_job_busy(link, job, now);
}

static void take_refused(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    link_job_t *job = current(link, broker, message);
    if (!job || job->state == LINK_JOB_ENDED)
        return;
    link_kind_t kind = LINK_REFUSED;
    switch ((refused_t)message->reason) {
    case REFUSED_BUSY:
        take_busy(link, job, message, now);
        return;
    case REFUSED_UNKNOWN:
        if (!job->cancel)
            return;
        kind = LINK_CANCELLED;
        break;
    case REFUSED_STALE:
        kind = LINK_LOST;
        break;
    case REFUSED_NOT_ALLOWED:
    case REFUSED_BAD_MESSAGE:
        break;
    }
    hand_on(link, kind, broker, message);
    link_job_remove(link, job);
}

static void take_progress(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    (void)now;
    if (current(link, broker, message))
        hand_on(link, LINK_PROGRESS, broker, message);
    else
        call_off_stranger(link, broker, message);
}

static void take_record(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    link_job_t *job = current(link, broker, message);
    if (!job) {
        acknowledge(link, broker, message);
        call_off_stranger(link, broker, message);
        return;
    }
    if (message->token.incarnation == link->brokers[broker].session.incarnation && job->state == LINK_JOB_SENT)
        arrived(link, job, now);
    hand_on(link, LINK_RECORD, broker, message);
}

static void take_finished(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    (void)now;
    link_job_t *job = current(link, broker, message);
    if (!job) {
        acknowledge(link, broker, message);
        return;
    }
    if (job->state == LINK_JOB_ENDED)
        return; /* said again while the owner writes it down */
    bool unmeant = message->outcome == OUTCOME_CANCELLED && !job->cancel;
    link_job_move(link, job, LINK_JOB_ENDED, broker);
    if (!unmeant && message->class != FAILED_SOURCE_EXPIRED) {
        hand_on(link, LINK_FINISHED, broker, message);
        return;
    }
    acknowledge(link, broker, message); /* not an end: it must be submitted again */
    link_job_raise(link, job);
}

static void take_stats(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    (void)now;
    hand_on(link, LINK_STATS, broker, message);
}

static void take_refused_hello(link_t *link, uint32_t broker, const message_t *message, int64_t now)
{
    if (ident_none(message->job))
        hand_on(link, LINK_REFUSED, broker, message);
    else
        take_refused(link, broker, message, now);
}

void link_take(link_t *link, uint32_t number, const message_t *message, int64_t now_us)
{
    static void (*const handlers[COMMAND_COUNT])(link_t *, uint32_t, const message_t *, int64_t) = {
        [COMMAND_WELCOME] = take_welcome,   [COMMAND_HEARTBEAT] = take_heartbeat,   [COMMAND_GOODBYE] = take_goodbye,
        [COMMAND_ACCEPTED] = take_accepted, [COMMAND_REFUSED] = take_refused_hello, [COMMAND_PROGRESS] = take_progress,
        [COMMAND_RECORD] = take_record,     [COMMAND_FINISHED] = take_finished,     [COMMAND_STATS] = take_stats,
    };
    link->action_count = 0;
    assert(number < link->broker_count);
    link->brokers[number].seen_us = now_us;
    if (handlers[message->command])
        handlers[message->command](link, number, message, now_us);
    link_pump(link, now_us);
}

/* ---- the owner's side ---- */

/* The owner has written this epoch down, asked or not. A job that is to be called off ends here instead. */
static void raise_to(link_t *link, link_job_t *job, uint64_t epoch)
{
    ident_t id = job->id;
    if (job->state != LINK_JOB_RAISING)
        link_job_raise(link, job);
    job = link_job_find(link, id);
    if (!job) {
        link->actions[0].epoch = epoch;
        return;
    }
    link->action_count = 0; /* what it asks for is done */
    job->epoch = epoch;
    link_job_move(link, job, LINK_JOB_WAITING, LINK_NONE);
}

void link_own(link_t *link, ident_t id, uint64_t epoch, int64_t now_us)
{
    link->action_count = 0;
    link_job_t *job = link_job_find(link, id);
    if (!job) {
        link_job_add(link, id, epoch);
    } else if (epoch > job->epoch) {
        raise_to(link, job, epoch);
    }
    link_pump(link, now_us);
}

void link_submit(link_t *link, const message_t *submit, int64_t now_us)
{
    link->action_count = 0;
    link_job_t *job = link_job_find(link, submit->job);
    if (!job || job->state != LINK_JOB_WANTED || job->epoch != submit->epoch)
        return;
    if (!link->brokers[job->broker].up) {
        link_job_move(link, job, LINK_JOB_WAITING, job->broker);
        return;
    }
    link_job_move(link, job, LINK_JOB_SENT, job->broker);
    link_job_due(link, job, now_us + (int64_t)link->options.answer_ms * 1000);
    message_t *message = link_send(link, job->broker, COMMAND_SUBMIT);
    *message = *submit;
    message->command = COMMAND_SUBMIT;
}

void link_settle(link_t *link, uint32_t broker, const message_t *message, int64_t now_us)
{
    link->action_count = 0;
    acknowledge(link, broker, message);
    link_job_t *job = current(link, broker, message);
    if (message->command == COMMAND_FINISHED && job && job->state == LINK_JOB_ENDED)
        link_job_remove(link, job);
    link_pump(link, now_us);
}

void link_cancel(link_t *link, ident_t id, int64_t now_us)
{
    link->action_count = 0;
    link_job_t *job = link_job_find(link, id);
    if (!job || job->state == LINK_JOB_ENDED || job->cancel)
        return;
    job->cancel = true;
    if (job->broker == LINK_NONE || job->state == LINK_JOB_WANTED) {
        bool known = job->broker != LINK_NONE; /* an earlier SUBMIT under this epoch may have arrived */
        link_action_t *action = link_act(link, LINK_CANCELLED);
        action->job = id;
        action->epoch = job->epoch;
        if (known) {
            message_t *cancel = link_send(link, job->broker, COMMAND_CANCEL);
            cancel->job = id;
            cancel->epoch = job->epoch;
        }
        link_job_remove(link, job);
    } else if (job->state == LINK_JOB_SENT || job->state == LINK_JOB_THERE) {
        if (job->state == LINK_JOB_SENT)
            link_job_move(link, job, LINK_JOB_THERE, job->broker);
        link_call_off(link, job, now_us);
    }
    link_pump(link, now_us);
}

void link_disown(link_t *link, ident_t id, int64_t now_us)
{
    link->action_count = 0;
    link_job_t *job = link_job_find(link, id);
    if (job)
        link_job_remove(link, job);
    link_pump(link, now_us);
}

void link_ask_stats(link_t *link, uint64_t number, int64_t now_us)
{
    (void)now_us;
    link->action_count = 0;
    for (uint32_t i = 0; i < link->broker_count; i++)
        if (link->brokers[i].up)
            link_send(link, i, COMMAND_STATS)->number = number;
}

void link_leave(link_t *link, int64_t now_us)
{
    (void)now_us;
    link->action_count = 0;
    for (uint32_t i = 0; i < link->broker_count; i++)
        if (link->brokers[i].up)
            link_send(link, i, COMMAND_GOODBYE);
}

/* ---- time ---- */

static void tick_broker(link_t *link, uint32_t number, bool others_up, int64_t now)
{
    link_broker_t *broker = &link->brokers[number];
    int64_t silent_us = now - broker->seen_us;
    if (broker->up && silent_us > (int64_t)broker->silence_ms * 1000)
        broker->up = false;
    if (!broker->up) {
        say_hello(link, number, now);
        if (others_up && silent_us > (int64_t)link->options.move_ms * 1000)
            link_broker_left(link, number);
    } else if (now >= broker->heartbeat_us) {
        broker->heartbeat_us = now + (int64_t)broker->heartbeat_ms * 1000;
        link_send(link, number, COMMAND_HEARTBEAT)->token = broker->session;
    }
}

void link_tick(link_t *link, int64_t now_us)
{
    uint32_t up = 0;
    link->action_count = 0;
    for (const heap_entry_t *top; (top = heap_top(&link->timers)) != NULL && top->major <= (uint64_t)now_us;)
        link_job_timeout(link, &link->jobs[top->item], now_us);
    for (uint32_t i = 0; i < link->broker_count; i++)
        up += link->brokers[i].up;
    for (uint32_t i = 0; i < link->broker_count; i++)
        tick_broker(link, i, up > link->brokers[i].up, now_us);
    link_pump(link, now_us);
}

int64_t link_deadline(const link_t *link)
{
    const heap_entry_t *top = heap_top(&link->timers);
    int64_t due = top ? (int64_t)top->major : INT64_MAX;
    for (uint32_t i = 0; i < link->broker_count; i++) {
        const link_broker_t *broker = &link->brokers[i];
        int64_t next = broker->up ? broker->heartbeat_us : broker->hello_us;
        due = next < due ? next : due;
        bool wanted = broker->waiting.first != LINK_NONE || link->homeless.first != LINK_NONE;
        if (wanted && broker->up && broker->busy_us > 0 && broker->asked < broker->window && broker->busy_us < due)
            due = broker->busy_us;
    }
    return due;
}

/* ---- audit ---- */

static uint32_t audit_list(const link_t *link, const link_list_t *list, uint32_t broker, bool waiting, uint32_t *asked)
{
    uint32_t count = 0;
    for (uint32_t at = list->first; at != LINK_NONE; at = link->jobs[at].next, count++) {
        const link_job_t *job = &link->jobs[at];
        assert(job->broker == broker && job->state != LINK_JOB_FREE);
        assert(broker == LINK_NONE || (job->state == LINK_JOB_WAITING) == waiting);
        assert(broker != LINK_NONE || (job->state == LINK_JOB_WAITING) == waiting);
        assert(waiting || job->state != LINK_JOB_WAITING);
        *asked += job->state == LINK_JOB_WANTED || job->state == LINK_JOB_SENT;
        if (job->state == LINK_JOB_WANTED || job->state == LINK_JOB_SENT)
            assert(heap_has(&link->timers, at)); /* nothing waits for ever */
    }
    assert(count == list->count);
    return count;
}

void link_audit(const link_t *link)
{
    uint32_t none = 0, count = audit_list(link, &link->homeless, LINK_NONE, true, &none);
    count += audit_list(link, &link->raising, LINK_NONE, false, &none);
    for (uint32_t i = 0; i < link->broker_count; i++) {
        const link_broker_t *broker = &link->brokers[i];
        uint32_t asked = 0;
        count += audit_list(link, &broker->waiting, i, true, &asked);
        count += audit_list(link, &broker->others, i, false, &asked);
        assert(asked == broker->asked);
    }
    assert(none == 0 && count == link->job_count);
}
