/* courier: see courier.h. */
#include "courier.h"
#include "handover.h"

#include "actors/bridge/version.h"
#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* AGAIN: a waiting job is asked for by itself so often, as a stream may have been trimmed. LOOK: how long it is
 * believed what a queue says of its version. RETRY: after an error of Redis. */
enum { AGAIN_US = 20000000, LOOK_US = 10000000, RETRY_US = 1000000 };

/* What an answer is to. */
typedef enum { ASKED_META, ASKED_LOAD, ASKED_ADD, ASKED_END, ASKED_WHY, ASKED_REMOVE } asked_t;

struct courier {
    courier_plan_t plan;
    redis_t *line;
    bool doubts; /* the connection was lost: jobs are to be asked for */
    int64_t now_us, now_ms;
    uint64_t added;
    buf_t command, data, options; /* that are being put together */
};

/* ---- commands: the tag says to what, of which desk, of which gift ---- */

static uint64_t tag_of(const courier_t *courier, asked_t asked, const desk_t *desk, const gift_t *gift)
{
    uint64_t place = gift ? (uint64_t)(gift - desk->gifts) : 0;
    return (uint64_t)asked | (uint64_t)(desk - courier->plan.desks) << 4 | place << 8 |
           (uint64_t)(gift ? gift->turn : 0) << 32;
}

static redis_answer_fn on_answer;

static bool send(courier_t *courier, asked_t asked, const desk_t *desk, const gift_t *gift)
{
    bool sent = redis_send(courier->line, &courier->command, on_answer, courier, tag_of(courier, asked, desk, gift), 0);
    buf_clear(&courier->command);
    return sent;
}

static void complain(courier_t *courier, const desk_t *desk, const char *call, const char *text)
{
    courier->plan.complain(courier->plan.owner, desk, call, text);
}

/* ---- a job is added ---- */

void courier_add(courier_t *courier, desk_t *desk, gift_t *gift)
{
    fault_t fault = {0};
    buf_clear(&courier->data);
    buf_clear(&courier->options);
    if (handover_data(desk, gift, &courier->data, &fault) < 0) {
        courier->plan.failed(courier->plan.owner, desk, gift, FAILED_PERMANENT, &fault);
        return;
    }
    handover_options(gift, &courier->options);
    call_add_t job = {.id = span_text(gift->id),
                      .name = span_text(desk->stage),
                      .data = span_of(&courier->data),
                      .options = span_of(&courier->options),
                      .priority = gift->message.priority};
    call_add(&courier->command, &desk->scene, &job, courier->now_ms);
    if (send(courier, ASKED_ADD, desk, gift))
        desk_set(desk, gift, GIFT_ADDING);
    else
        desk_due(desk, gift, courier->now_us);
}

/* A job that had been there may have ended before anybody here listened. */
static void take_added(courier_t *courier, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    if (gift->state != GIFT_ADDING)
        return;
    bool error = reply && (reply->kind == REPLY_ERROR || (reply->kind == REPLY_INTEGER && reply->number < 0));
    if (error)
        complain(courier, desk, "add", reply->kind == REPLY_ERROR ? reply->text : call_refusal(reply->number));
    if (!reply || error) { /* by its id it is added once, however often it is told */
        desk_due(desk, gift, courier->now_us + (error ? RETRY_US : 0));
        desk_set(desk, gift, GIFT_NEW);
        return;
    }
    courier->added++;
    desk_set(desk, gift, GIFT_WAITING);
    desk_due(desk, gift, courier->now_us + AGAIN_US);
    if (gift->met)
        courier_ask(courier, desk, gift);
}

/* ---- whether it has ended ---- */

void courier_ask(courier_t *courier, desk_t *desk, gift_t *gift)
{
    if (gift->state != GIFT_WAITING)
        return;
    call_is_finished(&courier->command, &desk->scene, span_text(gift->id));
    desk_due(desk, gift, courier->now_us + AGAIN_US);
    if (send(courier, ASKED_END, desk, gift))
        desk_set(desk, gift, GIFT_ASKING);
}

void courier_ask_all(courier_t *courier)
{
    courier->doubts = true;
}

