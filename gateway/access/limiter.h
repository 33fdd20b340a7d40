/* limiter: how many calls each key may make: a bucket of tokens for each, which fills again as time goes by. Counts in
 * this process alone: behind three gateways a key has three buckets.
 */
#ifndef YOGI_ACCESS_LIMITER_H
#define YOGI_ACCESS_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct limiter limiter_t;

/* Keys that are remembered; full buckets are forgotten first. Past it new keys are refused: with so many that call
 * within a minute something is wrong. */
enum { LIMITER_KEYS_MOST = 65536 };

/* What is left; for headers. */
typedef struct {
    bool allowed;
    int64_t limit;     /* calls in a minute, and at once */
    int64_t remaining; /* calls at once from here on */
    int64_t reset_s;   /* until the bucket is full again */
    int64_t retry_s;   /* until there is one more; of those that are not allowed */
} allowance_t;

/* So many calls a minute for each key. */
limiter_t *limiter_new(int64_t per_minute);
void limiter_destroy(limiter_t **limiter); /* takes NULL; nulls the caller's pointer */

/* A call of this key. From any thread. */
allowance_t limiter_take(limiter_t *limiter, const char *key, int64_t now_us);

#endif
