/* jobs_say: see jobs_say.h. */
#include "jobs_say.h"

void say_hello(jobs_t *jobs, uint32_t number, int64_t now_us)
{
    jobs_broker_t *broker = &jobs->brokers[number];
    if (now_us < broker->hello_us || jobs->goodbye)
        return;
    broker->hello_us = now_us + (int64_t)jobs->options.hello_ms * 1000;
    message_t *hello = jobs_list_send(&jobs->actions, number, COMMAND_HELLO);
    hello->role = ROLE_ACTOR;
    hello->instance = jobs->options.instance;
    hello->token = broker->session;
    hello->window = 1; /* of no meaning for an actor: credit rules */
    hello->peer = slice_of(jobs->options.name);
    for (uint32_t i = 0; i < jobs->options.stage_count; i++)
        hello->names[hello->name_count++] = slice_of(jobs->names[i]);
}

void say_heartbeat(jobs_t *jobs, uint32_t number, bool listed)
{
    const jobs_broker_t *broker = &jobs->brokers[number];
    const duties_t *duties = &jobs->duties;
    message_t *heartbeat = jobs_list_send(&jobs->actions, number, COMMAND_HEARTBEAT);
    heartbeat->token = (token_t){broker->session.incarnation, broker->seen};
    heartbeat->held = duties->accounts[number].held;
    heartbeat->digest = duties->accounts[number].digest;
    if (!listed)
        return;
    buf_clear(&jobs->tokens);
    for (uint32_t i = 0; i < duties->room; i++)
        if (duties->all[i].state != DUTY_FREE && duties->all[i].broker == number)
            message_token_add(duties->all[i].message.token, &jobs->tokens);
    heartbeat->listed = true;
    heartbeat->tokens = (slice_t){jobs->tokens.bytes, (uint32_t)jobs->tokens.size};
}

void say_offer(jobs_t *jobs, const duty_t *duty)
{
    message_t *message = jobs_list_send(&jobs->actions, duty->broker, COMMAND_OFFER);
    message->job = duty->message.job;
    message->token = duty->message.token;
    message->stage = slice_of(jobs->names[duty->stage]);
}

void say_return(jobs_t *jobs, uint32_t broker, const message_t *job)
{
    message_t *message = jobs_list_send(&jobs->actions, broker, COMMAND_RETURN);
    message->job = job->job;
    message->token = job->token;
}

void say_answer(jobs_t *jobs, duty_t *duty, int64_t now_us)
{
    duties_sent(&jobs->duties, duty, now_us);
    if (jobs->brokers[duty->broker].up)
        *jobs_list_send(&jobs->actions, duty->broker, duty->message.command) = duty->message;
}

void say_changes(jobs_t *jobs)
{
    slots_tell_changes(&jobs->slots, &jobs->actions);
}