/* [0] not ended, [1, value], [2, reason], [-1, …] not there. */
static void take_end(courier_t *courier, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    if (gift->state != GIFT_ASKING)
        return;
    desk_set(desk, gift, GIFT_WAITING);
    if (!reply)
        return;
    if (reply->kind == REPLY_ERROR) {
        complain(courier, desk, "isFinished", reply->text);
        desk_due(desk, gift, courier->now_us + RETRY_US);
        return;
    }
    int64_t state = reply_number(reply->kind == REPLY_LIST ? reply_item(reply, 0) : reply);
    if (state == 1)
        courier->plan.completed(courier->plan.owner, desk, gift, reply_item(reply, 1));
    else if (state == 2)
        courier_ask_why(courier, desk, gift, reply_text(reply_item(reply, 1)));
    else if (state < 0)
        courier_miss(courier, desk, gift);
}

/* ---- why it failed: whether for good stands in its traces ---- */

void courier_ask_why(courier_t *courier, desk_t *desk, gift_t *gift, const char *reason)
{
    if (gift->state == GIFT_READING)
        return;
    free(gift->reason);
    gift->reason = strndup(reason, GIFT_REASON_BYTES);
    desk_set(desk, gift, GIFT_READING);
    resp_begin(&courier->command, 3);
    resp_text(&courier->command, "HGET");
    resp_pair(&courier->command, desk->keys->prefix, desk->keys->prefix_size, gift->id, strlen(gift->id));
    resp_text(&courier->command, "stacktrace");
    send(courier, ASKED_WHY, desk, gift); /* where it cannot be sent now, it is when the connection is back */
}

static void take_why(courier_t *courier, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    fault_t fault = {0};
    if (gift->state != GIFT_READING || !reply)
        return;
    bool final = handover_is_final(reply_text(reply));
    bool expired = !final && handover_has_expired(gift, courier->now_ms);
    fault_set(&fault, final ? FAULT_INPUT : FAULT_UNAVAILABLE, "a worker of the queue %.60s failed: %.300s",
              desk->queue, gift->reason && *gift->reason ? gift->reason : "it gave no reason");
    courier->plan.failed(courier->plan.owner, desk, gift,
                         final     ? FAILED_PERMANENT
                         : expired ? FAILED_SOURCE_EXPIRED
                                   : FAILED_RETRYABLE,
                         &fault);
}

/* ---- it is gone ---- */

void courier_miss(courier_t *courier, desk_t *desk, gift_t *gift)
{
    fault_t fault = {0};
    fault_set(&fault, FAULT_UNAVAILABLE, "the job %s of the queue %.60s was removed before it ended", gift->id,
              desk->queue);
    courier->plan.failed(courier->plan.owner, desk, gift, FAILED_RETRYABLE, &fault);
}

void courier_remove(courier_t *courier, desk_t *desk, const gift_t *gift)
{
    if (!desk->known)
        return;
    call_remove(&courier->command, &desk->scene, span_text(gift->id));
    send(courier, ASKED_REMOVE, desk, NULL);
}

/* ---- of which major a queue is, and its scripts ---- */

static void load(courier_t *courier, desk_t *desk)
{
    static const script_kind_t kinds[] = {SCRIPT_ADD_STANDARD_JOB, SCRIPT_ADD_PRIORITIZED_JOB, SCRIPT_IS_FINISHED};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        call_load(&courier->command, &desk->scene, kinds[i]);
        send(courier, ASKED_LOAD, desk, NULL);
    }
}

static void ask_meta(courier_t *courier, desk_t *desk)
{
    RESP_COMMAND(&courier->command, "HGET", desk->keys->texts[KEY_META], "version");
    desk->looked_us = courier->now_us;
    desk->asked = send(courier, ASKED_META, desk, NULL);
}

static void take_meta(courier_t *courier, desk_t *desk, const reply_t *reply)
{
    desk->asked = false;
    if (reply && reply->kind == REPLY_ERROR) {
        complain(courier, desk, "HGET meta version", reply->text);
    } else if (reply) {
        major_t major = version_major(reply_text(reply), courier->plan.major);
        bool other = !desk->known || major != desk->scene.major;
        desk->scene = (call_scene_t){.major = major, .keys = desk->keys};
        desk->known = true;
        if (other)
            load(courier, desk);
    }
}

/* At first, and now and then while jobs go there. */
static void look_at(courier_t *courier, desk_t *desk, int64_t *next_us)
{
    int64_t due_us = desk->known ? desk->looked_us + LOOK_US : desk->looked_us ? desk->looked_us + RETRY_US : 0;
    if (desk->asked || (desk->known && desk_out(desk) == 0))
        return;
    if (courier->now_us >= due_us)
        ask_meta(courier, desk);
    else if (!desk->known)
        *next_us = due_us < *next_us ? due_us : *next_us;
}

/* ---- answers ---- */

