/* hosting: see hosting.h. */
#include "hosting.h"
#include "post.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* FAREWELL: how long the last answers may wait for their ACK when work was given up. STOP: workers may take to end. */
enum { FAREWELL_US = 3000000, STOP_US = 5000000 };

struct hosting {
    process_t *process;
    char name[MESSAGE_PEER_MOST + 1];
    char worker[4096]; /* path of yogi-worker */
    ledger_t *ledger;
    fetch_t *fetch;
    post_t *posts[MESSAGE_NAMES_MOST]; /* by the stages of the ledger */
    uint32_t post_count;
    uint32_t told;        /* bit of each post: that its sandbox is incomplete was said */
    uint32_t manned;      /* bit of each post: a worker was ready once */
    bool told_ready;      /* that a broker is heard and every stage is manned */
    struct pollfd *polls; /* room for all descriptors */
    int64_t grace_us;     /* when work in hand is given up; INT64_MAX = not told to end */
    bool giving_up;       /* it is */
    bool signalled;       /* the process may have been told to end */
    fault_t fault;        /* why it ends by itself */
};

/* ---- what the ledger asks for ---- */

static void kill_job(void *owner, uint32_t job, int64_t now_us)
{
    (void)now_us;
    hosting_t *hosting = owner;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        post_kill(hosting->posts[i], job);
}

static void drop_job(void *owner, uint32_t job)
{
    hosting_t *hosting = owner;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        post_drop(hosting->posts[i], job);
}

static void tell_refused(void *owner, const char *text)
{
    hosting_t *hosting = owner;
    LOG(&hosting->process->log, LOG_ERROR, "host.refused", {"message", text, 0});
}

/* ---- making ---- */

static uint32_t workers_of(const settings_t *settings)
{
    int64_t wanted = settings->workers ? settings->workers : sysconf(_SC_NPROCESSORS_ONLN);
    int64_t most = MESSAGE_SLOTS_MOST - settings->prefetch;
    wanted = wanted < most ? wanted : most;
    return wanted < 1 ? 1 : (uint32_t)wanted;
}

static int open_fetch(hosting_t *hosting, size_t stages, fault_t *fault)
{
    const settings_t *settings = &hosting->process->settings;
    size_t count = 2 * stages * workers_of(settings); /* one for each worker, and one ahead */
    fetch_plan_t plan = {.roots = settings->source_roots,
                         .endpoints = settings->source_endpoints,
                         .networks = settings->source_networks,
                         .authorities = settings->source_authorities,
                         .bytes_most = settings->source_bytes,
                         .total_us = settings->source_seconds * 1000000,
                         .stall_us = settings->source_stall_seconds * 1000000,
                         .count = count < FETCH_MOST ? count : FETCH_MOST};
    hosting->fetch = fetch_new(&plan, fault);
    return hosting->fetch ? 0 : -1;
}

static int open_ledger(hosting_t *hosting, const char *const *stages, size_t count, fault_t *fault)
{
    const settings_t *settings = &hosting->process->settings;
    jobs_options_t options = jobs_defaults();
    if (ident_new(&options.instance, fault) < 0)
        return -1;
    options.name = process_name(hosting->process, hosting->name, sizeof hosting->name);
    for (size_t i = 0; i < count; i++) {
        uint32_t workers = workers_of(settings), prefetch = (uint32_t)settings->prefetch,
                 most = MESSAGE_SLOTS_MOST - workers;
        options.stages[i] = (jobs_stage_t){stages[i], workers, prefetch < most ? prefetch : most};
    }
    options.stage_count = (uint32_t)count;
    ledger_hooks_t hooks = {.kill = kill_job, .drop = drop_job, .refused = tell_refused, .owner = hosting};
    hosting->ledger = ledger_open(&options, settings, &hooks, clock_now_us(), fault);
    return hosting->ledger ? 0 : -1;
}

static void open_posts(hosting_t *hosting, const char *const *stages, size_t count)
{
    const settings_t *settings = &hosting->process->settings;
    for (size_t i = 0; i < count; i++) {
        post_plan_t plan = {.ledger = hosting->ledger,
                            .fetch = hosting->fetch,
                            .log = &hosting->process->log,
                            .host = hosting->name,
                            .number = (uint32_t)i,
                            .workers = workers_of(settings)};
        plan.crew = (worker_plan_t){.program = hosting->worker,
                                    .stage = stages[i],
                                    .sandbox = (worker_sandbox_t)settings->sandbox,
                                    .memory_bytes = settings->worker_memory,
                                    .job_us = settings->job_seconds * 1000000,
                                    .cpu_us = settings->job_cpu_seconds * 1000000,
                                    .patient = true,
                                    .log = &hosting->process->log};
        hosting->posts[hosting->post_count++] = post_new(&plan);
    }
}

