/* giving: see giving.h. */
#include "giving.h"
#include "desk.h"
#include "handover.h"

#include "actors/bridge/version.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/redis/redis.h"
#include "proto/wire/ledger.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AGAIN: a waiting job is asked for by itself so often, as a stream may have been trimmed. LOOK: how long it is
 * believed what a queue says of its version. RETRY: after an error of Redis. BLOCK: one wait for events; its answer may
 * come a little later. ENTRIES: read at once. COMPLAIN: the same complaint is not logged before. */
enum {
    AGAIN_US = 20000000,
    LOOK_US = 10000000,
    RETRY_US = 1000000,
    BLOCK_MS = 10000,
    LATE_MS = 2000,
    ENTRIES = 1000,
    COMPLAIN_US = 10000000
};

/* What an answer is to. */
typedef enum { ASKED_META, ASKED_PLACE, ASKED_ADD, ASKED_END, ASKED_WHY, ASKED_EVENTS, ASKED_REMOVE } asked_t;

struct giving {
    giving_scene_t scene;
    desk_t desks[GIVING_STAGES_MOST];
    size_t count; /* of desks */
    ledger_t *ledger;
    redis_t *line;   /* for commands */
    redis_t *waiter; /* for events */
    bool waiting;    /* it has been asked for them */
    bool lost;       /* the connection was: jobs are to be asked for */
    bool draining;
    bool refused; /* a broker said so, and that was logged */
    int64_t now_us, now_ms, complain_us;
    buf_t command; /* that is being put together */
    giving_counts_t counts;
};

static void lower(int64_t *next_us, int64_t us)
{
    *next_us = us < *next_us ? us : *next_us;
}

static void complain(giving_t *giving, const desk_t *desk, const char *what, const char *text)
{
    giving->counts.errors++;
    if (giving->now_us < giving->complain_us)
        return;
    giving->complain_us = giving->now_us + COMPLAIN_US;
    LOG(giving->scene.log, LOG_ERROR, "giving.error", {"queue", desk->queue, 0}, {"call", what, 0},
        {"message", text, 0});
}

/* ---- commands: the tag says to what, of which desk, of which gift ---- */

static uint64_t tag_of(const giving_t *giving, asked_t asked, const desk_t *desk, const gift_t *gift)
{
    uint64_t place = gift ? (uint64_t)(gift - desk->gifts) : 0;
    return (uint64_t)asked | (uint64_t)(desk - giving->desks) << 4 | place << 8 |
           (uint64_t)(gift ? gift->turn : 0) << 32;
}

static redis_answer_fn on_answer;

static bool send(giving_t *giving, asked_t asked, const desk_t *desk, const gift_t *gift)
{
    bool sent = redis_send(giving->line, &giving->command, on_answer, giving, tag_of(giving, asked, desk, gift), 0);
    buf_clear(&giving->command);
    return sent;
}

/* ---- the end of a gift ---- */

static void let_go(desk_t *desk, gift_t *gift)
{
    gift->message = (message_t){0};
    desk_set(desk, gift, GIFT_FREE);
}

static void fail(giving_t *giving, desk_t *desk, gift_t *gift, failed_t class, const fault_t *fault)
{
    giving->counts.failed++;
    LOG(giving->scene.log, LOG_WARNING, "giving.failed", {"queue", desk->queue, 0}, {"job", gift->id, 0},
        {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0});
    ledger_ran(giving->ledger, gift->duty, giving->now_us - gift->begun_us);
    ledger_failed(giving->ledger, gift->duty, class, fault, giving->now_us);
    let_go(desk, gift);
}

