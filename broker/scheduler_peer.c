/* scheduler_peer: see scheduler_peer.h. */
#include "scheduler_peer.h"
#include "proto/base/memory.h"
#include "scheduler_debt.h"
#include "scheduler_move.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static ident_t key_of(uint64_t handle)
{
    return (ident_t){0, handle};
}

bool scheduler_knows(const scheduler_t *s, uint64_t handle, uint32_t *number)
{
    return directory_get(&s->peers, key_of(handle), number);
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
        blob_drop(&job->tenant, &s->yard);
        s->overdrawn = s->overdrawn == job->number ? JOB_NONE : s->overdrawn;
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

message_t *scheduler_refuse_peer(scheduler_t *s, uint64_t handle, refused_t reason, const char *text)
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
    if (peer->handle == handle || !scheduler_knows(s, handle, &number))
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

void scheduler_hello(scheduler_t *s, const event_t *event, int64_t now)
{
    const message_t *hello = event->message;
    refused_t reason;
    const char *wrong = wrong_hello(s, event->rights, hello, &reason);
    bool is_actor = hello->role == ROLE_ACTOR;
    actor_t *actor = is_actor ? actor_by_instance(s, hello->instance) : NULL;
    owner_t *owner = is_actor ? NULL : owner_by_instance(s, hello->instance);
    uint64_t key = event->rights ? event->rights->key : 0;
    if ((actor && actor->peer.key != key) || (owner && owner->peer.key != key)) {
        scheduler_refuse_peer(s, event->peer, REFUSED_NOT_ALLOWED, "this instance is known here under another key");
        return;
    }
    if (wrong && (reason != REFUSED_BUSY || !(actor || owner))) {
        scheduler_refuse_peer(s, event->peer, reason, wrong);
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

void scheduler_connection_gone(scheduler_t *s, uint64_t handle)
{
    uint32_t number;
    if (!scheduler_knows(s, handle, &number))
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
        scheduler_refuse_peer(s, handle, REFUSED_NOT_ALLOWED, "this key was taken off the broker's allow-list");
}

void scheduler_bar(scheduler_t *s, const rights_t *rights, int64_t now)
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
