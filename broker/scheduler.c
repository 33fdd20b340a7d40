/* scheduler: see scheduler.h. Here: its life, and which command goes where. */
#include "scheduler.h"
#include "proto/base/memory.h"
#include "scheduler_actor.h"
#include "scheduler_debt.h"
#include "scheduler_move.h"
#include "scheduler_owner.h"
#include "scheduler_peer.h"
#include "scheduler_time.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

scheduler_options_t scheduler_defaults(void)
{
    return (scheduler_options_t){
        .max_jobs = 1000000,
        .max_bytes = UINT64_C(1) << 30,
        .budget_bytes = 64 * 1024,
        .peers_most = 4096,
        .submit_window = 256,
        .owner_bytes = 16 << 20,
        .actor_bytes = 64 << 20,
        .heartbeat_ms = 1000,
        .silence_ms = 4000,
        .owner_silence_ms = 120000,
        .resend_ms = 5000,
        .offer_ms = 30000,
        .crashes_most = 3,
        .losses_most = 10,
        .backoff_most_ms = 3600000,
    };
}

static void add_stage(scheduler_t *s, const scheduler_stage_t *option, int64_t now)
{
    stage_t *stage = &s->stages[option - s->options.stages];
    size_t size = strlen(option->name);
    assert(size > 0 && size <= MESSAGE_NAME_MOST);
    memcpy(stage->name, option->name, size);
    stage->label = slice_of(stage->name);
    stage->queue.places = &s->queued;
    stage->waiting = job_list_empty();
    stage->patience_ms = option->patience_ms;
    stage->deserted_us = now;
}

scheduler_t *scheduler_new(const scheduler_options_t *options, int64_t now_us)
{
    assert(options->incarnation != 0 && options->stage_count <= SCHEDULER_STAGES_MOST);
    assert(options->max_jobs > 0 && options->max_jobs <= INT32_MAX && options->max_bytes > 0 && now_us >= 0);
    scheduler_t *s = memory_new(1, sizeof *s);
    s->options = *options;
    s->started_us = s->last_us = now_us;
    s->scan_us = now_us + (int64_t)options->heartbeat_ms * 1000;
    s->chance.state = options->seed;
    s->jobs = job_table_new(chance_next(&s->chance));
    s->job_share.limit = options->max_jobs;
    s->byte_share.limit = options->max_bytes;
    s->overdrawn = JOB_NONE;
    s->timers.places = &s->timed;
    s->peers.seed = chance_next(&s->chance);
    for (uint32_t i = 0; i < options->stage_count; i++)
        add_stage(s, &s->options.stages[i], now_us);
    for (uint32_t i = 0; i < options->stage_count; i++)
        s->options.stages[i].name = s->stages[i].name;
    return s;
}

void scheduler_destroy(scheduler_t **scheduler)
{
    if (!scheduler || !*scheduler)
        return;
    scheduler_t *s = *scheduler;
    for (job_t *job = job_next(s->jobs, NULL), *next; job; job = next) {
        next = job_next(s->jobs, job);
        scheduler_free(s, job, s->last_us);
    }
    job_table_destroy(&s->jobs);
    for (uint32_t i = 0; i < s->owner_room; i++)
        free(s->owners[i]);
    for (uint32_t i = 0; i < s->actor_room; i++)
        free(s->actors[i]);
    for (uint32_t i = 0; i < s->options.stage_count; i++)
        heap_free(&s->stages[i].queue);
    heap_free(&s->timers);
    heap_places_free(&s->queued);
    heap_places_free(&s->timed);
    directory_free(&s->peers);
    blob_yard_free(&s->yard);
    buf_free(&s->figures);
    free(s->owners);
    free(s->actors);
    free(s->actions);
    free(s);
    *scheduler = NULL;
}

/* ---- commands ---- */

static void owner_goodbye(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now)
{
    (void)message;
    scheduler_forget_owner(s, owner, now);
}

static void actor_goodbye(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    (void)message;
    scheduler_forget_actor(s, actor, now);
}

static void owner_heartbeat(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now)
{
    (void)message; /* that it came is all it says */
    scheduler_pump(s, owner, now);
}

