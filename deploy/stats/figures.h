/* figures: what several brokers count, added up stage by stage, and how it is written. */
#ifndef YOGI_DEPLOY_FIGURES_H
#define YOGI_DEPLOY_FIGURES_H

#include "asker.h"
#include "proto/message.h"

/* Stages of all brokers together; more are left out. */
enum { FIGURES_STAGES_MOST = 64 };

/* Sums; plain data. */
typedef struct {
    char name[MESSAGE_NAME_MOST + 1];
    int64_t waiting, running, delayed, oldest_ms, actors, slots, done, failed, retried, lost;
} figures_stage_t;

typedef struct {
    figures_stage_t stages[FIGURES_STAGES_MOST]; /* in the order of the first broker that knows them */
    size_t count;
    int64_t jobs, owners, bytes; /* owners: without the asker */
    uint32_t answers, brokers;
    int64_t at_us; /* when they were taken */
} figures_t;

/* What has been answered to the last question. */
void figures_take(const asker_t *asker, int64_t now_us, figures_t *figures);

/* Appends a table, with what was done in a second where there are figures from before (else NULL). Columns of less
 * account are left out where it would be wider than this; 0 = as wide as it likes. */
void figures_table(const figures_t *figures, const figures_t *before, size_t columns, buf_t *out);

/* Appends a line of JSON for each broker that has answered. */
void figures_json(const asker_t *asker, buf_t *out);

#endif