/* Its worker has returned this. */
static void complete(giving_t *giving, desk_t *desk, gift_t *gift, const reply_t *value)
{
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

/* It failed for this reason; whether for good stands in its traces. */
static void read_why(giving_t *giving, desk_t *desk, gift_t *gift, const char *reason)
{
    if (gift->state == GIFT_READING)
        return;
    snprintf(gift->reason, sizeof gift->reason, "%s", reason);
    desk_set(desk, gift, GIFT_READING);
    resp_begin(&giving->command, 3);
    resp_text(&giving->command, "HGET");
    resp_pair(&giving->command, desk->keys->prefix, desk->keys->prefix_size, gift->id, strlen(gift->id));
    resp_text(&giving->command, "stacktrace");
    send(giving, ASKED_WHY, desk, gift); /* where it cannot be sent now, it is when the connection is back */
}

static void take_why(giving_t *giving, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    fault_t fault = {0};
    bool final = reply && handover_is_final(reply_text(reply));
    fault_set(&fault, final ? FAULT_INPUT : FAULT_UNAVAILABLE, "a worker of the queue %.60s failed: %.300s",
              desk->queue, *gift->reason ? gift->reason : "it gave no reason");
    bool expired = !final && handover_has_expired(gift, giving->now_ms);
    fail(giving, desk, gift, final ? FAILED_PERMANENT : expired ? FAILED_SOURCE_EXPIRED : FAILED_RETRYABLE, &fault);
}

/* Somebody has taken the job away. */
static void vanish(giving_t *giving, desk_t *desk, gift_t *gift)
{
    fault_t fault = {0};
    fault_set(&fault, FAULT_UNAVAILABLE, "the job %s of the queue %.60s was removed before it ended", gift->id,
              desk->queue);
    fail(giving, desk, gift, FAILED_RETRYABLE, &fault);
}

/* ---- the way of a gift ---- */

static void add(giving_t *giving, desk_t *desk, gift_t *gift)
{
    fault_t fault = {0};
    buf_t data = {0}, options = {0};
    if (handover_data(desk, gift, &data, &fault) < 0) {
        fail(giving, desk, gift, FAILED_PERMANENT, &fault);
    } else {
        handover_options(gift, &options);
        call_add_t job = {.id = span_text(gift->id),
                          .name = span_text(desk->stage),
                          .data = span_of(&data),
                          .options = span_of(&options),
                          .priority = gift->message.priority};
        call_add(&giving->command, &desk->scene, &job, giving->now_ms);
        desk_set(desk, gift, GIFT_ADDING);
        if (!send(giving, ASKED_ADD, desk, gift))
            desk_set(desk, gift, GIFT_NEW);
    }
    buf_free(&data);
    buf_free(&options);
}

static void ask(giving_t *giving, desk_t *desk, gift_t *gift)
{
    call_is_finished(&giving->command, &desk->scene, span_text(gift->id));
    gift->due_us = giving->now_us + AGAIN_US;
    if (send(giving, ASKED_END, desk, gift))
        desk_set(desk, gift, GIFT_ASKING);
}

static void take_added(giving_t *giving, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    if (gift->state != GIFT_ADDING)
        return;
    bool error = reply && (reply->kind == REPLY_ERROR || (reply->kind == REPLY_INTEGER && reply->number < 0));
    if (error)
        complain(giving, desk, "add", reply->kind == REPLY_ERROR ? reply->text : call_refusal(reply->number));
    if (!reply || error) { /* by its id it is added once, however often it is told */
        gift->due_us = giving->now_us + (error ? RETRY_US : 0);
        desk_set(desk, gift, GIFT_NEW);
        return;
    }
    giving->counts.added++;
    desk_set(desk, gift, GIFT_WAITING);
    ask(giving, desk, gift);
}

/* [0] not ended, [1, value], [2, reason], [-1, …] not there. */
static void take_end(giving_t *giving, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    if (gift->state != GIFT_ASKING)
        return;
    desk_set(desk, gift, GIFT_WAITING);
    if (!reply)
        return;
    if (reply->kind == REPLY_ERROR) {
        complain(giving, desk, "isFinished", reply->text);
        gift->due_us = giving->now_us + RETRY_US;
        return;
    }
    int64_t state = reply_number(reply->kind == REPLY_LIST ? reply_item(reply, 0) : reply);
    if (state == 1)
        complete(giving, desk, gift, reply_item(reply, 1));
    else if (state == 2)
        read_why(giving, desk, gift, reply_text(reply_item(reply, 1)));
    else if (state < 0)
        vanish(giving, desk, gift);
}

/* ---- events ---- */

static const reply_t *field_of(const reply_t *fields, const char *name)
{
    for (uint32_t i = 0; i + 1 < fields->count; i += 2)
        if (strcmp(reply_text(&fields->items[i]), name) == 0)
            return &fields->items[i + 1];
    return NULL;
}

/* job.updateProgress (n) with a number is percent. */
static void take_progress(giving_t *giving, const gift_t *gift, const reply_t *data)
{
    char *end = NULL;
    double part = data ? strtod(reply_text(data), &end) : -1;
    if (end && !*end && part >= 0 && part <= 100)
        ledger_progress(giving->ledger, gift->duty, (uint32_t)part, 100, giving->now_us);
}

static void take_event(giving_t *giving, desk_t *desk, const reply_t *fields)
{
    const reply_t *event = field_of(fields, "event"), *id = field_of(fields, "jobId");
    gift_t *gift = event && id ? desk_find(desk, reply_text(id)) : NULL;
    if (!gift)
        return;
    const char *what = reply_text(event);
    const reply_t *value = field_of(fields, "returnvalue"), *reason = field_of(fields, "failedReason");
    if (strcmp(what, "completed") == 0 && value)
        complete(giving, desk, gift, value);
    else if (strcmp(what, "failed") == 0)
        read_why(giving, desk, gift, reason ? reply_text(reason) : "");
    else if (strcmp(what, "removed") == 0 && gift->state == GIFT_WAITING)
        vanish(giving, desk, gift);
    else if (strcmp(what, "progress") == 0)
        take_progress(giving, gift, field_of(fields, "data"));
}

static desk_t *desk_of_stream(giving_t *giving, const reply_t *key)
{
    for (size_t i = 0; i < giving->count; i++) {
        const keys_t *keys = giving->desks[i].keys;
        if (key->size == keys->sizes[KEY_EVENTS] && memcmp(reply_text(key), keys->texts[KEY_EVENTS], key->size) == 0)
            return &giving->desks[i];
    }
    return NULL;
}

static void set_place(desk_t *desk, const reply_t *id)
{
    if (id->size > 0 && id->size < sizeof desk->place)
        memcpy(desk->place, reply_text(id), id->size + 1);
}

/* [[stream, [[id, [field, value, …]], …]], …], or nil: nothing in that time. */
static void take_events(giving_t *giving, const reply_t *reply)
{
    giving->waiting = false;
    if (!reply)
        return;
    if (reply->kind == REPLY_ERROR)
        complain(giving, &giving->desks[0], "XREAD", reply->text);
    for (uint32_t i = 0; reply->kind == REPLY_LIST && i < reply->count; i++) {
        desk_t *desk = desk_of_stream(giving, reply_item(&reply->items[i], 0));
        const reply_t *entries = reply_item(&reply->items[i], 1);
        for (uint32_t k = 0; desk && k < entries->count; k++) {
            take_event(giving, desk, reply_item(&entries->items[k], 1));
            set_place(desk, reply_item(&entries->items[k], 0));
        }
    }
}

static void wait_for_events(giving_t *giving)
{
    buf_t *command = &giving->command;
    if (giving->waiting || !redis_is_up(giving->waiter))
        return;
    for (size_t i = 0; i < giving->count; i++)
        if (!*giving->desks[i].place)
            return;
    resp_begin(command, 6 + 2 * giving->count);
    resp_text(command, "XREAD");
    resp_text(command, "COUNT");
    resp_number(command, ENTRIES);
    resp_text(command, "BLOCK");
    resp_number(command, BLOCK_MS);
    resp_text(command, "STREAMS");
    for (size_t i = 0; i < giving->count; i++)
        resp_word(command, giving->desks[i].keys->texts[KEY_EVENTS], giving->desks[i].keys->sizes[KEY_EVENTS]);
    for (size_t i = 0; i < giving->count; i++)
        resp_text(command, giving->desks[i].place);
    uint64_t tag = tag_of(giving, ASKED_EVENTS, &giving->desks[0], NULL);
    giving->waiting = redis_send(giving->waiter, command, on_answer, giving, tag, BLOCK_MS + LATE_MS);
    buf_clear(command);
}

/* ---- what is asked of each queue ---- */

static void ask_meta(giving_t *giving, desk_t *desk)
{
    desk->looked_us = giving->now_us;
    RESP_COMMAND(&giving->command, "HGET", desk->keys->texts[KEY_META], "version");
    send(giving, ASKED_META, desk, NULL);
}

static void look_at(giving_t *giving, desk_t *desk)
{
    if (desk->asked || (desk->known && *desk->place) || !redis_is_up(giving->line))
        return;
    desk->asked = true;
    ask_meta(giving, desk);
    RESP_COMMAND(&giving->command, "XREVRANGE", desk->keys->texts[KEY_EVENTS], "+", "-", "COUNT", "1");
    if (!*desk->place)
        send(giving, ASKED_PLACE, desk, NULL);
    buf_clear(&giving->command);
}

static void take_meta(giving_t *giving, desk_t *desk, const reply_t *reply)
{
    if (!reply || reply->kind == REPLY_ERROR) {
        desk->asked = false;
        if (reply)
            complain(giving, desk, "HGET meta version", reply->text);
        return;
    }
    desk->scene = (call_scene_t){.major = version_major(reply_text(reply), giving->scene.settings->bullmq_version - 1),
                                 .keys = desk->keys};
    desk->known = true;
}

static void take_place(giving_t *giving, desk_t *desk, const reply_t *reply)
{
    if (!reply || reply->kind == REPLY_ERROR) {
        desk->asked = false;
        if (reply)
            complain(giving, desk, "XREVRANGE", reply->text);
        return;
    }
    if (reply->count)
        set_place(desk, reply_item(reply_item(reply, 0), 0));
    else
        snprintf(desk->place, sizeof desk->place, "0-0"); /* nothing has happened in this queue yet */
}

/* ---- answers ---- */

static void take_gift(giving_t *giving, asked_t asked, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    if (asked == ASKED_ADD)
        take_added(giving, desk, gift, reply);
    else if (asked == ASKED_END)
        take_end(giving, desk, gift, reply);
    else if (asked == ASKED_WHY && gift->state == GIFT_READING && reply)
        take_why(giving, desk, gift, reply);
}

static void on_answer(void *user, uint64_t tag, const redis_answer_t *answer)
{
    giving_t *giving = user;
    asked_t asked = (asked_t)(tag & 0xF);
    desk_t *desk = &giving->desks[tag >> 4 & 0xF];
    gift_t *gift = &desk->gifts[tag >> 8 & 0xFFFFFF];
    const reply_t *reply = answer->reply;
    bool same = gift->turn == (uint32_t)(tag >> 32) && gift->state != GIFT_FREE;
    if (reply && reply_is_error(reply, "NOSCRIPT") && call_with_text(answer->command, answer->size, &giving->command)) {
        bool sent = redis_send(giving->line, &giving->command, on_answer, giving, tag, 0);
        buf_clear(&giving->command);
        if (sent)
            return;
        reply = NULL;
    }
    switch (asked) {
    case ASKED_META:
        take_meta(giving, desk, reply);
        break;
    case ASKED_PLACE:
        take_place(giving, desk, reply);
        break;
    case ASKED_EVENTS:
        take_events(giving, reply);
        break;
    case ASKED_REMOVE: /* where a worker has it already, it runs to its end for nothing */
        break;
    case ASKED_ADD:
    case ASKED_END:
    case ASKED_WHY:
        if (same)
            take_gift(giving, asked, desk, gift, reply);
    }
}

static void on_news(void *user, bool up)
{
    giving_t *giving = user;
    giving->lost = giving->lost || up;
    for (size_t i = 0; up && i < giving->count; i++)
        giving->desks[i].asked = false;
}

/* A connection is back: whatever was missed is asked for. */
static void ask_again(giving_t *giving)
{
    giving->lost = false;
    for (size_t i = 0; i < giving->count; i++)
        for (uint32_t k = 0; k < giving->desks[i].count; k++) {
            gift_t *gift = &giving->desks[i].gifts[k];
            if (gift->state == GIFT_READING)
                desk_set(&giving->desks[i], gift, GIFT_WAITING);
            gift->due_us = giving->now_us;
        }
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
        if (desk->known) {
            call_remove(&giving->command, &desk->scene, span_text(gift->id));
            send(giving, ASKED_REMOVE, desk, NULL);
        }
        fail(giving, desk, gift, FAILED_CANCELLED, &fault);
        return;
    }
}

