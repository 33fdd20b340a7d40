/* scheduler_owner: see scheduler_owner.h. */
#include "scheduler_owner.h"
#include "proto/pack.h"
#include "scheduler_debt.h"
#include "scheduler_move.h"

#include <string.h>

/* An owner that is told busy should wait that long, milliseconds. */
enum { BUSY_RETRY_MS = 200 };

/* ---- SUBMIT ---- */

static void refuse(scheduler_t *s, const owner_t *owner, const message_t *submit, refused_t reason, const char *text)
{
    message_t *message = scheduler_send(s, owner->peer.handle, COMMAND_REFUSED);
    message->job = submit->job;
    message->epoch = submit->epoch;
    message->reason = reason;
    message->retry_ms = reason == REFUSED_BUSY ? BUSY_RETRY_MS : 0;
    message->text = slice_of(text);
    s->refused += submit->command == COMMAND_SUBMIT;
}

static void accept(scheduler_t *s, const owner_t *owner, const job_t *job)
{
    static const place_t places[JOB_STATES] = {[JOB_QUEUED] = PLACE_QUEUED,
                                               [JOB_DELAYED] = PLACE_DELAYED,
                                               [JOB_RUNNING] = PLACE_RUNNING,
                                               [JOB_HELD] = PLACE_HELD,
                                               [JOB_ENDED] = PLACE_ENDED};
    message_t *message = scheduler_send(s, owner->peer.handle, COMMAND_ACCEPTED);
    message->job = job->id;
    message->epoch = job->epoch;
    message->token = scheduler_token(s, owner->peer.session);
    message->place = places[job->state];
    message->stage = s->stages[job->route[job->at]].label;
    message->attempt = job->attempt;
    message->crashes = job->crashes;
    message->losses = job->losses;
}

/* Stage numbers of the route; false when one is not known or comes twice. */
static bool read_route(const scheduler_t *s, const message_t *submit, uint8_t route[MESSAGE_NAMES_MOST])
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < submit->name_count; i++) {
        int stage = scheduler_stage(s, submit->names[i]);
        if (stage < 0 || (seen >> stage & 1))
            return false;
        seen |= 1u << stage;
        route[i] = (uint8_t)stage;
    }
    return true;
}

static uint64_t budget_of(const scheduler_t *s, const message_t *submit)
{
    uint64_t budget = submit->budget ? submit->budget : (uint64_t)submit->body.size + s->options.budget_bytes;
    budget = budget > MESSAGE_BODY_MOST ? MESSAGE_BODY_MOST : budget;
    return budget > submit->body.size ? budget : submit->body.size;
}

/* Everything of a job that its SUBMIT says. */
static void fill(scheduler_t *s, job_t *job, const message_t *submit, const uint8_t route[MESSAGE_NAMES_MOST],
                 int64_t now)
{
    memcpy(job->route, route, sizeof job->route);
    job->route_count = (uint8_t)submit->name_count;
    job->at = 0;
    job->epoch = submit->epoch;
    job->priority = submit->priority;
    job->budget = (uint32_t)budget_of(s, submit);
    job->attempts = (uint16_t)(submit->attempts ? submit->attempts : 1);
    job->attempt = (uint16_t)submit->attempt;
    job->crashes = (uint16_t)submit->crashes;
    job->losses = (uint16_t)submit->losses;
    job->backoff = (uint8_t)submit->backoff;
    job->backoff_ms = submit->backoff_ms < UINT32_MAX ? (uint32_t)submit->backoff_ms : UINT32_MAX;
    job->jitter = (uint8_t)submit->jitter;
    job->record = submit->record;
    job->elastic = submit->budget == 0;
    job->deadline_us = submit->remaining_ms ? now + (int64_t)submit->remaining_ms * 1000 : 0;
    job->body = blob_new(submit->body);
    job->trace = blob_new(submit->trace);
    job->tenant = blob_new(submit->tenant);
}

static void create(scheduler_t *s, owner_t *owner, const message_t *submit, const uint8_t route[MESSAGE_NAMES_MOST],
                   int64_t now)
{
    job_t *job = job_add(s->jobs, submit->job);
    fill(s, job, submit, route, now);
    scheduler_attach(s, owner, job);
    job->due_us = now + (int64_t)submit->delay_ms * 1000;
    if (submit->delay_ms)
        scheduler_move(s, job, JOB_DELAYED, now);
    else
        scheduler_enqueue(s, job, now);
    s->accepted++;
    accept(s, owner, job);
}

/* The job runs at an actor that outlived its broker, or its owner was thought gone: taken over where it runs, if it is
 * at the stage that the owner wants; else it is called off and begins anew. */
static void adopt_offered(scheduler_t *s, owner_t *owner, job_t *job, const message_t *submit,
                          const uint8_t route[MESSAGE_NAMES_MOST], int64_t now)
{
    server_t *server = scheduler_server(s, job->server);
    if (slice_equal(submit->names[0], s->stages[server->stage].label)) {
        token_t token = job->token;
        fill(s, job, submit, route, now);
        scheduler_attach(s, owner, job);
        job->started = job->adopted = true;
        scheduler_bind(s, job, server, token, JOB_RUNNING, now);
        s->accepted++;
        accept(s, owner, job);
        return;
    }
    message_t *cancel = scheduler_send(s, scheduler_actor(s, job->server)->peer.handle, COMMAND_CANCEL);
    cancel->job = job->id;
    cancel->token = job->token;
    scheduler_free(s, job, now);
    create(s, owner, submit, route, now);
}

