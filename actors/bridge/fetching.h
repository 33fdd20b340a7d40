/* fetching: when a queue is asked for jobs, and when its marker is waited for. Pure: the queue hands in what it was
 * answered and asks what to do next.
 *
 *     jobs are taken by moveToActive until it gives none; then the marker is waited for (BZPOPMIN) for a while that a
 *     delayed job may shorten; after a marker, and whenever that while is over or a connection was lost, jobs are taken
 *     again: a marker may be gone with the connection that it was told to.
 */
#ifndef YOGI_BRIDGE_FETCHING_H
#define YOGI_BRIDGE_FETCHING_H

#include "job.h"

/* WIDTH: fetches on the way at once. LIMITED: as Node, so that delayed jobs are promoted meanwhile. BLOCK_MOST: a
 * blocked connection is given up after that. BLOCK_LEAST: Redis before 7.0.8 blocks for ever on less. */
enum {
    FETCHING_WIDTH_MOST = 16,
    FETCHING_LIMITED_MOST_MS = 30000,
    FETCHING_BLOCK_MOST_MS = 10000,
    FETCHING_BLOCK_LEAST_MS = 2
};

/* Plain data; {.drain_ms = …} to begin with. */
typedef struct {
    int64_t drain_ms;   /* longest wait for the marker of an empty queue */
    bool drained;       /* it had no job when it was asked last */
    bool waiting;       /* its marker is waited for */
    uint32_t fetches;   /* on the way */
    uint32_t width;     /* that may be on the way; 0 as 1 */
    uint32_t failures;  /* one after another */
    int64_t until_ms;   /* not asked before: limited, or after a failure */
    int64_t delayed_ms; /* Unix time of the next delayed job; 0 = not known */
    int64_t last_ms;    /* when it was asked last */
} fetching_t;

typedef enum { FETCHING_NOTHING, FETCHING_TAKE, FETCHING_WAIT } fetching_kind_t;

typedef struct {
    fetching_kind_t kind;
    uint32_t count;  /* FETCHING_TAKE: so many fetches */
    int64_t wait_ms; /* FETCHING_WAIT: for so long */
} fetching_step_t;

/* What to do now with so many free places (for which no fetch is on the way); lowers *next_ms to when to ask again.
 * can_wait: there is a connection for it; without one the queue is asked every drain_ms. */
fetching_step_t fetching_next(fetching_t *fetching, uint32_t free, bool can_wait, int64_t now_ms, int64_t *next_ms);

void fetching_sent(fetching_t *fetching, uint32_t count, int64_t now_ms); /* the fetches were sent */
void fetching_waits(fetching_t *fetching);                                /* the wait was */
void fetching_answered(fetching_t *fetching, const fetched_t *fetched,
                       int64_t now_ms);                     /* a fetch, or a finish with one */
void fetching_lost(fetching_t *fetching);                   /* a fetch was lost with its connection */
void fetching_failed(fetching_t *fetching, int64_t now_ms); /* it was refused: a pause, each time longer */
void fetching_told(fetching_t *fetching, bool marker, int64_t score, int64_t now_ms); /* the wait is over */
void fetching_again(fetching_t *fetching); /* whatever was known may be old */

#endif
