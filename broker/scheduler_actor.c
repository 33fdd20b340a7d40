/* scheduler_actor: see scheduler_actor.h. */
#include "scheduler_actor.h"
#include "proto/base/memory.h"
#include "scheduler_debt.h"
#include "scheduler_move.h"

#include <stdlib.h>

/* The job that runs (or is offered) at this actor under this token; NULL when there is none. */
static job_t *job_of(scheduler_t *s, const actor_t *actor, const message_t *message)
{
    job_t *job = job_find(s->jobs, message->job);
    if (job && job->server != JOB_NONE && token_equal(job->token, message->token) &&
        scheduler_actor(s, job->server) == actor)
        return job;
    s->stale++;
    return NULL;
}

static void acknowledge(scheduler_t *s, const actor_t *actor, const message_t *answer)
{
    message_t *message = scheduler_send(s, actor->peer.handle, COMMAND_ACK);
    message->acked = answer->command;
    message->job = answer->job;
    message->token = answer->token;
}

static void call_off(scheduler_t *s, const actor_t *actor, ident_t id, token_t token)
{
    message_t *message = scheduler_send(s, actor->peer.handle, COMMAND_CANCEL);
    message->job = id;
    message->token = token;
}

static server_t *server_for(actor_t *actor, int stage)
{
    for (uint32_t i = 0; i < actor->server_count; i++)
        if (actor->servers[i].stage == stage)
            return &actor->servers[i];
    return NULL;
}

void scheduler_credit(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    (void)now;
    server_t *server = server_for(actor, scheduler_stage(s, message->stage));
    if (!server) {
        s->bad++;
        return;
    }
    if (message->number <= server->credit_number) {
        s->stale++; /* overtaken by a later one */
        return;
    }
    stage_t *stage = &s->stages[server->stage];
    stage->slots = stage->slots - server->slots + message->slots;
    server->credit_number = message->number;
    server->slots = message->slots;
    stage_server_changed(stage, server);
    s->dirty |= 1u << server->stage;
}

void scheduler_started(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    (void)now;
    job_t *job = job_of(s, actor, message);
    if (job)
        job->started = true;
}

void scheduler_actor_progress(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    (void)now;
    const job_t *job = job_of(s, actor, message);
    if (!job || job->owner == JOB_NONE || job->doom)
        return;
    message_t *progress = scheduler_send(s, scheduler_owner(s, job->owner)->peer.handle, COMMAND_PROGRESS);
    progress->job = job->id;
    progress->epoch = job->epoch;
    progress->stage = s->stages[job->route[job->at]].label;
    progress->done = message->done;
    progress->total = message->total;
}

/* The place in the route that comes next, or route_count for the end, or -1 when the answer names a stage that does not
 * follow. */
static int next_place(const scheduler_t *s, const job_t *job, const message_t *done)
{
    if (done->last)
        return job->route_count;
    if (done->next.size == 0)
        return job->at + 1;
    for (int i = job->at + 1; i < job->route_count; i++)
        if (slice_equal(done->next, s->stages[job->route[i]].label))
            return i;
    return -1;
}

static void fail(scheduler_t *s, job_t *job, failed_t class, slice_t fault, slice_t text, int64_t now)
{
    stage_of(s, job)->stats.failed++;
    if (class == FAILED_RETRYABLE)
        scheduler_retry(s, job, fault, text, now);
    else
        scheduler_end(s, job, OUTCOME_FAILED, class, fault, text, now);
}

static void replace_body(scheduler_t *s, job_t *job, slice_t body)
{
    if (body.size == 0)
        return; /* the dossier is as it was */
    blob_drop(&job->body, &s->yard);
    job->body = blob_new(body);
}

static void advance(scheduler_t *s, job_t *job, const message_t *done, int64_t now)
{
    stage_t *stage = stage_of(s, job);
    int next = next_place(s, job, done);
    bool ends = next == job->route_count;
    uint32_t body_bytes = done->body.size ? done->body.size : blob_slice(job->body).size;
    if (!scheduler_make_room(s, job, body_bytes + (ends ? done->attachment.size : 0))) {
        if (job->elastic)
            scheduler_postpone(s, job, now);
        else
            fail(s, job, FAILED_TOO_LARGE, slice_of("too-large"),
                 slice_of("the stage's result is over the job's budget of bytes"), now);
        return;
    }
    if (next < 0) {
        fail(s, job, FAILED_PERMANENT, slice_of("bad-message"),
             slice_of("the actor named a next stage that does not follow in the route"), now);
        return;
    }
    stage->stats.done++;
    histogram_add(&stage->stats.run, now - job->since_us);
    replace_body(s, job, done->body);
    if (ends)
        scheduler_complete(s, job, done->attachment, now);
    else
        scheduler_hand_over(s, job, (uint8_t)next, now);
}

void scheduler_done(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    job_t *job = job_of(s, actor, message);
    if (job && job->state == JOB_OFFERED)
        return; /* kept there until its owner has come for it */
    acknowledge(s, actor, message);
    if (job && job->doom)
        scheduler_end_doomed(s, job, now);
    else if (job)
        advance(s, job, message, now);
}

