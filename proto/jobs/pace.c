/* pace: see pace.h. */
#include "pace.h"

/* Of the rule and of pace_lasts. LEAST: a run is never taken as shorter, so that nothing is divided by zero. */
enum { EIGHTH = 8, TWICE = 2, WORTH = 64, FIRST = 1, LASTS_TIMES = 8, LASTS_US = 100000, LEAST_US = 1 };

/* A trip until one is measured: four hops of 42 us between processes of one machine (TESTBED), and little more. */
enum { TRIP_US = 200 };

void pace_open(pace_t *pace, uint32_t workers, uint32_t most)
{
    *pace = (pace_t){.workers = workers, .most = most, .waiting = most < FIRST ? most : FIRST};
}

static void average(int64_t *mean_us, int64_t us)
{
    us = us < LEAST_US ? LEAST_US : us;
    int64_t step_us = (us - *mean_us) / EIGHTH;
    if (step_us == 0) /* the last few microseconds too */
        step_us = us > *mean_us ? 1 : us < *mean_us ? -1 : 0;
    *mean_us = *mean_us ? *mean_us + step_us : us;
}

void pace_ran(pace_t *pace, int64_t us)
{
    average(&pace->run_us, us);
}

void pace_tripped(pace_t *pace, int64_t us)
{
    average(&pace->trip_us, us);
}

void pace_fetched(pace_t *pace, int64_t us)
{
    average(&pace->fetch_us, us);
}

bool pace_lasts(pace_t *pace, int64_t us)
{
    if (us < LASTS_US || us < LASTS_TIMES * pace->run_us)
        return false;
    pace->run_us = us; /* by eighths it would take many such jobs */
    return true;
}

static uint32_t wanted(const pace_t *pace)
{
    int64_t lead_us = (pace->trip_us ? pace->trip_us : TRIP_US) + pace->fetch_us;
    if (lead_us < pace->run_us / WORTH)
        return 0;
    int64_t count = (TWICE * (int64_t)pace->workers * lead_us + pace->run_us - 1) / pace->run_us;
    return count < pace->most ? (uint32_t)count : pace->most;
}

bool pace_settle(pace_t *pace)
{
    if (!pace->run_us)
        return false;
    uint32_t now = wanted(pace), before = pace->waiting;
    if (2 * now > 3 * before || 2 * now <= before)
        pace->waiting = now;
    return pace->waiting != before;
}
