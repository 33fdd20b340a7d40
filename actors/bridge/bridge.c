/* bridge: see bridge.h. */
#include "bridge.h"
#include "bridge_plan.h"
#include "errands.h"
#include "giving/giving.h"
#include "local.h"
#include "proto/base/clock.h"
#include "proto/base/ident.h"
#include "proto/base/memory.h"
#include "proto/base/settle.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FAREWELL: how long Redis may take to hear of what was given back. TROUBLE: the same trouble is not logged before.
 * SETTLE: when the start is over. */
enum { SYSTEM_POLLS = 2, NAME_MOST = 128, FAREWELL_US = 3 * 1000000, TROUBLE_US = 10 * 1000000, SETTLE_US = 1000000 };

typedef enum { SERVING, DRAINING, LEAVING } phase_t;

typedef struct {
    process_t *process;
    bridge_plan_t plan;
    redis_place_t place;
    redis_t *lines[QUEUE_LINES];
    renewer_t *renewer;
    errands_t *errands;
    giving_plan_t gives;
    bool told;        /* a signal may have come */
    bool has_lost;    /* the renewer has something to tell */
    giving_t *giving; /* NULL: no stage is given away */
    queue_t *queues[BRIDGE_QUEUES_MOST];
    char name[NAME_MOST]; /* of the worker */
    char token[IDENT_TEXT];
    zones_t *zones;
    phase_t phase;
    int64_t until_us;    /* DRAINING, LEAVING: it ends then */
    int64_t now_us;      /* of this turn */
    int64_t trouble_us;  /* not logged before */
    int64_t settle_us;   /* what the start has touched goes then; 0 = it has */
    uint64_t asked_info; /* the connection that was asked for INFO */
    bool was_trouble;    /* it was told that Redis is away */
    bridge_says_t says;  /* that is still to be done */
    bool is_ready;       /* every queue has been fetched, and that was told */
    bool refuses;        /* Redis may drop keys, and that is not to be */
} bridge_t;

static void lower(int64_t *next_us, int64_t us)
{
    *next_us = us < *next_us ? us : *next_us;
}

/* ---- work ---- */

static void work(void *owner, queue_t *queue, uint32_t slot, const job_t *job)
{
    bridge_t *bridge = owner;
    bool local = bridge->process->settings.bullmq_noop == 0 && strcmp(queue_plan(queue)->stage, "noop") == 0;
    if (!local || !local_work(queue, slot, job, bridge->now_us))
        errands_begin(bridge->errands, queue, slot, job, bridge->now_us);
}

static void cancel(void *owner, queue_t *queue, uint32_t slot)
{
    errands_cancel(((bridge_t *)owner)->errands, queue, slot);
}

/* ---- Redis ---- */

/* Whether Redis may drop keys when it is full. */
static void on_info(void *user, uint64_t tag, const redis_answer_t *answer)
{
    bridge_t *bridge = user;
    (void)tag;
    const char *at = answer->reply ? strstr(reply_text(answer->reply), "maxmemory_policy:") : NULL;
    if (!at) /* it does not say, or this user may not ask */
        return;
    at += strlen("maxmemory_policy:");
    char policy[40];
    snprintf(policy, sizeof policy, "%.*s", (int)strcspn(at, "\r\n"), at);
    if (strcmp(policy, "noeviction") == 0)
        return;
    bridge->refuses = bridge->process->settings.bullmq_eviction == 1;
    LOG(&bridge->process->log, bridge->refuses ? LOG_ERROR : LOG_WARNING, "redis.eviction", {"policy", policy, 0},
        {"message", "Redis may drop jobs when its memory is full; set maxmemory-policy noeviction", 0});
}

static void on_line(void *user, bool up)
{
    bridge_t *bridge = user;
    buf_t command = {0};
    uint64_t connects = redis_counts(bridge->lines[0]).connects;
    if (up && redis_is_up(bridge->lines[0]) && connects != bridge->asked_info) {
        bridge->asked_info = connects;
        RESP_COMMAND(&command, "INFO", "memory");
        redis_send(bridge->lines[0], &command, on_info, bridge, 0, 0);
        buf_free(&command);
    }
    if (up && bridge->was_trouble) {
        LOG(&bridge->process->log, LOG_INFO, "redis.back",
            {"connects", NULL, (int64_t)redis_counts(bridge->lines[0]).connects});
        bridge->was_trouble = false;
    }
    for (size_t i = 0; i < bridge->plan.count; i++)
        if (bridge->queues[i])
            queue_line(bridge->queues[i], up);
}

