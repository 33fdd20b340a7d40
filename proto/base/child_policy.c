/* child_policy: see child_policy.h. The table of states is `table`; child_policy_event is the only place that changes a
 * state. */
#include "child_policy.h"

#include <assert.h>

#define NO (-1) /* an event that the caller must not bring about in this state */

/* clang-format off */
/* table[state][event]; GONE depends on whether the process had answered a job: see child_next. */
static const int table[CHILD_STATES][CHILD_EVENTS] = {
    /*                  START           READY       JOB         ANSWERED    STOP          GONE           RESTED */
    [CHILD_DOWN]     = {CHILD_STARTING, NO,         NO,         NO,         CHILD_DOWN,   NO,            NO},
    [CHILD_STARTING] = {NO,             CHILD_IDLE, NO,         NO,         CHILD_ENDING, CHILD_RESTING, NO},
    [CHILD_IDLE]     = {NO,             NO,         CHILD_BUSY, NO,         CHILD_ENDING, CHILD_RESTING, NO},
    [CHILD_BUSY]     = {NO,             NO,         NO,         CHILD_IDLE, CHILD_ENDING, CHILD_DOWN,    NO},
    [CHILD_ENDING]   = {NO,             NO,         NO,         NO,         CHILD_ENDING, CHILD_DOWN,    NO},
    [CHILD_RESTING]  = {NO,             NO,         NO,         NO,         CHILD_DOWN,   NO,            CHILD_DOWN},
};
/* clang-format on */

int child_next(child_state_t state, child_event_t event, bool worked)
{
    int next = table[state][event];
    return event == CHILD_GONE && next == CHILD_RESTING && worked ? CHILD_DOWN : next;
}

const char *child_state_name(child_state_t state)
{
    static const char *const names[CHILD_STATES] = {"down", "starting", "idle", "busy", "ending", "resting"};
    assert((unsigned)state < CHILD_STATES);
    return names[state];
}

/* The rest after so many early deaths before this one. */
static int64_t rest_us(const child_terms_t *terms, int early_deaths)
{
    int64_t rest = terms->rest_us;
    while (early_deaths-- > 0 && rest < terms->rest_most_us)
        rest *= 2;
    return rest < terms->rest_most_us ? rest : terms->rest_most_us;
}

void child_policy_event(child_policy_t *policy, const child_terms_t *terms, child_event_t event, int64_t now_us,
                        int64_t due_us)
{
    int next = child_next(policy->state, event, policy->worked);
    assert(next != NO);
    policy->state = (child_state_t)next;
    if (event == CHILD_START)
        policy->worked = false;
    if (event == CHILD_ANSWERED) {
        policy->worked = true;
        policy->early_deaths = 0;
    }
    if (event == CHILD_START || event == CHILD_JOB || event == CHILD_STOP)
        policy->since_us = now_us;
    policy->due_us = event == CHILD_JOB ? due_us : INT64_MAX;
    if (event == CHILD_GONE && next == CHILD_RESTING)
        policy->rested_us = now_us + rest_us(terms, policy->early_deaths++);
}

void child_policy_alive(child_policy_t *policy, int64_t now_us)
{
    policy->since_us = now_us;
}

/* since + limit, where there is a limit. */
static int64_t after(int64_t since_us, int64_t limit_us)
{
    return limit_us ? since_us + limit_us : INT64_MAX;
}

int64_t child_policy_due(const child_policy_t *policy, const child_terms_t *terms)
{
    switch (policy->state) {
    case CHILD_STARTING:
        return after(policy->since_us, terms->start_us);
    case CHILD_BUSY: {
        int64_t silent_us = after(policy->since_us, terms->silence_us);
        return silent_us < policy->due_us ? silent_us : policy->due_us;
    }
    case CHILD_ENDING:
        return after(policy->since_us, terms->stop_us);
    case CHILD_RESTING:
        return policy->rested_us;
    default:
        return INT64_MAX;
    }
}

child_verdict_t child_policy_verdict(const child_policy_t *policy, const child_terms_t *terms, int64_t now_us)
{
    static const child_verdict_t verdicts[CHILD_STATES] = {
        [CHILD_STARTING] = CHILD_LATE_START,
        [CHILD_BUSY] = CHILD_SILENT,
        [CHILD_ENDING] = CHILD_LATE_END,
        [CHILD_RESTING] = CHILD_AWAKE,
    };
    if (now_us < child_policy_due(policy, terms))
        return CHILD_NOTHING;
    return policy->state == CHILD_BUSY && now_us >= policy->due_us ? CHILD_OVERDUE : verdicts[policy->state];
}

bool child_policy_gave_up(const child_policy_t *policy, const child_terms_t *terms)
{
    return terms->deaths_most && policy->early_deaths >= terms->deaths_most;
}
