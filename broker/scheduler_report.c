/* scheduler_report: the scheduler looked at from outside: figures for people and machines, and an audit for tests.
 * Changes nothing. */
#include "scheduler_debt.h"
#include "scheduler_state.h"

#include <assert.h>

/* ---- figures ---- */

static void report_stage(const scheduler_t *s, const stage_t *stage, int64_t now, arena_t *arena, stats_stage_t *row)
{
    const stage_stats_t *stats = &stage->stats;
    row->stage = arena_text(arena, stage->name);
    row->runnable = stage->queue.count;
    row->running = stage->running;
    row->delayed = stage->delayed;
    row->held = stage->held;
    if (stage->waiting.first != JOB_NONE)
        row->oldest_ms = (now - job_at(s->jobs, stage->waiting.first)->since_us) / 1000;
    row->actors = stage->servers;
    row->slots = stage->slots;
    row->done = (int64_t)stats->done;
    row->failed = (int64_t)stats->failed;
    row->retried = (int64_t)stats->retried;
    row->lost = (int64_t)stats->lost;
    row->wait_ms = histogram_counts(&stats->wait, arena);
    row->run_ms = histogram_counts(&stats->run, arena);
    row->wait_sum_ms = (double)stats->wait.sum_us / 1000;
    row->run_sum_ms = (double)stats->run.sum_us / 1000;
}

void scheduler_stats(const scheduler_t *s, int64_t now, arena_t *arena, stats_t *stats)
{
    *stats = (stats_t){
        .uptime_ms = (now - s->started_us) / 1000,
        .jobs = (int64_t)s->job_share.used,
        .jobs_most = (int64_t)s->job_share.limit,
        .bytes = (int64_t)s->byte_share.used,
        .bytes_most = (int64_t)s->byte_share.limit,
        .record_bytes = (int64_t)s->record_bytes,
        .owners = s->owner_count,
        .actors = s->actor_count,
        .accepted = (int64_t)s->accepted,
        .refused = (int64_t)s->refused,
        .finished = (int64_t)s->finished,
        .stale = (int64_t)s->stale,
        .bad = (int64_t)s->bad,
    };
    uint32_t count = s->options.stage_count;
    stats_stage_t *rows = arena_array(arena, count, sizeof *rows);
    for (uint32_t i = 0; i < count; i++)
        report_stage(s, &s->stages[i], now, arena, &rows[i]);
    stats->stages = (list_t){rows, count};
}

uint64_t scheduler_jobs(const scheduler_t *s)
{
    return s->job_share.used;
}

/* ---- audit ---- */

/* What is counted over all jobs, to be held against what is kept. */
typedef struct {
    uint32_t states[SCHEDULER_STAGES_MOST][JOB_STATES]; /* jobs by stage and state */
    uint64_t owned, bytes;                              /* jobs with an owner, and their budgets */
    uint64_t records, record_bytes;                     /* of all jobs */
} tally_t;

static void audit_records(const scheduler_t *s, const job_t *job, tally_t *tally)
{
    for (const record_t *record = job->records; record; record = record->sibling) {
        tally->records++;
        tally->record_bytes += record_bytes(record);
        assert(record->job == job->number);
    }
    assert(record_count(job, RECORD_FINISHED) == (job->state == JOB_ENDED));
    assert(record_count(job, RECORD_COUNTS) <= 1);
    assert(record_count(job, RECORD_STAGE) <= RECORD_STAGES_MOST + 1);
    if (job->state == JOB_HELD)
        assert(record_count(job, RECORD_STAGE) > RECORD_STAGES_MOST);
    (void)s;
}

