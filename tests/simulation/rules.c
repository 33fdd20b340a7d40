/* rules: what must hold, whatever happens (DESIGN.md section 5). The machines' own audits say that each job is in one
 * place and that all counts agree; here stands what only an onlooker can see.
 */
#include "broker/scheduler_state.h"
#include "proto/link_job.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { ENTRY = 1 + IDENT_BYTES }; /* of a body: stage, token */

static uint32_t entries(slice_t body)
{
    return (body.size - 1) / ENTRY;
}

static uint8_t entry_stage(slice_t body, uint32_t i)
{
    return (uint8_t)body.at[1 + i * ENTRY];
}

static token_t entry_token(slice_t body, uint32_t i)
{
    ident_t pair = ident_read((const uint8_t *)body.at + 1 + i * ENTRY + 1);
    return (token_t){pair.high, pair.low};
}

/* ---- fencing: what a broker hands on is the work of the one it gave the job to last ---- */

static void rule_fenced(world_t *world, const process_t *broker, const message_t *message)
{
    row_t *row = world_row(world, message->job);
    slice_t body = message->body;
    if (!row || body.size < 1 + ENTRY)
        return;
    uint32_t number = broker->number - OWNERS, last = entries(body) - 1;
    token_t token = entry_token(body, last);
    if (token.incarnation != broker->incarnation || entry_stage(body, last) != row->given[number].stage)
        return; /* done at another broker or in another life, and recorded or adopted since */
    if (!token_equal(token, row->given[number].token))
        world_broken(world, "%s carries the work of token %llu, though the job had been given out again under %llu",
                     message_command_name(message->command), (unsigned long long)token.counter,
                     (unsigned long long)row->given[number].token.counter);
}

/* ---- credit, priority, order ---- */

static void rule_credit(world_t *world, const scheduler_t *s, const job_t *job)
{
    const server_t *server = scheduler_server(s, job->server);
    if (server->jobs.count > server->slots)
        world_broken(world, "an actor has %u jobs and credit for %u", server->jobs.count, server->slots);
}

/* Nobody of higher priority waits, nor anybody of the same owner and priority who came before. */
static void rule_order(world_t *world, const scheduler_t *s, const job_t *job)
{
    const stage_t *stage = &s->stages[scheduler_server(s, job->server)->stage];
    for (uint32_t number = stage->waiting.first; number != JOB_NONE; number = job_at(s->jobs, number)->next) {
        const job_t *other = job_at(s->jobs, number);
        if (other->priority < job->priority)
            world_broken(world, "a job of priority %u is given out while one of %u waits", job->priority,
                         other->priority);
        if (other->priority == job->priority && other->owner == job->owner && other->tag < job->tag)
            world_broken(world, "a job is given out before one of the same owner that came first");
    }
}

static void rule_given(world_t *world, const process_t *broker, const message_t *message)
{
    const scheduler_t *s = broker->scheduler;
    row_t *row = world_row(world, message->job);
    const job_t *job = job_find(s->jobs, message->job);
    if (!row)
        world_broken(world, "a job is given out that nobody submitted");
    if (!job || job->state != JOB_RUNNING || !token_equal(job->token, message->token))
        world_broken(world, "a job is given out that the broker does not count as running");
    row->given[broker->number - OWNERS].token = message->token;
    row->given[broker->number - OWNERS].stage = (uint8_t)world_stage(message->names[0]);
    rule_credit(world, s, job);
    rule_order(world, s, job);
}

/* ---- bytes: what is under way to one peer stays below its limit, but for the one body that reached it ---- */

static void rule_owner_bytes(world_t *world, const scheduler_t *s, const owner_t *owner)
{
    uint64_t bytes = 0, largest = 0;
    for (const record_t *record = owner->sent.first; record; record = record->next) {
        uint64_t size = record_bytes(record);
        bytes += size;
        largest = size > largest ? size : largest;
    }
    if (bytes > 0 && bytes - largest >= s->options.owner_bytes)
        world_broken(world, "%llu bytes are under way to an owner that may have %u and one body more",
                     (unsigned long long)bytes, s->options.owner_bytes);
}

