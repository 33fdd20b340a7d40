/* queue: see queue.h. Here: fetching, and what is done now and then (version, stalled jobs, the tally). */
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/redis/worker_name.h"
#include "queue_state.h"
#include "version.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* META: the version of a queue is looked at again; OLD: of one that is refused. BLOCK: what the
 * answer to a blocking read may take beyond its time. TALLY_S: how long the tally stays in Redis after the last change.
 */
enum {
    META_US = 10 * 1000000,
    OLD_US = 1000000,
    BLOCK_MS = 1000,
    TALLY_US = 5 * 1000000,
    TALLY_S = 3600,
    STALLED_RETRY_US = 1000000,
};

/* ---- begin and end ---- */

/* Whatever was told to the old connection is gone: look. */
static void on_waiter(void *user, bool up)
{
    queue_t *queue = user;
    (void)up;
    fetching_again(&queue->fetching);
}

static redis_answer_fn on_answer;

queue_t *queue_new(const queue_plan_t *plan)
{
    queue_t *queue = memory_new(1, sizeof *queue);
    queue->plan = *plan;
    queue->take = on_answer;
    queue->keys = keys_new(plan->prefix, plan->name);
    queue->fetching.drain_ms = plan->drain_ms;
    queue->chance.state = (uint64_t)clock_now_us() ^ (uint64_t)plan->number << 48;
    queue->slots = memory_new(plan->slots, sizeof *queue->slots);
    queue->counts[SLOT_FREE] = plan->slots;
    for (uint32_t i = plan->slots; i-- > 0;) {
        queue->slots[i].next = queue->free_first;
        queue->free_first = i + 1;
    }
    buf_t name = {0};
    worker_name_add(plan->prefix, plan->name, plan->worker, &name);
    queue->waiter_name = name.bytes;
    redis_plan_t waiter = {.place = plan->place, .name = queue->waiter_name, .news = on_waiter, .user = queue};
    queue->waiter = redis_new(&waiter);
    return queue;
}

void queue_destroy(queue_t **queue)
{
    queue_t *old = queue ? *queue : NULL;
    if (!old)
        return;
    redis_destroy(&old->waiter);
    for (uint32_t i = 0; i < old->plan.slots; i++)
        arena_destroy(&old->slots[i].arena);
    keys_destroy(&old->keys);
    buf_free(&old->command);
    arena_destroy(&old->strays);
    free(old->slots);
    free(old->waiter_name);
    free(old);
    *queue = NULL;
}

/* ---- commands and answers ---- */

static void take_meta(queue_t *queue, const reply_t *reply);
static void take_stalled(queue_t *queue, const reply_t *reply);
static void take_marker(queue_t *queue, const reply_t *reply);

static void take_note(queue_t *queue, uint32_t slot, const reply_t *reply)
{
    if (reply && reply->kind == REPLY_ERROR)
        queue_complain(queue, "a note of a job", (span_t){0}, reply->text);
    (void)slot; /* -1: the job is gone, as its end will tell */
}

static void on_answer(void *user, uint64_t tag, const redis_answer_t *answer)
{
    queue_t *queue = user;
    asked_t asked = (asked_t)(tag & 0xFF);
    uint32_t slot = (uint32_t)(tag >> 8);
    const reply_t *reply = answer->reply;
    if (reply && reply_is_error(reply, "NOSCRIPT") && call_with_text(answer->command, answer->size, &queue->command)) {
        if (queue_send(queue, asked, slot))
            return;
        reply = NULL;
    }
    switch (asked) {
    case ASKED_FETCH:
        slot_fetched(queue, slot, reply);
        break;
    case ASKED_END:
        slot_ended(queue, slot, reply);
        break;
    case ASKED_SCHEDULER:
        slot_scheduler(queue, slot, reply);
        break;
    case ASKED_SCHEDULE:
        slot_scheduled(queue, slot, reply);
        break;
    case ASKED_GATHER:
        slot_gathered(queue, slot, reply);
        break;
    case ASKED_RECALL:
        slot_recalled(queue, slot, reply);
        break;
    case ASKED_GIVE_BACK:
        slot_given_back(queue, slot, reply);
        break;
    case ASKED_ACTIVE:
        recover_listed(queue, reply);
        break;
    case ASKED_LOCK:
        recover_lock(queue, slot, reply);
        break;
    case ASKED_ADOPT:
        slot_adopt(queue, slot, reply);
        break;
    case ASKED_META:
        take_meta(queue, reply);
        break;
    case ASKED_STALLED:
        take_stalled(queue, reply);
        break;
    case ASKED_MARKER:
        take_marker(queue, reply);
        break;
    case ASKED_NOTE:
    case ASKED_TALLY:
    case ASKED_COUNT:
        take_note(queue, slot, reply);
        break;
    }
}

