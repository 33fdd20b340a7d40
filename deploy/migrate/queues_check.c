/* queues_check: each hop that a document takes from now on: the store with its runs, a gateway that takes them,
 * brokers, hosts of the stages; and each queue of BullMQ that the settings name. */
#include "bullmq.h"
#include "deploy/site.h"
#include "deploy/stats/asker.h"
#include "proto/base/clock.h"
#include "queues.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const char *const stages[] = {"classification", "ocr", "llm", "validation"};

/* ---- ours ---- */

static int check_store(queues_t *queues, hops_t *hops, fault_t *fault)
{
    char text[200];
    int64_t runs, gateways, from_us = clock_now_us();
    hops->of = "store";
    if (!queues->pickup)
        return 0;
    if (!pickup_is_moved(queues->pickup)) {
        hop_tell(hops, "runs", false, 0, "it is not cut over yet (yogi migrate cutover)");
        return 0;
    }
    if (pickup_figures(queues->pickup, &runs, &gateways, fault) < 0)
        return -1;
    snprintf(text, sizeof text, "%.100s: %" PRId64 " runs wait or are under way", pickup_store(queues->pickup), runs);
    hop_tell(hops, "runs", true, clock_now_us() - from_us, text);
    snprintf(text, sizeof text, gateways ? "%" PRId64 " at work" : "none is at work: start one (yogi gateway)",
             gateways);
    hop_tell(hops, "gateway", gateways > 0, clock_now_us() - from_us, text);
    return 0;
}

/* Those of the settings, else of the `yogi up` that runs here. */
static int find_brokers(process_t *process, fault_t *fault)
{
    char endpoint[SITE_ENDPOINT];
    if (yogi_settings_given(environ, "YOGI_BROKERS"))
        return 0;
    int found = site_find(process->settings.data, endpoint, fault);
    if (found > 0)
        process->settings.brokers = arena_text(process->arena, endpoint);
    return found < 0 ? -1 : 0;
}

static void check_stages(const asker_t *asker, hops_t *hops, int64_t from_us)
{
    char text[120];
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        int64_t hosts = asker_hosts(asker, stages[i]);
        hops->of = stages[i];
        if (hosts > 0)
            snprintf(text, sizeof text, "%" PRId64 " at work", hosts);
        else
            snprintf(text, sizeof text,
                     hosts < 0 ? "no broker knows the stage (YOGI_BROKER_STAGES)"
                               : "nobody serves it: start one (yogi actor %s)",
                     stages[i]);
        hop_tell(hops, "hosts", hosts > 0, clock_now_us() - from_us, text);
    }
}

static int check_brokers(queues_t *queues, hops_t *hops, fault_t *fault)
{
    fault_t silence = {0};
    int64_t from_us = clock_now_us();
    if (find_brokers(queues->process, fault) < 0)
        return -1;
    asker_t *asker = asker_new(queues->process, fault);
    if (!asker)
        return -1;
    asker_gather(asker, queues->process, from_us + queues->hop_s * 1000000);
    hops->of = "brokers";
    char text[60];
    snprintf(text, sizeof text, "%" PRIu32 " of %" PRIu32, asker_answers(asker), asker_brokers(asker));
    bool good = asker_answers(asker) > 0;
    if (!good)
        asker_tell_silence(asker, &silence);
    hop_tell(hops, "answer", good, clock_now_us() - from_us, good ? text : silence.text);
    if (good)
        check_stages(asker, hops, from_us);
    asker_destroy(&asker);
    return 0;
}

/* ---- BullMQ's ---- */

static bool has_queues(const settings_t *settings)
{
    static const char *const given[] = {"classification", "ocr", "llm", "validation", "store", "noop"};
    bool any = settings->bullmq_queues != NULL;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        any = any || yogi_settings_stage(settings, given[i]);
    return any;
}

static int check_queues(queues_t *queues, hops_t *hops, fault_t *fault)
{
    if (!has_queues(&queues->process->settings))
        return 0;
    bullmq_t *bullmq = bullmq_open(queues->process, queues->hop_s * 1000, fault);
    int failed = bullmq ? bullmq_check(bullmq, hops, fault) : -1;
    bullmq_close(&bullmq);
    return failed;
}

int queues_check(queues_t *queues, fault_t *fault)
{
    hops_t hops = {.out = queues->out, .json = queues->options->json};
    if (check_store(queues, &hops, fault) < 0 || check_brokers(queues, &hops, fault) < 0 ||
        check_queues(queues, &hops, fault) < 0)
        return -1;
    return hops.bad > 0;
}
