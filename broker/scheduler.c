/* scheduler: see scheduler.h. Here: its life, its peers, and which command goes where. */
#include "scheduler.h"
#include "proto/base/memory.h"
#include "scheduler_state.h"

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

message_t *scheduler_send(scheduler_t *s, uint64_t peer, command_t command)
{
    if (s->action_count == s->action_room) {
        s->action_room = s->action_room ? 2 * s->action_room : 16;
        s->actions = memory_grow(s->actions, s->action_room, sizeof *s->actions);
    }
    action_t *action = &s->actions[s->action_count++];
    memset(action, 0, sizeof *action);
    action->peer = peer;
    action->message.command = command;
    return &action->message;
}

int scheduler_stage(const scheduler_t *s, slice_t name)
{
    for (uint32_t i = 0; i < s->options.stage_count; i++)
        if (slice_is(name, s->stages[i].name))
            return (int)i;
    return -1;
}

owner_t *scheduler_owner(const scheduler_t *s, uint32_t number)
{
    assert(number < s->owner_room && s->owners[number]);
    return s->owners[number];
}

actor_t *scheduler_actor(const scheduler_t *s, uint32_t server)
{
    uint32_t number = server / MESSAGE_NAMES_MOST;
    assert(number < s->actor_room && s->actors[number]);
    return s->actors[number];
}

server_t *scheduler_server(const scheduler_t *s, uint32_t server)
{
    return &scheduler_actor(s, server)->servers[server % MESSAGE_NAMES_MOST];
}

/* ---- peers ---- */

static ident_t key_of(uint64_t handle)
{
    return (ident_t){0, handle};
}

static void share_out(scheduler_t *s)
{
    share_begin(&s->job_share, s->owner_count);
    share_begin(&s->byte_share, s->owner_count);
    for (uint32_t i = 0; i < s->owner_room; i++)
        if (s->owners[i]) {
            share_count(&s->job_share, s->owners[i]->jobs);
            share_count(&s->byte_share, s->owners[i]->bytes);
        }
}

/* A free number in a list of pointers, which grows as needed. */
static uint32_t free_number(void ***list, uint32_t *room)
{
    for (uint32_t i = 0; i < *room; i++)
        if (!(*list)[i])
            return i;
    uint32_t number = *room;
    *room = *room ? 2 * *room : 8;
    *list = memory_grow(*list, *room, sizeof **list);
    memset(*list + number, 0, (*room - number) * sizeof **list);
    return number;
}

static owner_t *add_owner(scheduler_t *s, const message_t *hello)
{
    owner_t *owner = memory_new(1, sizeof *owner);
    void **list = (void **)s->owners;
    owner->peer.number = free_number(&list, &s->owner_room);
    s->owners = (owner_t **)list;
    s->owners[owner->peer.number] = owner;
    s->owner_count++;
    owner->peer.instance = hello->instance;
    owner->peer.session = ++s->counter;
    owner->first_job = JOB_NONE;
    share_out(s);
    return owner;
}

static void add_server(scheduler_t *s, actor_t *actor, int stage)
{
    server_t *server = &actor->servers[actor->server_count];
    server->number = actor->peer.number * MESSAGE_NAMES_MOST + actor->server_count++;
    server->stage = (uint8_t)stage;
    server->jobs = job_list_empty();
    s->stages[stage].servers++;
}

static actor_t *add_actor(scheduler_t *s, const message_t *hello)
{
    actor_t *actor = memory_new(1, sizeof *actor);
    void **list = (void **)s->actors;
    actor->peer.number = free_number(&list, &s->actor_room);
    s->actors = (actor_t **)list;
    s->actors[actor->peer.number] = actor;
    s->actor_count++;
    actor->peer.instance = hello->instance;
    actor->peer.session = ++s->counter;
    for (uint32_t i = 0; i < hello->name_count; i++)
        add_server(s, actor, scheduler_stage(s, hello->names[i]));
    return actor;
}

void scheduler_forget_owner(scheduler_t *s, owner_t *owner, int64_t now)
{
    while (owner->first_job != JOB_NONE) {
        job_t *job = job_at(s->jobs, owner->first_job);
        if (job->state != JOB_RUNNING) {
            scheduler_free(s, job, now);
            continue;
        }
        /* it goes on where it runs for a while: whoever submits it next may have it */
        server_t *server = scheduler_server(s, job->server);
        while (job->records)
            scheduler_settle(s, job, job->records);
        scheduler_detach(s, job);
        blob_drop(&job->body, &s->yard);
        blob_drop(&job->trace, &s->yard);
        job->due_us = now + (int64_t)s->options.offer_ms * 1000;
        job->doom = OUTCOME_NONE;
        scheduler_bind(s, job, server, job->token, JOB_OFFERED, now);
    }
    if (owner->peer.handle)
        directory_remove(&s->peers, key_of(owner->peer.handle));
    s->owners[owner->peer.number] = NULL;
    s->owner_count--;
    free(owner);
    share_out(s);
}

