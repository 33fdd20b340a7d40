/* queues_drain: waits until the old workers have emptied the old queue. With --pause by Bull's own pause: then they end
 * what they have, nothing more is begun, and what waits or is added is left for carry. */
#include "proto/base/clock.h"
#include "queues.h"

#include <inttypes.h>

/* WAIT: where --wait says nothing. LOOK: from one look to the next. */
enum { WAIT_S = 600, LOOK_MS = 250 };

/* What is still to be done by the old workers. */
static int64_t left_of(const bull_census_t *census, bool pause)
{
    return pause ? census->active : census->waiting + census->paused + census->delayed + census->active;
}

/* Why nobody would ever empty it. */
static int check_hope(const queues_t *queues, const bull_census_t *census, int64_t left, fault_t *fault)
{
    bool pause = queues->options->pause;
    if (left == 0)
        return 0;
    if (!pause && census->is_paused)
        return fault_set(fault, FAULT_UNAVAILABLE,
                         "%s is paused, so its workers take nothing: yogi migrate queues resume ends that, carry takes "
                         "what waits",
                         queues->bull.shown);
    if (census->workers == 0 && (!pause || census->locked == 0))
        return fault_set(fault, FAULT_UNAVAILABLE,
                         "no old worker is connected to %s, so nobody empties it (%" PRId64 " jobs): start one, or "
                         "take them with yogi migrate queues carry",
                         queues->bull.shown, left);
    return 0;
}

static int tell_time(const queues_t *queues, const bull_census_t *census, fault_t *fault)
{
    return fault_set(fault, FAULT_TIMEOUT,
                     "%s is not empty yet: %" PRId64 " wait, %" PRId64 " are paused, %" PRId64 " delayed, %" PRId64
                     " in hand; wait longer (--wait), or take them with yogi migrate queues carry",
                     queues->bull.shown, census->waiting, census->paused, census->delayed, census->active);
}

static void sum_up(const queues_t *queues, const bull_census_t *before, const bull_census_t *after)
{
    int64_t failed = after->failed - before->failed, waits = after->waiting + after->paused + after->delayed;
    if (queues->options->json) {
        buf_format(queues->out,
                   "{\"drained\":true,\"isPaused\":%s,\"waiting\":%" PRId64 ",\"failedMeanwhile\":%" PRId64 "}\n",
                   after->is_paused ? "true" : "false", waits, failed > 0 ? failed : 0);
        return;
    }
    if (queues->options->pause)
        buf_format(queues->out,
                   "%s is paused, and no worker has a job; %" PRId64
                   " wait there: yogi migrate queues carry takes them\n",
                   queues->bull.shown, waits);
    else
        buf_format(queues->out, "%s is empty\n", queues->bull.shown);
    if (failed > 0)
        buf_format(queues->out, "%" PRId64 " jobs failed meanwhile and are kept there\n", failed);
}

static int watch(queues_t *queues, const bull_census_t *before, fault_t *fault)
{
    bull_census_t now = *before;
    bool pause = queues->options->pause;
    int64_t most = left_of(before, pause);
    int64_t until_us = clock_now_us() + (int64_t)(queues->options->wait ? queues->options->wait : WAIT_S) * 1000000;
    while (true) {
        int64_t left = left_of(&now, pause);
        most = left > most ? left : most;
        queues_progress(queues, "done by the old workers", most - left, most);
        if (left == 0)
            break;
        if (queues_stopped(queues))
            return fault_set(fault, FAULT_CANCELLED, STOPPED);
        if (check_hope(queues, &now, left, fault) < 0)
            return -1;
        if (clock_now_us() >= until_us)
            return tell_time(queues, &now, fault);
        queues_rest(queues, LOOK_MS);
        if (bull_look(&queues->bull, &now, fault) < 0)
            return -1;
    }
    sum_up(queues, before, &now);
    return 0;
}

int queues_drain(queues_t *queues, fault_t *fault)
{
    bool changed;
    bull_census_t before;
    if (bull_look(&queues->bull, &before, fault) < 0 || queues_find(queues, &before, fault) < 0)
        return -1;
    if (queues->options->pause &&
        (bull_pause(&queues->bull, &changed, fault) < 0 || bull_look(&queues->bull, &before, fault) < 0))
        return -1;
    return watch(queues, &before, fault);
}

int queues_resume(queues_t *queues, fault_t *fault)
{
    bool changed;
    bull_census_t census;
    if (bull_look(&queues->bull, &census, fault) < 0 || queues_find(queues, &census, fault) < 0 ||
        bull_resume(&queues->bull, &changed, fault) < 0)
        return -1;
    if (queues->options->json)
        buf_format(queues->out, "{\"resumed\":%s}\n", changed ? "true" : "false");
    queues_say(queues, changed ? "%s goes on" : "%s was not paused", queues->bull.shown);
    return 0;
}