static void audit_job(const scheduler_t *s, const job_t *job, tally_t *tally)
{
    bool bound = job->state == JOB_RUNNING || job->state == JOB_OFFERED;
    assert(job->state != JOB_NEW && job->state < JOB_STATES);
    assert((s->queued.room > job->number && s->queued.at[job->number] > 0) == (job->state == JOB_QUEUED));
    assert((job->server != JOB_NONE) == bound && (job->token.incarnation != 0) == bound);
    assert((job->owner == JOB_NONE) == (job->state == JOB_OFFERED));
    if (job->state == JOB_DELAYED || job->state == JOB_OFFERED)
        assert(heap_has(&s->timers, job->number));
    if (job->state == JOB_ENDED)
        assert(!job->body && !heap_has(&s->timers, job->number));
    uint32_t stage = bound ? scheduler_server(s, job->server)->stage : job->route[job->at];
    tally->states[stage][job->state]++;
    audit_records(s, job, tally);
    if (job->owner == JOB_NONE)
        return;
    assert(blob_slice(job->body).size <= job->budget);
    assert(job->state == JOB_ENDED || job->attempt < job->attempts || job->attempt == 0);
    tally->owned++;
    tally->bytes += job->budget;
}

static void audit_stage(const stage_t *stage, const uint32_t states[JOB_STATES])
{
    assert(stage->queue.count == states[JOB_QUEUED] && stage->waiting.count == states[JOB_QUEUED]);
    assert(stage->delayed == states[JOB_DELAYED] && stage->held == states[JOB_HELD] &&
           stage->running == states[JOB_RUNNING]);
    assert(!stage->free || stage->queue.count == 0); /* nobody waits where somebody has room */
}

static void audit_actor(const scheduler_t *s, const actor_t *actor)
{
    uint64_t digest = 0, bytes = 0;
    uint32_t held = 0;
    for (uint32_t i = 0; i < actor->server_count; i++) {
        const server_t *server = &actor->servers[i];
        uint32_t count = 0;
        for (uint32_t number = server->jobs.first; number != JOB_NONE;
             number = job_at(s->jobs, number)->next, count++) {
            assert(job_at(s->jobs, number)->server == server->number);
            digest += message_token_digest(job_at(s->jobs, number)->token);
            bytes += job_at(s->jobs, number)->given_bytes;
        }
        assert(count == server->jobs.count);
        assert((server->free_next != NULL) == (count < server->slots && !server->full));
        assert(server->full == actor->servers[0].full); /* for all stages alike */
        held += count;
    }
    assert(actor->held == held && actor->digest == digest && actor->bytes == bytes);
}

static void audit_owner(const scheduler_t *s, const owner_t *owner, uint64_t *records)
{
    uint64_t jobs = 0, bytes = 0;
    for (uint32_t number = owner->first_job; number != JOB_NONE; number = job_at(s->jobs, number)->owner_next, jobs++) {
        assert(job_at(s->jobs, number)->owner == owner->peer.number);
        bytes += job_at(s->jobs, number)->budget;
    }
    assert(owner->jobs == jobs && owner->bytes == bytes);
    uint64_t sent_bytes = 0;
    for (const record_t *record = owner->sent.first; record; record = record->next)
        sent_bytes += record_bytes(record);
    assert(owner->sent_bytes == sent_bytes);
    *records += owner->waiting.count + owner->sent.count;
}

void scheduler_audit(const scheduler_t *s)
{
    tally_t tally = {0};
    uint64_t records = 0;
    for (const job_t *job = job_next(s->jobs, NULL); job; job = job_next(s->jobs, job))
        audit_job(s, job, &tally);
    for (uint32_t i = 0; i < s->options.stage_count; i++)
        audit_stage(&s->stages[i], tally.states[i]);
    for (uint32_t i = 0; i < s->actor_room; i++)
        if (s->actors[i])
            audit_actor(s, s->actors[i]);
    for (uint32_t i = 0; i < s->owner_room; i++)
        if (s->owners[i])
            audit_owner(s, s->owners[i], &records);
    assert(tally.records == records && tally.record_bytes == s->record_bytes);
    assert(tally.owned == s->job_share.used && tally.bytes == s->byte_share.used);
    assert(s->job_share.used <= s->job_share.limit && s->byte_share.used <= scheduler_bytes_most(s));
    assert(s->record_bytes <= (uint64_t)(RECORD_STAGES_MOST + 1) * scheduler_bytes_most(s));
}
