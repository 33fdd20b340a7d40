/* ferry: see ferry.h. */
#include "ferry.h"
#include "keyring.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Why a broker does not take this owner; empty when it has said something else since. */
typedef struct {
    char text[MESSAGE_TEXT_MOST + 1];
    bool final;
} refusal_t;

struct ferry {
    ferry_plan_t plan;
    refusal_t refusals[ENDPOINTS_MOST]; /* of the brokers */
    wire_t *wire;
    link_t *link;
    uint32_t brokers;
    int64_t now_us; /* of this step; the link's time never goes back */
};

/* Does what the link has just asked for. Actions are copied before they are carried out: what the owner calls from
 * within replaces them. */
static void act(ferry_t *ferry)
{
    size_t count;
    const link_action_t *actions = link_actions(ferry->link, &count);
    size_t asks = 0;
    for (size_t i = 0; i < count; i++)
        if (actions[i].kind == LINK_SEND)
            wire_put(ferry->wire, actions[i].broker, &actions[i].message);
        else
            asks++;
    if (asks == 0)
        return;
    link_action_t *copies = memory_grow(NULL, count, sizeof *copies);
    memcpy(copies, actions, count * sizeof *copies);
    for (size_t i = 0; i < count; i++)
        if (copies[i].kind != LINK_SEND)
            ferry->plan.ask(ferry->plan.owner, &copies[i]);
    free(copies);
}

static int64_t look_at_clock(ferry_t *ferry)
{
    ferry->now_us = clock_now_us();
    return ferry->now_us;
}

static int connect_all(ferry_t *ferry, fault_t *fault)
{
    endpoint_t list[ENDPOINTS_MOST];
    int count = endpoints_parse(ferry->plan.brokers, list, fault);
    if (count < 0)
        return fault_prefix(fault, "YOGI_BROKERS");
    for (int i = 0; i < count; i++) {
        if (wire_connect(ferry->wire, &list[i], fault) < 0)
            return fault_prefix(fault, "YOGI_BROKERS");
        ferry->brokers = link_broker(ferry->link, look_at_clock(ferry)) + 1;
        act(ferry);
    }
    return 0;
}

ferry_t *ferry_new(const ferry_plan_t *plan, fault_t *fault)
{
    ferry_t *ferry = memory_new(1, sizeof *ferry);
    ferry->plan = *plan;
    link_options_t options = link_defaults();
    options.name = plan->name;
    options.window = plan->window ? plan->window : options.window;
    int made = ident_new(&options.instance, fault);
    if (made == 0) {
        options.seed = options.instance.low;
        ferry->link = link_new(&options, look_at_clock(ferry));
        ferry->wire = wire_new(&plan->wire, fault);
        made = ferry->wire ? connect_all(ferry, fault) : -1;
    }
    if (made < 0)
        ferry_destroy(&ferry);
    return ferry;
}

ferry_t *ferry_open(const ferry_plan_t *plan, const settings_t *settings, fault_t *fault)
{
    ferry_plan_t own = *plan;
    keyring_t keyring;
    if (keyring_connect(&keyring, settings, &own.wire, fault) < 0)
        return NULL;
    ferry_t *ferry = ferry_new(&own, fault);
    keyring_wipe(&keyring);
    return ferry;
}

void ferry_destroy(ferry_t **ferry)
{
    if (!ferry || !*ferry)
        return;
    if ((*ferry)->wire)
        wire_flush((*ferry)->wire);
    wire_destroy(&(*ferry)->wire);
    link_destroy(&(*ferry)->link);
    free(*ferry);
    *ferry = NULL;
}

void ferry_leave(ferry_t **ferry)
{
    if (!ferry || !*ferry)
        return;
    link_leave((*ferry)->link, look_at_clock(*ferry));
    act(*ferry);
    ferry_destroy(ferry);
}

/* ---- the link's own ---- */

void ferry_own(ferry_t *ferry, ident_t job, uint64_t epoch)
{
    link_own(ferry->link, job, epoch, ferry->now_us);
    act(ferry);
}

void ferry_submit(ferry_t *ferry, const message_t *submit)
{
    link_submit(ferry->link, submit, ferry->now_us);
    act(ferry);
}

void ferry_settle(ferry_t *ferry, uint32_t broker, const message_t *message)
{
    link_settle(ferry->link, broker, message, ferry->now_us);
    act(ferry);
}

void ferry_cancel(ferry_t *ferry, ident_t job)
{
    link_cancel(ferry->link, job, ferry->now_us);
    act(ferry);
}

void ferry_disown(ferry_t *ferry, ident_t job)
{
    link_disown(ferry->link, job, ferry->now_us);
    act(ferry);
}

void ferry_ask_stats(ferry_t *ferry, uint64_t number)
{
    link_ask_stats(ferry->link, number, ferry->now_us);
    act(ferry);
}

/* ---- the loop ---- */

/* A refusal without a job is about this owner itself; any other word means that it is taken. */
static void note_word(const message_t *message, refusal_t *refusal)
{
    if (message->command != COMMAND_REFUSED) {
        refusal->text[0] = 0;
        return;
    }
    if (!ident_none(message->job))
        return;
    snprintf(refusal->text, sizeof refusal->text, "%.*s", (int)message->text.size,
             message->text.size ? message->text.at : "");
    text_neuter(refusal->text);
    refusal->final = message->reason == REFUSED_NOT_ALLOWED;
}

static void note_refusal(const wire_event_t *event, refusal_t *refusal)
{
    snprintf(refusal->text, sizeof refusal->text, "%s", event->text);
    refusal->final = event->final;
}

const char *ferry_refusal(const ferry_t *ferry, bool *final)
{
    *final = true;
    for (uint32_t i = 0; i < ferry->brokers; i++) {
        if (!ferry->refusals[i].text[0])
            return NULL;
        *final &= ferry->refusals[i].final;
    }
    return ferry->refusals[0].text;
}

static void hear(ferry_t *ferry)
{
    wire_event_t event;
    while (wire_receive(ferry->wire, &event)) {
        if (event.kind == WIRE_REFUSED)
            note_refusal(&event, &ferry->refusals[event.peer]);
        for (size_t i = 0; i < event.count; i++) { /* a malformed frame has none: the broker sends again */
            note_word(&event.messages[i], &ferry->refusals[event.peer]);
            link_take(ferry->link, (uint32_t)event.peer, &event.messages[i], ferry->now_us);
            act(ferry);
        }
    }
}

void ferry_step(ferry_t *ferry, int64_t *next_us)
{
    look_at_clock(ferry);
    hear(ferry);
    if (look_at_clock(ferry) >= link_deadline(ferry->link)) {
        link_tick(ferry->link, ferry->now_us);
        act(ferry);
    }
    wire_flush(ferry->wire);
    int64_t due_us = wire_is_ready(ferry->wire) ? ferry->now_us : link_deadline(ferry->link);
    due_us = wire_deadline(ferry->wire) < due_us ? wire_deadline(ferry->wire) : due_us;
    *next_us = due_us < *next_us ? due_us : *next_us;
}

size_t ferry_poll(const ferry_t *ferry, struct pollfd *polls)
{
    return wire_poll(ferry->wire, polls);
}

uint32_t ferry_jobs(const ferry_t *ferry)
{
    return link_jobs(ferry->link);
}

uint32_t ferry_brokers(const ferry_t *ferry)
{
    return ferry->brokers;
}

uint32_t ferry_connected(const ferry_t *ferry)
{
    uint32_t connected = 0;
    for (uint32_t i = 0; i < ferry->brokers; i++)
        connected += link_connected(ferry->link, i);
    return connected;
}
