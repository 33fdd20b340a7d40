/* duties: see duties.h. */
#include "duties.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static ident_t key_of(token_t token)
{
    return (ident_t){token.incarnation, token.counter};
}

void duties_open(duties_t *duties, uint64_t seed)
{
    *duties = (duties_t){.free = DUTY_NONE,
                         .answered = {DUTY_NONE, DUTY_NONE, 0},
                         .prepared = {DUTY_NONE, DUTY_NONE, 0},
                         .running = {DUTY_NONE, DUTY_NONE, 0},
                         .directory.seed = seed};
    for (uint32_t i = 0; i < DUTIES_BROKERS_MOST; i++)
        for (uint32_t j = 0; j < MESSAGE_NAMES_MOST; j++)
            duties->accounts[i].stages[j].waiting.places = &duties->places;
}

void duties_close(duties_t *duties)
{
    for (uint32_t i = 0; i < duties->room; i++)
        buf_free(&duties->all[i].bytes);
    for (uint32_t i = 0; i < DUTIES_BROKERS_MOST; i++)
        for (uint32_t j = 0; j < MESSAGE_NAMES_MOST; j++)
            heap_free(&duties->accounts[i].stages[j].waiting);
    heap_places_free(&duties->places);
    directory_free(&duties->directory);
    free(duties->all);
    duties->all = NULL;
}

duty_t *duties_find(const duties_t *duties, token_t token)
{
    uint32_t number;
    return directory_get(&duties->directory, key_of(token), &number) ? &duties->all[number] : NULL;
}

duty_t *duties_first(const duties_t *duties, uint32_t broker, uint32_t stage)
{
    const heap_entry_t *top = heap_top(&duties->accounts[broker].stages[stage].waiting);
    return top ? &duties->all[top->item] : NULL;
}

duty_t *duties_last(const duties_t *duties, uint32_t broker, uint32_t stage)
{
    const heap_t *waiting = &duties->accounts[broker].stages[stage].waiting;
    const heap_entry_t *last = waiting->entries;
    for (uint32_t i = 1; i < waiting->count; i++) {
        const heap_entry_t *entry = &waiting->entries[i];
        bool later = entry->major != last->major ? entry->major > last->major : entry->minor > last->minor;
        last = later ? entry : last;
    }
    return waiting->count ? &duties->all[last->item] : NULL;
}

/* ---- lists ---- */

static void append(duties_t *duties, duty_list_t *list, duty_t *duty)
{
    duty->prev = list->last;
    duty->next = DUTY_NONE;
    if (list->last != DUTY_NONE)
        duties->all[list->last].next = duty->number;
    else
        list->first = duty->number;
    list->last = duty->number;
    list->count++;
}

static void take_out(duties_t *duties, duty_list_t *list, duty_t *duty)
{
    assert(list->count > 0);
    if (duty->prev != DUTY_NONE)
        duties->all[duty->prev].next = duty->next;
    else
        list->first = duty->next;
    if (duty->next != DUTY_NONE)
        duties->all[duty->next].prev = duty->prev;
    else
        list->last = duty->prev;
    list->count--;
}

static heap_t *queue_of(duties_t *duties, const duty_t *duty)
{
    return &duties->accounts[duty->broker].stages[duty->stage].waiting;
}

/* The list of a state that has one. */
static duty_list_t *list_of(duties_t *duties, uint8_t state)
{
    return state == DUTY_PREPARED   ? &duties->prepared
           : state == DUTY_RUNNING  ? &duties->running
           : state == DUTY_ANSWERED ? &duties->answered
                                    : NULL;
}

static void leave(duties_t *duties, duty_t *duty)
{
    duty_list_t *list = list_of(duties, duty->state);
    if (list)
        take_out(duties, list, duty);
    else if (duty->state == DUTY_WAITING)
        heap_remove(queue_of(duties, duty), duty->number);
}

static void enter(duties_t *duties, duty_t *duty)
{
    duty_list_t *list = list_of(duties, duty->state);
    if (list)
        append(duties, list, duty);
    else if (duty->state == DUTY_WAITING)
        heap_add(queue_of(duties, duty), duty->message.priority, ++duties->order, duty->number);
}

static void duties_move(duties_t *duties, duty_t *duty, duty_state_t state)
{
    static const uint8_t edges[DUTY_STATES] = {
        [DUTY_FREE] = 1 << DUTY_WAITING,
        [DUTY_WAITING] = 1 << DUTY_PREPARED | 1 << DUTY_RUNNING | 1 << DUTY_FREE,
        [DUTY_PREPARED] = 1 << DUTY_RUNNING | 1 << DUTY_FREE,
        [DUTY_RUNNING] = 1 << DUTY_WAITING | 1 << DUTY_ANSWERED,
        [DUTY_ANSWERED] = 1 << DUTY_ANSWERED | 1 << DUTY_FREE,
    };
    assert(edges[duty->state] >> state & 1);
    leave(duties, duty);
    duty->state = (uint8_t)state;
    enter(duties, duty);
}

