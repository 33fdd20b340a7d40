/* giving: see giving.h. */
#include "giving.h"
#include "courier.h"
#include "events.h"
#include "handover.h"

#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/wire/ledger.h"

#include <assert.h>
#include <stdlib.h>

/* COMPLAIN: the same complaint is not logged before. MANY: dossiers that are out at once, from which on events are read
 * in bunches. TOGETHER: jobs in one write, so that Redis is busy with them while the next ones are made. */
enum { COMPLAIN_US = 10000000, MANY = 32, TOGETHER = 32 };

static_assert((int)GIVING_STAGES_MOST <= (int)EVENTS_STREAMS_MOST, "a stream for each stage");

struct giving {
    giving_scene_t scene;
    desk_t desks[GIVING_STAGES_MOST];
    size_t count; /* of desks */
    ledger_t *ledger;
    courier_t *courier;
    events_t *events;
    bool draining;
    int64_t now_us, now_ms, complain_us;
    giving_counts_t counts;
};

static void complain(void *owner, const desk_t *desk, const char *call, const char *text)
{
    giving_t *giving = owner;
    giving->counts.errors++;
    if (giving->now_us < giving->complain_us)
        return;
    giving->complain_us = giving->now_us + COMPLAIN_US;
    LOG(giving->scene.log, LOG_ERROR, "giving.error", {"queue", desk->queue, 0}, {"call", call, 0},
        {"message", text, 0});
}

/* ---- the end of a gift ---- */

static void let_go(desk_t *desk, gift_t *gift)
{
    gift->message = (message_t){0};
    desk_set(desk, gift, GIFT_FREE);
}

static void fail(void *owner, desk_t *desk, gift_t *gift, failed_t class, const fault_t *fault)
{
    giving_t *giving = owner;
    giving->counts.failed++;
    LOG(giving->scene.log, LOG_WARNING, "giving.failed", {"queue", desk->queue, 0}, {"job", gift->id, 0},
        {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0});
    ledger_ran(giving->ledger, gift->duty, giving->now_us - gift->begun_us);
    ledger_failed(giving->ledger, gift->duty, class, fault, giving->now_us);
    let_go(desk, gift);
}

/* Its worker has returned this. */
static void complete(void *owner, desk_t *desk, gift_t *gift, const reply_t *value)
{
    giving_t *giving = owner;
    fault_t fault = {0};
    buf_t dossier = {0};
    bool last = false;
    if (handover_result(desk, gift, reply_text(value), value->size, giving->now_ms, &dossier, &last, &fault) < 0) {
        fail(giving, desk, gift, FAILED_PERMANENT, &fault);
    } else if (dossier.size > MESSAGE_BODY_MOST) {
        fault_set(&fault, FAULT_TOO_LARGE, "the dossier has %zu MB after this stage, more than the %u MB of a message",
                  dossier.size >> 20, MESSAGE_BODY_MOST >> 20);
        fail(giving, desk, gift, FAILED_TOO_LARGE, &fault);
    } else {
        giving->counts.completed++;
        ledger_ran(giving->ledger, gift->duty, giving->now_us - gift->begun_us);
        ledger_done(giving->ledger, gift->duty,
                    &(jobs_result_t){.dossier = {dossier.bytes, (uint32_t)dossier.size}, .last = last}, giving->now_us);
        let_go(desk, gift);
    }
    buf_free(&dossier);
}

/* ---- events ---- */

/* job.updateProgress (n) with a number is percent. */
static void take_progress(giving_t *giving, const gift_t *gift, const reply_t *data)
{
    char *end = NULL;
    double part = data->kind == REPLY_TEXT ? strtod(reply_text(data), &end) : -1;
    if (end && !*end && part >= 0 && part <= 100)
        ledger_progress(giving->ledger, gift->duty, (uint32_t)part, 100, giving->now_us);
}

/* It is told before or after the answer to what was added. */
static void take_duplicated(giving_t *giving, desk_t *desk, gift_t *gift)
{
    giving->counts.met++;
    gift->met = true;
    courier_ask(giving->courier, desk, gift);
}

