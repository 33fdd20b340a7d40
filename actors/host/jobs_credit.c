/* jobs_credit: a host's slots divided among its brokers, for each stage: evenly at first, at least one each, then by
 * what each of them uses. A broker that filled all it has is hungry; what another has not used since the last division
 * moves there. The sum may pass the slots by one for each broker: such a job waits here, and no broker waits for ever.
 */
#include "jobs_state.h"

static uint32_t total_of(const jobs_t *jobs, uint32_t stage)
{
    return jobs->draining ? 0 : jobs->options.stages[stage].workers + jobs->options.stages[stage].prefetch;
}

static uint32_t brokers_up(const jobs_t *jobs)
{
    uint32_t up = 0;
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        up += jobs->brokers[i].up;
    return up;
}

/* Gives what is left of the total to those marked, evenly, the first ones one more. */
static void give_out(jobs_t *jobs, uint32_t stage, const bool *to, uint32_t count, uint32_t left)
{
    for (uint32_t i = 0, n = 0; i < jobs->broker_count; i++)
        if (to[i]) {
            uint32_t part = left / count + (n < left % count);
            jobs->brokers[i].stages[stage].slots += part;
            n++;
        }
}

static void divide_stage(jobs_t *jobs, uint32_t stage, uint32_t up)
{
    uint32_t total = total_of(jobs, stage);
    bool to[JOBS_BROKERS_MOST] = {false};
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        jobs_broker_t *broker = &jobs->brokers[i];
        to[i] = broker->up;
        broker->stages[stage].slots = broker->up && total > 0 && total < up;
        broker->stages[stage].peak = broker->stages[stage].held;
    }
    if (up > 0 && total >= up)
        give_out(jobs, stage, to, up, total);
}

void jobs_divide(jobs_t *jobs)
{
    uint32_t up = brokers_up(jobs);
    for (uint32_t i = 0; i < jobs->options.stage_count; i++)
        divide_stage(jobs, i, up);
}

/* When everybody wants more than there is, one slot moves from who has most to who has least. */
static void even_out(jobs_t *jobs, uint32_t stage)
{
    share_of_t *most = NULL, *least = NULL;
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        share_of_t *share = &jobs->brokers[i].stages[stage];
        if (!jobs->brokers[i].up || share->peak < share->slots)
            continue;
        most = !most || share->slots > most->slots ? share : most;
        least = !least || share->slots < least->slots ? share : least;
    }
    if (most && most->slots > least->slots + 1) {
        most->slots--;
        least->slots++;
    }
}

static void rebalance_stage(jobs_t *jobs, uint32_t stage)
{
    uint32_t hungry = 0, allotted = 0, total = total_of(jobs, stage);
    bool to[JOBS_BROKERS_MOST] = {false};
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        share_of_t *share = &jobs->brokers[i].stages[stage];
        to[i] = jobs->brokers[i].up && share->peak >= share->slots;
        hungry += to[i];
    }
    if (hungry > 0)
        for (uint32_t i = 0; i < jobs->broker_count;
             i++) { /* who did not fill its part keeps what it used and one more */
            share_of_t *share = &jobs->brokers[i].stages[stage];
            if (jobs->brokers[i].up && !to[i] && share->slots > share->peak + 1)
                share->slots = share->peak + 1;
        }
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        allotted += jobs->brokers[i].stages[stage].slots;
    if (hungry > 0 && allotted < total)
        give_out(jobs, stage, to, hungry, total - allotted);
    else
        even_out(jobs, stage);
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        jobs->brokers[i].stages[stage].peak = jobs->brokers[i].stages[stage].held;
}

void jobs_rebalance(jobs_t *jobs)
{
    if (jobs->draining || brokers_up(jobs) < 2)
        return;
    for (uint32_t i = 0; i < jobs->options.stage_count; i++)
        rebalance_stage(jobs, i);
}

void jobs_tell_credit(jobs_t *jobs, uint32_t number, bool all)
{
    jobs_broker_t *broker = &jobs->brokers[number];
    for (uint32_t i = 0; broker->up && i < jobs->options.stage_count; i++) {
        share_of_t *share = &broker->stages[i];
        if (!all && share->told == share->slots)
            continue;
        share->told = share->slots;
        message_t *credit = jobs_send(jobs, number, COMMAND_CREDIT);
        credit->number = ++jobs->credit;
        credit->stage = slice_of(jobs->names[i]);
        credit->slots = share->slots < MESSAGE_SLOTS_MOST ? share->slots : MESSAGE_SLOTS_MOST;
    }
}

void jobs_tell_changes(jobs_t *jobs)
{
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        jobs_tell_credit(jobs, i, false);
}
