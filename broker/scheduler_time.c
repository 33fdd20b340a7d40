/* scheduler_time: see scheduler_time.h. */
#include "scheduler_time.h"
#include "scheduler_debt.h"
#include "scheduler_move.h"
#include "scheduler_peer.h"

static void due(scheduler_t *s, job_t *job, int64_t now)
{
    if (job->state == JOB_OFFERED) {
        message_t *cancel = scheduler_send(s, scheduler_actor(s, job->server)->peer.handle, COMMAND_CANCEL);
        cancel->job = job->id;
        cancel->token = job->token;
        scheduler_free(s, job, now);
    } else if (job->deadline_us > 0 && job->deadline_us <= now) {
        scheduler_doom(s, job, OUTCOME_FAILED, now);
    } else {
        scheduler_enqueue(s, job, now); /* its delay is over */
    }
}

/* The next look comes with the next heartbeat, or when the first of those who are silent has been so for too long. */
static void scan_actors(scheduler_t *s, int64_t now)
{
    int64_t silence_us = (int64_t)s->options.silence_ms * 1000;
    for (uint32_t i = 0; i < s->actor_room; i++) {
        actor_t *actor = s->actors[i];
        if (!actor)
            continue;
        if (now - actor->peer.seen_us >= silence_us) {
            scheduler_forget_actor(s, actor, now);
            continue;
        }
        scheduler_send(s, actor->peer.handle, COMMAND_HEARTBEAT)->token = scheduler_token(s, actor->given);
        if (actor->peer.seen_us + silence_us < s->scan_us)
            s->scan_us = actor->peer.seen_us + silence_us;
    }
}

static void scan_owners(scheduler_t *s, int64_t now)
{
    int64_t silence_us = (int64_t)s->options.silence_ms * 1000;
    for (uint32_t i = 0; i < s->owner_room; i++) {
        owner_t *owner = s->owners[i];
        if (!owner)
            continue;
        if (now - owner->peer.seen_us > (int64_t)s->options.owner_silence_ms * 1000) {
            scheduler_forget_owner(s, owner, now);
            continue;
        }
        scheduler_send(s, owner->peer.handle, COMMAND_HEARTBEAT)->token = scheduler_token(s, owner->peer.session);
        if (now - owner->peer.seen_us > silence_us)
            continue; /* nothing more gathers in its socket; it is sent again when it is heard */
        scheduler_resend(s, owner, now);
        scheduler_pump(s, owner, now);
    }
}

/* Jobs that have waited as long as they may for a stage that nobody serves. */
static void scan_stages(scheduler_t *s, int64_t now)
{
    for (uint32_t i = 0; i < s->options.stage_count; i++) {
        stage_t *stage = &s->stages[i];
        if (stage->servers > 0 || stage->patience_ms == 0)
            continue;
        int64_t before = now - stage->patience_ms * 1000;
        while (stage->deserted_us <= before && stage->waiting.first != JOB_NONE) {
            job_t *job = job_at(s->jobs, stage->waiting.first);
            if (job->since_us > before)
                break;
            stage->stats.failed++;
            scheduler_retry(s, job, slice_of("no-actor"), slice_of("no actor serves this stage; start one"), now);
        }
    }
}

void scheduler_tick(scheduler_t *s, int64_t now)
{
    for (const heap_entry_t *top; (top = heap_top(&s->timers)) != NULL && top->major <= (uint64_t)now;)
        due(s, job_at(s->jobs, top->item), now);
    if (now < s->scan_us)
        return;
    s->scan_us = now + (int64_t)s->options.heartbeat_ms * 1000;
    scan_actors(s, now);
    scan_owners(s, now);
    scan_stages(s, now);
}

int64_t scheduler_deadline(const scheduler_t *s)
{
    const heap_entry_t *top = heap_top(&s->timers);
    return top && (int64_t)top->major < s->scan_us ? (int64_t)top->major : s->scan_us;
}

/* Peers have had no chance to be heard while this process did not run. */
void scheduler_forgive(scheduler_t *s, int64_t now)
{
    int64_t slept = now - s->last_us;
    if (slept <= (int64_t)s->options.silence_ms * 1000 / 2)
        return;
    for (uint32_t i = 0; i < s->actor_room; i++)
        if (s->actors[i])
            s->actors[i]->peer.seen_us += slept;
    for (uint32_t i = 0; i < s->owner_room; i++)
        if (s->owners[i])
            s->owners[i]->peer.seen_us += slept;
}
