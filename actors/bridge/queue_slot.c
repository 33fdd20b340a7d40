/* queue_slot: the jobs of a queue, slot by slot; see queue.h and queue_state.h. */
#include "proto/base/clock.h"
#include "queue_state.h"
#include "schedule.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* RETRY: after an error of a script. TRIES: then the job is left to stall, as Redis will not have its end.
 * RECORD: how long the work on an attempt is kept, whatever becomes of it. */
enum { RETRY_US = 1000000, TRIES_MOST = 30, RECORD_S = 24 * 3600 };

static void set_due(queue_t *queue, slot_t *slot, int64_t due_us)
{
    if (!slot->due)
        queue->dues++;
    slot->due = true;
    slot->due_us = due_us;
}

/* The job is not this queue's any more. */
static void let_go(queue_t *queue, uint32_t slot)
{
    if (queue->slots[slot].held)
        renewer_release(queue->plan.renewer, queue->plan.number, slot);
    queue->slots[slot].held = 0;
    slot_set(queue, slot, SLOT_FREE);
}

/* ---- the end of a job ---- */

/* Jobs come with the end of another one as long as they are wanted. After doubt none may: it would be lost in the same
 * way as this answer may have been. */
static bool wants_next(const queue_t *queue, const slot_t *slot)
{
    return !queue->stopped && !slot->doubt && queue->recover == RECOVER_NOTHING && !queue->refused &&
           queue->now_ms >= queue->fetching.until_ms;
}

static void send_end(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    at->ending = ending_call(&at->job, &at->upshot, &queue->scene, &queue->plan.rules, wants_next(queue, at),
                             queue->now_ms, &queue->chance, &queue->command);
    at->sent = queue_send(queue, ASKED_END, slot);
}

static void end_now(queue_t *queue, uint32_t slot)
{
    queue->slots[slot].doubt = queue->slots[slot].sent = false;
    queue->slots[slot].tries = 0;
    slot_set(queue, slot, SLOT_ENDING);
    send_end(queue, slot);
}

static span_t keep(arena_t *arena, span_t word)
{
    return (span_t){arena_text_n(arena, word.size ? word.at : "", word.size), word.size};
}

void queue_end(queue_t *queue, uint32_t slot, const upshot_t *outcome, int64_t due_us)
{
    slot_t *at = &queue->slots[slot];
    assert(at->state == SLOT_WORKING);
    at->upshot = *outcome;
    at->upshot.value = keep(at->arena, outcome->value);
    at->upshot.where = keep(at->arena, outcome->where);
    if (due_us > queue->now_us)
        set_due(queue, at, due_us);
    else
        end_now(queue, slot);
}

static void fail(queue_t *queue, uint32_t slot, span_t reason)
{
    upshot_t outcome = {.final = true, .value = reason, .where = span_text("yogi-bridge")};
    queue_end(queue, slot, &outcome, 0);
}

/* ---- the begin of one ---- */

static void work(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    slot_set(queue, slot, SLOT_WORKING);
    if (at->job.deferred.size)
        fail(queue, slot, at->job.deferred);
    else if (at->job.fault.code != FAULT_NONE)
        fail(queue, slot, span_text(at->job.fault.text));
    else
        queue->plan.work(queue->plan.owner, queue, slot, &at->job);
}

/* ---- what stands in Redis beside a job ---- */

/* Under which the work on this attempt is recorded. */
static char *record_key(const queue_t *queue, slot_t *slot)
{
    return arena_format(slot->arena, "%s:yogi-record:%s:%s:%" PRId64 ":%" PRId64, queue->plan.prefix, queue->plan.name,
                        slot->job.id.at, slot->job.timestamp_ms, slot->job.made);
}

void queue_record(queue_t *queue, uint32_t slot, span_t next, span_t dossier)
{
    slot_t *at = &queue->slots[slot];
    buf_t value = {0};
    buf_add(&value, next.at, next.size);
    buf_char(&value, '\n');
    buf_add(&value, dossier.at, dossier.size);
    resp_begin(&queue->command, 5);
    resp_text(&queue->command, "SET");
    resp_text(&queue->command, record_key(queue, at));
    resp_word(&queue->command, value.bytes, value.size);
    resp_text(&queue->command, "EX");
    resp_number(&queue->command, RECORD_S);
    at->recorded |= queue_send(queue, ASKED_NOTE, slot);
    buf_free(&value);
}

static void forget_record(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    if (!at->recorded)
        return;
    at->recorded = false;
    RESP_COMMAND(&queue->command, "UNLINK", record_key(queue, at));
    queue_send(queue, ASKED_NOTE, slot);
}