/* What takes a command from an owner, and from an actor; who may send it says the protocol's own table. */
static const struct {
    void (*owner)(scheduler_t *, owner_t *, const message_t *, int64_t);
    void (*actor)(scheduler_t *, actor_t *, const message_t *, int64_t);
} handlers[COMMAND_COUNT] = {
    [COMMAND_HEARTBEAT] = {owner_heartbeat, scheduler_actor_heartbeat},
    [COMMAND_GOODBYE] = {owner_goodbye, actor_goodbye},
    [COMMAND_ACK] = {scheduler_owner_ack, NULL},
    [COMMAND_SUBMIT] = {scheduler_submit, NULL},
    [COMMAND_CANCEL] = {scheduler_cancel, NULL},
    [COMMAND_STATS] = {scheduler_owner_stats, NULL},
    [COMMAND_CREDIT] = {NULL, scheduler_credit},
    [COMMAND_STARTED] = {NULL, scheduler_started},
    [COMMAND_PROGRESS] = {NULL, scheduler_actor_progress},
    [COMMAND_DONE] = {NULL, scheduler_done},
    [COMMAND_FAILED] = {NULL, scheduler_failed},
    [COMMAND_RETURN] = {NULL, scheduler_return},
    [COMMAND_OFFER] = {NULL, scheduler_offer},
};

/* Somebody who has not said HELLO, or was forgotten: it must say it (again). */
static void send_away(scheduler_t *s, uint64_t handle, command_t command)
{
    s->stale++;
    if (command != COMMAND_GOODBYE)
        scheduler_send(s, handle, COMMAND_GOODBYE)->text = slice_of("say HELLO first");
}

/* As what it speaks in its session. */
static role_t role_of(const peer_t *peer, bool actor)
{
    return actor ? ROLE_ACTOR : peer->roles & ROLE_OWNER ? ROLE_OWNER : ROLE_ADMIN;
}

/* An owner's command that only its key forbids names its job: the answer is final for it. */
static void refuse_command(scheduler_t *s, const event_t *event, bool actor)
{
    bool by_key = !actor && message_may_send(event->message->command, ROLE_OWNER);
    message_t *message = scheduler_refuse_peer(s, event->peer, REFUSED_NOT_ALLOWED,
                                               by_key ? "an admin's key has no jobs; see the broker's allow-list"
                                                      : "not a command of this role");
    if (by_key) {
        message->job = event->message->job;
        message->epoch = event->message->epoch;
    }
}

static void take(scheduler_t *s, const event_t *event, int64_t now)
{
    const message_t *message = event->message;
    uint32_t number;
    if (message->command == COMMAND_HELLO) {
        scheduler_hello(s, event, now);
        return;
    }
    if (!scheduler_knows(s, event->peer, &number)) {
        send_away(s, event->peer, message->command);
        return;
    }
    bool actor = number & 1;
    peer_t *peer = actor ? &s->actors[number / 2]->peer : &s->owners[number / 2]->peer;
    peer->seen_us = now;
    if (!message_may_send(message->command, role_of(peer, actor))) {
        s->bad++;
        refuse_command(s, event, actor);
    } else if (actor && handlers[message->command].actor) {
        handlers[message->command].actor(s, s->actors[number / 2], message, now);
    } else if (!actor && handlers[message->command].owner) {
        handlers[message->command].owner(s, s->owners[number / 2], message, now);
    }
}

/* Messages to peers without a connection are not sent: they are lost, as others may be. */
static void drop_unreachable(scheduler_t *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->action_count; i++)
        if (s->actions[i].peer) {
            if (kept != i)
                s->actions[kept] = s->actions[i];
            kept++;
        }
    s->action_count = kept;
}

const action_t *scheduler_step(scheduler_t *s, const event_t *event, int64_t now_us, size_t *count)
{
    int64_t now = now_us > s->last_us ? now_us : s->last_us;
    blob_sweep(&s->yard);
    s->action_count = 0;
    scheduler_forgive(s, now);
    s->last_us = now;
    switch (event->kind) {
    case EVENT_MESSAGE:
        take(s, event, now);
        break;
    case EVENT_BAD:
        s->bad++;
        break;
    case EVENT_GONE:
        scheduler_connection_gone(s, event->peer);
        break;
    case EVENT_BARRED:
        scheduler_bar(s, event->rights, now);
        break;
    case EVENT_TICK:
        scheduler_tick(s, now);
        break;
    }
    scheduler_dispatch(s, now);
    drop_unreachable(s);
    *count = s->action_count;
    return s->actions;
}

void scheduler_drain(scheduler_t *s)
{
    s->draining = true;
}
