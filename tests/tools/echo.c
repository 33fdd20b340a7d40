/* echo: an actor host without workers, which answers every job at once: for measuring a broker by itself.
 *
 *     echo BROKERS SLOTS STAGE…
 *
 * SLOTS is the credit for each stage. Runs until it is told to end (SIGTERM); then prints "done N".
 */
#include "proto/jobs/jobs.h"
#include "proto/base/clock.h"
#include "proto/wire/keyring.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t told;

static void end(int number)
{
    (void)number;
    told = 1;
}

typedef struct {
    jobs_t *jobs;
    wire_t *wire;
    uint32_t stages;
    uint64_t done;
} echo_t;

static void act(echo_t *echo)
{
    size_t count;
    const jobs_action_t *actions = jobs_actions(echo->jobs, &count);
    for (size_t i = 0; i < count; i++)
        if (actions[i].kind == JOBS_SEND)
            wire_put(echo->wire, actions[i].broker, &actions[i].message);
}

static void answer(echo_t *echo, int64_t now_us)
{
    uint32_t job;
    message_t message;
    for (uint32_t i = 0; i < echo->stages; i++)
        while (jobs_take(echo->jobs, i, &job, &message, now_us)) {
            act(echo);
            jobs_done(echo->jobs, job, &(jobs_result_t){.dossier = message.body}, now_us);
            act(echo);
            echo->done++;
        }
}

static void run(echo_t *echo)
{
    struct pollfd polls[WIRE_POLLS_MOST];
    while (!told) {
        wire_event_t event;
        int64_t now_us = clock_now_us();
        while (wire_receive(echo->wire, &event))
            for (size_t i = 0; i < event.count; i++) {
                jobs_receive(echo->jobs, (uint32_t)event.peer, &event.messages[i], now_us);
                act(echo);
            }
        if (now_us >= jobs_deadline(echo->jobs)) {
            jobs_tick(echo->jobs, now_us);
            act(echo);
        }
        answer(echo, now_us);
        wire_flush(echo->wire);
        int64_t left_us = wire_is_ready(echo->wire) ? 0 : jobs_deadline(echo->jobs) - clock_now_us();
        if (left_us > 0)
            poll(polls, wire_poll(echo->wire, polls), (int)((left_us + 999) / 1000));
    }
}

int main(int argc, char **argv)
{
    fault_t fault = {0};
    jobs_options_t options = jobs_defaults();
    endpoint_t endpoints[ENDPOINTS_MOST];
    echo_t echo = {.stages = argc > 3 ? (uint32_t)argc - 3 : 0};
    int count = echo.stages && echo.stages <= MESSAGE_NAMES_MOST ? endpoints_parse(argv[1], endpoints, &fault) : -1;
    arena_t *arena = arena_new();
    settings_t settings;
    buf_t problems = {0};
    keyring_t keyring;
    wire_plan_t plan;
    if (count < 0 || ident_new(&options.instance, &fault) < 0 ||
        yogi_settings_load(environ, arena, &settings, &problems) ||
        keyring_connect(&keyring, &settings, &plan, &fault) < 0 || !(echo.wire = wire_new(&plan, &fault))) {
        fprintf(stderr, "echo BROKERS SLOTS STAGE... %s%s\n", fault.text, buf_string(&problems));
        return 2;
    }
    signal(SIGTERM, end);
    options.name = "echo";
    options.stage_count = echo.stages;
    for (uint32_t i = 0; i < echo.stages; i++)
        options.stages[i] = (jobs_stage_t){argv[3 + i], (uint32_t)atoi(argv[2]), 0};
    echo.jobs = jobs_new(&options, clock_now_us());
    for (int i = 0; i < count; i++) {
        if (wire_connect(echo.wire, &endpoints[i], &fault) < 0)
            return 2;
        jobs_broker(echo.jobs, clock_now_us());
        act(&echo);
    }
    keyring_wipe(&keyring);
    run(&echo);
    arena_destroy(&arena);
    printf("done %llu\n", (unsigned long long)echo.done);
    wire_destroy(&echo.wire);
    jobs_destroy(&echo.jobs);
    return 0;
}