/* ---- the table ---- */

static void widen(duties_t *duties)
{
    uint32_t room = duties->room + duties->room / 2 + 16;
    duties->all = memory_grow(duties->all, room, sizeof *duties->all);
    memset(duties->all + duties->room, 0, (room - duties->room) * sizeof *duties->all);
    for (uint32_t i = room; i-- > duties->room;) {
        duties->all[i].number = i;
        duties->all[i].next = duties->free;
        duties->free = i;
    }
    duties->room = room;
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

duty_t *duties_add(duties_t *duties, uint32_t broker, uint32_t stage, const message_t *job)
{
    if (duties->free == DUTY_NONE)
        widen(duties);
    duty_t *duty = &duties->all[duties->free];
    uint32_t next = duty->next;
    *duty = (duty_t){.number = duty->number, .broker = broker, .stage = (uint8_t)stage};
    duties->free = next;
    keep(duty, job);
    directory_put(&duties->directory, key_of(job->token), duty->number);
    duties->count++;
    duty_account_t *account = &duties->accounts[broker];
    duty_share_t *share = &account->stages[stage];
    account->held++;
    account->digest += message_token_digest(job->token);
    share->open++;
    if (++share->held > share->peak)
        share->peak = share->held;
    duties_move(duties, duty, DUTY_WAITING);
    return duty;
}

void duties_prepare(duties_t *duties, duty_t *duty, int64_t now_us)
{
    duties_move(duties, duty, DUTY_PREPARED);
    duty->since_us = now_us;
}

void duties_begin(duties_t *duties, duty_t *duty, int64_t now_us)
{
    duties_move(duties, duty, DUTY_RUNNING);
    duty->since_us = now_us;
}

void duties_put_back(duties_t *duties, duty_t *duty)
{
    duties_move(duties, duty, DUTY_WAITING);
}

void duties_answer(duties_t *duties, duty_t *duty, const message_t *answer, int64_t now_us)
{
    keep(duty, answer);
    duties->accounts[duty->broker].stages[duty->stage].open--;
    duty->answered_us = now_us;
    duties_move(duties, duty, DUTY_ANSWERED);
}

void duties_sent(duties_t *duties, duty_t *duty, int64_t now_us)
{
    duties_move(duties, duty, DUTY_ANSWERED);
    duty->sent_us = now_us;
}

void duties_remove(duties_t *duties, duty_t *duty)
{
    duty_account_t *account = &duties->accounts[duty->broker];
    account->held--;
    account->digest -= message_token_digest(duty->message.token);
    account->stages[duty->stage].held--;
    account->stages[duty->stage].open -= duty->state != DUTY_ANSWERED;
    directory_remove(&duties->directory, key_of(duty->message.token));
    duties_move(duties, duty, DUTY_FREE);
    buf_free(&duty->bytes);
    duty->next = duties->free;
    duties->free = duty->number;
    duties->count--;
}

void duties_audit(const duties_t *duties, uint32_t brokers, uint32_t stages)
{
    uint32_t held[DUTIES_BROKERS_MOST] = {0}, opened[DUTIES_BROKERS_MOST] = {0}, states[DUTY_STATES] = {0}, waiting = 0;
    uint64_t digests[DUTIES_BROKERS_MOST] = {0};
    for (uint32_t i = 0; i < duties->room; i++) {
        const duty_t *duty = &duties->all[i];
        states[duty->state]++;
        if (duty->state == DUTY_FREE)
            continue;
        held[duty->broker]++;
        opened[duty->broker] += duty->state != DUTY_ANSWERED;
        digests[duty->broker] += message_token_digest(duty->message.token);
        assert(duties_find(duties, duty->message.token) == duty);
        assert((duty->message.command == COMMAND_JOB) == (duty->state != DUTY_ANSWERED));
    }
    for (uint32_t i = 0; i < brokers; i++) {
        const duty_account_t *account = &duties->accounts[i];
        uint32_t of_stages = 0, open = 0;
        for (uint32_t j = 0; j < stages; j++) {
            of_stages += account->stages[j].held;
            open += account->stages[j].open;
            waiting += account->stages[j].waiting.count;
        }
        assert(account->held == held[i] && account->digest == digests[i] && of_stages == held[i]);
        assert(open == opened[i]);
        assert(held[i] <= MESSAGE_TOKENS_MOST);
    }
    assert(states[DUTY_WAITING] == waiting && states[DUTY_PREPARED] == duties->prepared.count);
    assert(states[DUTY_RUNNING] == duties->running.count && states[DUTY_ANSWERED] == duties->answered.count);
    assert(duties->room - states[DUTY_FREE] == duties->count);
}
