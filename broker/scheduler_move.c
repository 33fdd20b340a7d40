/* scheduler_move: see scheduler_move.h. change() is the one place that sets a state. */
#include "scheduler_move.h"
#include "scheduler_debt.h"

#include <assert.h>

/* Whether the actor has as many bytes as it may: no stage gives it more then. */
static void set_full(scheduler_t *s, actor_t *actor)
{
    bool full = actor->bytes >= s->options.actor_bytes;
    for (uint32_t i = 0; i < actor->server_count && actor->servers[i].full != full; i++) {
        server_t *server = &actor->servers[i];
        server->full = full;
        stage_server_changed(&s->stages[server->stage], server);
        s->dirty |= 1u << server->stage;
    }
}

/* A result for which there is no room is made again after at most so long: a while that a job takes to come to its end
 * and leave, on a busy broker. */
enum { ROOM_MS = 4000 };

static void unbind(scheduler_t *s, job_t *job)
{
    server_t *server = scheduler_server(s, job->server);
    actor_t *actor = scheduler_actor(s, job->server);
    stage_t *stage = &s->stages[server->stage];
    job_list_remove(s->jobs, &server->jobs, job);
    actor->held--;
    actor->digest -= message_token_digest(job->token);
    actor->bytes -= job->given_bytes;
    stage->running -= job->state == JOB_RUNNING;
    stage_server_changed(stage, server);
    s->dirty |= 1u << server->stage;
    set_full(s, actor);
    job->server = JOB_NONE;
    job->token = (token_t){0};
    job->given_bytes = 0;
    job->started = false;
}

static void leave(scheduler_t *s, job_t *job)
{
    switch ((job_state_t)job->state) {
    case JOB_QUEUED:
        stage_unqueue(stage_of(s, job), s->jobs, job);
        break;
    case JOB_DELAYED:
        stage_of(s, job)->delayed--;
        break;
    case JOB_HELD:
        stage_of(s, job)->held--;
        break;
    case JOB_RUNNING:
    case JOB_OFFERED:
        unbind(s, job);
        break;
    case JOB_NEW:
    case JOB_ENDED:
    case JOB_STATES:
        break;
    }
}

static void enter(scheduler_t *s, job_t *job)
{
    switch ((job_state_t)job->state) {
    case JOB_QUEUED:
        stage_queue(stage_of(s, job), s->jobs, job);
        s->dirty |= 1u << job->route[job->at];
        break;
    case JOB_DELAYED:
        stage_of(s, job)->delayed++;
        break;
    case JOB_HELD:
        stage_of(s, job)->held++;
        break;
    case JOB_RUNNING:
    case JOB_OFFERED: {
        server_t *server = scheduler_server(s, job->server);
        actor_t *actor = scheduler_actor(s, job->server);
        job_list_append(s->jobs, &server->jobs, job);
        actor->held++;
        actor->digest += message_token_digest(job->token);
        actor->bytes += job->given_bytes;
        s->stages[server->stage].running += job->state == JOB_RUNNING;
        stage_server_changed(&s->stages[server->stage], server);
        set_full(s, actor);
        break;
    }
    case JOB_NEW:
    case JOB_ENDED:
    case JOB_STATES:
        break;
    }
}

/* Sets the state; the job has left its list. */
static void change(scheduler_t *s, job_t *job, job_state_t state, int64_t now)
{
    assert(job_may_become((job_state_t)job->state, state));
    job->state = (uint8_t)state;
    job->since_us = now;
    enter(s, job);
    scheduler_timer(s, job);
}

void scheduler_timer(scheduler_t *s, job_t *job)
{
    int64_t due = 0;
    bool limited = job->deadline_us > 0 && job->state != JOB_ENDED && !(job->state == JOB_RUNNING && job->doom);
    if (job->state == JOB_OFFERED || job->state == JOB_DELAYED)
        due = job->due_us;
    if (limited && job->state != JOB_OFFERED && (due == 0 || job->deadline_us < due))
        due = job->deadline_us;
    if (heap_has(&s->timers, job->number))
        heap_remove(&s->timers, job->number);
    if (due > 0)
        heap_add(&s->timers, (uint64_t)due, job->number, job->number);
}

void scheduler_move(scheduler_t *s, job_t *job, job_state_t state, int64_t now)
{
    assert(state != JOB_RUNNING && state != JOB_OFFERED);
    leave(s, job);
    job->doom = OUTCOME_NONE;
    change(s, job, state, now);
}

void scheduler_bind(scheduler_t *s, job_t *job, server_t *server, token_t token, job_state_t state, int64_t now)
{
    bool started = job->started;
    uint32_t given_bytes = job->given_bytes;
    leave(s, job);
    job->server = server->number;
    job->token = token;
    job->started = started;
    job->given_bytes = given_bytes;
    change(s, job, state, now);
}

