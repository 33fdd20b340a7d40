/* scheduler_debt: see scheduler_debt.h. */
#include "scheduler_debt.h"

/* Messages to one owner in one step: the rest of its window follows with its next ACK or tick. */
enum { PUMP_MOST = 256 };

/* ---- whose a job is ---- */

void scheduler_attach(scheduler_t *s, owner_t *owner, job_t *job)
{
    job->owner = owner->peer.number;
    job->owner_prev = JOB_NONE;
    job->owner_next = owner->first_job;
    if (owner->first_job != JOB_NONE)
        job_at(s->jobs, owner->first_job)->owner_prev = job->number;
    owner->first_job = job->number;
    share_take(&s->job_share, &owner->jobs, 1);
    share_take(&s->byte_share, &owner->bytes, job->budget);
}

void scheduler_detach(scheduler_t *s, job_t *job)
{
    owner_t *owner = scheduler_owner(s, job->owner);
    if (job->owner_prev != JOB_NONE)
        job_at(s->jobs, job->owner_prev)->owner_next = job->owner_next;
    else
        owner->first_job = job->owner_next;
    if (job->owner_next != JOB_NONE)
        job_at(s->jobs, job->owner_next)->owner_prev = job->owner_prev;
    job->owner = job->owner_prev = job->owner_next = JOB_NONE;
    share_give(&s->job_share, &owner->jobs, 1);
    share_give(&s->byte_share, &owner->bytes, job->budget);
}

/* What is inside may grow where nobody new is admitted any more: past max_bytes by an eighth together; and one job at a
 * time as far as it likes, until it is gone, so that somebody always comes to an end. */
static uint64_t growth_most(const scheduler_t *s)
{
    return s->byte_share.limit + s->byte_share.limit / 8;
}

uint64_t scheduler_bytes_most(const scheduler_t *s)
{
    return growth_most(s) + (s->overdrawn == JOB_NONE ? 0 : MESSAGE_BODY_MOST);
}

bool scheduler_make_room(scheduler_t *s, job_t *job, uint32_t bytes)
{
    owner_t *owner = scheduler_owner(s, job->owner);
    if (bytes <= job->budget)
        return true;
    uint32_t more = bytes - job->budget;
    bool fits = s->byte_share.used + more <= growth_most(s);
    if (!job->elastic || (!fits && s->overdrawn != JOB_NONE && s->overdrawn != job->number))
        return false;
    if (!fits)
        s->overdrawn = job->number;
    share_take(&s->byte_share, &owner->bytes, more);
    job->budget = bytes;
    return true;
}

/* ---- what it is owed ---- */

/* Takes the record from its owner's list, sent or not. */
static void unlist(owner_t *owner, record_t *record)
{
    record_unlink(record->sent ? &owner->sent : &owner->waiting, record);
    if (record->sent)
        owner->sent_bytes -= record_bytes(record);
    record->sent = false;
}

record_t *scheduler_owe(scheduler_t *s, job_t *job, record_kind_t kind, blob_t *body, slice_t attachment)
{
    record_t *record = record_new(job, kind);
    record->body = blob_hold(body);
    record->attachment = blob_new(attachment);
    s->record_bytes += record_bytes(record);
    record_append(&scheduler_owner(s, job->owner)->waiting, record);
    return record;
}

void scheduler_settle(scheduler_t *s, job_t *job, record_t *record)
{
    unlist(scheduler_owner(s, job->owner), record);
    s->record_bytes -= record_bytes(record);
    record_destroy(job, &record, &s->yard);
}

void scheduler_owe_counts(scheduler_t *s, job_t *job, int64_t now)
{
    owner_t *owner = scheduler_owner(s, job->owner);
    record_t *record = record_by_kind(job, RECORD_COUNTS);
    if (record && record->sent) { /* what was sent tells the old ones: again, under a new number */
        unlist(owner, record);
        record->counter = 0;
        record_append(&owner->waiting, record);
    } else if (!record) {
        scheduler_owe(s, job, RECORD_COUNTS, NULL, (slice_t){0});
    }
    scheduler_pump(s, owner, now);
}

static slice_t stage_name(const scheduler_t *s, uint8_t stage)
{
    return stage == RECORD_NO_STAGE ? (slice_t){0} : s->stages[stage].label;
}

static void send_record(scheduler_t *s, const owner_t *owner, const record_t *record)
{
    const job_t *job = job_at(s->jobs, record->job);
    bool finished = record->kind == RECORD_FINISHED, counts = record->kind == RECORD_COUNTS;
    message_t *message = scheduler_send(s, owner->peer.handle, finished ? COMMAND_FINISHED : COMMAND_RECORD);
    message->job = job->id;
    message->epoch = job->epoch;
    message->token = scheduler_token(s, record->counter);
    message->stage = stage_name(s, counts ? job->route[job->at] : record->stage);
    message->next = stage_name(s, record->upcoming);
    message->attempt = record->kind == RECORD_STAGE ? record->attempt : job->attempt;
    message->crashes = job->crashes;
    message->losses = job->losses;
    message->body = blob_slice(record->body);
    if (finished) {
        message->outcome = record->outcome;
        message->class = record->class;
        message->fault = blob_slice(record->fault);
        message->text = blob_slice(record->text);
        message->attachment = blob_slice(record->attachment);
    }
}

/* Sends a record that is in no list: it is the last of those sent then. */
static void send_out(scheduler_t *s, owner_t *owner, record_t *record, int64_t now)
{
    record->sent = true;
    owner->sent_bytes += record_bytes(record);
    record->sent_us = now;
    record_append(&owner->sent, record);
    send_record(s, owner, record);
}

void scheduler_pump(scheduler_t *s, owner_t *owner, int64_t now)
{
    for (int i = 0; i < PUMP_MOST && owner->waiting.first && owner->sent.count < owner->window &&
                    owner->sent_bytes < s->options.owner_bytes;
         i++) {
        record_t *record = owner->waiting.first;
        unlist(owner, record);
        if (record->counter == 0)
            record->counter = ++s->counter;
        send_out(s, owner, record, now);
    }
}

void scheduler_resend(scheduler_t *s, owner_t *owner, int64_t now)
{
    int64_t before = now - (int64_t)s->options.resend_ms * 1000;
    for (int i = 0; i < PUMP_MOST && owner->sent.first && owner->sent.first->sent_us <= before; i++) {
        record_t *record = owner->sent.first;
        unlist(owner, record);
        send_out(s, owner, record, now);
    }
}

void scheduler_unsend(scheduler_t *s, owner_t *owner)
{
    (void)s;
    record_list_t later = owner->waiting;
    owner->waiting = (record_list_t){0};
    while (owner->sent.first) {
        record_t *record = owner->sent.first;
        unlist(owner, record);
        record_append(&owner->waiting, record);
    }
    while (later.first) {
        record_t *record = later.first;
        record_unlink(&later, record);
        record_append(&owner->waiting, record);
    }
}

void scheduler_owe_anew(scheduler_t *s, record_t *record, owner_t *owner)
{
    unlist(scheduler_owner(s, job_at(s->jobs, record->job)->owner), record);
    record->counter = 0; /* an ACK of what was sent before settles nothing */
    record_append(&owner->waiting, record);
}