/* ---- the version ---- */

static void set_major(queue_t *queue, major_t major, const char *version)
{
    const queue_plan_t *plan = &queue->plan;
    if (queue->scene.token && queue->scene.major == major)
        return;
    LOG(plan->log, LOG_INFO, queue->scene.token ? "queue.version_changed" : "queue.version", {"queue", plan->name, 0},
        {"version", version, 0}, {"scripts", scripts_version[major], 0});
    queue->scene = (call_scene_t){.major = major,
                                  .keys = queue->keys,
                                  .token = plan->token,
                                  .worker = plan->worker,
                                  .lock_ms = plan->lock_ms,
                                  .limit_max = plan->limit_max,
                                  .limit_ms = plan->limit_ms,
                                  .metrics_points = plan->metrics_points};
    renewer_set(plan->renewer, plan->number, &queue->scene);
}

static void take_meta(queue_t *queue, const reply_t *reply)
{
    queue->asked_meta = false;
    queue->meta_us = queue->now_us + (reply && reply->kind != REPLY_ERROR ? META_US : OLD_US);
    if (!reply)
        return;
    if (reply->kind == REPLY_ERROR) {
        queue_complain(queue, "HGET meta version", (span_t){0}, reply->text);
        return;
    }
    const char *version = reply_text(reply);
    int number = version_number(version);
    bool old = number > 0 && number < 5;
    queue->unsaid = number == 0;
    if (old && !queue->refused)
        LOG(queue->plan.log, LOG_ERROR, "queue.too_old", {"queue", queue->plan.name, 0}, {"version", version, 0},
            {"message", "queues of BullMQ 4 and older cannot be served; nothing is taken from it", 0});
    queue->refused = old;
    if (old)
        queue->meta_us = queue->now_us + OLD_US;
    if (old || (queue->unsaid && queue->scene.token)) /* who has thrown a queue away uses it as before */
        return;
    set_major(queue, version_major(version, queue->plan.major), version);
}

/* By the connection of this slot. */
static void ask_meta(queue_t *queue, uint32_t slot)
{
    RESP_COMMAND(&queue->command, "HGET", queue->keys->texts[KEY_META], "version");
    queue->asked_meta = queue_send(queue, ASKED_META, slot);
    queue->meta_us = queue->now_us + META_US;
}

/* ---- stalled jobs ---- */

static void take_stalled(queue_t *queue, const reply_t *reply)
{
    queue->asked_stalled = false;
    if (!reply || reply->kind == REPLY_ERROR) {
        if (reply)
            queue_complain(queue, "moveStalledJobsToWait", (span_t){0}, reply->text);
        queue->stalled_us = queue->now_us + STALLED_RETRY_US;
        return;
    }
    queue->tally.stalled += reply->count;
    for (uint32_t i = 0; i < reply->count; i++)
        LOG(queue->plan.log, LOG_WARNING, "job.stalled", {"queue", queue->plan.name, 0},
            {"job", reply_text(&reply->items[i]), 0});
    if (reply->count)
        fetching_again(&queue->fetching);
}

static void ask_stalled(queue_t *queue)
{
    const queue_plan_t *plan = &queue->plan;
    call_stalled(&queue->command, &queue->scene, plan->stalled_most, plan->stalled_ms, queue->now_ms);
    queue->asked_stalled = queue_send(queue, ASKED_STALLED, 1);
    queue->stalled_us = queue->now_us + plan->stalled_ms * 1000;
}

/* ---- the tally ---- */