void scheduler_enqueue(scheduler_t *s, job_t *job, int64_t now)
{
    stage_t *stage = stage_of(s, job);
    uint64_t *turn = &scheduler_owner(s, job->owner)->turns[job->route[job->at]];
    leave(s, job);
    job->doom = OUTCOME_NONE;
    job->tag = *turn > stage->turn ? *turn : stage->turn;
    *turn = job->tag + 1;
    job->order = ++s->order;
    change(s, job, JOB_QUEUED, now);
}

void scheduler_hand_over(scheduler_t *s, job_t *job, uint8_t next, int64_t now)
{
    uint8_t done = job->route[job->at];
    uint16_t attempt = (uint16_t)(job->attempt + 1);
    leave(s, job);
    job->at = next;
    job->attempt = 0;
    job->doom = OUTCOME_NONE;
    if (job->record) {
        record_t *record = scheduler_owe(s, job, RECORD_STAGE, job->body, (slice_t){0});
        record->stage = done;
        record->upcoming = job->route[next];
        record->attempt = attempt;
    }
    change(s, job, JOB_HELD, now);
    scheduler_unhold(s, job, now);
    scheduler_pump(s, scheduler_owner(s, job->owner), now);
}

void scheduler_unhold(scheduler_t *s, job_t *job, int64_t now)
{
    if (job->state == JOB_HELD && record_count(job, RECORD_STAGE) <= RECORD_STAGES_MOST)
        scheduler_enqueue(s, job, now);
}

/* Milliseconds to wait before the next attempt. Exponential as BullMQ has it: the wait doubles with each attempt;
 * jitter takes up to so many percent off. */
static uint64_t backoff(scheduler_t *s, const job_t *job)
{
    uint64_t wait = job->backoff_ms, most = s->options.backoff_most_ms;
    if (job->backoff == BACKOFF_EXPONENTIAL)
        for (int i = 1; i < job->attempt && wait < most; i++)
            wait *= 2;
    wait = wait < most ? wait : most;
    uint64_t off = wait * job->jitter / 100;
    return off ? wait - chance_below(&s->chance, off + 1) : wait;
}

void scheduler_retry(scheduler_t *s, job_t *job, slice_t fault, slice_t text, int64_t now)
{
    job->attempt++;
    if (job->attempt >= job->attempts) {
        scheduler_end(s, job, OUTCOME_FAILED, FAILED_RETRYABLE, fault, text, now);
        return;
    }
    stage_of(s, job)->stats.retried++;
    uint64_t wait = backoff(s, job);
    job->due_us = now + (int64_t)wait * 1000;
    if (wait)
        scheduler_move(s, job, JOB_DELAYED, now);
    else
        scheduler_enqueue(s, job, now);
    scheduler_owe_counts(s, job, now);
}

/* The stage is done again later. It is not the job's fault: no attempt is counted. */
void scheduler_postpone(scheduler_t *s, job_t *job, int64_t now)
{
    stage_of(s, job)->stats.retried++;
    job->due_us = now + (int64_t)(ROOM_MS / 2 + chance_below(&s->chance, ROOM_MS / 2 + 1)) * 1000;
    scheduler_move(s, job, JOB_DELAYED, now);
}

void scheduler_lose(scheduler_t *s, job_t *job, int64_t now)
{
    if (job->doom) {
        scheduler_end_doomed(s, job, now);
        return;
    }
    if (job->started) {
        job->losses++;
        stage_of(s, job)->stats.lost++;
        if (job->losses >= s->options.losses_most) {
            scheduler_end(
                s, job, OUTCOME_FAILED, FAILED_RETRYABLE, slice_of("lost"),
                slice_of("the hosts that worked on it vanished too often; submit it again when they are well"), now);
            return;
        }
        scheduler_owe_counts(s, job, now);
    }
    scheduler_move(s, job, JOB_QUEUED, now); /* with its old place: first in line */
}

void scheduler_doom(scheduler_t *s, job_t *job, outcome_kind_t outcome, int64_t now)
{
    if (job->state == JOB_RUNNING && job->doom)
        return;
    job->doom = (uint8_t)outcome;
    if (job->state != JOB_RUNNING) {
        scheduler_end_doomed(s, job, now);
        return;
    }
    message_t *cancel = scheduler_send(s, scheduler_actor(s, job->server)->peer.handle, COMMAND_CANCEL);
    cancel->job = job->id;
    cancel->token = job->token;
    scheduler_timer(s, job);
}

