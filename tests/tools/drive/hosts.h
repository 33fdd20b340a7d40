/* hosts: actor hosts without workers, which answer every job at once: for measuring a broker by itself.
 *
 * They speak the real protocol over the real wire (CREDIT, STARTED, DONE, heartbeats with digests), but keep no more
 * than they must, so that what is measured is the broker: a lost message is not sent again. A stage of theirs does what
 * a no-op stage of the yardsticks does: it reads the number of stages that a document has passed from its body, checks
 * it against the route, and raises it.
 */
#ifndef YOGI_TESTS_DRIVE_HOSTS_H
#define YOGI_TESTS_DRIVE_HOSTS_H

#include "proto/message.h"

#include <stdbool.h>
#include <stdint.h>

/* A body is a msgpack map of one key with bytes behind it: the document's number, the stages it has passed, padding. */
enum { BODY_NUMBER = 8, BODY_PASSED = BODY_NUMBER + 8, BODY_LEAST = BODY_PASSED + 1, BODY_MOST = 1 << 20 };

typedef struct {
    const char *brokers;                    /* endpoints */
    const char *stages[MESSAGE_NAMES_MOST]; /* of the route, in order */
    uint32_t stage_count;                   /* of them */
    uint32_t credit;                        /* jobs of a stage that may lie at one host */
    bool silent;                            /* STARTED is not said */
} hosts_plan_t;

/* Runs `count` hosts in this process until it is killed, each with a connection of its own. Host n serves all stages of
 * the plan, or, where `stage` is not negative, that one alone. At most ENDPOINTS_MOST connections (asserted). */
void hosts_run(const hosts_plan_t *plan, uint32_t count, int stage) __attribute__((noreturn));

#endif