void scheduler_forget_actor(scheduler_t *s, actor_t *actor, int64_t now)
{
    for (uint32_t i = 0; i < actor->server_count; i++) {
        server_t *server = &actor->servers[i];
        stage_t *stage = &s->stages[server->stage];
        stage->slots -= server->slots;
        server->slots = 0;
        while (server->jobs.first != JOB_NONE) {
            job_t *job = job_at(s->jobs, server->jobs.first);
            if (job->state == JOB_OFFERED)
                scheduler_free(s, job, now);
            else
                scheduler_lose(s, job, now);
        }
        stage_server_gone(stage, server);
        if (--stage->servers == 0)
            stage->deserted_us = now;
    }
    if (actor->peer.handle)
        directory_remove(&s->peers, key_of(actor->peer.handle));
    s->actors[actor->peer.number] = NULL;
    s->actor_count--;
    free(actor);
}

/* ---- HELLO ---- */

static owner_t *owner_by_instance(const scheduler_t *s, ident_t instance)
{
    for (uint32_t i = 0; i < s->owner_room; i++)
        if (s->owners[i] && ident_equal(s->owners[i]->peer.instance, instance))
            return s->owners[i];
    return NULL;
}

static actor_t *actor_by_instance(const scheduler_t *s, ident_t instance)
{
    for (uint32_t i = 0; i < s->actor_room; i++)
        if (s->actors[i] && ident_equal(s->actors[i]->peer.instance, instance))
            return s->actors[i];
    return NULL;
}

static bool may_serve(const rights_t *rights, slice_t stage)
{
    if (!rights || !rights->stages)
        return true;
    for (const char *const *name = rights->stages; *name; name++)
        if (slice_is(stage, *name))
            return true;
    return false;
}

/* Roles that a key may say HELLO in: an admin looks in as an owner does. */
static uint32_t sessions_of(const rights_t *rights)
{
    return rights->roles & ROLE_ADMIN ? rights->roles | ROLE_OWNER : rights->roles;
}

/* Why this HELLO is not taken, in words; NULL when it is. */
static const char *wrong_hello(const scheduler_t *s, const rights_t *rights, const message_t *hello, refused_t *reason)
{
    *reason = REFUSED_NOT_ALLOWED;
    if (rights && !(sessions_of(rights) & hello->role))
        return "this key may not have that role; see the broker's allow-list";
    *reason = REFUSED_BAD_MESSAGE;
    if (hello->role == ROLE_ACTOR && hello->name_count == 0)
        return "an actor must serve a stage";
    for (uint32_t i = 0; i < hello->name_count; i++) {
        if (hello->role == ROLE_ACTOR && scheduler_stage(s, hello->names[i]) < 0)
            return "a stage that this broker does not know; see its setting of stages";
        for (uint32_t j = 0; j < i; j++)
            if (hello->names[i].size == hello->names[j].size &&
                memcmp(hello->names[i].at, hello->names[j].at, hello->names[i].size) == 0)
                return "a stage twice";
        if (!may_serve(rights, hello->names[i])) {
            *reason = REFUSED_NOT_ALLOWED;
            return "this key may not serve that stage; see the broker's allow-list";
        }
    }
    *reason = REFUSED_BUSY;
    if (s->owner_count + s->actor_count >= s->options.peers_most)
        return "too many peers";
    return NULL;
}

static message_t *refuse_peer(scheduler_t *s, uint64_t handle, refused_t reason, const char *text)
{
    message_t *message = scheduler_send(s, handle, COMMAND_REFUSED);
    message->reason = reason;
    message->text = slice_of(text);
    s->refused++;
    return message;
}

/* A connection belongs to one process: when it speaks for another one, the first is gone. */
static void replace_peer(scheduler_t *s, uint64_t handle, const peer_t *peer, int64_t now)
{
    uint32_t number;
    if (peer->handle == handle || !directory_get(&s->peers, key_of(handle), &number))
        return;
    if (number & 1)
        scheduler_forget_actor(s, s->actors[number / 2], now);
    else
        scheduler_forget_owner(s, s->owners[number / 2], now);
}