static void rule_actor_bytes(world_t *world, const scheduler_t *s, const actor_t *actor)
{
    uint64_t bytes = 0, largest = 0;
    for (uint32_t i = 0; i < actor->server_count; i++)
        for (uint32_t number = actor->servers[i].jobs.first; number != JOB_NONE;) {
            const job_t *job = job_at(s->jobs, number);
            bytes += job->given_bytes;
            largest = job->given_bytes > largest ? job->given_bytes : largest;
            number = job->next;
        }
    if (bytes > 0 && bytes - largest >= s->options.actor_bytes)
        world_broken(world, "%llu bytes lie at an actor that may have %u and one body more", (unsigned long long)bytes,
                     s->options.actor_bytes);
}

static void rule_bytes(world_t *world, const scheduler_t *s)
{
    for (uint32_t i = 0; i < s->owner_room; i++)
        if (s->owners[i])
            rule_owner_bytes(world, s, s->owners[i]);
    for (uint32_t i = 0; i < s->actor_room; i++)
        if (s->actors[i])
            rule_actor_bytes(world, s, s->actors[i]);
}

/* A job that is not there any more, or was submitted under another epoch, may come again with what an earlier life of
 * it did. */
static void forget_given(world_t *world, const process_t *broker, const message_t *message)
{
    row_t *row = world_row(world, message->job);
    uint32_t number = broker->number - OWNERS;
    if (!row)
        return;
    bool raised = message->command == COMMAND_ACCEPTED && message->epoch != row->given[number].epoch;
    if (raised)
        row->given[number].epoch = message->epoch;
    if (raised || !job_find(broker->scheduler->jobs, row->id))
        row->given[number].stage = STAGES;
}

void rules_after_broker(world_t *world, process_t *broker, const event_t *event, const action_t *actions, size_t count)
{
    scheduler_audit(broker->scheduler);
    rule_bytes(world, broker->scheduler);
    if (event->kind == EVENT_MESSAGE)
        forget_given(world, broker, event->message);
    for (size_t i = 0; i < count; i++) {
        const message_t *message = &actions[i].message;
        forget_given(world, broker, message);
        if (message->command == COMMAND_JOB || message->command == COMMAND_RECORD ||
            message->command == COMMAND_FINISHED)
            rule_fenced(world, broker, message);
        if (message->command == COMMAND_JOB)
            rule_given(world, broker, message);
    }
}

/* ---- results ---- */

/* Every stage of the route once and in order, but for those that were skipped. */
static void rule_complete(world_t *world, const row_t *row, slice_t body)
{
    uint32_t count = body.size ? entries(body) : 0, at = 0;
    for (uint32_t i = 0; i < count; i++, at++) {
        while (at < row->route_count && row->route[at] != entry_stage(body, i))
            at++;
        if (at == row->route_count)
            world_broken(world, "a result went through its stages in another order than its route");
    }
    if (count == 0 || entry_stage(body, count - 1) != row->route[row->route_count - 1])
        world_broken(world, "a result has not been through the last stage");
    if (row->id.high % 5 != 0 && count != row->route_count)
        world_broken(world, "a result has been through %u stages of %u", count, row->route_count);
}

/* What the last stage made beside the dossier comes with it, and nothing else of the kind. */
static void rule_attached(world_t *world, const row_t *row, const message_t *finished)
{
    slice_t body = finished->body, attached = finished->attachment;
    uint32_t wanted = finished->outcome == OUTCOME_COMPLETED ? world_attachment(row->id) : 0;
    if (attached.size != wanted)
        world_broken(world, "a result has %u bytes attached instead of %u", attached.size, wanted);
    if (wanted == 0 || body.size < 1 + ENTRY)
        return;
    ident_t pair = ident_read((const uint8_t *)attached.at);
    if (!token_equal((token_t){pair.high, pair.low}, entry_token(body, entries(body) - 1)))
        world_broken(world, "a result has attached what another one's work has made");
}

