/* stats: see stats.h. */
#include "stats.h"
#include "broker/stats.h"
#include "proto/base/clock.h"
#include "proto/json.h"
#include "proto/pack.h"
#include "proto/wire/ferry.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* OTHERS: how long the other brokers may take once one has answered. */
enum { OTHERS_US = 1000000, QUESTION = 1 };

typedef struct {
    process_t *process;
    const stats_options_t *options;
    ferry_t *ferry;
    char name[MESSAGE_PEER_MOST + 1];
    endpoint_t endpoints[ENDPOINTS_MOST];
    bool answered[ENDPOINTS_MOST];
    stats_t answers[ENDPOINTS_MOST];
    uint32_t asked;   /* brokers that were heard when the question was put */
    int64_t until_us; /* when it ends at the latest */
    fault_t fault;    /* an answer that made no sense */
} asker_t;

static void ask(void *owner, const link_action_t *action)
{
    asker_t *asker = owner;
    const message_t *message = &action->message;
    if (action->kind != LINK_STATS || message->number != QUESTION || asker->answered[action->broker])
        return;
    stats_t *stats = &asker->answers[action->broker];
    if (pack_decode(&stats_schema, message->body.at, message->body.size, asker->process->arena, stats, &asker->fault) ==
        0)
        asker->answered[action->broker] = true;
}

static uint32_t answers(const asker_t *asker)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ENDPOINTS_MOST; i++)
        count += asker->answered[i];
    return count;
}

/* Asks again whenever one more broker is heard. */
static void put_question(asker_t *asker, int64_t now_us)
{
    uint32_t connected = ferry_connected(asker->ferry);
    if (connected <= asker->asked)
        return;
    if (asker->asked == 0)
        asker->until_us = now_us + OTHERS_US;
    asker->asked = connected;
    ferry_ask_stats(asker->ferry, QUESTION);
}

static void run(asker_t *asker)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    bool final;
    while (answers(asker) < ferry_brokers(asker->ferry) && asker->fault.code == FAULT_NONE &&
           clock_now_us() < asker->until_us && !process_told_to_end(asker->process) &&
           !(ferry_refusal(asker->ferry, &final) && final)) {
        int64_t next_us = asker->until_us, step_us = asker->until_us;
        put_question(asker, clock_now_us());
        ferry_step(asker->ferry, &step_us);
        next_us = step_us < next_us ? step_us : next_us;
        if (ferry_connected(asker->ferry) > asker->asked)
            continue;
        size_t count = ferry_poll(asker->ferry, polls);
        polls[count++] = (struct pollfd){asker->process->signal_fd, POLLIN, 0};
        int64_t left_us = next_us - clock_now_us();
        if (left_us > 0 && answers(asker) < ferry_brokers(asker->ferry))
            poll(polls, count, (int)((left_us + 999) / 1000));
    }
}

/* ---- showing ---- */

static void show_json(const asker_t *asker, buf_t *out)
{
    for (uint32_t i = 0; i < ferry_brokers(asker->ferry); i++) {
        if (!asker->answered[i])
            continue;
        buf_text(out, "{\"broker\":");
        json_text(asker->endpoints[i].text, out);
        buf_text(out, ",\"figures\":");
        json_write(&stats_schema, &asker->answers[i], NULL, 0, out);
        buf_text(out, "}\n");
    }
}

/* The stage's row of a broker, or NULL. */
static const stats_stage_t *row_of(const stats_t *stats, const char *stage)
{
    for (size_t i = 0; i < stats->stages.count; i++)
        if (strcmp(LIST_AT(const stats_stage_t, stats->stages, i)->stage, stage) == 0)
            return LIST_AT(const stats_stage_t, stats->stages, i);
    return NULL;
}

