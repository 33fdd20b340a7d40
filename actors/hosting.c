/* hosting: see hosting.h. */
#include "hosting.h"
#include "hosting_state.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/wire/keyring.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* REFUSED: people are told again after so long. FAREWELL: how long the last answers may wait for their ACK when work
 * was given up. STOP: workers may take to end. */
enum { REFUSED_AGAIN_US = 60000000, FAREWELL_US = 3000000, STOP_US = 5000000 };

/* ---- making ---- */

static uint32_t workers_of(const settings_t *settings)
{
    int64_t wanted = settings->workers ? settings->workers : sysconf(_SC_NPROCESSORS_ONLN);
    int64_t most = MESSAGE_SLOTS_MOST - settings->prefetch;
    wanted = wanted < most ? wanted : most;
    return wanted < 1 ? 1 : (uint32_t)wanted;
}

static void open_posts(hosting_t *hosting, const char *const *stages, size_t count)
{
    const settings_t *settings = &hosting->process->settings;
    for (size_t i = 0; i < count; i++) {
        post_t *post = &hosting->posts[hosting->post_count++];
        post->name = stages[i];
        post->workers = workers_of(settings);
        post->tasks = memory_new(post->workers, sizeof *post->tasks);
        for (uint32_t j = 0; j < post->workers; j++)
            post->tasks[j].fd = -1;
        worker_plan_t plan = {.program = hosting->worker,
                              .stage = stages[i],
                              .sandbox = (worker_sandbox_t)settings->sandbox,
                              .memory_bytes = settings->worker_memory,
                              .job_us = settings->job_seconds * 1000000,
                              .cpu_us = settings->job_cpu_seconds * 1000000,
                              .patient = true,
                              .log = &hosting->process->log};
        post->crew = crew_new(&plan, post->workers);
    }
}

static int open_fetch(hosting_t *hosting, fault_t *fault)
{
    const settings_t *settings = &hosting->process->settings;
    size_t count = (size_t)hosting->post_count * workers_of(settings);
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

static int open_jobs(hosting_t *hosting, fault_t *fault)
{
    const settings_t *settings = &hosting->process->settings;
    jobs_options_t options = jobs_defaults();
    if (ident_new(&options.instance, fault) < 0)
        return -1;
    options.name = process_name(hosting->process, hosting->name, sizeof hosting->name);
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        post_t *post = &hosting->posts[i];
        uint32_t prefetch = (uint32_t)settings->prefetch, most = MESSAGE_SLOTS_MOST - post->workers;
        options.stages[i] = (jobs_stage_t){post->name, post->workers, prefetch < most ? prefetch : most};
    }
    options.stage_count = hosting->post_count;
    hosting->jobs = jobs_new(&options, clock_now_us());
    return 0;
}

static int open_brokers(hosting_t *hosting, fault_t *fault)
{
    const settings_t *settings = &hosting->process->settings;
    endpoint_t list[ENDPOINTS_MOST];
    int count = endpoints_parse(settings->brokers, list, fault);
    if (count < 0)
        return fault_prefix(fault, "YOGI_BROKERS");
    keyring_t keyring;
    wire_plan_t plan;
    if (keyring_connect(&keyring, settings, &plan, fault) < 0)
        return -1;
    int connected = (hosting->wire = wire_new(&plan, fault)) ? 0 : -1;
    for (int i = 0; i < count && connected == 0; i++)
        if (wire_connect(hosting->wire, &list[i], fault) < 0)
            connected = fault_prefix(fault, "YOGI_BROKERS");
    keyring_wipe(&keyring);
    for (int i = 0; i < count && connected == 0; i++) {
        uint32_t number = jobs_broker(hosting->jobs, clock_now_us());
        assert(number == (uint32_t)i);
        hosting->broker_count = number + 1;
        hosting_act(hosting, clock_now_us());
    }
    return connected;
}

hosting_t *hosting_new(process_t *process, const char *const *stages, size_t count, fault_t *fault)
{
    assert(count > 0 && count <= MESSAGE_NAMES_MOST);
    hosting_t *hosting = memory_new(1, sizeof *hosting);
    hosting->process = process;
    hosting->grace_us = INT64_MAX;
    hosting->refused_us = clock_now_us() - REFUSED_AGAIN_US;
    int opened = process_beside("yogi-worker", hosting->worker, sizeof hosting->worker, fault);
    if (opened == 0) {
        open_posts(hosting, stages, count);
        opened = open_fetch(hosting, fault) == 0 && open_jobs(hosting, fault) == 0 ? open_brokers(hosting, fault) : -1;
    }
    if (opened < 0) {
        hosting_destroy(&hosting);
        return NULL;
    }
    size_t room = fetch_polls(hosting->fetch) + WIRE_POLLS_MOST + 1;
    for (uint32_t i = 0; i < hosting->post_count; i++)
        room += crew_polls(hosting->posts[i].crew);
    hosting->polls = memory_new(room, sizeof *hosting->polls);
    return hosting;
}

