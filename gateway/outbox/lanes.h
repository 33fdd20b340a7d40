/* lanes: of a job one errand at a time is in the store, the others wait behind it in their order, so that a stage's
 * result is never behind the end of its run. RECORDs go along with what comes behind them (errand_join), and one that
 * may wait is held back for a moment (held.h) to have company. One thread.
 */
#ifndef YOGI_GATEWAY_LANES_H
#define YOGI_GATEWAY_LANES_H

#include "held.h"
#include "proto/base/directory.h"

/* Read and written by its functions alone; {.jobs.seed = …} is empty. */
typedef struct {
    directory_t jobs; /* with errands: slot in heads */
    errand_t **heads; /* the errand in the store or held back, behind which others stand; NULL = free */
    uint32_t room;    /* of heads */
    uint32_t hint;    /* where to look for a free one */
    held_t held;
} lanes_t;

/* Destroys what waits and is held back; what is in the store is somebody else's. */
void lanes_free(lanes_t *lanes);

bool lanes_has(const lanes_t *lanes, ident_t job);

/* The errand stands in the lane of its job; taken. The one that is to be handed to the store now, if any: it, or one
 * that was held back. */
errand_t *lanes_put(lanes_t *lanes, errand_t *errand, int64_t now_us) __attribute__((warn_unused_result));

/* The first one of a lane is done, and in it no more. The one that is to be handed to the store now, or NULL. */
errand_t *lanes_next(lanes_t *lanes, errand_t *done, int64_t now_us) __attribute__((warn_unused_result));

/* One that was held back long enough, which is to be handed to the store now; NULL, and when there will be one:
 * *next_us is lowered to that. */
errand_t *lanes_due(lanes_t *lanes, int64_t now_us, int64_t *next_us) __attribute__((warn_unused_result));

/* The first one of a lane could not be done with those that go along: each stands in the lane again, alone from now on.
 * The one that is to be handed to the store now. */
errand_t *lanes_part(lanes_t *lanes, errand_t *failed) __attribute__((warn_unused_result));

#endif
