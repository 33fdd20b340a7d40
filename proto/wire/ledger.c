/* ledger: see ledger.h. */
#include "ledger.h"
#include "keyring.h"
#include "proto/base/memory.h"
#include "proto/base/refrain.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct ledger {
    jobs_t *jobs;
    wire_t *wire;
    ledger_hooks_t hooks;
    refrain_t refusal; /* what brokers say against this actor */
};

ledger_t *ledger_new(const jobs_options_t *options, const wire_plan_t *plan, const ledger_hooks_t *hooks,
                     int64_t now_us, fault_t *fault)
{
    wire_t *wire = wire_new(plan, fault);
    if (!wire)
        return NULL;
    ledger_t *ledger = memory_new(1, sizeof *ledger);
    ledger->wire = wire;
    ledger->jobs = jobs_new(options, now_us);
    ledger->hooks = *hooks;
    return ledger;
}

void ledger_destroy(ledger_t **ledger)
{
    if (!ledger || !*ledger)
        return;
    wire_destroy(&(*ledger)->wire);
    jobs_destroy(&(*ledger)->jobs);
    free(*ledger);
    *ledger = NULL;
}

static void refuse(ledger_t *ledger, slice_t words, int64_t now_us)
{
    char text[MESSAGE_TEXT_MOST + 1];
    snprintf(text, sizeof text, "%.*s", (int)words.size, words.size ? words.at : "");
    if (refrain_is_due(&ledger->refusal, text, now_us))
        ledger->hooks.refused(ledger->hooks.owner, text);
}

/* Does what the table has just asked for. */
static void act(ledger_t *ledger, int64_t now_us)
{
    size_t count;
    const jobs_action_t *actions = jobs_actions(ledger->jobs, &count);
    for (size_t i = 0; i < count; i++)
        switch (actions[i].kind) {
        case JOBS_SEND:
            wire_put(ledger->wire, actions[i].broker, &actions[i].message);
            break;
        case JOBS_KILL:
            ledger->hooks.kill(ledger->hooks.owner, actions[i].job, now_us);
            break;
        case JOBS_DROP:
            if (ledger->hooks.drop)
                ledger->hooks.drop(ledger->hooks.owner, actions[i].job);
            break;
        case JOBS_REFUSED:
            refuse(ledger, actions[i].message.text, now_us);
            break;
        }
}

int ledger_connect(ledger_t *ledger, const endpoint_t *broker, int64_t now_us, fault_t *fault)
{
    int peer = wire_connect(ledger->wire, broker, fault);
    if (peer < 0)
        return -1;
    uint32_t number = jobs_broker(ledger->jobs, now_us);
    assert(number == (uint32_t)peer);
    (void)number;
    act(ledger, now_us);
    return 0;
}

static int connect_all(ledger_t *ledger, const char *brokers, int64_t now_us, fault_t *fault)
{
    endpoint_t list[ENDPOINTS_MOST];
    int count = endpoints_parse(brokers, list, fault);
    for (int i = 0; i < count; i++)
        if (ledger_connect(ledger, &list[i], now_us, fault) < 0)
            count = -1;
    return count < 0 ? fault_prefix(fault, "YOGI_BROKERS") : 0;
}

ledger_t *ledger_open(const jobs_options_t *options, const settings_t *settings, const ledger_hooks_t *hooks,
                      int64_t now_us, fault_t *fault)
{
    keyring_t keyring;
    wire_plan_t plan;
    if (keyring_connect(&keyring, settings, &plan, fault) < 0)
        return NULL;
    ledger_t *ledger = ledger_new(options, &plan, hooks, now_us, fault);
    if (ledger && connect_all(ledger, settings->brokers, now_us, fault) < 0)
        ledger_destroy(&ledger);
    keyring_wipe(&keyring);
    return ledger;
}

/* ---- for the loop ---- */