static void take_event(giving_t *giving, desk_t *desk, gift_t *gift, const event_t *event)
{
    switch (event->kind) {
    case EVENT_DUPLICATED:
        take_duplicated(giving, desk, gift);
        break;
    case EVENT_PROGRESS:
        take_progress(giving, gift, event->value);
        break;
    case EVENT_COMPLETED:
        if (event->value->kind == REPLY_TEXT)
            complete(giving, desk, gift, event->value);
        break;
    case EVENT_FAILED:
        courier_ask_why(giving->courier, desk, gift, reply_text(event->value));
        break;
    case EVENT_REMOVED:
        if (gift->state == GIFT_WAITING)
            courier_miss(giving->courier, desk, gift);
        break;
    case EVENT_NONE:
        break;
    }
}

static void on_event(void *owner, size_t queue, const event_t *event)
{
    giving_t *giving = owner;
    desk_t *desk = &giving->desks[queue];
    for (gift_t *gift = desk_find(desk, event->job), *twin; gift; gift = twin) {
        twin = desk_twin(desk, gift);
        take_event(giving, desk, gift, event);
    }
}

static void on_events_back(void *owner)
{
    courier_ask_all(((giving_t *)owner)->courier);
}

static void on_events_error(void *owner, size_t queue, const char *call, const char *text)
{
    complain(owner, &((giving_t *)owner)->desks[queue], call, text);
}

/* ---- the brokers' end ---- */

/* The broker does not want it any more. */
static void on_kill(void *owner, uint32_t duty, int64_t now_us)
{
    giving_t *giving = owner;
    giving->now_us = now_us;
    for (size_t i = 0; i < giving->count; i++) {
        desk_t *desk = &giving->desks[i];
        gift_t *gift = desk_of_duty(desk, duty);
        if (!gift)
            continue;
        fault_t fault;
        fault_set(&fault, FAULT_CANCELLED, "called off");
        courier_remove(giving->courier, desk, gift);
        fail(giving, desk, gift, FAILED_CANCELLED, &fault);
        return;
    }
}

static void on_refused(void *owner, const char *text)
{
    giving_t *giving = owner;
    LOG(giving->scene.log, LOG_ERROR, "giving.refused", {"message", text, 0});
}

static int open_ledger(giving_t *giving, fault_t *fault)
{
    jobs_options_t options = jobs_defaults();
    ledger_hooks_t hooks = {.kill = on_kill, .refused = on_refused, .owner = giving};
    options.name = giving->scene.name;
    options.stage_count = (uint32_t)giving->count;
    for (size_t i = 0; i < giving->count; i++)
        options.stages[i] = (jobs_stage_t){giving->desks[i].stage, giving->desks[i].count, 0};
    if (ident_new(&options.instance, fault) < 0)
        return -1;
    giving->ledger = ledger_open(&options, giving->scene.settings, &hooks, clock_now_us(), fault);
    return giving->ledger ? 0 : -1;
}

static void take_jobs(giving_t *giving, desk_t *desk, size_t number)
{
    uint32_t duty, count = 0;
    message_t message;
    while (desk->known && events_know(giving->events, number) && !giving->draining && desk->counts[GIFT_FREE] > 0 &&
           courier_is_up(giving->courier) &&
           ledger_take(giving->ledger, desk->number, &duty, &message, giving->now_us)) {
        gift_t *gift = desk_take(desk, &message, duty);
        assert(gift);
        gift->begun_us = giving->now_us;
        gift->began_ms = giving->now_ms;
        courier_add(giving->courier, desk, gift);
        if (++count % TOGETHER == 0)
            courier_flush(giving->courier);
    }
}

/* ---- for the loop ---- */