void rules_result(world_t *world, row_t *row, const message_t *finished)
{
    char id[IDENT_TEXT];
    if (world->trace)
        printf("%.6f result of %s\n", (double)world->now_us / 1e6, ident_format(row->id, id));
    /* what the storm alone may do to any job */
    bool lost = slice_is(finished->fault, "lost") || slice_is(finished->fault, "no-actor");
    if (row->limit_ms && slice_is(finished->fault, "deadline"))
        lost = true;
    if (row->results > 0)
        world_broken(world, "a second result");
    rule_attached(world, row, finished);
    switch ((outcome_kind_t)finished->outcome) {
    case OUTCOME_CANCELLED:
        if (!row->cancel)
            world_broken(world, "a job was cancelled that nobody cancelled");
        break;
    case OUTCOME_COMPLETED:
        if (row->nature == NATURE_BROKEN || row->nature == NATURE_POISON)
            world_broken(world, "a job was completed that cannot be");
        rule_complete(world, row, finished->body);
        break;
    default:
        if (row->nature == NATURE_POISON
                ? !lost && !slice_is(finished->fault, "poison") && !slice_is(finished->fault, "crashed")
                : row->nature != NATURE_BROKEN && !lost)
            world_broken(world, "a job of nature %d failed as %.*s", (int)row->nature, (int)finished->fault.size,
                         finished->fault.at);
    }
}

static bool is_anywhere(const world_t *world, ident_t id)
{
    for (uint32_t i = 0; i < BROKERS; i++)
        if (job_find(world->processes[OWNERS + i].scheduler->jobs, id))
            return true;
    return false;
}

void rules_explain(const world_t *world, bool ended)
{
    char id[IDENT_TEXT];
    for (uint32_t i = 0; i < world->row_count; i++) {
        const row_t *row = &world->rows[i];
        if (ended ? !is_anywhere(world, row->id) : row->ended)
            continue;
        printf("job %s of owner %u, epoch %llu, %u of %u stages", ident_format(row->id, id), row->holder,
               (unsigned long long)row->epoch, row->at, row->route_count);
        for (uint32_t j = 0; j < PROCESSES; j++) {
            const process_t *process = &world->processes[j];
            const job_t *job = process->kind == PROCESS_BROKER ? job_find(process->scheduler->jobs, row->id) : NULL;
            const link_job_t *kept = process->kind == PROCESS_OWNER ? link_job_find(process->link, row->id) : NULL;
            if (job)
                printf("; broker %u: %s, epoch %llu, owner %u, stage %u of %u, doom %u", j,
                       job_state_name((job_state_t)job->state), (unsigned long long)job->epoch, job->owner, job->at,
                       job->route_count, job->doom);
            if (kept)
                printf("; owner %u: state %u, epoch %llu, broker %d, cancel %d", j, kept->state,
                       (unsigned long long)kept->epoch, (int)kept->broker, kept->cancel);
        }
        printf("\n");
    }
}

void rules_at_end(world_t *world)
{
    for (uint32_t i = 0; i < world->row_count; i++)
        if (world->rows[i].results != 1)
            world_broken(world, "job %u has %u results", i, world->rows[i].results);
    for (uint32_t i = 0; i < PROCESSES; i++) {
        const process_t *process = &world->processes[i];
        if (process->kind == PROCESS_BROKER && job_count(process->scheduler->jobs) > 0) {
            rules_explain(world, true);
            world_broken(world, "broker %u still has %u jobs", i, job_count(process->scheduler->jobs));
        }
        if (process->kind == PROCESS_OWNER && link_jobs(process->link) > 0)
            world_broken(world, "owner %u still has %u jobs", i, link_jobs(process->link));
        if (process->kind == PROCESS_HOST && jobs_count(process->jobs) > 0)
            world_broken(world, "host %u still has %u jobs", i, jobs_count(process->jobs));
    }
}