static void crash(scheduler_t *s, job_t *job, const message_t *message, int64_t now)
{
    job->crashes++;
    if (job->crashes < s->options.crashes_most) {
        fail(s, job, FAILED_RETRYABLE, message->fault, message->text, now);
        return;
    }
    stage_of(s, job)->stats.failed++;
    scheduler_end(s, job, OUTCOME_FAILED, FAILED_PERMANENT, slice_of("poison"), message->text, now);
}

void scheduler_failed(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    job_t *job = job_of(s, actor, message);
    if (job && job->state == JOB_OFFERED)
        return;
    acknowledge(s, actor, message);
    if (!job)
        return;
    if (job->doom) {
        scheduler_end_doomed(s, job, now);
        return;
    }
    switch ((failed_t)message->class) {
    case FAILED_CRASHED:
        crash(s, job, message, now);
        break;
    case FAILED_LOST:
        job->started = true;
        scheduler_lose(s, job, now);
        break;
    case FAILED_NONE:
    case FAILED_CANCELLED: /* called off, but wanted again meanwhile */
        job->started = false;
        scheduler_lose(s, job, now);
        break;
    default:
        fail(s, job, (failed_t)message->class, message->fault, message->text, now);
    }
}

void scheduler_return(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    job_t *job = job_of(s, actor, message);
    if (!job)
        return;
    if (job->state == JOB_OFFERED) {
        scheduler_free(s, job, now);
        return;
    }
    job->started = false;
    scheduler_lose(s, job, now);
}

/* ---- offers of a host that outlived a broker ---- */

void scheduler_offer(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    job_t *job = job_find(s->jobs, message->job);
    server_t *server = server_for(actor, scheduler_stage(s, message->stage));
    if (job && token_equal(job->token, message->token))
        return; /* known: said again */
    if (!server || message->token.incarnation == s->options.incarnation || actor->held >= MESSAGE_TOKENS_MOST ||
        job_count(s->jobs) >= 2 * s->options.max_jobs) {
        call_off(s, actor, message->job, message->token);
        return;
    }
    if (!job) {
        job = job_add(s->jobs, message->job);
        job->due_us = now + (int64_t)s->options.offer_ms * 1000;
        scheduler_bind(s, job, server, message->token, JOB_OFFERED, now);
        return;
    }
    bool waits = !job->adopted && (job->state == JOB_QUEUED || job->state == JOB_DELAYED);
    if (waits && job->route[job->at] == server->stage) {
        job->started = job->adopted = true;
        scheduler_bind(s, job, server, message->token, JOB_RUNNING, now);
        return;
    }
    call_off(s, actor, message->job, message->token);
}

/* ---- reconciliation ---- */

static int compare_tokens(const void *a, const void *b)
{
    const token_t *left = a, *right = b;
    if (left->incarnation != right->incarnation)
        return left->incarnation < right->incarnation ? -1 : 1;
    return left->counter < right->counter ? -1 : left->counter > right->counter;
}

/* Jobs that the broker believes there and are not: queued again. One that was given after the list was made may still
 * be on its way. */
static void take_back_missing(scheduler_t *s, actor_t *actor, const token_t *tokens, bool *known, uint32_t count,
                              uint64_t seen, int64_t now)
{
    for (uint32_t i = 0; i < actor->server_count; i++) {
        for (uint32_t number = actor->servers[i].jobs.first, next; number != JOB_NONE; number = next) {
            job_t *job = job_at(s->jobs, number);
            next = job->next;
            const token_t *found = bsearch(&job->token, tokens, count, sizeof *tokens, compare_tokens);
            if (found)
                known[found - tokens] = true;
            else if (job->token.incarnation == s->options.incarnation && job->token.counter > seen)
                continue;
            else if (job->state == JOB_OFFERED)
                scheduler_free(s, job, now);
            else
                scheduler_lose(s, job, now);
        }
    }
}

static void reconcile(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    uint32_t count = message_token_count(message->tokens);
    token_t *tokens = memory_new(count, sizeof *tokens);
    bool *known = memory_new(count, sizeof *known);
    for (uint32_t i = 0; i < count; i++)
        tokens[i] = message_token(message->tokens, i);
    qsort(tokens, count, sizeof *tokens, compare_tokens);
    take_back_missing(s, actor, tokens, known, count, message->token.counter, now);
    for (uint32_t i = 0; i < count; i++)
        if (!known[i]) /* there, and should not be */
            call_off(s, actor, (ident_t){0}, tokens[i]);
    free(tokens);
    free(known);
}

/* A job that is to end and has not: its CANCEL may have been lost. */
static void cancel_again(scheduler_t *s, const actor_t *actor)
{
    for (uint32_t i = 0; i < actor->server_count; i++)
        for (uint32_t number = actor->servers[i].jobs.first; number != JOB_NONE;) {
            const job_t *job = job_at(s->jobs, number);
            if (job->doom)
                call_off(s, actor, job->id, job->token);
            number = job->next;
        }
}

void scheduler_actor_heartbeat(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now)
{
    cancel_again(s, actor);
    if (message->token.incarnation != s->options.incarnation)
        return; /* said before it knew this life of the broker */
    if (message->listed) {
        reconcile(s, actor, message, now);
    } else if (message->held != actor->held || message->digest != actor->digest) {
        message_t *ask = scheduler_send(s, actor->peer.handle, COMMAND_HEARTBEAT);
        ask->token = scheduler_token(s, actor->given);
        ask->want = true;
    }
}