/* What its children have returned and what an attempt before has come to is asked for before the work. */
static void gather(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    at->sent = false;
    if (!queue->plan.gathers || at->job.deferred.size || at->job.fault.code != FAULT_NONE) {
        work(queue, slot);
        return;
    }
    char *key = arena_format(at->arena, "%s%s:processed", queue->keys->prefix, at->job.id.at);
    slot_set(queue, slot, SLOT_GATHERING);
    if (at->job.started > 1) {
        RESP_COMMAND(&queue->command, "GET", record_key(queue, at));
        queue_send(queue, ASKED_RECALL, slot);
    }
    RESP_COMMAND(&queue->command, "HVALS", key);
    at->sent = queue_send(queue, ASKED_GATHER, slot);
}

/* Its answer comes before that of gather. */
void slot_recalled(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    slot_t *at = &queue->slots[slot];
    if (at->state != SLOT_GATHERING || !reply || reply->kind != REPLY_TEXT)
        return;
    at->job.record = (span_t){arena_text_n(at->arena, reply->text, reply->size), reply->size};
    at->recorded = true;
}

void slot_gathered(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    slot_t *at = &queue->slots[slot];
    at->sent = false;
    if (!reply) /* asked again when the connection is back */
        return;
    if (reply->kind == REPLY_ERROR)
        queue_complain(queue, "HVALS processed", at->job.id, reply->text);
    for (uint32_t i = 0; i < reply->count; i++)
        if (reply_text(&reply->items[i])[0] == '{')
            at->job.children =
                (span_t){arena_text_n(at->arena, reply->items[i].text, reply->items[i].size), reply->items[i].size};
    work(queue, slot);
}

static void ask_scheduler(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    char *key = arena_format(at->arena, "%s:%s", queue->keys->texts[KEY_REPEAT], at->job.scheduler.at);
    slot_set(queue, slot, SLOT_SCHEDULING);
    RESP_COMMAND(&queue->command, "HGET", key, "ic");
    at->sent = queue_send(queue, ASKED_SCHEDULER, slot);
}

/* The next run of its scheduler comes before its own. */
static void schedule(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    call_schedule_t call = {.scheduler = at->job.scheduler, .producer = at->job.id, .data = at->job.data};
    buf_t options = {0};
    fault_t fault = {0};
    at->sent = false;
    if (!at->certain && schedule_is_doubtful(&at->job)) {
        ask_scheduler(queue, slot);
        return;
    }
    schedule_kind_t kind = schedule_next(&at->job, queue->plan.zones, queue->now_ms, &call.next_ms, &options, &fault);
    if (kind == SCHEDULE_NEXT) {
        call.options = span_of(&options);
        slot_set(queue, slot, SLOT_SCHEDULING);
        call_schedule(&queue->command, &queue->scene, &call, queue->now_ms);
        at->sent = queue_send(queue, ASKED_SCHEDULE, slot);
    } else {
        if (kind == SCHEDULE_WRONG) {
            queue->tally.schedule_errors++;
            queue_complain(queue, "schedule", at->job.scheduler, fault.text);
        }
        gather(queue, slot);
    }
    buf_free(&options);
}

void slot_scheduler(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    slot_t *at = &queue->slots[slot];
    at->sent = false;
    if (!reply) /* asked again when the connection is back */
        return;
    if (reply->kind == REPLY_ERROR)
        queue_complain(queue, "HGET repeat", at->job.scheduler, reply->text);
    at->certain = reply->kind == REPLY_TEXT;
    if (at->certain)
        schedule(queue, slot);
    else
        gather(queue, slot);
}

void slot_scheduled(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    slot_t *at = &queue->slots[slot];
    at->sent = false;
    if (!reply) /* told again when the connection is back: a next run that is there already stays one */
        return;
    if (reply->kind == REPLY_ERROR) {
        queue->tally.schedule_errors++;
        queue_complain(queue, "updateJobScheduler", at->job.id, reply->text);
        if (++at->tries < TRIES_MOST) {
            set_due(queue, at, queue->now_us + RETRY_US);
            return;
        }
    }
    queue->tally.scheduled += reply->kind == REPLY_TEXT;
    at->tries = 0;
    gather(queue, slot);
}

/* The same job in another slot: its lock was lost there without a word, and it is this one's now. */
static void call_off_twin(queue_t *queue, uint32_t slot)
{
    const job_t *job = &queue->slots[slot].job;
    for (uint32_t i = 0; i < queue->plan.slots; i++) {
        const slot_t *other = &queue->slots[i];
        bool busy = other->state == SLOT_WORKING;
        if (i == slot || !busy || other->job.id.size != job->id.size ||
            memcmp(other->job.id.at, job->id.at, job->id.size) != 0)
            continue;
        queue->plan.cancel(queue->plan.owner, queue, i);
        queue_forget(queue, i);
    }
}