static void write_tally(queue_t *queue)
{
    char number[24], *key = NULL;
    buf_t name = {0};
    static const struct {
        const char *name;
        size_t offset;
    } rows[] = {
#define TALLY_ROW(name, help) {#name, offsetof(tally_t, name)},
        TALLY_MAP(TALLY_ROW)
#undef TALLY_ROW
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    queue->tally_us = queue->now_us + TALLY_US;
    queue->tally.renewals = renewer_renewed(queue->plan.renewer, queue->plan.number);
    if (memcmp(&queue->tally, &queue->written, sizeof queue->tally) == 0)
        return;
    queue->written = queue->tally;
    buf_format(&name, "%s:yogi:%s:%s", queue->plan.prefix, queue->plan.name, queue->plan.worker);
    key = name.bytes;
    resp_begin(&queue->command, 2 + 2 * ROWS);
    resp_text(&queue->command, "HSET");
    resp_text(&queue->command, key);
    for (size_t i = 0; i < ROWS; i++) {
        resp_text(&queue->command, rows[i].name);
        resp_number(&queue->command, (int64_t) * (const uint64_t *)((const char *)&queue->tally + rows[i].offset));
    }
    queue_send(queue, ASKED_TALLY, 0);
    snprintf(number, sizeof number, "%d", TALLY_S);
    RESP_COMMAND(&queue->command, "EXPIRE", key, number);
    queue_send(queue, ASKED_TALLY, 0);
    buf_free(&name);
}

/* ---- fetching ---- */

static void take_marker(queue_t *queue, const reply_t *reply)
{
    bool marker = reply && reply->kind == REPLY_LIST && reply->count == 3;
    double score = marker ? strtod(reply_text(&reply->items[2]), NULL) : 0;
    if (reply && reply->kind == REPLY_ERROR) {
        queue_complain(queue, "BZPOPMIN marker", (span_t){0}, reply->text);
        fetching_failed(&queue->fetching, queue->now_ms);
    }
    fetching_told(&queue->fetching, marker, (int64_t)score, queue->now_ms);
    if (marker && score == 0 && queue->counts[SLOT_FREE] == 0) { /* taken meanwhile: others may have room */
        RESP_COMMAND(&queue->command, "ZADD", queue->keys->texts[KEY_MARKER], "0", "0");
        queue_send(queue, ASKED_TALLY, 0);
    }
}

static void wait_for_marker(queue_t *queue, int64_t wait_ms)
{
    char seconds[32];
    snprintf(seconds, sizeof seconds, "%" PRId64 ".%03" PRId64, wait_ms / 1000, wait_ms % 1000);
    RESP_COMMAND(&queue->command, "BZPOPMIN", queue->keys->texts[KEY_MARKER], seconds);
    if (redis_send(queue->waiter, &queue->command, on_answer, queue, ASKED_MARKER, (uint32_t)(wait_ms + BLOCK_MS))) {
        fetching_waits(&queue->fetching);
        queue->is_fetching = true;
    }
    buf_clear(&queue->command);
}

static void fetch(queue_t *queue, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = queue_take_free(queue);
        if (slot == UINT32_MAX)
            return;
        if (queue->unsaid && !queue->asked_meta) /* it may have been said since: that is known before the job comes */
            ask_meta(queue, slot);
        slot_set(queue, slot, SLOT_FETCHING);
        fetching_sent(&queue->fetching, 1, queue->now_ms);
        call_move_to_active(&queue->command, &queue->scene, queue->now_ms);
        queue_send(queue, ASKED_FETCH, slot);
    }
}

static void step_fetching(queue_t *queue, int64_t *next_us)
{
    for (;;) {
        int64_t next_ms = INT64_MAX;
        bool can_wait = redis_is_up(queue->waiter);
        fetching_step_t step =
            fetching_next(&queue->fetching, queue->counts[SLOT_FREE], can_wait, queue->now_ms, &next_ms);
        if (next_ms != INT64_MAX) {
            int64_t us = queue->now_us + (next_ms - queue->now_ms) * 1000;
            *next_us = us < *next_us ? us : *next_us;
        }
        if (step.kind == FETCHING_TAKE)
            fetch(queue, step.count);
        else if (step.kind == FETCHING_WAIT)
            wait_for_marker(queue, step.wait_ms);
        if (step.kind != FETCHING_WAIT)
            return;
        redis_flush(queue->waiter);
    }
}

