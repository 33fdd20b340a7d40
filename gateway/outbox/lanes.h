/* lanes: of a job one errand at a time is in the store, the others wait behind it in their order, so that a stage's
 * result is never behind the end of its run. One thread.
 */
#ifndef YOGI_GATEWAY_LANES_H
#define YOGI_GATEWAY_LANES_H

#include "errand.h"
#include "proto/base/directory.h"

/* Read and written by its functions alone; {.jobs.seed = …} is empty. */
typedef struct {
    directory_t jobs; /* with an errand in the store: slot in heads */
    errand_t **heads; /* the errand in the store, behind which others stand; NULL = free */
    uint32_t room;    /* of heads */
    uint32_t hint;    /* where to look for a free one */
} lanes_t;

/* Destroys what waits; what is in the store is somebody else's. */
void lanes_free(lanes_t *lanes);

bool lanes_has(const lanes_t *lanes, ident_t job);

/* The errand stands in the lane of its job. Whether it is the first: then it is to be handed to the store now. */
bool lanes_put(lanes_t *lanes, errand_t *errand) __attribute__((warn_unused_result));

/* The first one in the lane of a job; NULL where it is empty. */
errand_t *lanes_head(const lanes_t *lanes, ident_t job);

/* The one behind the first takes its place, in which the first goes along (errand_join). Returns it. */
errand_t *lanes_join(lanes_t *lanes, errand_t *head);

/* Those that the first goes along with stand before it again, each alone. Returns the first. */
errand_t *lanes_part(lanes_t *lanes, errand_t *head);

/* The first one of the lane is done, and in it no more. The next one, which is to be handed to the store now, or NULL.
 */
errand_t *lanes_next(lanes_t *lanes, errand_t *done) __attribute__((warn_unused_result));

#endif
