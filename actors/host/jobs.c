/* jobs: see jobs.h. Here: its life, what brokers say, and what workers did. */
#include "jobs.h"
#include "jobs_state.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How often slots are divided anew by demand, milliseconds: often enough for a new broker's load, seldom beside a job's
 * run. */
enum { DIVIDE_MS = 1000 };

jobs_options_t jobs_defaults(void)
{
    return (jobs_options_t){.hello_ms = 500, .resend_ms = 2000, .keep_ms = 600000};
}

jobs_t *jobs_new(const jobs_options_t *options, int64_t now_us)
{
    assert(!ident_none(options->instance) && options->stage_count > 0 && options->stage_count <= MESSAGE_NAMES_MOST);
    jobs_t *jobs = memory_new(1, sizeof *jobs);
    jobs->options = *options;
    for (uint32_t i = 0; i < options->stage_count; i++) {
        size_t size = strlen(options->stages[i].name);
        assert(size > 0 && size <= MESSAGE_NAME_MOST);
        memcpy(jobs->names[i], options->stages[i].name, size);
        jobs->options.stages[i].name = jobs->names[i];
    }
    jobs->free = JOBS_NONE;
    jobs->answered = jobs->running = (duty_list_t){JOBS_NONE, JOBS_NONE, 0};
    jobs->directory.seed = options->instance.low;
    jobs->divide_us = now_us + DIVIDE_MS * 1000;
    return jobs;
}

void jobs_destroy(jobs_t **jobs)
{
    if (!jobs || !*jobs)
        return;
    for (uint32_t i = 0; i < (*jobs)->duty_room; i++)
        buf_free(&(*jobs)->duties[i].bytes);
    for (uint32_t i = 0; i < (*jobs)->broker_count; i++)
        for (uint32_t j = 0; j < MESSAGE_NAMES_MOST; j++)
            heap_free(&(*jobs)->brokers[i].stages[j].waiting);
    heap_places_free(&(*jobs)->places);
    directory_free(&(*jobs)->directory);
    buf_free(&(*jobs)->tokens);
    free((*jobs)->duties);
    free((*jobs)->actions);
    free(*jobs);
    *jobs = NULL;
}