static void open_redis(giving_t *giving)
{
    const giving_scene_t *scene = &giving->scene;
    courier_plan_t courier = {.place = scene->place,
                              .desks = giving->desks,
                              .desk_count = giving->count,
                              .major = scene->settings->bullmq_version - 1,
                              .completed = complete,
                              .failed = fail,
                              .complain = complain,
                              .owner = giving};
    events_plan_t events = {.place = scene->place,
                            .count = giving->count,
                            .heard = on_event,
                            .back = on_events_back,
                            .complain = on_events_error,
                            .owner = giving};
    for (size_t i = 0; i < giving->count; i++)
        events.keys[i] = giving->desks[i].keys;
    giving->courier = courier_new(&courier);
    giving->events = events_new(&events);
}

giving_t *giving_new(const giving_scene_t *scene, fault_t *fault)
{
    giving_t *giving = memory_new(1, sizeof *giving);
    giving->scene = *scene;
    giving->count = scene->plan->count;
    for (size_t i = 0; i < giving->count; i++)
        desk_init(&giving->desks[i], scene->settings->bullmq_prefix, scene->plan->stages[i].queue,
                  scene->plan->stages[i].stage, (uint32_t)i, scene->plan->window);
    open_redis(giving);
    if (open_ledger(giving, fault) < 0)
        giving_destroy(&giving);
    return giving;
}

void giving_destroy(giving_t **giving)
{
    if (!giving || !*giving)
        return;
    giving_t *g = *giving;
    courier_destroy(&g->courier);
    events_destroy(&g->events);
    ledger_destroy(&g->ledger);
    for (size_t i = 0; i < g->count; i++)
        desk_free(&g->desks[i]);
    free(g);
    *giving = NULL;
}

void giving_step(giving_t *giving, int64_t now_us, int64_t *next_us)
{
    uint32_t out = 0;
    giving->now_us = now_us;
    giving->now_ms = clock_wall_ms();
    courier_step(giving->courier, now_us, giving->now_ms, next_us);
    events_step(giving->events, now_us, next_us);
    ledger_hear(giving->ledger, now_us);
    for (size_t i = 0; i < giving->count; i++) {
        take_jobs(giving, &giving->desks[i], i);
        out += desk_out(&giving->desks[i]);
    }
    events_hurry(giving->events, out >= MANY);
    ledger_tick(giving->ledger, now_us);
    ledger_flush(giving->ledger);
    courier_flush(giving->courier);
    events_flush(giving->events);
    int64_t due_us = ledger_is_ready(giving->ledger) ? now_us : ledger_deadline(giving->ledger);
    *next_us = due_us < *next_us ? due_us : *next_us;
}

size_t giving_poll(const giving_t *giving, struct pollfd *polls)
{
    static_assert(WIRE_POLLS_MOST + 2 * REDIS_POLLS_MOST <= GIVING_POLLS_MOST, "room for all descriptors");
    size_t count = courier_poll(giving->courier, polls);
    count += events_poll(giving->events, polls + count);
    return count + ledger_poll(giving->ledger, polls + count);
}

bool giving_is_ready(const giving_t *giving)
{
    for (size_t i = 0; i < giving->count; i++)
        if (!giving->desks[i].known || !events_know(giving->events, i))
            return false;
    return ledger_is_connected(giving->ledger);
}

void giving_drain(giving_t *giving, int64_t now_us)
{
    giving->draining = true;
    ledger_drain(giving->ledger, now_us);
}

void giving_give_up(giving_t *giving, int64_t now_us)
{
    fault_t fault;
    fault_set(&fault, FAULT_LOST, "the bridge ended before its worker had done it");
    giving->now_us = now_us;
    for (size_t i = 0; i < giving->count; i++)
        for (uint32_t k = 0; k < giving->desks[i].count; k++)
            if (giving->desks[i].gifts[k].state != GIFT_FREE)
                fail(giving, &giving->desks[i], &giving->desks[i].gifts[k], FAILED_LOST, &fault);
}

bool giving_is_drained(const giving_t *giving)
{
    return ledger_is_drained(giving->ledger);
}

giving_counts_t giving_counts(const giving_t *giving)
{
    giving_counts_t counts = giving->counts;
    counts.added = courier_added(giving->courier);
    return counts;
}