static void tell_trouble(bridge_t *bridge)
{
    const fault_t *trouble = redis_trouble(bridge->lines[0]);
    if (redis_is_up(bridge->lines[0]) || trouble->code == FAULT_NONE || bridge->now_us < bridge->trouble_us)
        return;
    bridge->trouble_us = bridge->now_us + TROUBLE_US;
    bridge->was_trouble = true;
    LOG(&bridge->process->log, LOG_ERROR, "redis.away", {"message", trouble->text, 0});
}

/* ---- begin and end ---- */

static queue_plan_t plan_queue(bridge_t *bridge, uint32_t number)
{
    const settings_t *s = &bridge->process->settings;
    const bridge_queue_t *queue = &bridge->plan.queues[number];
    return (queue_plan_t){.prefix = s->bullmq_prefix,
                          .name = queue->name,
                          .stage = queue->stage,
                          .through = queue->through,
                          .gathers = strcmp(queue->stage, "noop") != 0,
                          .tenant = queue->tenant,
                          .number = number,
                          .slots = queue->slots,
                          .major = s->bullmq_version - 1,
                          .token = bridge->token,
                          .worker = bridge->name,
                          .lock_ms = s->bullmq_lock_ms,
                          .stalled_ms = s->bullmq_stalled_ms,
                          .stalled_most = s->bullmq_stalled_most,
                          .drain_ms = (int64_t)(s->bullmq_drain_s * 1000),
                          .limit_max = s->bullmq_limit_max,
                          .limit_ms = s->bullmq_limit_ms,
                          .metrics_points = s->bullmq_metrics,
                          .rules = bridge->plan.rules,
                          .zones = bridge->zones,
                          .place = &bridge->place,
                          .lines = {bridge->lines[0], bridge->lines[1]},
                          .renewer = bridge->renewer,
                          .log = &bridge->process->log,
                          .work = work,
                          .cancel = cancel,
                          .owner = bridge};
}

/* Whether a queue is served that the bridge cannot answer itself. */
static bool serves_documents(const bridge_t *bridge)
{
    bool any = bridge->process->settings.bullmq_noop != 0;
    for (size_t i = 0; i < bridge->plan.count; i++)
        any |= strcmp(bridge->plan.queues[i].stage, "noop") != 0;
    return any;
}

/* What is given to others; nothing of it may come back here. */
static int begin_giving(bridge_t *bridge, fault_t *fault)
{
    for (size_t i = 0; i < bridge->plan.count; i++)
        if (giving_plan_allows(&bridge->gives, bridge->plan.queues[i].name, bridge->plan.queues[i].stage, fault) < 0)
            return -1;
    if (bridge->gives.count == 0)
        return 0;
    giving_scene_t scene = {.plan = &bridge->gives,
                            .settings = &bridge->process->settings,
                            .place = &bridge->place,
                            .log = &bridge->process->log,
                            .name = bridge->name};
    bridge->giving = giving_new(&scene, fault);
    return bridge->giving ? 0 : -1;
}