void hosting_destroy(hosting_t **at)
{
    if (!at || !*at)
        return;
    hosting_t *hosting = *at;
    wire_destroy(&hosting->wire); /* first: a last word leaves */
    fetch_destroy(&hosting->fetch);
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        post_t *post = &hosting->posts[i];
        crew_destroy(&post->crew);
        for (uint32_t j = 0; j < post->workers; j++)
            if (post->tasks[j].fd >= 0)
                close(post->tasks[j].fd);
        free(post->tasks);
    }
    jobs_destroy(&hosting->jobs);
    free(hosting->polls);
    free(hosting);
    *at = NULL;
}

/* ---- what the table of jobs asks for ---- */

static void tell_refused(hosting_t *hosting, const char *text, int64_t now_us)
{
    if (now_us - hosting->refused_us < REFUSED_AGAIN_US)
        return;
    hosting->refused_us = now_us;
    LOG(&hosting->process->log, LOG_ERROR, "host.refused", {"message", text, 0});
}

static void tell_refusal(hosting_t *hosting, const jobs_action_t *action, int64_t now_us)
{
    char text[MESSAGE_TEXT_MOST + 1];
    slice_t words = action->message.text;
    snprintf(text, sizeof text, "%.*s", (int)words.size, words.size ? words.at : "");
    tell_refused(hosting, text, now_us);
}

void hosting_act(hosting_t *hosting, int64_t now_us)
{
    size_t count;
    const jobs_action_t *actions = jobs_actions(hosting->jobs, &count);
    for (size_t i = 0; i < count; i++)
        switch (actions[i].kind) {
        case JOBS_SEND:
            wire_put(hosting->wire, actions[i].broker, &actions[i].message);
            break;
        case JOBS_KILL:
            hosting_kill(hosting, actions[i].job);
            break;
        case JOBS_REFUSED:
            tell_refusal(hosting, &actions[i], now_us);
            break;
        }
}

/* ---- the loop ---- */

static void hear_brokers(hosting_t *hosting, int64_t now_us)
{
    wire_event_t event;
    while (wire_receive(hosting->wire, &event)) {
        if (event.kind == WIRE_REFUSED)
            tell_refused(hosting, event.text, now_us);
        for (size_t i = 0; i < event.count; i++) { /* a malformed frame has none: the broker sends again */
            jobs_receive(hosting->jobs, (uint32_t)event.peer, &event.messages[i], now_us);
            hosting_act(hosting, now_us);
        }
    }
}

/* What the sandbox of the workers lacks is said once; without any worker there is no host. */
static void look_after(hosting_t *hosting, post_t *post, int64_t now_us)
{
    const char *missing = crew_missing(post->crew);
    if (missing && !post->told) {
        post->told = true;
        fprintf(
            stderr,
            "yogi-actor: the sandbox of the stage %s is incomplete here, missing: %s; YOGI_SANDBOX=strict refuses to "
            "work so\n",
            post->name, missing);
    }
    const fault_t *fault = crew_fault(post->crew);
    if (fault->code == FAULT_NONE || hosting->fault.code != FAULT_NONE)
        return;
    hosting->fault = *fault;
    fault_prefix(&hosting->fault, post->name);
    jobs_drain(hosting->jobs, now_us);
    hosting_act(hosting, now_us);
    hosting->grace_us = now_us + hosting->process->settings.drain_seconds * 1000000;
}

/* Says "ready STAGE…" on the standard output, once: a broker is heard and every stage has had a worker to give. */
static void tell_ready(hosting_t *hosting)
{
    bool ready = false;
    for (uint32_t i = 0; i < hosting->broker_count && !ready; i++)
        ready = jobs_connected(hosting->jobs, i);
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        hosting->posts[i].manned |= crew_free(hosting->posts[i].crew) > 0;
        ready &= hosting->posts[i].manned;
    }
    if (!ready)
        return;
    hosting->told_ready = true;
    printf("ready");
    for (uint32_t i = 0; i < hosting->post_count; i++)
        printf(" %s", hosting->posts[i].name);
    printf("\n");
    fflush(stdout);
}