/* The connection leads to this peer from now on, and the peer is reached by it alone. */
static void connect_peer(scheduler_t *s, peer_t *peer, uint64_t handle, bool actor)
{
    if (peer->handle == handle)
        return;
    if (peer->handle)
        directory_remove(&s->peers, key_of(peer->handle));
    peer->handle = handle;
    directory_put(&s->peers, key_of(handle), 2 * peer->number + actor);
}

static void take_hello(scheduler_t *s, const event_t *event, int64_t now)
{
    const message_t *hello = event->message;
    refused_t reason;
    const char *wrong = wrong_hello(s, event->rights, hello, &reason);
    bool is_actor = hello->role == ROLE_ACTOR;
    actor_t *actor = is_actor ? actor_by_instance(s, hello->instance) : NULL;
    owner_t *owner = is_actor ? NULL : owner_by_instance(s, hello->instance);
    uint64_t key = event->rights ? event->rights->key : 0;
    if ((actor && actor->peer.key != key) || (owner && owner->peer.key != key)) {
        refuse_peer(s, event->peer, REFUSED_NOT_ALLOWED, "this instance is known here under another key");
        return;
    }
    if (wrong && (reason != REFUSED_BUSY || !(actor || owner))) {
        refuse_peer(s, event->peer, reason, wrong);
        return;
    }
    if (is_actor && !actor)
        actor = add_actor(s, hello);
    if (!is_actor && !owner)
        owner = add_owner(s, hello);
    peer_t *peer = is_actor ? &actor->peer : &owner->peer;
    replace_peer(s, event->peer, peer, now);
    connect_peer(s, peer, event->peer, is_actor);
    peer->seen_us = now;
    peer->key = key;
    peer->roles = event->rights ? event->rights->roles : ROLE_OWNER | ROLE_ACTOR;
    message_t *welcome = scheduler_send(s, event->peer, COMMAND_WELCOME);
    welcome->token = scheduler_token(s, peer->session);
    welcome->resumed = token_equal(hello->token, welcome->token);
    welcome->heartbeat_ms = s->options.heartbeat_ms;
    welcome->silence_ms = s->options.silence_ms;
    welcome->window = s->options.submit_window;
    if (owner) {
        owner->window = hello->window;
        scheduler_unsend(s, owner);
        scheduler_pump(s, owner, now);
    }
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
    message_t *message =
        refuse_peer(s, event->peer, REFUSED_NOT_ALLOWED,
                    by_key ? "an admin's key has no jobs; see the broker's allow-list" : "not a command of this role");
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
        take_hello(s, event, now);
        return;
    }
    if (!directory_get(&s->peers, key_of(event->peer), &number)) {
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

static void connection_gone(scheduler_t *s, uint64_t handle)
{
    uint32_t number;
    if (!directory_get(&s->peers, key_of(handle), &number))
        return;
    peer_t *peer = number & 1 ? &s->actors[number / 2]->peer : &s->owners[number / 2]->peer;
    peer->handle = 0; /* it may come back on another one; silence decides */
    directory_remove(&s->peers, key_of(handle));
}

/* Who has other rights now says HELLO again; who has none is told why it is not heard any more. */
static void tell_barred(scheduler_t *s, uint64_t handle, bool listed)
{
    if (listed)
        scheduler_send(s, handle, COMMAND_GOODBYE)->text = slice_of("the rights of this key have changed");
    else
        refuse_peer(s, handle, REFUSED_NOT_ALLOWED, "this key was taken off the broker's allow-list");
}

/* Ends every session of the key. */
static void bar(scheduler_t *s, const rights_t *rights, int64_t now)
{
    uint64_t key = rights->key;
    assert(key != 0); /* 0 are those without a key */
    for (uint32_t i = 0; i < s->actor_room; i++)
        if (s->actors[i] && s->actors[i]->peer.key == key) {
            tell_barred(s, s->actors[i]->peer.handle, rights->roles != 0);
            scheduler_forget_actor(s, s->actors[i], now);
        }
    for (uint32_t i = 0; i < s->owner_room; i++)
        if (s->owners[i] && s->owners[i]->peer.key == key) {
            tell_barred(s, s->owners[i]->peer.handle, rights->roles != 0);
            scheduler_forget_owner(s, s->owners[i], now);
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
        connection_gone(s, event->peer);
        break;
    case EVENT_BARRED:
        bar(s, event->rights, now);
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