void scheduler_end_doomed(scheduler_t *s, job_t *job, int64_t now)
{
    if (job->doom == OUTCOME_CANCELLED)
        scheduler_end(s, job, OUTCOME_CANCELLED, FAILED_CANCELLED, slice_of("cancelled"),
                      slice_of("cancelled by its owner"), now);
    else
        scheduler_end(s, job, OUTCOME_FAILED, FAILED_PERMANENT, slice_of("deadline"),
                      slice_of("its time was over before it was done; give it more, or more actors"), now);
}

/* How a run ends. */
typedef struct {
    outcome_kind_t outcome;
    failed_t class;
    slice_t fault, text; /* why it failed */
    slice_t attachment;  /* what its last stage made beside the dossier */
} ending_t;

static void end(scheduler_t *s, job_t *job, const ending_t *ending, int64_t now)
{
    scheduler_move(s, job, JOB_ENDED, now);
    record_t *counts = record_by_kind(job, RECORD_COUNTS);
    if (counts)
        scheduler_settle(s, job, counts); /* FINISHED tells them */
    record_t *record = scheduler_owe(s, job, RECORD_FINISHED, ending->outcome == OUTCOME_COMPLETED ? job->body : NULL,
                                     ending->attachment);
    record->outcome = (uint8_t)ending->outcome;
    record->class = (uint8_t)ending->class;
    record->stage = job->route[job->at];
    record->fault = blob_new(ending->fault);
    record->text = blob_new(ending->text);
    blob_drop(&job->body, &s->yard);
    blob_drop(&job->trace, &s->yard);
    blob_drop(&job->tenant, &s->yard);
    s->finished++;
    scheduler_pump(s, scheduler_owner(s, job->owner), now);
}

void scheduler_complete(scheduler_t *s, job_t *job, slice_t attachment, int64_t now)
{
    end(s, job, &(ending_t){.outcome = OUTCOME_COMPLETED, .attachment = attachment}, now);
}

void scheduler_end(scheduler_t *s, job_t *job, outcome_kind_t outcome, failed_t class, slice_t fault, slice_t text,
                   int64_t now)
{
    end(s, job, &(ending_t){outcome, class, fault, text, {0}}, now);
}

void scheduler_free(scheduler_t *s, job_t *job, int64_t now)
{
    (void)now;
    leave(s, job);
    if (heap_has(&s->timers, job->number))
        heap_remove(&s->timers, job->number);
    s->overdrawn = s->overdrawn == job->number ? JOB_NONE : s->overdrawn;
    while (job->records)
        scheduler_settle(s, job, job->records);
    if (job->owner != JOB_NONE)
        scheduler_detach(s, job);
    blob_drop(&job->body, &s->yard);
    blob_drop(&job->trace, &s->yard);
    blob_drop(&job->tenant, &s->yard);
    job_remove(s->jobs, job);
}

/* ---- to the actors ---- */

static void send_job(scheduler_t *s, const job_t *job, const actor_t *actor, int64_t now)
{
    message_t *message = scheduler_send(s, actor->peer.handle, COMMAND_JOB);
    message->job = job->id;
    message->token = job->token;
    for (int i = job->at; i < job->route_count; i++)
        message->names[message->name_count++] = s->stages[job->route[i]].label;
    message->priority = job->priority;
    message->attempt = job->attempt + 1u;
    message->attempts = job->attempts;
    message->crashes = job->crashes;
    message->losses = job->losses;
    if (job->deadline_us)
        message->remaining_ms = job->deadline_us > now + 1000 ? (uint64_t)(job->deadline_us - now) / 1000 : 1;
    message->trace = blob_slice(job->trace);
    message->tenant = blob_slice(job->tenant);
    message->body = blob_slice(job->body);
}

static void assign(scheduler_t *s, stage_t *stage, job_t *job, int64_t now)
{
    server_t *server = stage->free;
    actor_t *actor = scheduler_actor(s, server->number);
    stage->free = server->free_next; /* the next one's turn */
    histogram_add(&stage->stats.wait, now - job->since_us);
    if (job->tag > stage->turn)
        stage->turn = job->tag;
    job->started = false;
    job->given_bytes = blob_slice(job->body).size;
    scheduler_bind(s, job, server, scheduler_token(s, ++s->counter), JOB_RUNNING, now);
    actor->given = s->counter;
    send_job(s, job, actor, now);
}

void scheduler_dispatch(scheduler_t *s, int64_t now)
{
    while (s->dirty) {
        stage_t *stage = &s->stages[__builtin_ctz(s->dirty)];
        s->dirty &= s->dirty - 1;
        for (const heap_entry_t *top; stage->free && (top = heap_top(&stage->queue)) != NULL;)
            assign(s, stage, job_at(s->jobs, top->item), now);
    }
}
