/* jobs_hear: see jobs_hear.h. */
#include "jobs_hear.h"
#include "jobs_say.h"

#include <assert.h>

void jobs_let_go(jobs_t *jobs, duty_t *duty)
{
    if (duty->state == DUTY_PREPARED)
        jobs_list_add(&jobs->actions, JOBS_DROP, duty->broker)->job = duty->number;
    duties_remove(&jobs->duties, duty);
}

/* A new life of the broker: what waits is given up, since its owner submits it again; what runs or is answered is
 * offered. */
static void offer(jobs_t *jobs, uint32_t number, uint64_t incarnation)
{
    for (uint32_t i = 0; i < jobs->duties.room; i++) {
        duty_t *duty = &jobs->duties.all[i];
        if (duty->state == DUTY_FREE || duty->broker != number || duty->message.token.incarnation == incarnation)
            continue;
        if (duty->state == DUTY_WAITING || duty->state == DUTY_PREPARED)
            jobs_let_go(jobs, duty);
        else
            say_offer(jobs, duty);
    }
}

static void send_answers(jobs_t *jobs, uint32_t broker, int64_t now)
{
    uint32_t count = jobs->duties.answered.count;
    for (uint32_t at = jobs->duties.answered.first, next; count-- > 0; at = next) {
        duty_t *duty = &jobs->duties.all[at];
        next = duty->next;
        if (duty->broker == broker)
            say_answer(jobs, duty, now);
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
        slots_heard(&jobs->slots, &jobs->duties, number, true);
    slots_tell(&jobs->slots, number, true, &jobs->actions);
    say_changes(jobs);
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

void jobs_lose_broker(jobs_t *jobs, uint32_t number)
{
    if (!jobs->brokers[number].up)
        return;
    jobs->brokers[number].up = false;
    slots_heard(&jobs->slots, &jobs->duties, number, false);
    say_changes(jobs);
}

static void take_goodbye(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    (void)message;
    jobs_lose_broker(jobs, number);
    say_hello(jobs, number, now);
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
    if (duties_find(&jobs->duties, message->token))
        return; /* came twice */
    if (stage < 0 || jobs->draining || jobs->duties.accounts[number].held >= MESSAGE_TOKENS_MOST)
        say_return(jobs, number, message);
    else
        duties_add(&jobs->duties, number, (uint32_t)stage, message);
}

static void take_cancel(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    duty_t *duty = duties_find(&jobs->duties, message->token);
    if (!duty || duty->broker != number)
        return;
    if (duty->state == DUTY_WAITING || duty->state == DUTY_PREPARED) {
        say_return(jobs, number, &duty->message);
        jobs_let_go(jobs, duty);
    } else if (duty->state == DUTY_ANSWERED) {
        say_answer(jobs, duty, now); /* that is the answer to it */
    } else if (!duty->cancelled) {
        duty->cancelled = true;
        jobs_list_add(&jobs->actions, JOBS_KILL, number)->job = duty->number;
    }
}

static void take_ack(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    duty_t *duty = duties_find(&jobs->duties, message->token);
    if (!duty || duty->broker != number || duty->state != DUTY_ANSWERED)
        return;
    if (duty->sent_us == duty->answered_us) /* of one that was sent twice nobody knows which is meant */
        pace_tripped(&jobs->paces[duty->stage], now - duty->sent_us);
    duties_remove(&jobs->duties, duty);
}

static void take_refused(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now)
{
    (void)now;
    jobs_list_add(&jobs->actions, JOBS_REFUSED, number)->message = *message;
}

void jobs_hear(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now_us)
{
    static void (*const handlers[COMMAND_COUNT])(jobs_t *, uint32_t, const message_t *, int64_t) = {
        [COMMAND_WELCOME] = take_welcome, [COMMAND_HEARTBEAT] = take_heartbeat, [COMMAND_GOODBYE] = take_goodbye,
        [COMMAND_JOB] = take_job,         [COMMAND_CANCEL] = take_cancel,       [COMMAND_ACK] = take_ack,
        [COMMAND_REFUSED] = take_refused,
    };
    assert(number < jobs->broker_count);
    jobs->brokers[number].seen_us = now_us;
    if (handlers[message->command])
        handlers[message->command](jobs, number, message, now_us);
}