jobs_action_t *jobs_act(jobs_t *jobs, jobs_kind_t kind, uint32_t broker)
{
    if (jobs->action_count == jobs->action_room) {
        jobs->action_room = jobs->action_room ? 2 * jobs->action_room : 16;
        jobs->actions = memory_grow(jobs->actions, jobs->action_room, sizeof *jobs->actions);
    }
    jobs_action_t *action = &jobs->actions[jobs->action_count++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    action->broker = broker;
    return action;
}

message_t *jobs_send(jobs_t *jobs, uint32_t broker, command_t command)
{
    jobs_action_t *action = jobs_act(jobs, JOBS_SEND, broker);
    action->message.command = command;
    return &action->message;
}

const jobs_action_t *jobs_actions(const jobs_t *jobs, size_t *count)
{
    *count = jobs->action_count;
    return jobs->actions;
}

uint32_t jobs_count(const jobs_t *jobs)
{
    return jobs->duty_count;
}

uint32_t jobs_waiting(const jobs_t *jobs, uint32_t stage)
{
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        waiting += jobs->brokers[i].stages[stage].waiting.count;
    return waiting;
}

bool jobs_connected(const jobs_t *jobs, uint32_t broker)
{
    return broker < jobs->broker_count && jobs->brokers[broker].up;
}

/* ---- brokers ---- */

static void say_hello(jobs_t *jobs, uint32_t number, int64_t now)
{
    jobs_broker_t *broker = &jobs->brokers[number];
    if (now < broker->hello_us || jobs->goodbye)
        return;
    broker->hello_us = now + (int64_t)jobs->options.hello_ms * 1000;
    message_t *hello = jobs_send(jobs, number, COMMAND_HELLO);
    hello->role = ROLE_ACTOR;
    hello->instance = jobs->options.instance;
    hello->token = broker->session;
    hello->window = 1; /* of no meaning for an actor: credit rules */
    hello->peer = slice_of(jobs->options.name);
    for (uint32_t i = 0; i < jobs->options.stage_count; i++)
        hello->names[hello->name_count++] = slice_of(jobs->names[i]);
}

uint32_t jobs_broker(jobs_t *jobs, int64_t now_us)
{
    assert(jobs->broker_count < JOBS_BROKERS_MOST);
    jobs->action_count = 0;
    uint32_t number = jobs->broker_count++;
    jobs_broker_t *broker = &jobs->brokers[number];
    *broker = (jobs_broker_t){.seen_us = now_us, .heartbeat_ms = 1000, .silence_ms = 4000};
    for (uint32_t i = 0; i < MESSAGE_NAMES_MOST; i++)
        broker->stages[i].waiting.places = &jobs->places;
    say_hello(jobs, number, now_us);
    return number;
}

static void say_heartbeat(jobs_t *jobs, uint32_t number, bool listed)
{
    const jobs_broker_t *broker = &jobs->brokers[number];
    message_t *heartbeat = jobs_send(jobs, number, COMMAND_HEARTBEAT);
    heartbeat->token = (token_t){broker->session.incarnation, broker->seen};
    heartbeat->held = broker->held;
    heartbeat->digest = broker->digest;
    if (!listed)
        return;
    buf_clear(&jobs->tokens);
    for (uint32_t i = 0; i < jobs->duty_room; i++)
        if (jobs->duties[i].state != DUTY_FREE && jobs->duties[i].broker == number)
            message_token_add(jobs->duties[i].message.token, &jobs->tokens);
    heartbeat->listed = true;
    heartbeat->tokens = (slice_t){jobs->tokens.bytes, (uint32_t)jobs->tokens.size};
}

/* A new life of the broker: what waits is given up, since its owner submits it again; what runs or is answered is
 * offered. */
static void offer(jobs_t *jobs, uint32_t number, uint64_t incarnation)
{
    for (uint32_t i = 0; i < jobs->duty_room; i++) {
        duty_t *duty = &jobs->duties[i];
        if (duty->state == DUTY_FREE || duty->broker != number || duty->message.token.incarnation == incarnation)
            continue;
        if (duty->state == DUTY_WAITING) {
            duty_remove(jobs, duty);
            continue;
        }
        message_t *message = jobs_send(jobs, number, COMMAND_OFFER);
        message->job = duty->message.job;
        message->token = duty->message.token;
        message->stage = slice_of(jobs->names[duty->stage]);
    }
}

static void send_answers(jobs_t *jobs, uint32_t broker, int64_t now)
{
    uint32_t count = jobs->answered.count;
    for (uint32_t at = jobs->answered.first, next; count-- > 0; at = next) {
        duty_t *duty = &jobs->duties[at];
        next = duty->next;
        if (duty->broker == broker)
            duty_send(jobs, duty, now);
    }
}

static void take_welcome(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    jobs_broker_t *broker = &jobs->brokers[number];
    bool was_up = broker->up;
    if (message->token.incarnation != broker->session.incarnation)
        broker->seen = 0;
    broker->session = message->token;
    broker->heartbeat_ms = message->heartbeat_ms;
    broker->silence_ms = message->silence_ms;
    broker->heartbeat_us = now + (int64_t)message->heartbeat_ms * 1000;
    broker->up = true;
    offer(jobs, number, message->token.incarnation);
    say_heartbeat(jobs, number, true);
    if (!was_up)
        jobs_divide(jobs);
    jobs_tell_credit(jobs, number, true);
    jobs_tell_changes(jobs);
    send_answers(jobs, number, now);
}

static void take_heartbeat(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    jobs_broker_t *broker = &jobs->brokers[number];
    if (message->token.incarnation != broker->session.incarnation) {
        say_hello(jobs, number, now);
        return;
    }
    if (message->token.counter > broker->seen)
        broker->seen = message->token.counter;
    if (message->want)
        say_heartbeat(jobs, number, true);
}

static void lose_broker(jobs_t *jobs, uint32_t number)
{
    if (!jobs->brokers[number].up)
        return;
    jobs->brokers[number].up = false;
    jobs_divide(jobs);
    jobs_tell_changes(jobs);
}

static void take_goodbye(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    (void)message;
    lose_broker(jobs, number);
    say_hello(jobs, number, now);
}

static void give_back(jobs_t *jobs, uint32_t broker, const message_t *job)
{
    message_t *message = jobs_send(jobs, broker, COMMAND_RETURN);
    message->job = job->job;
    message->token = job->token;
}

static int stage_of(const jobs_t *jobs, slice_t name)
{
    for (uint32_t i = 0; i < jobs->options.stage_count; i++)
        if (slice_is(name, jobs->names[i]))
            return (int)i;
    return -1;
}

static void take_job(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    (void)now;
    jobs_broker_t *broker = &jobs->brokers[number];
    int stage = stage_of(jobs, message->names[0]);
    if (message->token.incarnation != broker->session.incarnation)
        return; /* from another life: nobody waits for it */
    if (message->token.counter > broker->seen)
        broker->seen = message->token.counter;
    if (duty_find(jobs, message->token))
        return; /* came twice */
    if (stage < 0 || jobs->draining || broker->held >= MESSAGE_TOKENS_MOST)
        give_back(jobs, number, message);
    else
        duty_add(jobs, number, (uint32_t)stage, message);
}

static void take_cancel(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    duty_t *duty = duty_find(jobs, message->token);
    if (!duty || duty->broker != number)
        return;
    if (duty->state == DUTY_WAITING) {
        give_back(jobs, number, &duty->message);
        duty_remove(jobs, duty);
    } else if (duty->state == DUTY_ANSWERED) {
        duty_send(jobs, duty, now); /* that is the answer to it */
    } else if (!duty->cancelled) {
        duty->cancelled = true;
        jobs_act(jobs, JOBS_KILL, number)->job = duty->number;
    }
}

static void take_ack(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    (void)now;
    duty_t *duty = duty_find(jobs, message->token);
    if (duty && duty->broker == number && duty->state == DUTY_ANSWERED)
        duty_remove(jobs, duty);
}

static void take_refused(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    (void)now;
    jobs_act(jobs, JOBS_REFUSED, number)->message = *message;
}

void jobs_receive(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now_us)
{
    static void (*const handlers[COMMAND_COUNT])(jobs_t *, uint32_t, const message_t *, int64_t) = {
        [COMMAND_WELCOME] = take_welcome, [COMMAND_HEARTBEAT] = take_heartbeat, [COMMAND_GOODBYE] = take_goodbye,
        [COMMAND_JOB] = take_job,         [COMMAND_CANCEL] = take_cancel,       [COMMAND_ACK] = take_ack,
        [COMMAND_REFUSED] = take_refused,
    };
    jobs->action_count = 0;
    assert(number < jobs->broker_count);
    jobs->brokers[number].seen_us = now_us;
    if (handlers[message->command])
        handlers[message->command](jobs, number, message, now_us);
}

/* ---- workers ---- */

bool jobs_take(jobs_t *jobs, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us)
{
    (void)now_us;
    assert(stage < jobs->options.stage_count);
    jobs->action_count = 0;
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        uint32_t number = (jobs->turn[stage] + i) % jobs->broker_count;
        const heap_entry_t *top = heap_top(&jobs->brokers[number].stages[stage].waiting);
        if (!top)
            continue;
        duty_t *duty = &jobs->duties[top->item];
        jobs->turn[stage] = number + 1;
        duty_move(jobs, duty, DUTY_RUNNING);
        message_t *started = jobs_send(jobs, number, COMMAND_STARTED);
        started->job = duty->message.job;
        started->token = duty->message.token;
        *job = duty->number;
        *message = duty->message;
        return true;
    }
    return false;
}