/* A job came, in the slot's arena. */
static void begin(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    queue->tally.fetched++;
    at->turn = ++queue->turns;
    at->recorded = at->certain = false;
    at->tries = 0;
    if (at->job.started > 1)
        call_off_twin(queue, slot);
    at->held = renewer_hold(queue->plan.renewer, queue->plan.number, slot, at->job.id);
    if (at->job.scheduler.size)
        schedule(queue, slot);
    else
        gather(queue, slot);
}

/* Takes the job of an answer into the slot, or sets it free. */
static void take(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    slot_t *at = &queue->slots[slot];
    fetched_t fetched;
    arena_clear(at->arena);
    if (!job_read(reply, at->arena, &fetched, &at->job)) {
        let_go(queue, slot);
        return;
    }
    fetching_answered(&queue->fetching, &fetched, queue->now_ms);
    if (fetched.has_job)
        begin(queue, slot);
    else
        let_go(queue, slot);
}

void slot_adopt(queue_t *queue, uint32_t slot, const reply_t *hash)
{
    slot_t *at = &queue->slots[slot];
    if (!hash || hash->kind != REPLY_LIST || hash->count == 0) {
        let_go(queue, slot);
        return;
    }
    span_t id = at->job.id;
    queue->tally.adopted++;
    job_fill(hash, id, at->arena, &at->job);
    begin(queue, slot);
}

void slot_fetched(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    queue->fetching.fetches--;
    if (reply && reply->kind != REPLY_ERROR) {
        queue->is_fetching = true;
        take(queue, slot, reply);
        return;
    }
    if (reply) {
        queue_complain(queue, "moveToActive", (span_t){0}, reply->text);
        fetching_failed(&queue->fetching, queue->now_ms);
    } else {
        fetching_lost(&queue->fetching);
        queue->recover = RECOVER_WANTED;
    }
    let_go(queue, slot);
}

/* ---- answers to an end ---- */

static void count_end(queue_t *queue, ending_kind_t ending)
{
    uint64_t *counts[] = {[ENDING_COMPLETED] = &queue->tally.completed,
                          [ENDING_FAILED] = &queue->tally.failed,
                          [ENDING_RETRIED] = &queue->tally.retried,
                          [ENDING_DELAYED] = &queue->tally.delayed};
    ++*counts[ending];
}

/* A job whose children have not ended, or have failed, cannot complete: it fails, in the words of Node's workers. */
static bool fail_parent(queue_t *queue, uint32_t slot, int64_t number)
{
    slot_t *at = &queue->slots[slot];
    buf_t text = {0};
    if (!at->upshot.good || (number != REFUSAL_CHILDREN && number != REFUSAL_FAILED_CHILDREN))
        return false;
    if (number == REFUSAL_CHILDREN)
        buf_format(&text, "Job %s has pending dependencies. moveToFinished", at->job.id.at);
    else
        buf_format(&text, "Cannot complete job %s because it has at least one failed child. moveToFinished",
                   at->job.id.at);
    at->upshot = (upshot_t){.final = number == REFUSAL_FAILED_CHILDREN,
                            .value = keep(at->arena, span_of(&text)),
                            .where = span_text("yogi-bridge")};
    buf_free(&text);
    send_end(queue, slot);
    return true;
}

/* BullMQ does not take the end: the lock is lost or the job is gone; or it was taken when the answer was lost. */
static void take_refusal(queue_t *queue, uint32_t slot, int64_t number)
{
    slot_t *at = &queue->slots[slot];
    const char *name = call_refusal(number);
    if (fail_parent(queue, slot, number))
        return;
    if (at->doubt)
        queue->tally.unsure++;
    else
        queue->tally.refused++;
    LOG(queue->plan.log, LOG_WARNING, at->doubt ? "job.unsure" : "job.refused", {"queue", queue->plan.name, 0},
        {"job", at->job.id.at, 0}, {"why", name ? name : "?", 0}, {"number", NULL, number});
    fetching_again(&queue->fetching);
    let_go(queue, slot);
}

static void take_error(queue_t *queue, uint32_t slot, const char *text)
{
    slot_t *at = &queue->slots[slot];
    queue_complain(queue, "the end of a job", at->job.id, text);
    at->doubt = true; /* a script that stops in the middle has done some of it */
    if (++at->tries < TRIES_MOST) {
        set_due(queue, at, queue->now_us + RETRY_US);
        return;
    }
    queue->tally.abandoned++;
    let_go(queue, slot);
}