static void show_stage(const asker_t *asker, const char *stage, buf_t *out)
{
    stats_stage_t sum = {0};
    for (uint32_t i = 0; i < ENDPOINTS_MOST; i++) {
        const stats_stage_t *row = asker->answered[i] ? row_of(&asker->answers[i], stage) : NULL;
        if (!row)
            continue;
        sum.runnable += row->runnable, sum.running += row->running, sum.delayed += row->delayed;
        sum.actors += row->actors, sum.slots += row->slots;
        sum.done += row->done, sum.failed += row->failed, sum.retried += row->retried, sum.lost += row->lost;
        sum.oldest_ms = row->oldest_ms > sum.oldest_ms ? row->oldest_ms : sum.oldest_ms;
    }
    buf_format(out,
               "%-15s %9" PRId64 " %9" PRId64 " %9" PRId64 " %9.1f %7" PRId64 " %7" PRId64 " %10" PRId64 " %8" PRId64
               " %8" PRId64 " %6" PRId64 "\n",
               stage, sum.runnable, sum.running, sum.delayed, (double)sum.oldest_ms / 1000, sum.actors, sum.slots,
               sum.done, sum.failed, sum.retried, sum.lost);
}

/* Stages in the order of the first broker that knows them. */
static void show_table(const asker_t *asker, buf_t *out)
{
    buf_format(out, "%-15s %9s %9s %9s %9s %7s %7s %10s %8s %8s %6s\n", "stage", "runnable", "running", "delayed",
               "oldest s", "actors", "slots", "done", "failed", "retried", "lost");
    for (uint32_t i = 0; i < ENDPOINTS_MOST; i++)
        for (size_t j = 0; asker->answered[i] && j < asker->answers[i].stages.count; j++) {
            const char *stage = LIST_AT(const stats_stage_t, asker->answers[i].stages, j)->stage;
            bool shown = false;
            for (uint32_t before = 0; before < i && !shown; before++)
                shown = asker->answered[before] && row_of(&asker->answers[before], stage);
            if (!shown)
                show_stage(asker, stage, out);
        }
    int64_t jobs = 0, owners = 0, bytes = 0;
    for (uint32_t i = 0; i < ENDPOINTS_MOST; i++)
        if (asker->answered[i]) {
            jobs += asker->answers[i].jobs;
            owners += asker->answers[i].owners - 1; /* not this one */
            bytes += asker->answers[i].bytes;
        }
    buf_format(out, "%" PRId64 " jobs of %" PRId64 " owners reserve %.1f MB; %u of %u brokers answer\n", jobs, owners,
               (double)bytes / 1048576, answers(asker), ferry_brokers(asker->ferry));
}

static int show(const asker_t *asker)
{
    buf_t out = {0};
    if (asker->options->json)
        show_json(asker, &out);
    else
        show_table(asker, &out);
    int code = fputs(buf_string(&out), stdout) < 0 || fflush(stdout) != 0 ? fault_exit(FAULT_OUTPUT) : 0;
    buf_free(&out);
    return code;
}

/* Why nobody has answered. */
static void tell_silence(asker_t *asker)
{
    bool final;
    const char *refusal = ferry_refusal(asker->ferry, &final);
    if (asker->fault.code != FAULT_NONE)
        return;
    if (refusal)
        fault_set(&asker->fault, FAULT_SETTING, "no broker tells its figures: %s", refusal);
    else
        fault_set(&asker->fault, FAULT_SYSTEM, "no broker has answered at %s in %d s; is one running? (YOGI_BROKERS)",
                  asker->process->settings.brokers, asker->options->wait);
}

int stats_run(process_t *process, const stats_options_t *options)
{
    fault_t fault = {0};
    asker_t asker = {.process = process, .options = options};
    asker.until_us = clock_now_us() + (int64_t)options->wait * 1000000;
    ferry_plan_t plan = {.brokers = process->settings.brokers,
                         .name = process_name(process, asker.name, sizeof asker.name),
                         .ask = ask,
                         .owner = &asker};
    if (endpoints_parse(plan.brokers, asker.endpoints, &fault) < 0) {
        fault_prefix(&fault, "YOGI_BROKERS");
        return process_fail(process, &fault);
    }
    if (!(asker.ferry = ferry_open(&plan, &process->settings, &fault)))
        return process_fail(process, &fault);
    run(&asker);
    int code;
    if (answers(&asker)) {
        code = show(&asker);
    } else {
        tell_silence(&asker);
        code = process_fail(process, &asker.fault);
    }
    ferry_destroy(&asker.ferry);
    return code;
}
