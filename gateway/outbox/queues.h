/* queues: what the brokers have told last, added up stage by stage. Filled by the outbox's thread, read from any. */
#ifndef YOGI_GATEWAY_QUEUES_H
#define YOGI_GATEWAY_QUEUES_H

#include "proto/base/arena.h"
#include "proto/link.h"

#include <stdint.h>

typedef struct queues queues_t;

/* STAGES: of all brokers together; more are left out (a broker has 16). STALE: a report that is older counts no more.
 */
enum { QUEUES_STAGES_MOST = 64, QUEUES_STALE_US = 6000000 };

/* Sums; plain data. */
typedef struct {
    char name[MESSAGE_NAME_MOST + 1];
    int64_t runnable, running, delayed;  /* jobs now */
    int64_t oldest_ms;                   /* age of the longest queued */
    int64_t hosts, workers;              /* that serve it; a host with fewer workers than brokers has one for each */
    int64_t done, failed, retried, lost; /* since the brokers' starts */
} queues_stage_t;

typedef struct {
    queues_stage_t stages[QUEUES_STAGES_MOST]; /* in the order of the first broker that knows them */
    size_t count;
    int64_t jobs, bytes, finished, refused; /* of all brokers */
    uint32_t heard;                         /* brokers that have told something lately */
} queues_sum_t;

queues_t *queues_new(void);
void queues_destroy(queues_t **queues); /* takes NULL; nulls the caller's pointer */

/* A broker's report, the body of its STATS; one that makes no sense is passed over. */
void queues_take(queues_t *queues, uint32_t broker, const void *body, size_t size, int64_t now_us);

void queues_add_up(queues_t *queues, int64_t now_us, queues_sum_t *sum);

#endif
