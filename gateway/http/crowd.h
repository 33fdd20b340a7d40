/* crowd: how many calls there are, how many of them sleep (their connections are suspended), and whether the server
 * ends: then none falls asleep any more, so that there is an end to wait for.
 */
#ifndef YOGI_HTTP_CROWD_H
#define YOGI_HTTP_CROWD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Read and written by its functions alone. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t quiet; /* one of the counts has come to 0 */
    uint64_t calls, asleep;
    bool ending;
} crowd_t;

void crowd_begin(crowd_t *crowd);
void crowd_end(crowd_t *crowd);

void crowd_comes(crowd_t *crowd); /* a call */
void crowd_goes(crowd_t *crowd);

/* A call falls asleep; false when the server ends: then it must not. */
bool crowd_sleeps(crowd_t *crowd) __attribute__((warn_unused_result));
void crowd_wakes(crowd_t *crowd);

/* The server ends from now on. */
void crowd_ends(crowd_t *crowd);
bool crowd_is_ending(crowd_t *crowd);

/* Until there is no call any more, so long at most; until none sleeps, as long as it takes. */
void crowd_wait_calls(crowd_t *crowd, int64_t ms);
void crowd_wait_asleep(crowd_t *crowd);

#endif
