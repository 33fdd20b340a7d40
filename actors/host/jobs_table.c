/* jobs_table: the jobs in hand, by token, from state to state; see the diagram in jobs.h. duty_move is the one place
 * that sets a state. */
#include "jobs_state.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <string.h>

static ident_t key_of(token_t token)
{
    return (ident_t){token.incarnation, token.counter};
}

duty_t *duty_find(const jobs_t *jobs, token_t token)
{
    uint32_t number;
    return directory_get(&jobs->directory, key_of(token), &number) ? &jobs->duties[number] : NULL;
}

/* ---- lists ---- */

static void append(jobs_t *jobs, duty_list_t *list, duty_t *duty)
{
    duty->prev = list->last;
    duty->next = JOBS_NONE;
    if (list->last != JOBS_NONE)
        jobs->duties[list->last].next = duty->number;
    else
        list->first = duty->number;
    list->last = duty->number;
    list->count++;
}

static void take_out(jobs_t *jobs, duty_list_t *list, duty_t *duty)
{
    assert(list->count > 0);
    if (duty->prev != JOBS_NONE)
        jobs->duties[duty->prev].next = duty->next;
    else
        list->first = duty->next;
    if (duty->next != JOBS_NONE)
        jobs->duties[duty->next].prev = duty->prev;
    else
        list->last = duty->prev;
    list->count--;
}

static heap_t *queue_of(jobs_t *jobs, const duty_t *duty)
{
    return &jobs->brokers[duty->broker].stages[duty->stage].waiting;
}

static void leave(jobs_t *jobs, duty_t *duty)
{
    if (duty->state == DUTY_WAITING)
        heap_remove(queue_of(jobs, duty), duty->number);
    else if (duty->state == DUTY_RUNNING)
        take_out(jobs, &jobs->running, duty);
    else if (duty->state == DUTY_ANSWERED)
        take_out(jobs, &jobs->answered, duty);
}

static void enter(jobs_t *jobs, duty_t *duty)
{
    if (duty->state == DUTY_WAITING)
        heap_add(queue_of(jobs, duty), duty->message.priority, ++jobs->order, duty->number);
    else if (duty->state == DUTY_RUNNING)
        append(jobs, &jobs->running, duty);
    else if (duty->state == DUTY_ANSWERED)
        append(jobs, &jobs->answered, duty);
}

void duty_move(jobs_t *jobs, duty_t *duty, duty_state_t state)
{
    static const uint8_t edges[DUTY_STATES] = {
        [DUTY_FREE] = 1 << DUTY_WAITING,
        [DUTY_WAITING] = 1 << DUTY_RUNNING | 1 << DUTY_FREE,
        [DUTY_RUNNING] = 1 << DUTY_ANSWERED,
        [DUTY_ANSWERED] = 1 << DUTY_ANSWERED | 1 << DUTY_FREE,
    };
    assert(edges[duty->state] >> state & 1);
    leave(jobs, duty);
    duty->state = (uint8_t)state;
    enter(jobs, duty);
}

/* ---- the table ---- */

static void widen(jobs_t *jobs)
{
    uint32_t room = jobs->duty_room + jobs->duty_room / 2 + 16;
    jobs->duties = memory_grow(jobs->duties, room, sizeof *jobs->duties);
    memset(jobs->duties + jobs->duty_room, 0, (room - jobs->duty_room) * sizeof *jobs->duties);
    for (uint32_t i = room; i-- > jobs->duty_room;) {
        jobs->duties[i].number = i;
        jobs->duties[i].next = jobs->free;
        jobs->free = i;
    }
    jobs->duty_room = room;
}

/* The message becomes the duty's own: encoded and read again, so that its slices lie in the duty's bytes. */
static void keep(duty_t *duty, const message_t *message)
{
    size_t taken;
    buf_t bytes = {0};
    message_encode(message, &bytes);
    int read = message_decode(bytes.bytes, bytes.size, &duty->message, &taken, NULL);
    assert(read == 0); /* what we write we can read */
    (void)read;
    buf_free(&duty->bytes);
    duty->bytes = bytes;
}

duty_t *duty_add(jobs_t *jobs, uint32_t broker, uint32_t stage, const message_t *job)
{
    if (jobs->free == JOBS_NONE)
        widen(jobs);
    duty_t *duty = &jobs->duties[jobs->free];
    uint32_t next = duty->next;
    *duty = (duty_t){.number = duty->number, .broker = broker, .stage = (uint8_t)stage};
    jobs->free = next;
    keep(duty, job);
    directory_put(&jobs->directory, key_of(job->token), duty->number);
    jobs->duty_count++;
    jobs_broker_t *for_broker = &jobs->brokers[broker];
    share_of_t *share = &for_broker->stages[stage];
    for_broker->held++;
    for_broker->digest += message_token_digest(job->token);
    if (++share->held > share->peak)
        share->peak = share->held;
    duty_move(jobs, duty, DUTY_WAITING);
    return duty;
}

void duty_send(jobs_t *jobs, duty_t *duty, int64_t now)
{
    duty_move(jobs, duty, DUTY_ANSWERED); /* to the end of those sent */
    duty->sent_us = now;
    if (jobs->brokers[duty->broker].up)
        *jobs_send(jobs, duty->broker, duty->message.command) = duty->message;
}

void duty_answer(jobs_t *jobs, duty_t *duty, const message_t *answer, int64_t now)
{
    keep(duty, answer);
    duty->answered_us = now;
    duty_move(jobs, duty, DUTY_ANSWERED);
    duty_send(jobs, duty, now);
}

void duty_remove(jobs_t *jobs, duty_t *duty)
{
    jobs_broker_t *broker = &jobs->brokers[duty->broker];
    broker->held--;
    broker->digest -= message_token_digest(duty->message.token);
    broker->stages[duty->stage].held--;
    directory_remove(&jobs->directory, key_of(duty->message.token));
    duty_move(jobs, duty, DUTY_FREE);
    buf_free(&duty->bytes);
    duty->next = jobs->free;
    jobs->free = duty->number;
    jobs->duty_count--;
}
