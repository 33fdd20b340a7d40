/* office: one connection to Redis for a command that asks and waits, and the queues that it may ask for. For the parts
 * of `yogi queue`. Blocks for as long as it is told (--wait).
 */
#ifndef YOGI_DEPLOY_QUEUE_OFFICE_H
#define YOGI_DEPLOY_QUEUE_OFFICE_H

#include "actors/bridge/bridge_plan.h"
#include "actors/bridge/giving/giving_plan.h"
#include "proto/process.h"
#include "proto/redis/redis.h"

/* Queues that are shown at once. */
enum { OFFICE_QUEUES_MOST = 1000 };

typedef struct {
    const settings_t *settings;
    arena_t *arena; /* the process's */
    redis_place_t place;
    redis_t *redis;
    bridge_plan_t takes; /* queues that bridges serve by these settings */
    giving_plan_t gives; /* and those that they give to */
    int64_t wait_ms;     /* for an answer */
    buf_t command;       /* that is being put together */
} office_t;

/* Connects. -1 with the fault; close it all the same. */
int office_open(office_t *office, process_t *process, int64_t wait_ms, fault_t *fault)
    __attribute__((warn_unused_result));
void office_close(office_t *office);

/* Sends what stands in command and empties it. The answer is good until the next call. NULL with the fault. */
const reply_t *office_ask(office_t *office, fault_t *fault) __attribute__((warn_unused_result));

/* The same of a script, told with its text where Redis does not know it. */
const reply_t *office_run(office_t *office, fault_t *fault) __attribute__((warn_unused_result));

/* The same command of words, NULL-ended. */
#define OFFICE_ASK(office, fault, ...) (RESP_COMMAND(&(office)->command, __VA_ARGS__), office_ask((office), (fault)))

/* The queues of the settings and those that Redis has: sorted, each once, in the arena. -1 with the fault. */
int office_queues(office_t *office, const char **names, size_t *count, fault_t *fault)
    __attribute__((warn_unused_result));

/* Of a queue: its keys, and how its scripts are called. keys_destroy the keys. -1 with the fault. */
int office_scene(office_t *office, const char *queue, call_scene_t *scene, keys_t **keys, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
