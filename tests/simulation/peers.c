/* peers: brokers and hosts around their machines. A worker writes into the body which stage it was and under which
 * token it worked, so that the rules can see what came of whose work.
 */
#include "proto/base/memory.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* ---- brokers ---- */

void broker_start(world_t *world, process_t *broker)
{
    scheduler_options_t options = scheduler_defaults();
    options.incarnation = broker->incarnation = chance_next(&world->chance) | 1;
    options.seed = chance_next(&world->chance);
    for (uint32_t i = 0; i < STAGES; i++)
        options.stages[options.stage_count++] = (scheduler_stage_t){world_stages[i], i == STAGES - 1 ? 60000 : 0};
    options.max_jobs = world->most * 3 / 4; /* so that it is full at times */
    options.max_bytes = world->most * UINT64_C(256);
    if (world->seed % 3 == 0) /* so tight that results find no room */
        options.max_bytes /= 5;
    options.budget_bytes = 16;
    options.submit_window = 1 + (uint32_t)world_below(world, 8);
    options.owner_bytes = 1 + (uint32_t)world_below(world, 300); /* some dossiers */
    options.actor_bytes = 1 + (uint32_t)world_below(world, 500);
    broker->scheduler = scheduler_new(&options, world_clock(world, broker));
    world_tick_at(world, broker, scheduler_deadline(broker->scheduler));
}

void broker_stop(process_t *broker)
{
    scheduler_destroy(&broker->scheduler);
}

void broker_step(world_t *world, process_t *broker, const event_t *event)
{
    size_t count;
    uint32_t number = broker->number - OWNERS;
    const action_t *actions = scheduler_step(broker->scheduler, event, world_clock(world, broker), &count);
    rules_after_broker(world, broker, event, actions, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t peer = actions[i].peer & 0xFF;
        if (world->handles[peer][number] == actions[i].peer)
            world_send(world, broker->number, peer, actions[i].peer, &actions[i].message);
    }
    world_tick_at(world, broker, scheduler_deadline(broker->scheduler));
}

/* ---- hosts ---- */

/* A job that was prepared is gone. */
static void forget(world_t *world, process_t *host, uint32_t job)
{
    bool found = false;
    for (uint32_t i = 0; i < host->worker_count; i++) {
        worker_t *worker = &host->workers[i];
        bool is_it = worker->ahead && worker->next_job == job;
        found |= is_it;
        worker->ahead &= !is_it;
    }
    if (!found)
        world_broken(world, "a host drops a job that was not prepared");
}

static void act(world_t *world, process_t *host)
{
    size_t count;
    const jobs_action_t *actions = jobs_actions(host->jobs, &count);
    for (size_t i = 0; i < count; i++) {
        const jobs_action_t *action = &actions[i];
        if (action->kind == JOBS_SEND) {
            world_send(world, host->number, OWNERS + action->broker, world->handles[host->number][action->broker],
                       &action->message);
            continue;
        }
        if (action->kind == JOBS_DROP) {
            forget(world, host, action->job);
            continue;
        }
        if (action->kind == JOBS_REFUSED)
            world_broken(world, "a host is refused: %.*s", (int)action->message.text.size, action->message.text.at);
        for (uint32_t j = 0; j < host->worker_count; j++) {
            worker_t *worker = &host->workers[j];
            if (!worker->busy || worker->job != action->job)
                continue;
            worker->killed = true;
            world_add(world, world->now_us + 1000,
                      (happening_t){.kind = HAPPENS_WORK,
                                    .to = host->number,
                                    .life = host->lives,
                                    .handle = worker->serial,
                                    .worker = j});
        }
    }
}

static int64_t work_us(world_t *world)
{
    if (world_chance(world, 1)) /* longer than a broker remembers an owner that is silent */
        return 100000000 + (int64_t)world_below(world, 100000000);
    if (world_chance(world, 20))
        return (int64_t)world_below(world, 6000000);
    return 500 + (int64_t)world_below(world, world_chance(world, 300) ? 400000 : 30000);
}

/* The next job of an idle worker, begun. False when there is none. */
static bool begin(world_t *world, process_t *host, worker_t *worker)
{
    int64_t now = world_clock(world, host);
    if (!worker->fetches) {
        bool taken = jobs_take(host->jobs, worker->stage, &worker->job, &worker->view, now);
        act(world, host);
        return taken;
    }
    if (!worker->ahead)
        return false;
    worker->ahead = false;
    worker->job = worker->next_job;
    worker->view = worker->next;
    jobs_ready(host->jobs, worker->job, now);
    jobs_begin(host->jobs, worker->job, now);
    act(world, host);
    return true;
}

static void feed_workers(world_t *world, process_t *host)
{
    for (uint32_t i = 0; i < host->worker_count; i++) {
        worker_t *worker = &host->workers[i];
        if (worker->fetches && !worker->ahead) {
            worker->ahead =
                jobs_prepare(host->jobs, worker->stage, &worker->next_job, &worker->next, world_clock(world, host));
            act(world, host);
        }
        if (worker->busy || !begin(world, host, worker))
            continue;
        worker->busy = true;
        worker->killed = false;
        worker->begun_us = world_clock(world, host);
        worker->serial = ++world->next_serial;
        world_add(
            world, world->now_us + work_us(world),
            (happening_t){
                .kind = HAPPENS_WORK, .to = host->number, .life = host->lives, .handle = worker->serial, .worker = i});
    }
}

static void go_on(world_t *world, process_t *host)
{
    feed_workers(world, host);
    jobs_audit(host->jobs);
    world_tick_at(world, host, jobs_deadline(host->jobs));
}