static void take_gift(courier_t *courier, asked_t asked, desk_t *desk, gift_t *gift, const reply_t *reply)
{
    if (asked == ASKED_ADD)
        take_added(courier, desk, gift, reply);
    else if (asked == ASKED_END)
        take_end(courier, desk, gift, reply);
    else
        take_why(courier, desk, gift, reply);
}

static void on_answer(void *user, uint64_t tag, const redis_answer_t *answer)
{
    courier_t *courier = user;
    asked_t asked = (asked_t)(tag & 0xF);
    desk_t *desk = &courier->plan.desks[tag >> 4 & 0xF];
    gift_t *gift = &desk->gifts[tag >> 8 & 0xFFFFFF];
    const reply_t *reply = answer->reply;
    if (reply && reply_is_error(reply, "NOSCRIPT") &&
        call_with_text(answer->command, answer->size, &courier->command)) {
        bool sent = redis_send(courier->line, &courier->command, on_answer, courier, tag, 0);
        buf_clear(&courier->command);
        if (sent)
            return;
        reply = NULL; /* as one that was lost */
    }
    if (asked == ASKED_META)
        take_meta(courier, desk, reply);
    else if (asked == ASKED_LOAD && reply && reply->kind == REPLY_ERROR)
        complain(courier, desk, "SCRIPT LOAD", reply->text);
    else if (asked != ASKED_LOAD && asked != ASKED_REMOVE && gift->turn == (uint32_t)(tag >> 32) &&
             gift->state != GIFT_FREE)
        take_gift(courier, asked, desk, gift, reply);
    /* of one that is taken out: where a worker has it already, it runs to its end for nothing */
}

static void on_news(void *user, bool up)
{
    courier_t *courier = user;
    courier->doubts |= up;
}

/* ---- for the loop ---- */

courier_t *courier_new(const courier_plan_t *plan)
{
    courier_t *courier = memory_new(1, sizeof *courier);
    redis_plan_t line = {.place = plan->place, .news = on_news, .user = courier};
    courier->plan = *plan;
    courier->line = redis_new(&line);
    return courier;
}

void courier_destroy(courier_t **courier)
{
    if (!*courier)
        return;
    redis_destroy(&(*courier)->line);
    buf_free(&(*courier)->command);
    buf_free(&(*courier)->data);
    buf_free(&(*courier)->options);
    free(*courier);
    *courier = NULL;
}

/* A connection is back: whatever was missed is asked for. */
static void ask_all(courier_t *courier, desk_t *desk)
{
    for (uint32_t i = 0; i < desk->count; i++) {
        gift_t *gift = &desk->gifts[i];
        if (gift->state == GIFT_READING)
            desk_set(desk, gift, GIFT_WAITING);
        desk_due(desk, gift, courier->now_us);
    }
}

static void do_due(courier_t *courier, desk_t *desk, int64_t *next_us)
{
    if (courier->now_us >= desk->due_us) {
        desk->due_us = INT64_MAX;
        for (uint32_t i = 0; i < desk->count; i++) {
            gift_t *gift = &desk->gifts[i];
            if (gift->state != GIFT_NEW && gift->state != GIFT_WAITING)
                continue;
            if (gift->due_us > courier->now_us)
                desk_due(desk, gift, gift->due_us);
            else if (gift->state == GIFT_NEW)
                courier_add(courier, desk, gift);
            else
                courier_ask(courier, desk, gift);
        }
    }
    *next_us = desk->due_us < *next_us ? desk->due_us : *next_us;
}

void courier_step(courier_t *courier, int64_t now_us, int64_t now_ms, int64_t *next_us)
{
    courier->now_us = now_us;
    courier->now_ms = now_ms;
    redis_step(courier->line, now_us, next_us);
    if (!redis_is_up(courier->line))
        return;
    bool doubts = courier->doubts;
    courier->doubts = false;
    for (size_t i = 0; i < courier->plan.desk_count; i++) {
        desk_t *desk = &courier->plan.desks[i];
        look_at(courier, desk, next_us);
        if (!desk->known)
            continue;
        if (doubts) {
            load(courier, desk); /* Redis may have been started anew */
            ask_all(courier, desk);
        }
        do_due(courier, desk, next_us);
    }
}

void courier_flush(courier_t *courier)
{
    redis_flush(courier->line);
}

size_t courier_poll(const courier_t *courier, struct pollfd *polls)
{
    return redis_poll(courier->line, polls);
}

bool courier_is_up(const courier_t *courier)
{
    return redis_is_up(courier->line);
}

uint64_t courier_added(const courier_t *courier)
{
    return courier->added;
}
