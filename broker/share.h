/* share: a limited good divided among owners so that none can take it all: a quarter of it is kept free for those who
 * have less than their equal part of that quarter; the rest goes to whoever asks. Somebody who is still to come counts
 * as one of them, so that an owner that was alone and stopped does not keep the next one out.
 */
#ifndef YOGI_BROKER_SHARE_H
#define YOGI_BROKER_SHARE_H

#include <stdbool.h>
#include <stdint.h>

/* Plain data; start with {.limit = …}. */
typedef struct {
    uint64_t limit;     /* of all */
    uint64_t used;      /* by all */
    uint64_t guarantee; /* what each owner is sure to get */
    uint64_t unclaimed; /* sum of what owners have less than that */
} share_t;

/* Whether an owner that has `own` may have `need` more. */
bool share_admits(const share_t *share, uint64_t own, uint64_t need);

/* The owner has more, or less, from now on. */
void share_take(share_t *share, uint64_t *own, uint64_t amount);
void share_give(share_t *share, uint64_t *own, uint64_t amount);

/* The number of owners has changed: begin, then count each one. The one who is still to come is counted here. */
void share_begin(share_t *share, uint32_t owners);
void share_count(share_t *share, uint64_t own);

#endif