void host_start(world_t *world, process_t *host)
{
    static const uint8_t serves[HOSTS][STAGES] = {{1, 1, 0, 0, 0}, {0, 1, 1, 1, 0}, {1, 1, 1, 1, 1}};
    jobs_options_t options = jobs_defaults();
    options.instance = (ident_t){chance_next(&world->chance), chance_next(&world->chance)};
    options.name = "host";
    host->worker_count = 0;
    host->draining = false;
    for (uint32_t i = 0; i < STAGES; i++) {
        if (!serves[host->number - OWNERS - BROKERS][i])
            continue;
        uint32_t workers = 1 + (uint32_t)world_below(world, 3);
        for (uint32_t j = 0; j < workers; j++)
            host->workers[host->worker_count++] = (worker_t){.stage = options.stage_count, .fetches = i < 2};
        options.stages[options.stage_count++] =
            (jobs_stage_t){world_stages[i], workers, (uint32_t)world_below(world, 9)};
    }
    host->jobs = jobs_new(&options, world_clock(world, host));
    for (uint32_t i = 0; i < BROKERS; i++) {
        jobs_broker(host->jobs, world_clock(world, host));
        act(world, host);
    }
    go_on(world, host);
}

void host_stop(process_t *host)
{
    jobs_destroy(&host->jobs);
}

void host_receive(world_t *world, process_t *host, uint32_t broker, const message_t *message)
{
    jobs_receive(host->jobs, broker, message, world_clock(world, host));
    act(world, host);
    go_on(world, host);
}

void host_tick(world_t *world, process_t *host)
{
    jobs_tick(host->jobs, world_clock(world, host));
    act(world, host);
    go_on(world, host);
    if (host->draining && jobs_drained(host->jobs)) { /* it ends, and another one is started in its place */
        host_stop(host);
        host->lives++;
        for (uint32_t i = 0; i < BROKERS; i++)
            world->handles[host->number][i] = ++world->next_handle << 8 | host->number;
        host_start(world, host);
    }
}

void host_drain(world_t *world, process_t *host)
{
    host->draining = true;
    jobs_drain(host->jobs, world_clock(world, host));
    act(world, host);
    go_on(world, host);
}

static void write_body(const worker_t *worker, uint32_t stage, uint8_t body[256], slice_t *out)
{
    const message_t *job = &worker->view;
    uint32_t size = job->body.size;
    memcpy(body, job->body.at, size);
    body[size] = (uint8_t)stage;
    ident_write((ident_t){job->token.incarnation, job->token.counter}, body + size + 1);
    *out = (slice_t){(const char *)body, size + 1 + IDENT_BYTES};
}

/* Beside the dossier, for some documents at every stage: the token that it was made under, and as much again as the
 * document says. */
static void write_attachment(const message_t *job, uint8_t bytes[ATTACHMENT_MOST], slice_t *out)
{
    uint32_t size = world_attachment(job->job);
    if (size == 0)
        return;
    memset(bytes, 0, size);
    ident_write((ident_t){job->token.incarnation, job->token.counter}, bytes);
    *out = (slice_t){(const char *)bytes, size};
}

/* How the work on a document of this nature goes. */
static void finish(world_t *world, process_t *host, worker_t *worker)
{
    const message_t *job = &worker->view;
    const row_t *row = world_row(world, job->job);
    uint32_t stage = world_stage(job->names[0]);
    int64_t now = world_clock(world, host);
    uint8_t body[256], attachment[ATTACHMENT_MOST];
    slice_t slice;
    if (!row)
        world_broken(world, "a job is run that nobody submitted");
    jobs_ran(host->jobs, worker->job, now - worker->begun_us);
    if (world_chance(world, world->calm ? 0 : 10))
        jobs_failed(host->jobs, worker->job, FAILED_LOST, "crashed", "killed from outside", now);
    else if (row->nature == NATURE_POISON && stage == 0)
        jobs_failed(host->jobs, worker->job, FAILED_CRASHED, "crashed", "its worker died", now);
    else if (row->nature == NATURE_BROKEN && stage == row->route[row->route_count - 1])
        jobs_failed(host->jobs, worker->job, FAILED_PERMANENT, "damaged", "cannot be read", now);
    else if (row->nature == NATURE_FLAKY && job->attempt < 3)
        jobs_failed(host->jobs, worker->job, FAILED_RETRYABLE, "system", "not this time", now);
    else if (row->nature == NATURE_EXPIRING && job->body.at[0] < 1)
        jobs_failed(host->jobs, worker->job, FAILED_SOURCE_EXPIRED, "source-expired", "ask again", now);
    else {
        bool skip = job->name_count > 2 && row->id.high % 5 == 0;
        write_body(worker, stage, body, &slice);
        char next[MESSAGE_NAME_MOST + 1] = "";
        if (skip)
            memcpy(next, job->names[2].at, job->names[2].size);
        jobs_result_t result = {.dossier = slice, .next = skip ? next : NULL};
        write_attachment(job, attachment, &result.attachment);
        jobs_done(host->jobs, worker->job, &result, now);
    }
}

void host_work(world_t *world, process_t *host, uint32_t number, uint64_t serial)
{
    worker_t *worker = &host->workers[number];
    if (!worker->busy || worker->serial != serial)
        return;
    if (world_chance(world, 100)) {
        jobs_progress(host->jobs, worker->job, 1, 2, world_clock(world, host));
        act(world, host);
    }
    worker->busy = false;
    if (!worker->killed && world_chance(world, 10)) /* no worker got to it: it waited behind another */
        jobs_put_back(host->jobs, worker->job, world_clock(world, host));
    else
        finish(world, host, worker);
    act(world, host);
    go_on(world, host);
}
