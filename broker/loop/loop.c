/* loop: see loop.h. */
#include "loop.h"
#include "access.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/wire/keyring.h"
#include "stages.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct loop {
    process_t *process;
    wire_t *wire;
    access_t *access; /* of keys; NULL = there is no CURVE */
    scheduler_t *scheduler;
    int64_t grace_us;    /* when it ends at the latest; INT64_MAX = it was not told to end */
    int64_t looked_us;   /* when the descriptors were looked at last */
    int64_t stranger_us; /* when a stranger was written down last */
    bool signalled;      /* the process may have been told something */
};

/* LOOK: while there is always something to receive, signals are looked for so often. STRANGER: of those who are not let
 * in one is written down so often, with the number of all. */
enum { LOOK_US = 20000, STRANGER_US = 10000000 };

static int listen_everywhere(loop_t *loop, const char *endpoints, fault_t *fault)
{
    endpoint_t list[ENDPOINTS_MOST];
    int count = endpoints_parse(endpoints, list, fault);
    if (count < 0)
        return fault_prefix(fault, "YOGI_BROKER_LISTEN");
    for (int i = 0; i < count; i++) {
        char bound[ENDPOINT_TEXT];
        if (wire_listen(loop->wire, &list[i], bound, fault) < 0)
            return fault_prefix(fault, "YOGI_BROKER_LISTEN");
        printf("ready %s\n", bound);
    }
    fflush(stdout);
    return 0;
}

static int open_wire(loop_t *loop, const settings_t *settings, fault_t *fault)
{
    keyring_t keyring;
    wire_plan_t plan;
    if (keyring_listen(&keyring, settings, &plan, fault) < 0)
        return -1;
    int done = 0;
    if (plan.secret_key) {
        loop->access = access_new(settings->broker_allow, fault);
        done = loop->access ? 0 : fault_prefix(fault, "YOGI_BROKER_ALLOW");
        plan.allow = loop->access ? access_allow(loop->access) : NULL;
    }
    if (done == 0)
        done = (loop->wire = wire_new(&plan, fault)) ? listen_everywhere(loop, settings->broker_listen, fault) : -1;
    keyring_wipe(&keyring);
    return done;
}

static int open_all(loop_t *loop, fault_t *fault)
{
    const settings_t *settings = &loop->process->settings;
    scheduler_options_t options = scheduler_defaults();
    uint64_t chance[2];
    if (getrandom(chance, sizeof chance, 0) != sizeof chance)
        return fault_set(fault, FAULT_SYSTEM, "the system gives no random bytes");
    options.incarnation = chance[0] | 1;
    options.seed = chance[1];
    options.max_jobs = (uint64_t)settings->broker_jobs;
    options.max_bytes = (uint64_t)settings->broker_bytes;
    if (stages_parse(settings->broker_stages, loop->process->arena, &options, fault) < 0)
        return -1;
    loop->scheduler = scheduler_new(&options, clock_now_us());
    return open_wire(loop, settings, fault);
}

loop_t *loop_new(process_t *process, fault_t *fault)
{
    loop_t *loop = memory_new(1, sizeof *loop);
    loop->process = process;
    loop->grace_us = INT64_MAX;
    loop->stranger_us = clock_now_us() - STRANGER_US;
    if (open_all(loop, fault) < 0)
        loop_destroy(&loop);
    return loop;
}

void loop_destroy(loop_t **loop)
{
    if (!loop || !*loop)
        return;
    wire_destroy(&(*loop)->wire);
    access_destroy(&(*loop)->access);
    scheduler_destroy(&(*loop)->scheduler);
    free(*loop);
    *loop = NULL;
}

static void step(loop_t *loop, const event_t *event, int64_t now_us)
{
    size_t count;
    const action_t *actions = scheduler_step(loop->scheduler, event, now_us, &count);
    for (size_t i = 0; i < count; i++)
        wire_put(loop->wire, actions[i].peer, &actions[i].message);
}

static void tell_stranger(loop_t *loop, const wire_event_t *event, int64_t now_us)
{
    if (now_us - loop->stranger_us < STRANGER_US)
        return;
    loop->stranger_us = now_us;
    LOG(&loop->process->log, LOG_WARNING, "broker.stranger", {"message", event->text, 0},
        {"strangers", NULL, (int64_t)wire_counts(loop->wire).strangers});
}

static void take(loop_t *loop, const wire_event_t *event, int64_t now_us)
{
    static const event_kind_t kinds[] = {
        [WIRE_MESSAGES] = EVENT_MESSAGE, [WIRE_BAD] = EVENT_BAD, [WIRE_GONE] = EVENT_GONE};
    if (event->kind == WIRE_REFUSED) {
        tell_stranger(loop, event, now_us);
        return;
    }
    event_t one = {.kind = kinds[event->kind], .peer = event->peer};
    one.rights = event->key ? access_rights(loop->access, event->key) : NULL;
    if (event->kind != WIRE_MESSAGES)
        step(loop, &one, now_us);
    for (size_t i = 0; i < event->count; i++) {
        one.message = &event->messages[i];
        step(loop, &one, now_us);
    }
}