static duty_t *running(jobs_t *jobs, uint32_t job)
{
    assert(job < jobs->duty_room && jobs->duties[job].state == DUTY_RUNNING);
    return &jobs->duties[job];
}

void jobs_progress(jobs_t *jobs, uint32_t job, uint32_t done, uint32_t total, int64_t now_us)
{
    (void)now_us;
    jobs->action_count = 0;
    const duty_t *duty = running(jobs, job);
    if (!jobs->brokers[duty->broker].up || duty->cancelled)
        return;
    message_t *progress = jobs_send(jobs, duty->broker, COMMAND_PROGRESS);
    progress->job = duty->message.job;
    progress->token = duty->message.token;
    progress->done = done;
    progress->total = total;
}

void jobs_failed(jobs_t *jobs, uint32_t job, failed_t class, const char *fault, const char *text, int64_t now_us)
{
    jobs->action_count = 0;
    duty_t *duty = running(jobs, job);
    message_t answer = {.command = COMMAND_FAILED, .job = duty->message.job, .token = duty->message.token};
    answer.class = duty->cancelled ? FAILED_CANCELLED : class;
    answer.fault = slice_of(duty->cancelled ? "cancelled" : fault);
    answer.text = slice_of(duty->cancelled ? NULL : text);
    duty_answer(jobs, duty, &answer, now_us);
}

void jobs_done(jobs_t *jobs, uint32_t job, slice_t dossier, const char *next, bool last, int64_t now_us)
{
    jobs->action_count = 0;
    duty_t *duty = running(jobs, job);
    message_t answer = {.command = COMMAND_DONE, .job = duty->message.job, .token = duty->message.token};
    answer.next = slice_of(next);
    answer.last = last;
    answer.body = dossier;
    duty_answer(jobs, duty, &answer, now_us);
}

/* ---- draining ---- */

