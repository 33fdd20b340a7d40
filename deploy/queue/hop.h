/* hop: one line for each step on a way that is tried: what, how it is, in how long. For `yogi queue selftest` and the
 * checks of `yogi migrate queues`.
 */
#ifndef YOGI_DEPLOY_QUEUE_HOP_H
#define YOGI_DEPLOY_QUEUE_HOP_H

#include "proto/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Where hops are told. Plain data. */
typedef struct {
    buf_t *out;
    bool json;      /* a line of JSON for each hop */
    const char *of; /* whose hops they are, where there are several ways; NULL = there is one */
    int64_t bad;    /* hops that were told and are not good */
} hops_t;

void hop_tell(hops_t *hops, const char *hop, bool good, int64_t us, const char *text);

#endif