static void on_refused(void *owner, const char *text, int64_t now_us)
{
    giving_t *giving = owner;
    (void)now_us;
    if (!giving->refused)
        LOG(giving->scene.log, LOG_ERROR, "giving.refused", {"message", text, 0});
    giving->refused = true;
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

static void take_jobs(giving_t *giving, desk_t *desk)
{
    uint32_t duty;
    message_t message;
    if (desk->known && desk_out(desk) > 0 && giving->now_us > desk->looked_us + LOOK_US)
        ask_meta(giving, desk);
    while (desk->known && *desk->place && !giving->draining && desk->counts[GIFT_FREE] > 0 &&
           redis_is_up(giving->line) && ledger_take(giving->ledger, desk->number, &duty, &message, giving->now_us)) {
        gift_t *gift = desk_take(desk, &message, duty);
        assert(gift);
        gift->begun_us = giving->now_us;
        gift->began_ms = giving->now_ms;
        add(giving, desk, gift);
    }
}

static void do_due(giving_t *giving, desk_t *desk, int64_t *next_us)
{
    if (!desk->counts[GIFT_NEW] && !desk->counts[GIFT_WAITING])
        return;
    for (uint32_t i = 0; i < desk->count; i++) {
        gift_t *gift = &desk->gifts[i];
        if ((gift->state != GIFT_NEW && gift->state != GIFT_WAITING) || !redis_is_up(giving->line))
            continue;
        if (gift->due_us > giving->now_us)
            lower(next_us, gift->due_us);
        else if (gift->state == GIFT_NEW)
            add(giving, desk, gift);
        else
            ask(giving, desk, gift);
    }
}

/* ---- for the loop ---- */

giving_t *giving_new(const giving_scene_t *scene, fault_t *fault)
{
    giving_t *giving = memory_new(1, sizeof *giving);
    giving->scene = *scene;
    giving->count = scene->plan->count;
    for (size_t i = 0; i < giving->count; i++)
        desk_init(&giving->desks[i], scene->settings->bullmq_prefix, scene->plan->stages[i].queue,
                  scene->plan->stages[i].stage, (uint32_t)i, scene->plan->window);
    redis_plan_t plan = {.place = scene->place, .news = on_news, .user = giving};
    giving->line = redis_new(&plan);
    giving->waiter = redis_new(&plan);
    if (open_ledger(giving, fault) < 0)
        giving_destroy(&giving);
    return giving;
}

void giving_destroy(giving_t **giving)
{
    if (!giving || !*giving)
        return;
    giving_t *g = *giving;
    redis_destroy(&g->line);
    redis_destroy(&g->waiter);
    ledger_destroy(&g->ledger);
    for (size_t i = 0; i < g->count; i++)
        desk_free(&g->desks[i]);
    buf_free(&g->command);
    free(g);
    *giving = NULL;
}

void giving_step(giving_t *giving, int64_t now_us, int64_t *next_us)
{
    giving->now_us = now_us;
    giving->now_ms = clock_wall_ms();
    redis_step(giving->line, now_us, next_us);
    redis_step(giving->waiter, now_us, next_us);
    ledger_hear(giving->ledger, now_us);
    if (giving->lost && redis_is_up(giving->line))
        ask_again(giving);
    for (size_t i = 0; i < giving->count; i++) {
        look_at(giving, &giving->desks[i]);
        take_jobs(giving, &giving->desks[i]);
        do_due(giving, &giving->desks[i], next_us);
    }
    wait_for_events(giving);
    ledger_tick(giving->ledger, now_us);
    if (giving->refused && ledger_is_connected(giving->ledger))
        giving->refused = false;
    ledger_flush(giving->ledger);
    redis_flush(giving->line);
    redis_flush(giving->waiter);
    lower(next_us, ledger_is_ready(giving->ledger) ? now_us : ledger_deadline(giving->ledger));
}

size_t giving_poll(const giving_t *giving, struct pollfd *polls)
{
    static_assert(WIRE_POLLS_MOST + 2 * REDIS_POLLS_MOST <= GIVING_POLLS_MOST, "room for all descriptors");
    size_t count = redis_poll(giving->line, polls);
    count += redis_poll(giving->waiter, polls + count);
    return count + ledger_poll(giving->ledger, polls + count);
}

bool giving_is_ready(const giving_t *giving)
{
    for (size_t i = 0; i < giving->count; i++)
        if (!giving->desks[i].known || !*giving->desks[i].place)
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
    return giving->counts;
}