/* ---- steps ---- */

static void lower(int64_t *next_us, int64_t us)
{
    *next_us = us < *next_us ? us : *next_us;
}

static void step_watch(queue_t *queue, int64_t *next_us)
{
    if (!queue->asked_meta && queue->now_us >= queue->meta_us)
        ask_meta(queue, 0);
    lower(next_us, queue->meta_us);
    if (!queue->scene.token)
        return;
    if (!queue->asked_stalled && !queue->stopped && !queue->refused && queue->now_us >= queue->stalled_us)
        ask_stalled(queue);
    if (!queue->stopped && !queue->refused)
        lower(next_us, queue->stalled_us);
    if (queue->now_us >= queue->tally_us)
        write_tally(queue);
    lower(next_us, queue->tally_us);
}

void queue_look(queue_t *queue, int64_t now_us, int64_t now_ms)
{
    queue->now_us = now_us;
    queue->now_ms = now_ms;
}

void queue_step(queue_t *queue, int64_t *next_us)
{
    bool up = true;
    if (!queue->stopped)
        redis_step(queue->waiter, queue->now_us, next_us);
    for (int i = 0; i < QUEUE_LINES; i++)
        up &= redis_is_up(queue->plan.lines[i]);
    if (up)
        step_watch(queue, next_us);
    slots_step(queue, next_us);
    if (!up || !queue->scene.token || queue->stopped || queue->refused)
        return;
    if (queue->recover != RECOVER_NOTHING)
        recover_step(queue);
    else
        step_fetching(queue, next_us);
}

void queue_line(queue_t *queue, bool up)
{
    if (!up)
        return;
    queue->tally.reconnects += queue->scene.token != NULL; /* before, it came for the first time */
    queue->meta_us = queue->now_us;
    fetching_again(&queue->fetching);
    if (queue->scene.token)
        slots_resend(queue);
}

size_t queue_poll(const queue_t *queue, struct pollfd *polls)
{
    return queue->stopped ? 0 : redis_poll(queue->waiter, polls);
}

void queue_quiet(queue_t *queue)
{
    if (queue->waiter)
        redis_quiet(queue->waiter);
}

/* ---- notes ---- */

/* With the text of its script: where Redis does not know it yet, sending it after a refusal would come behind the end
 * of the job, which is on its way already. */
static void send_note(queue_t *queue, uint32_t slot)
{
    buf_t note = {0};
    if (call_with_text(queue->command.bytes, queue->command.size, &note)) {
        buf_free(&queue->command);
        queue->command = note;
    }
    queue_send(queue, ASKED_NOTE, slot);
}

void queue_progress(queue_t *queue, uint32_t slot, span_t json)
{
    call_progress(&queue->command, &queue->scene, queue->slots[slot].job.id, json);
    send_note(queue, slot);
}

void queue_log(queue_t *queue, uint32_t slot, span_t row)
{
    const job_t *job = &queue->slots[slot].job;
    call_log(&queue->command, &queue->scene, job->id, row, job->options.keep_logs);
    send_note(queue, slot);
}

void queue_stop(queue_t *queue)
{
    queue->stopped = true;
    redis_destroy(&queue->waiter);
    queue->fetching.waiting = false;
}

/* ---- looks ---- */

const queue_plan_t *queue_plan(const queue_t *queue)
{
    return &queue->plan;
}

uint64_t queue_turn(const queue_t *queue, uint32_t slot)
{
    return queue->slots[slot].state == SLOT_WORKING ? queue->slots[slot].turn : 0;
}

bool queue_is_fetching(const queue_t *queue)
{
    return queue->is_fetching;
}

uint32_t queue_busy(const queue_t *queue)
{
    return queue->plan.slots - queue->counts[SLOT_FREE];
}

tally_t queue_tally(const queue_t *queue)
{
    tally_t tally = queue->tally;
    tally.renewals = renewer_renewed(queue->plan.renewer, queue->plan.number);
    return tally;
}

tally_t *queue_counts(queue_t *queue)
{
    return &queue->tally;
}