static void hear_workers(hosting_t *hosting, int64_t now_us, int64_t *next_us)
{
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        post_t *post = &hosting->posts[i];
        crew_event_t event;
        while (crew_step(post->crew, now_us, next_us, &event))
            hosting_heard(hosting, post, &event, now_us);
        look_after(hosting, post, now_us);
    }
}

/* The first word: no new jobs. The second: at once. */
static void begin_to_end(hosting_t *hosting, int64_t now_us)
{
    if (hosting->grace_us != INT64_MAX) {
        hosting->grace_us = now_us;
        return;
    }
    hosting->grace_us = now_us + hosting->process->settings.drain_seconds * 1000000;
    LOG(&hosting->process->log, LOG_INFO, "host.drains", {"jobs", NULL, jobs_count(hosting->jobs)});
    jobs_drain(hosting->jobs, now_us);
    hosting_act(hosting, now_us);
}

static void hear_time(hosting_t *hosting, int64_t now_us)
{
    if (process_told_to_end(hosting->process))
        begin_to_end(hosting, now_us);
    if (now_us >= hosting->grace_us && !hosting->giving_up)
        hosting_give_up(hosting);
    if (now_us >= jobs_deadline(hosting->jobs)) {
        jobs_tick(hosting->jobs, now_us);
        hosting_act(hosting, now_us);
    }
}

static void hear_fetch(hosting_t *hosting, int64_t now_us, int64_t *next_us)
{
    fetch_event_t event;
    while (fetch_step(hosting->fetch, now_us, next_us, &event))
        hosting_fetched(hosting, &event, now_us);
}

static void wait(hosting_t *hosting, int64_t next_us)
{
    size_t count = wire_poll(hosting->wire, hosting->polls);
    count += fetch_poll(hosting->fetch, hosting->polls + count);
    for (uint32_t i = 0; i < hosting->post_count; i++)
        count += crew_poll(hosting->posts[i].crew, hosting->polls + count);
    hosting->polls[count++] = (struct pollfd){hosting->process->signal_fd, POLLIN, 0};
    int64_t due_us = jobs_deadline(hosting->jobs);
    next_us = next_us < due_us ? next_us : due_us;
    if (!hosting->giving_up)
        next_us = next_us < hosting->grace_us ? next_us : hosting->grace_us;
    int64_t left_us = wire_is_ready(hosting->wire) ? 0 : next_us - clock_now_us();
    if (left_us > 0)
        poll(hosting->polls, count, (int)((left_us + 999) / 1000));
}

static void turn(hosting_t *hosting)
{
    int64_t now_us = clock_now_us(), next_us = INT64_MAX;
    hear_brokers(hosting, now_us);
    hear_workers(hosting, now_us, &next_us);
    hear_fetch(hosting, now_us, &next_us);
    hear_time(hosting, now_us);
    if (!hosting->told_ready)
        tell_ready(hosting);
    hosting_sweep(hosting, now_us);
    hosting_feed(hosting, now_us);
    wire_flush(hosting->wire);
    /* what was begun just now: its deadlines, and what is there already */
    hear_workers(hosting, now_us, &next_us);
    hear_fetch(hosting, now_us, &next_us);
    wire_flush(hosting->wire);
    wait(hosting, hosting_can_feed(hosting) || jobs_drained(hosting->jobs) ? now_us : next_us);
}

/* The workers end by themselves, where they do so soon. */
static void stop_workers(hosting_t *hosting)
{
    int64_t end_us = clock_now_us() + STOP_US;
    for (uint32_t i = 0; i < hosting->post_count; i++) {
        crew_t *crew = hosting->posts[i].crew;
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
            poll(hosting->polls, count, next_us > now_us ? (int)((next_us - now_us) / 1000 + 1) : 0);
        }
    }
}

int hosting_run(hosting_t *hosting, fault_t *fault)
{
    while (!jobs_drained(hosting->jobs) && (!hosting->giving_up || clock_now_us() < hosting->grace_us + FAREWELL_US))
        turn(hosting);
    wire_flush(hosting->wire);
    stop_workers(hosting);
    wire_counts_t counts = wire_counts(hosting->wire);
    LOG(&hosting->process->log, LOG_INFO, "host.ends", {"jobs", NULL, jobs_count(hosting->jobs)},
        {"framesIn", NULL, (int64_t)counts.frames_in}, {"framesOut", NULL, (int64_t)counts.frames_out},
        {"lost", NULL, (int64_t)counts.lost});
    *fault = hosting->fault;
    return fault->code == FAULT_NONE ? 0 : -1;
}