static int begin(bridge_t *bridge, fault_t *fault)
{
    const settings_t *settings = &bridge->process->settings;
    uint32_t slots[BRIDGE_QUEUES_MOST];
    ident_t token;
    if (redis_place_read(settings, bridge->process->arena, &bridge->place, fault) < 0 ||
        bridge_plan_read(settings, bridge->process->arena, &bridge->plan, fault) < 0 ||
        giving_plan_read(settings, &bridge->gives, fault) < 0 || ident_new(&token, fault) < 0)
        return -1;
    if (bridge->plan.count == 0 && bridge->gives.count == 0)
        return fault_set(fault, FAULT_SETTING,
                         "YOGI_BULLMQ_QUEUES: it names no queue; such as ocr=ocr,classification=classification:through "
                         "(nor does YOGI_STAGE_* give a stage away)");
    ident_format(token, bridge->token);
    bridge->zones = zones_new(ZONE_FOLDER, getenv("TZ"));
    if (settings->bullmq_worker)
        snprintf(bridge->name, sizeof bridge->name, "%s", settings->bullmq_worker);
    else
        process_name(bridge->process, bridge->name, sizeof bridge->name);
    for (size_t i = 0; i < bridge->plan.count; i++)
        slots[i] = bridge->plan.queues[i].slots;
    renewer_plan_t renewer = {&bridge->place, &bridge->process->log, bridge->plan.count, slots};
    bridge->renewer = renewer_new(&renewer, fault);
    if (!bridge->renewer)
        return -1;
    errands_plan_t errands = {
        .settings = settings, .log = &bridge->process->log, .name = bridge->name, .prefix = settings->bullmq_prefix};
    bridge->errands = errands_new(&errands, fault);
    if (!bridge->errands || (serves_documents(bridge) && errands_open(bridge->errands, fault) < 0))
        return -1;
    redis_plan_t line = {.place = &bridge->place, .news = on_line, .user = bridge};
    for (int i = 0; i < QUEUE_LINES; i++)
        bridge->lines[i] = redis_new(&line);
    for (uint32_t i = 0; i < bridge->plan.count; i++) {
        queue_plan_t queue = plan_queue(bridge, i);
        bridge->queues[i] = queue_new(&queue);
    }
    return begin_giving(bridge, fault);
}

static void tell_counts(const bridge_t *bridge)
{
    for (size_t i = 0; i < bridge->plan.count && bridge->queues[i]; i++) {
        tally_t tally = queue_tally(bridge->queues[i]);
#define TALLY_LINE(name, help) {#name, NULL, (int64_t)tally.name},
        LOG(&bridge->process->log, LOG_INFO, "queue.ended", {"queue", bridge->plan.queues[i].name, 0},
            TALLY_MAP(TALLY_LINE));
#undef TALLY_LINE
    }
    if (!bridge->giving)
        return;
    giving_counts_t counts = giving_counts(bridge->giving);
    LOG(&bridge->process->log, LOG_INFO, "giving.ended", {"added", NULL, (int64_t)counts.added},
        {"met", NULL, (int64_t)counts.met}, {"completed", NULL, (int64_t)counts.completed},
        {"failed", NULL, (int64_t)counts.failed}, {"errors", NULL, (int64_t)counts.errors});
}

static void end(bridge_t *bridge)
{
    tell_counts(bridge);
    for (int i = 0; i < QUEUE_LINES; i++)
        redis_destroy(&bridge->lines[i]);
    errands_destroy(&bridge->errands);
    giving_destroy(&bridge->giving);
    for (size_t i = 0; i < bridge->plan.count; i++)
        queue_destroy(&bridge->queues[i]);
    renewer_destroy(&bridge->renewer);
    zones_destroy(&bridge->zones);
}

/* ---- the loop ---- */

static uint32_t busy(const bridge_t *bridge)
{
    uint32_t count = 0;
    for (size_t i = 0; i < bridge->plan.count; i++)
        count += queue_busy(bridge->queues[i]);
    return count;
}

static void drain(bridge_t *bridge)
{
    bridge->phase = DRAINING;
    bridge->until_us = bridge->now_us + bridge->process->settings.drain_seconds * 1000000;
    for (size_t i = 0; i < bridge->plan.count; i++)
        queue_stop(bridge->queues[i]);
    if (bridge->giving)
        giving_drain(bridge->giving, bridge->now_us);
    LOG(&bridge->process->log, LOG_INFO, "bridge.draining", {"jobs", NULL, busy(bridge)});
}

static void leave(bridge_t *bridge)
{
    bridge->phase = LEAVING;
    bridge->until_us = bridge->now_us + FAREWELL_US;
    for (size_t i = 0; i < bridge->plan.count; i++)
        queue_hand_back(bridge->queues[i]);
    if (bridge->giving)
        giving_give_up(bridge->giving, bridge->now_us);
}