void slot_ended(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    slot_t *at = &queue->slots[slot];
    assert(at->state == SLOT_ENDING);
    at->sent = false;
    if (!reply) {
        queue->recover = at->doubt ? queue->recover : RECOVER_WANTED; /* a job may have come with it */
        at->doubt = true;                                             /* told again when the connection is back */
    } else if (reply->kind == REPLY_ERROR) {
        take_error(queue, slot, reply->text);
    } else if (reply->kind == REPLY_INTEGER && reply->number < 0) {
        take_refusal(queue, slot, reply->number);
    } else {
        count_end(queue, at->ending);
        forget_record(queue, slot);
        if (at->held)
            renewer_release(queue->plan.renewer, queue->plan.number, slot);
        at->held = 0;
        if (reply->kind == REPLY_LIST) {
            take(queue, slot, reply);
        } else {
            if (at->ending == ENDING_RETRIED)
                fetching_again(&queue->fetching);
            let_go(queue, slot);
        }
    }
}

/* ---- lost, handed back ---- */

void queue_forget(queue_t *queue, uint32_t slot)
{
    slot_t *at = &queue->slots[slot];
    queue->tally.lost_locks++;
    LOG(queue->plan.log, LOG_WARNING, "job.lost", {"queue", queue->plan.name, 0}, {"job", at->job.id.at, 0});
    let_go(queue, slot);
}

void queue_lost(queue_t *queue, uint32_t slot, uint64_t number)
{
    slot_t *at = &queue->slots[slot];
    if (at->held != number || at->state == SLOT_FREE)
        return;
    at->held = 0;
    if (at->state == SLOT_WORKING) {
        queue->plan.cancel(queue->plan.owner, queue, slot);
        queue_forget(queue, slot);
    } else if (at->state == SLOT_SCHEDULING || at->state == SLOT_GATHERING) { /* an answer is still to come */
        at->job.fault = (fault_t){.code = FAULT_LOST, .text = "its lock was lost"};
    } /* ENDING: the answer says what came of it */
}

static bool can_be_given_back(const slot_t *slot)
{
    bool prepares = slot->state == SLOT_SCHEDULING || slot->state == SLOT_GATHERING;
    return slot->state == SLOT_WORKING || (prepares && !slot->sent);
}

void queue_hand_back(queue_t *queue)
{
    for (uint32_t i = 0; i < queue->plan.slots; i++) {
        slot_t *at = &queue->slots[i];
        if (!can_be_given_back(at))
            continue;
        if (at->state == SLOT_WORKING)
            queue->plan.cancel(queue->plan.owner, queue, i);
        call_give_back(&queue->command, &queue->scene, at->job.id);
        if (!queue_send(queue, ASKED_GIVE_BACK, i)) {
            let_go(queue, i);
            continue;
        }
        slot_set(queue, i, SLOT_FETCHING); /* waits for an answer, and nothing more */
        queue->fetching.fetches++;
    }
}

void slot_given_back(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    queue->fetching.fetches--;
    if (reply && reply->kind == REPLY_INTEGER && reply->number >= 0)
        queue->tally.handed_back++;
    else if (reply && reply->kind == REPLY_ERROR)
        queue_complain(queue, "moveJobFromActiveToWait", queue->slots[slot].job.id, reply->text);
    else
        queue->tally.refused += reply != NULL;
    let_go(queue, slot);
}

/* ---- steps ---- */

static void resend(queue_t *queue, uint32_t slot)
{
    if (queue->slots[slot].state == SLOT_SCHEDULING)
        schedule(queue, slot);
    else if (queue->slots[slot].state == SLOT_GATHERING)
        gather(queue, slot);
    else
        send_end(queue, slot);
}

void slots_resend(queue_t *queue)
{
    for (uint32_t i = 0; i < queue->plan.slots; i++) {
        const slot_t *at = &queue->slots[i];
        bool waits = at->state == SLOT_ENDING || at->state == SLOT_SCHEDULING || at->state == SLOT_GATHERING;
        if (waits && !at->sent && !at->due)
            resend(queue, i);
    }
}

void slots_step(queue_t *queue, int64_t *next_us)
{
    for (uint32_t i = 0, left = queue->dues; left; i++) {
        slot_t *at = &queue->slots[i];
        if (!at->due)
            continue;
        left--;
        if (at->due_us > queue->now_us) {
            *next_us = at->due_us < *next_us ? at->due_us : *next_us;
            continue;
        }
        queue->dues--;
        at->due = false;
        if (at->state == SLOT_WORKING)
            end_now(queue, i);
        else
            resend(queue, i);
    }
}