hosting_t *hosting_new(process_t *process, const char *const *stages, size_t count, fault_t *fault)
{
    assert(count > 0 && count <= MESSAGE_NAMES_MOST);
    hosting_t *hosting = memory_new(1, sizeof *hosting);
    hosting->process = process;
    hosting->grace_us = INT64_MAX;
    int opened = process_beside("yogi-worker", hosting->worker, sizeof hosting->worker, fault);
    if (opened < 0 || open_fetch(hosting, count, fault) < 0 || open_ledger(hosting, stages, count, fault) < 0) {
        hosting_destroy(&hosting);
        return NULL;
    }
    open_posts(hosting, stages, count);
    size_t room = fetch_polls(hosting->fetch) + WIRE_POLLS_MOST + 1;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        room += crew_polls(post_crew(hosting->posts[i]));
    hosting->polls = memory_new(room, sizeof *hosting->polls);
    return hosting;
}

void hosting_destroy(hosting_t **at)
{
    if (!at || !*at)
        return;
    hosting_t *hosting = *at;
    ledger_destroy(&hosting->ledger); /* first: a last word leaves */
    fetch_destroy(&hosting->fetch);
    for (uint32_t i = 0; i < hosting->post_count; i++)
        post_destroy(&hosting->posts[i]);
    free(hosting->polls);
    free(hosting);
    *at = NULL;
}

/* ---- the loop ---- */

/* What the sandbox of the workers lacks is said once; without any worker there is no host. */
static void look_after(hosting_t *hosting, uint32_t number, int64_t now_us)
{
    post_t *post = hosting->posts[number];
    const char *missing = crew_missing(post_crew(post));
    if (missing && !(hosting->told >> number & 1)) {
        hosting->told |= 1U << number;
        fprintf(
            stderr,
            "yogi-actor: the sandbox of the stage %s is incomplete here, missing: %s; YOGI_SANDBOX=strict refuses to "
            "work so\n",
            post_stage(post), missing);
    }
    const fault_t *fault = crew_fault(post_crew(post));
    if (fault->code == FAULT_NONE || hosting->fault.code != FAULT_NONE)
        return;
    hosting->fault = *fault;
    fault_prefix(&hosting->fault, post_stage(post));
    ledger_drain(hosting->ledger, now_us);
    hosting->grace_us = now_us + hosting->process->settings.drain_seconds * 1000000;
}

/* Says "ready STAGE…" on the standard output, once: a broker is heard and every stage has had a worker to give. */
static void tell_ready(hosting_t *hosting)
{
    for (uint32_t i = 0; i < hosting->post_count; i++)
        hosting->manned |= (uint32_t)(crew_free(post_crew(hosting->posts[i])) > 0) << i;
    if (!ledger_is_connected(hosting->ledger) || hosting->manned != (1U << hosting->post_count) - 1)
        return;
    hosting->told_ready = true;
    printf("ready");
    for (uint32_t i = 0; i < hosting->post_count; i++)
        printf(" %s", post_stage(hosting->posts[i]));
    printf("\n");
    fflush(stdout);
    notify_ready(&hosting->process->notify, "serves its stages");
}

/* Says to the service manager that this loop turns, and with what in hand. */
static void beat(hosting_t *hosting, int64_t now_us)
{
    notify_t *notify = &hosting->process->notify;
    char status[NOTIFY_STATUS_MOST];
    if (!notify_is_due(notify, now_us))
        return;
    snprintf(status, sizeof status, "%u jobs in hand%s", ledger_count(hosting->ledger),
             ledger_is_connected(hosting->ledger) ? "" : ", no broker is heard");
    notify_beat(notify, status, now_us);
}

static void hear_workers(hosting_t *hosting, int64_t now_us, int64_t *next_us)
{
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        post_hear(hosting->posts[i], now_us, next_us);
        look_after(hosting, i, now_us);
    }
}

static void hear_fetch(hosting_t *hosting, int64_t now_us, int64_t *next_us)
{
    fetch_event_t event;
    while (fetch_step(hosting->fetch, now_us, next_us, &event)) {
        bool taken = false;
        for (uint32_t i = 0; i < hosting->post_count && !taken; i++)
            taken = post_fetched(hosting->posts[i], &event, now_us);
        assert(taken || event.fd < 0); /* every transfer has its task */
    }
}

static void give_up(hosting_t *hosting)
{
    hosting->giving_up = true;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        post_give_up(hosting->posts[i]);
}

/* The first word: no new jobs. The second: at once. */
static void begin_to_end(hosting_t *hosting, int64_t now_us)
{
    if (hosting->grace_us != INT64_MAX) {
        hosting->grace_us = now_us;
        return;
    }
    hosting->grace_us = now_us + hosting->process->settings.drain_seconds * 1000000;
    LOG(&hosting->process->log, LOG_INFO, "host.drains", {"jobs", NULL, ledger_count(hosting->ledger)});
    ledger_drain(hosting->ledger, now_us);
}