/* Told once, it takes no more; told twice, it ends at once. */
static void begin_to_end(loop_t *loop, int64_t now_us)
{
    if (loop->grace_us != INT64_MAX) {
        loop->grace_us = now_us;
        return;
    }
    loop->grace_us = now_us + loop->process->settings.drain_seconds * 1000000;
    scheduler_drain(loop->scheduler);
    LOG(&loop->process->log, LOG_INFO, "broker.drains", {"jobs", NULL, (int64_t)scheduler_jobs(loop->scheduler)});
}

/* A list that cannot be read changes nothing. The others stay connected, whatever becomes of some. */
static void reload(loop_t *loop, int64_t now_us)
{
    const log_t *log = &loop->process->log;
    fault_t fault = {0};
    size_t changed;
    if (!loop->access) {
        LOG(log, LOG_INFO, "broker.reload", {"message", "there is no allow-list to read (YOGI_BROKER_ALLOW)", 0});
        return;
    }
    const rights_t *rights = access_reload(loop->access, &changed, &fault);
    if (!rights) {
        fault_prefix(&fault, "YOGI_BROKER_ALLOW");
        LOG(log, LOG_ERROR, "broker.reload", {"message", fault.text, 0}, {"kept", "the list as it was", 0});
        return;
    }
    wire_allow(loop->wire, access_allow(loop->access));
    for (size_t i = 0; i < changed; i++)
        step(loop, &(event_t){.kind = EVENT_BARRED, .rights = &rights[i]}, now_us);
    LOG(log, LOG_INFO, "broker.reload", {"keys", NULL, (int64_t)allow_count(access_allow(loop->access))},
        {"changed", NULL, (int64_t)changed});
}

static void hear_signals(loop_t *loop, int64_t now_us)
{
    if (process_told_to_end(loop->process))
        begin_to_end(loop, now_us);
    if (process_told_to_reload(loop->process))
        reload(loop, now_us);
}

/* Says to the service manager that this loop turns, and with what in hand. */
static void beat(loop_t *loop, int64_t now_us)
{
    notify_t *notify = &loop->process->notify;
    char status[NOTIFY_STATUS_MOST];
    if (!notify_is_due(notify, now_us))
        return;
    snprintf(status, sizeof status, "%llu jobs in hand%s", (unsigned long long)scheduler_jobs(loop->scheduler),
             loop->grace_us == INT64_MAX ? "" : ", no new ones are taken");
    notify_beat(notify, status, now_us);
}

/* Waits for something to come, or for the next deadline. */
static void wait(loop_t *loop)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    size_t count = wire_poll(loop->wire, polls);
    polls[count++] = (struct pollfd){loop->process->signal_fd, POLLIN, 0};
    int64_t due_us = scheduler_deadline(loop->scheduler);
    due_us = due_us < loop->grace_us ? due_us : loop->grace_us;
    due_us = wire_deadline(loop->wire) < due_us ? wire_deadline(loop->wire) : due_us;
    due_us = loop->process->notify.next_us < due_us ? loop->process->notify.next_us : due_us;
    int64_t now_us = clock_now_us(), left_us = wire_is_ready(loop->wire) ? 0 : due_us - now_us;
    if (left_us <= 0 && now_us - loop->looked_us < LOOK_US)
        return;
    loop->looked_us = now_us;
    poll(polls, count, left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
    loop->signalled = polls[count - 1].revents != 0;
}

static bool has_ended(const loop_t *loop, int64_t now_us)
{
    return loop->grace_us != INT64_MAX && (now_us >= loop->grace_us || scheduler_jobs(loop->scheduler) == 0);
}

void loop_run(loop_t *loop)
{
    notify_ready(&loop->process->notify, loop->process->settings.broker_listen);
    int64_t now_us = clock_now_us();
    while (!has_ended(loop, now_us)) {
        wire_event_t event;
        while (wire_receive(loop->wire, &event))
            take(loop, &event, now_us);
        now_us = clock_now_us();
        if (now_us >= scheduler_deadline(loop->scheduler))
            step(loop, &(event_t){.kind = EVENT_TICK}, now_us);
        wire_flush(loop->wire);
        if (loop->signalled)
            hear_signals(loop, now_us);
        beat(loop, now_us);
        if (!has_ended(loop, now_us))
            wait(loop);
        now_us = clock_now_us();
    }
    wire_counts_t counts = wire_counts(loop->wire);
    LOG(&loop->process->log, LOG_INFO, "broker.ends", {"jobs", NULL, (int64_t)scheduler_jobs(loop->scheduler)},
        {"framesIn", NULL, (int64_t)counts.frames_in}, {"framesOut", NULL, (int64_t)counts.frames_out},
        {"lost", NULL, (int64_t)counts.lost}, {"nameless", NULL, (int64_t)counts.nameless},
        {"barred", NULL, (int64_t)counts.barred}, {"strangers", NULL, (int64_t)counts.strangers});
}
