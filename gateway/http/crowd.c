/* crowd: see crowd.h. */
#include "crowd.h"

#include <time.h>

void crowd_begin(crowd_t *crowd)
{
    pthread_condattr_t attributes;
    *crowd = (crowd_t){.calls = 0};
    pthread_mutex_init(&crowd->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&crowd->quiet, &attributes);
    pthread_condattr_destroy(&attributes);
}

void crowd_end(crowd_t *crowd)
{
    pthread_cond_destroy(&crowd->quiet);
    pthread_mutex_destroy(&crowd->lock);
}

/* One of the counts goes up or down. */
static void count(crowd_t *crowd, uint64_t *figure, int by)
{
    pthread_mutex_lock(&crowd->lock);
    *figure += (uint64_t)(int64_t)by;
    if (!*figure && crowd->ending)
        pthread_cond_broadcast(&crowd->quiet);
    pthread_mutex_unlock(&crowd->lock);
}

void crowd_comes(crowd_t *crowd)
{
    count(crowd, &crowd->calls, 1);
}

void crowd_goes(crowd_t *crowd)
{
    count(crowd, &crowd->calls, -1);
}

bool crowd_sleeps(crowd_t *crowd)
{
    pthread_mutex_lock(&crowd->lock);
    bool may = !crowd->ending;
    crowd->asleep += may;
    pthread_mutex_unlock(&crowd->lock);
    return may;
}

void crowd_wakes(crowd_t *crowd)
{
    count(crowd, &crowd->asleep, -1);
}

void crowd_ends(crowd_t *crowd)
{
    pthread_mutex_lock(&crowd->lock);
    crowd->ending = true;
    pthread_mutex_unlock(&crowd->lock);
}

bool crowd_is_ending(crowd_t *crowd)
{
    pthread_mutex_lock(&crowd->lock);
    bool ending = crowd->ending;
    pthread_mutex_unlock(&crowd->lock);
    return ending;
}

void crowd_wait_calls(crowd_t *crowd, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&crowd->lock);
    while (crowd->calls && pthread_cond_timedwait(&crowd->quiet, &crowd->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&crowd->lock);
}

void crowd_wait_asleep(crowd_t *crowd)
{
    pthread_mutex_lock(&crowd->lock);
    while (crowd->asleep)
        pthread_cond_wait(&crowd->quiet, &crowd->lock);
    pthread_mutex_unlock(&crowd->lock);
}