static void hear_time(hosting_t *hosting, int64_t now_us)
{
    if (hosting->signalled && process_told_to_end(hosting->process))
        begin_to_end(hosting, now_us);
    if (now_us >= hosting->grace_us && !hosting->giving_up)
        give_up(hosting);
    ledger_tick(hosting->ledger, now_us);
    beat(hosting, now_us);
}

/* Waits with one poll for everything, and tells who has something to hear. */
static void wait(hosting_t *hosting, int64_t next_us)
{
    size_t count = ledger_poll(hosting->ledger, hosting->polls), at[MESSAGE_NAMES_MOST];
    count += fetch_poll(hosting->fetch, hosting->polls + count);
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        at[i] = count;
        count += crew_poll(post_crew(hosting->posts[i]), hosting->polls + count);
    }
    hosting->polls[count] = (struct pollfd){hosting->process->signal_fd, POLLIN, 0};
    int64_t due_us = ledger_deadline(hosting->ledger);
    due_us = hosting->process->notify.next_us < due_us ? hosting->process->notify.next_us : due_us;
    next_us = next_us < due_us ? next_us : due_us;
    if (!hosting->giving_up)
        next_us = next_us < hosting->grace_us ? next_us : hosting->grace_us;
    int64_t left_us = ledger_is_ready(hosting->ledger) ? 0 : next_us - clock_now_us();
    if (poll(hosting->polls, count + 1, left_us > 0 ? (int)((left_us + 999) / 1000) : 0) <= 0)
        return;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        crew_heard(post_crew(hosting->posts[i]), hosting->polls + at[i]);
    hosting->signalled = hosting->polls[count].revents != 0;
}

static void turn(hosting_t *hosting)
{
    int64_t now_us = clock_now_us(), next_us = INT64_MAX;
    ledger_hear(hosting->ledger, now_us);
    hear_workers(hosting, now_us, &next_us);
    hear_fetch(hosting, now_us, &next_us);
    hear_time(hosting, now_us);
    if (!hosting->told_ready)
        tell_ready(hosting);
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        post_sweep(hosting->posts[i], now_us);
        post_feed(hosting->posts[i], now_us);
    }
    ledger_flush(hosting->ledger);
    /* what was begun just now: its deadlines, and what is there already */
    next_us = INT64_MAX;
    hear_workers(hosting, now_us, &next_us);
    hear_fetch(hosting, now_us, &next_us);
    ledger_flush(hosting->ledger);
    for (uint32_t i = 0; i < hosting->post_count; i++)
        next_us = post_can_feed(hosting->posts[i]) ? now_us : next_us;
    wait(hosting, ledger_is_drained(hosting->ledger) ? now_us : next_us);
}

/* The workers end by themselves, where they do so soon. */
static void stop_workers(hosting_t *hosting)
{
    int64_t end_us = clock_now_us() + STOP_US;
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        crew_t *crew = post_crew(hosting->posts[i]);
        crew_drain(crew);
        for (int64_t now_us = clock_now_us(); !crew_is_drained(crew) && now_us < end_us; now_us = clock_now_us()) {
            crew_event_t event;
            int64_t next_us = end_us;
            while (crew_step(crew, now_us, &next_us, &event))
                if (event.kind == CREW_ENDED)
                    worker_result_free(&event.result);
            if (crew_is_drained(crew))
                break;
            size_t count = crew_poll(crew, hosting->polls);
            if (poll(hosting->polls, count, next_us > now_us ? (int)((next_us - now_us) / 1000 + 1) : 0) > 0)
                crew_heard(crew, hosting->polls);
        }
    }
}

int hosting_run(hosting_t *hosting, fault_t *fault)
{
    notify_status(&hosting->process->notify, "starts workers and looks for a broker");
    while (!ledger_is_drained(hosting->ledger) &&
           (!hosting->giving_up || clock_now_us() < hosting->grace_us + FAREWELL_US))
        turn(hosting);
    ledger_flush(hosting->ledger);
    stop_workers(hosting);
    wire_counts_t counts = ledger_counts(hosting->ledger);
    LOG(&hosting->process->log, LOG_INFO, "host.ends", {"jobs", NULL, ledger_count(hosting->ledger)},
        {"framesIn", NULL, (int64_t)counts.frames_in}, {"framesOut", NULL, (int64_t)counts.frames_out},
        {"lost", NULL, (int64_t)counts.lost});
    *fault = hosting->fault;
    return fault->code == FAULT_NONE ? 0 : -1;
}
