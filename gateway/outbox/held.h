/* held: RECORDs that wait a moment before they go to the store, because what comes next of their job goes along with
 * them in one piece of work: of a document that is read in no time, all stages are stored with its end. Each is the
 * first in the lane of its job. One thread.
 */
#ifndef YOGI_GATEWAY_HELD_H
#define YOGI_GATEWAY_HELD_H

#include "errand.h"

/* MS: that people do not notice. MOST: half of what a broker tells before it is answered (link_defaults), so that the
 * ends of other jobs get through. */
enum { HELD_MS = 50, HELD_MOST = 128 };

/* Read and written by its functions alone; {0} is empty. */
typedef struct {
    errand_t *first, **end; /* by when they are due */
    uint32_t count;
} held_t;

void held_free(held_t *held); /* destroys what is in it */

void held_put(held_t *held, errand_t *errand, int64_t now_us);
void held_take(held_t *held, errand_t *errand); /* out, whenever it is due; nothing where it is not in */

/* The first one that has waited enough, still in; NULL and when there will be one: *next_us is lowered to that. */
errand_t *held_due(const held_t *held, int64_t now_us, int64_t *next_us);

#endif