/* The job goes to this owner with all that is owed for it; the old one, if it is another, is told which epoch is over.
 */
static void transfer(scheduler_t *s, owner_t *owner, job_t *job, uint64_t epoch)
{
    owner_t *old = scheduler_owner(s, job->owner);
    for (record_t *record = job->records; record; record = record->sibling)
        scheduler_owe_anew(s, record, owner);
    if (old != owner) {
        message_t *stale = scheduler_send(s, old->peer.handle, COMMAND_REFUSED);
        stale->job = job->id;
        stale->epoch = epoch;
        stale->reason = REFUSED_STALE;
        stale->text = slice_of("another owner has this job now");
        scheduler_detach(s, job);
        scheduler_attach(s, owner, job);
    }
}

/* Whether the job ended in a way that its owner did not mean when it submits it under a higher epoch: it was called off
 * while it was elsewhere, or it comes with a fresh URL. */
static bool begins_anew(const job_t *job)
{
    const record_t *finished = record_by_kind(job, RECORD_FINISHED);
    return finished && (finished->outcome == OUTCOME_CANCELLED || finished->class == FAILED_SOURCE_EXPIRED);
}

static void submit_known(scheduler_t *s, owner_t *owner, job_t *job, const message_t *submit, int64_t now)
{
    if (submit->epoch < job->epoch) {
        refuse(s, owner, submit, REFUSED_STALE, "this job has been submitted under a higher epoch; let it go");
        return;
    }
    if (submit->epoch > job->epoch && job->state == JOB_RUNNING && job->doom == OUTCOME_CANCELLED) {
        job->doom = OUTCOME_NONE; /* called off under the old epoch; its actor's answer to that queues it again */
        scheduler_timer(s, job);
    }
    if (submit->epoch > job->epoch || job->owner != owner->peer.number) {
        uint64_t old = job->epoch;
        job->epoch = submit->epoch;
        transfer(s, owner, job, old);
    }
    accept(s, owner, job);
    scheduler_pump(s, owner, now);
}

void scheduler_submit(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now)
{
    uint8_t route[MESSAGE_NAMES_MOST] = {0};
    uint64_t budget = budget_of(s, message);
    job_t *job = job_find(s->jobs, message->job);
    if (job && message->epoch > job->epoch && begins_anew(job)) {
        scheduler_free(s, job, now);
        job = NULL;
    }
    if (job && job->state != JOB_OFFERED) {
        submit_known(s, owner, job, message, now);
    } else if (!read_route(s, message, route)) {
        refuse(s, owner, message, REFUSED_BAD_MESSAGE, "a stage of the route is not known here, or comes twice");
    } else if (budget > s->options.max_bytes) {
        refuse(s, owner, message, REFUSED_BAD_MESSAGE, "more bytes than this broker may keep at all");
    } else if (s->draining) {
        refuse(s, owner, message, REFUSED_BUSY, "this broker is going down; submit it later, or elsewhere");
    } else if (!share_admits(&s->job_share, owner->jobs, 1) || !share_admits(&s->byte_share, owner->bytes, budget)) {
        refuse(s, owner, message, REFUSED_BUSY, "full; submit it again later");
    } else if (job) {
        adopt_offered(s, owner, job, message, route, now);
    } else {
        create(s, owner, message, route, now);
    }
}

/* ---- CANCEL, ACK, STATS ---- */

void scheduler_cancel(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now)
{
    job_t *job = job_find(s->jobs, message->job);
    if (!job || job->state == JOB_OFFERED) {
        if (!ident_none(message->job))
            refuse(s, owner, message, REFUSED_UNKNOWN, "no such job here");
    } else if (message->epoch < job->epoch) {
        s->stale++;
    } else if (job->state != JOB_ENDED) {
        scheduler_doom(s, job, OUTCOME_CANCELLED, now);
    }
}

void scheduler_owner_ack(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now)
{
    job_t *job = job_find(s->jobs, message->job);
    record_t *record = NULL;
    if (job && job->owner == owner->peer.number && message->token.incarnation == s->options.incarnation)
        record = record_by_counter(job, message->token.counter);
    if (!record || !record->sent) {
        s->stale++;
        return;
    }
    if (record->kind == RECORD_FINISHED) {
        scheduler_free(s, job, now);
    } else {
        scheduler_settle(s, job, record);
        scheduler_unhold(s, job, now);
    }
    scheduler_pump(s, owner, now);
}

void scheduler_owner_stats(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now)
{
    stats_t stats = {0};
    arena_t *arena = arena_new();
    scheduler_stats(s, now, arena, &stats);
    buf_clear(&s->figures);
    pack_encode(&stats_schema, &stats, &s->figures);
    arena_destroy(&arena);
    message_t *answer = scheduler_send(s, owner->peer.handle, COMMAND_STATS);
    answer->number = message->number;
    answer->body = (slice_t){s->figures.bytes, (uint32_t)s->figures.size};
}