void ledger_hear(ledger_t *ledger, int64_t now_us)
{
    wire_event_t event;
    while (wire_receive(ledger->wire, &event)) {
        if (event.kind == WIRE_REFUSED)
            refuse(ledger, slice_of(event.text), now_us);
        for (size_t i = 0; i < event.count; i++) { /* a malformed frame has none: the broker sends again */
            jobs_receive(ledger->jobs, (uint32_t)event.peer, &event.messages[i], now_us);
            act(ledger, now_us);
        }
    }
}

void ledger_tick(ledger_t *ledger, int64_t now_us)
{
    if (now_us < jobs_deadline(ledger->jobs))
        return;
    jobs_tick(ledger->jobs, now_us);
    act(ledger, now_us);
}

int64_t ledger_deadline(const ledger_t *ledger)
{
    return jobs_deadline(ledger->jobs);
}

void ledger_flush(ledger_t *ledger)
{
    wire_flush(ledger->wire);
}

bool ledger_is_ready(ledger_t *ledger)
{
    return wire_is_ready(ledger->wire);
}

size_t ledger_poll(const ledger_t *ledger, struct pollfd *to)
{
    return wire_poll(ledger->wire, to);
}

void ledger_drain(ledger_t *ledger, int64_t now_us)
{
    jobs_drain(ledger->jobs, now_us);
    act(ledger, now_us);
}

bool ledger_is_drained(const ledger_t *ledger)
{
    return jobs_drained(ledger->jobs);
}

bool ledger_is_connected(const ledger_t *ledger)
{
    bool any = false;
    for (uint32_t i = 0; i < JOBS_BROKERS_MOST && !any; i++)
        any = jobs_connected(ledger->jobs, i);
    return any;
}

uint32_t ledger_count(const ledger_t *ledger)
{
    return jobs_count(ledger->jobs);
}

wire_counts_t ledger_counts(const ledger_t *ledger)
{
    return wire_counts(ledger->wire);
}

/* ---- for who does the work ---- */

uint32_t ledger_waiting(const ledger_t *ledger, uint32_t stage)
{
    return jobs_waiting(ledger->jobs, stage);
}

bool ledger_take(ledger_t *ledger, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us)
{
    bool taken = jobs_take(ledger->jobs, stage, job, message, now_us);
    act(ledger, now_us);
    return taken;
}

bool ledger_prepare(ledger_t *ledger, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us)
{
    bool taken = jobs_prepare(ledger->jobs, stage, job, message, now_us);
    act(ledger, now_us);
    return taken;
}

void ledger_ready(ledger_t *ledger, uint32_t job, int64_t now_us)
{
    jobs_ready(ledger->jobs, job, now_us);
    act(ledger, now_us);
}

void ledger_begin(ledger_t *ledger, uint32_t job, int64_t now_us)
{
    jobs_begin(ledger->jobs, job, now_us);
    act(ledger, now_us);
}

void ledger_put_back(ledger_t *ledger, uint32_t job, int64_t now_us)
{
    jobs_put_back(ledger->jobs, job, now_us);
    act(ledger, now_us);
}

void ledger_ran(ledger_t *ledger, uint32_t job, int64_t us)
{
    jobs_ran(ledger->jobs, job, us);
}

int64_t ledger_run_us(const ledger_t *ledger, uint32_t stage)
{
    return jobs_run_us(ledger->jobs, stage);
}

void ledger_progress(ledger_t *ledger, uint32_t job, uint32_t done, uint32_t total, int64_t now_us)
{
    jobs_progress(ledger->jobs, job, done, total, now_us);
    act(ledger, now_us);
}

void ledger_done(ledger_t *ledger, uint32_t job, const jobs_result_t *result, int64_t now_us)
{
    jobs_done(ledger->jobs, job, result, now_us);
    act(ledger, now_us);
}

void ledger_failed(ledger_t *ledger, uint32_t job, failed_t class, const fault_t *fault, int64_t now_us)
{
    jobs_failed(ledger->jobs, job, class, fault_name(fault->code), fault->text, now_us);
    act(ledger, now_us);
}