/* What it waits for before it is ready, as a line for people; "" = every queue is being fetched. */
static void find_missing(const bridge_t *bridge, char *out, size_t size)
{
    const fault_t *trouble = redis_trouble(bridge->lines[0]);
    *out = 0;
    if (!redis_is_up(bridge->lines[0]))
        snprintf(out, size, "waits for Redis: %.200s",
                 trouble->code == FAULT_NONE ? "it has not answered yet" : trouble->text);
    for (size_t i = 0; i < bridge->plan.count && !*out; i++)
        if (!queue_is_fetching(bridge->queues[i]))
            snprintf(out, size, "waits for the queue %s", bridge->plan.queues[i].name);
    if (bridge->giving && !*out && !giving_is_ready(bridge->giving))
        snprintf(out, size, "waits for a broker, and the queues of the stages that are given away");
}

static void say(bridge_t *bridge, const char *what)
{
    printf("%s", what);
    for (size_t i = 0; i < bridge->plan.count; i++)
        printf(" %s", bridge->plan.queues[i].name);
    for (size_t i = 0; i < bridge->gives.count; i++)
        printf(" %s", bridge->gives.stages[i].queue);
    printf("\n");
    fflush(stdout);
}

/* What is said on the standard output and to the service manager, once each. */
static void tell_begun(bridge_t *bridge)
{
    char missing[NOTIFY_STATUS_MOST];
    if (bridge->says == BRIDGE_SAYS_START) {
        bridge->says = BRIDGE_SAYS_NOTHING;
        say(bridge, "started");
    }
    find_missing(bridge, missing, sizeof missing);
    if (*missing || bridge->phase != SERVING)
        return;
    bridge->is_ready = true;
    notify_ready(&bridge->process->notify, "fetches its queues");
    if (bridge->says == BRIDGE_SAYS_READY)
        say(bridge, "ready");
}

/* Says to the service manager that this loop turns, and with what in hand. */
static void beat(bridge_t *bridge)
{
    notify_t *notify = &bridge->process->notify;
    char status[NOTIFY_STATUS_MOST];
    if (!notify_is_due(notify, bridge->now_us))
        return;
    if (bridge->phase == SERVING && (!bridge->is_ready || !redis_is_up(bridge->lines[0])))
        find_missing(bridge, status, sizeof status);
    else
        snprintf(status, sizeof status, "%u jobs in hand%s", busy(bridge),
                 bridge->phase == SERVING ? "" : ", no new ones are taken");
    notify_beat(notify, status, bridge->now_us);
}

static void settle_once(bridge_t *bridge, int64_t *next_us)
{
    if (bridge->settle_us == 0)
        return;
    if (bridge->now_us < bridge->settle_us) {
        lower(next_us, bridge->settle_us);
        return;
    }
    bridge->settle_us = 0;
    settle();
}

static void take_lost(bridge_t *bridge)
{
    renewer_lost_t lost;
    while (renewer_take(bridge->renewer, &lost))
        queue_lost(bridge->queues[lost.queue], lost.slot, lost.number);
}

static void step(bridge_t *bridge, int64_t *next_us)
{
    int64_t now_ms = clock_wall_ms();
    bridge->now_us = clock_now_us();
    for (size_t i = 0; i < bridge->plan.count; i++)
        queue_look(bridge->queues[i], bridge->now_us, now_ms);
    if (bridge->has_lost)
        take_lost(bridge);
    for (int i = 0; i < QUEUE_LINES; i++)
        redis_step(bridge->lines[i], bridge->now_us, next_us);
    errands_step(bridge->errands, bridge->now_us, next_us);
    if (bridge->giving)
        giving_step(bridge->giving, bridge->now_us, next_us);
    for (size_t i = 0; i < bridge->plan.count; i++)
        queue_step(bridge->queues[i], next_us);
    for (int i = 0; i < QUEUE_LINES; i++)
        redis_flush(bridge->lines[i]);
    tell_trouble(bridge);
    if (!bridge->is_ready)
        tell_begun(bridge);
    settle_once(bridge, next_us);
}