void jobs_drain(jobs_t *jobs, int64_t now_us)
{
    (void)now_us;
    jobs->action_count = 0;
    jobs->draining = true;
    for (uint32_t i = 0; i < jobs->duty_room; i++) {
        duty_t *duty = &jobs->duties[i];
        if (duty->state != DUTY_WAITING)
            continue;
        if (jobs->brokers[duty->broker].up)
            give_back(jobs, duty->broker, &duty->message);
        duty_remove(jobs, duty);
    }
    jobs_divide(jobs);
    jobs_tell_changes(jobs);
}

bool jobs_drained(const jobs_t *jobs)
{
    return jobs->draining && jobs->goodbye;
}

static bool may_leave(const jobs_t *jobs)
{
    return jobs->draining && !jobs->goodbye && jobs->duty_count == 0;
}

static void say_goodbye(jobs_t *jobs)
{
    if (!may_leave(jobs))
        return;
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        if (jobs->brokers[i].up)
            jobs_send(jobs, i, COMMAND_GOODBYE);
    jobs->goodbye = true;
}

/* ---- time ---- */

static void send_again(jobs_t *jobs, int64_t now)
{
    int64_t before = now - (int64_t)jobs->options.resend_ms * 1000;
    int64_t expired = now - (int64_t)jobs->options.keep_ms * 1000;
    uint32_t count = jobs->answered.count;
    for (uint32_t at = jobs->answered.first, next; count-- > 0; at = next) {
        duty_t *duty = &jobs->duties[at];
        next = duty->next;
        if (duty->sent_us > before)
            break;
        if (!jobs->brokers[duty->broker].up && duty->answered_us < expired)
            duty_remove(jobs, duty); /* its owner has long gone to another broker */
        else
            duty_send(jobs, duty, now);
    }
}

void jobs_tick(jobs_t *jobs, int64_t now_us)
{
    jobs->action_count = 0;
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        jobs_broker_t *broker = &jobs->brokers[i];
        if (now_us - broker->seen_us > (int64_t)broker->silence_ms * 1000)
            lose_broker(jobs, i);
        if (!broker->up) {
            say_hello(jobs, i, now_us);
        } else if (now_us >= broker->heartbeat_us) {
            broker->heartbeat_us = now_us + (int64_t)broker->heartbeat_ms * 1000;
            say_heartbeat(jobs, i, false);
            jobs_tell_credit(jobs, i, true); /* it is absolute: one that was lost is made good */
        }
    }
    send_again(jobs, now_us);
    if (now_us >= jobs->divide_us) {
        jobs->divide_us = now_us + DIVIDE_MS * 1000;
        jobs_rebalance(jobs);
        jobs_tell_changes(jobs);
    }
    say_goodbye(jobs);
}

int64_t jobs_deadline(const jobs_t *jobs)
{
    if (may_leave(jobs))
        return 0; /* at once */
    int64_t due = jobs->divide_us;
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        int64_t next = jobs->brokers[i].up ? jobs->brokers[i].heartbeat_us : jobs->brokers[i].hello_us;
        due = next < due ? next : due;
    }
    if (jobs->answered.first != JOBS_NONE) {
        int64_t again = jobs->duties[jobs->answered.first].sent_us + (int64_t)jobs->options.resend_ms * 1000;
        due = again < due ? again : due;
    }
    return due;
}

/* ---- audit ---- */

void jobs_audit(const jobs_t *jobs)
{
    uint32_t held[JOBS_BROKERS_MOST] = {0}, states[DUTY_STATES] = {0}, waiting = 0;
    uint64_t digests[JOBS_BROKERS_MOST] = {0};
    for (uint32_t i = 0; i < jobs->duty_room; i++) {
        const duty_t *duty = &jobs->duties[i];
        states[duty->state]++;
        if (duty->state == DUTY_FREE)
            continue;
        held[duty->broker]++;
        digests[duty->broker] += message_token_digest(duty->message.token);
        assert(duty_find(jobs, duty->message.token) == duty);
        assert((duty->message.command == COMMAND_JOB) == (duty->state != DUTY_ANSWERED));
    }
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        const jobs_broker_t *broker = &jobs->brokers[i];
        uint32_t of_stages = 0;
        for (uint32_t j = 0; j < jobs->options.stage_count; j++) {
            of_stages += broker->stages[j].held;
            waiting += broker->stages[j].waiting.count;
        }
        assert(broker->held == held[i] && broker->digest == digests[i] && of_stages == held[i]);
        assert(held[i] <= MESSAGE_TOKENS_MOST);
    }
    assert(states[DUTY_WAITING] == waiting && states[DUTY_RUNNING] == jobs->running.count);
    assert(states[DUTY_ANSWERED] == jobs->answered.count);
    assert(jobs->duty_room - states[DUTY_FREE] == jobs->duty_count);
}