/* Whether it goes on. */
static bool look_at_phase(bridge_t *bridge, int64_t *next_us)
{
    bool told = bridge->told && process_told_to_end(bridge->process);
    if (told && bridge->phase == SERVING)
        drain(bridge);
    else if (told)
        leave(bridge); /* the second time: at once */
    if (bridge->phase == SERVING)
        return !bridge->refuses;
    if (busy(bridge) == 0 && (!bridge->giving || giving_is_drained(bridge->giving))) {
        if (errands_left(bridge->errands) == 0)
            return false;
        if (bridge->phase == DRAINING) /* brokers are still to hear what was called off before, no more */
            leave(bridge);
    }
    if (bridge->now_us >= bridge->until_us) {
        if (bridge->phase == LEAVING)
            return false;
        leave(bridge);
    }
    lower(next_us, bridge->until_us);
    return true;
}

static bool is_ready(const struct pollfd *polls, size_t count)
{
    bool ready = false;
    for (size_t i = 0; i < count; i++)
        ready |= polls[i].revents != 0;
    return ready;
}

/* Tells everybody whose descriptors are not ready, so that they need not look: most turns are about one of many. */
static void tell_quiet(bridge_t *bridge, const struct pollfd *polls, const size_t *ends)
{
    size_t at = SYSTEM_POLLS;
    bridge->told = polls[0].revents != 0;
    bridge->has_lost = polls[1].revents != 0;
    for (size_t i = 0; i < QUEUE_LINES + bridge->plan.count; at = ends[i++])
        if (is_ready(&polls[at], ends[i] - at))
            continue;
        else if (i < QUEUE_LINES)
            redis_quiet(bridge->lines[i]);
        else
            queue_quiet(bridge->queues[i - QUEUE_LINES]);
}

static void rest(bridge_t *bridge, int64_t next_us)
{
    struct pollfd polls[SYSTEM_POLLS + ERRANDS_POLLS_MOST + GIVING_POLLS_MOST +
                        REDIS_POLLS_MOST * (QUEUE_LINES + BRIDGE_QUEUES_MOST)];
    size_t count = SYSTEM_POLLS, ends[QUEUE_LINES + BRIDGE_QUEUES_MOST];
    polls[0] = (struct pollfd){bridge->process->signal_fd, POLLIN, 0};
    polls[1] = (struct pollfd){renewer_fd(bridge->renewer), POLLIN, 0};
    for (size_t i = 0; i < QUEUE_LINES + bridge->plan.count; i++) {
        count += i < QUEUE_LINES ? redis_poll(bridge->lines[i], &polls[count])
                                 : queue_poll(bridge->queues[i - QUEUE_LINES], &polls[count]);
        ends[i] = count;
    }
    count += errands_poll(bridge->errands, &polls[count]);
    if (bridge->giving)
        count += giving_poll(bridge->giving, &polls[count]);
    int64_t left_us = next_us - clock_now_us();
    int wait_ms = next_us == INT64_MAX ? -1 : left_us > 0 ? (int)((left_us + 999) / 1000) : 0;
    if (poll(polls, count, wait_ms) >= 0 && left_us > 0)
        tell_quiet(bridge, polls, ends);
    else
        bridge->told = bridge->has_lost = true;
}

int bridge_run(process_t *process, bridge_says_t says)
{
    fault_t fault = {0};
    bridge_t *bridge = memory_new(1, sizeof *bridge);
    int code = 0;
    bridge->process = process;
    bridge->says = says;
    bridge->told = bridge->has_lost = true;
    if (begin(bridge, &fault) < 0) {
        code = process_fail(process, &fault);
        end(bridge);
        free(bridge);
        return code;
    }
    bridge->settle_us = clock_now_us() + SETTLE_US;
    for (;;) {
        int64_t next_us = INT64_MAX;
        step(bridge, &next_us);
        if (!look_at_phase(bridge, &next_us))
            break;
        beat(bridge);
        next_us = process->notify.next_us < next_us ? process->notify.next_us : next_us;
        rest(bridge, next_us);
    }
    if (bridge->refuses) {
        fault_set(&fault, FAULT_SETTING, "Redis may drop jobs when it is full: set its maxmemory-policy to noeviction");
        code = process_fail(process, &fault);
    }
    end(bridge);
    free(bridge);
    return code;
}
