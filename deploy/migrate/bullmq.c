/* bullmq: see bullmq.h. What `yogi queue` is made of does the work. */
#include "bullmq.h"

#include "actors/bridge/calls.h"
#include "actors/bridge/packing.h"
#include "deploy/queue/selftest.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/json.h"

#include <stdlib.h>
#include <string.h>

/* KEPT: a job that was carried over is not added again within, should a carry be killed and run again. */
enum { KEPT_S = 7 * 86400 };

/* What the bridge's stages say of a job without a document. */
static const char refusal[] = "documentId is missing";

struct bullmq {
    office_t office;
};

bullmq_t *bullmq_open(process_t *process, int64_t wait_ms, fault_t *fault)
{
    bullmq_t *bullmq = memory_new(1, sizeof *bullmq);
    if (office_open(&bullmq->office, process, wait_ms, fault) < 0)
        bullmq_close(&bullmq);
    return bullmq;
}

void bullmq_close(bullmq_t **bullmq)
{
    if (!bullmq || !*bullmq)
        return;
    office_close(&(*bullmq)->office);
    free(*bullmq);
    *bullmq = NULL;
}

/* ---- a job ---- */

static void write_data(const bullmq_job_t *job, buf_t *data)
{
    buf_text(data, "{\"documentId\":");
    json_text(job->document, data);
    if (*job->filename) {
        buf_text(data, ",\"filename\":");
        json_text(job->filename, data);
    }
    buf_format(data, ",\"%s\":", job->in_bucket ? "s3Key" : "imagePath");
    json_text(job->blob, data);
    buf_char(data, '}');
}

static void write_options(const bullmq_job_t *job, buf_t *options)
{
    bool rests = *job->backoff && job->backoff_ms > 0;
    packing_map(options, 3u + rests + (job->delay_ms > 0));
    packing_name(options, "attempts");
    packing_int(options, job->attempts);
    for (int i = 0; i < 2; i++) {
        packing_name(options, i ? "removeOnFail" : "removeOnComplete");
        packing_map(options, 1);
        packing_name(options, "age");
        packing_int(options, KEPT_S);
    }
    if (rests) {
        packing_name(options, "backoff");
        packing_map(options, 2);
        packing_name(options, "type");
        packing_name(options, job->backoff);
        packing_name(options, "delay");
        packing_int(options, job->backoff_ms);
    }
    if (job->delay_ms > 0) {
        packing_name(options, "delay");
        packing_int(options, job->delay_ms);
    }
}

int bullmq_add(bullmq_t *bullmq, const char *queue, const bullmq_job_t *job, fault_t *fault)
{
    call_scene_t scene;
    keys_t *keys = NULL;
    buf_t data = {0}, options = {0};
    office_t *office = &bullmq->office;
    if (office_scene(office, queue, &scene, &keys, fault) < 0)
        return -1;
    write_data(job, &data);
    write_options(job, &options);
    call_add_t add = {.id = span_text(job->id),
                      .name = span_text("classify"), /* as the guide calls it */
                      .data = span_of(&data),
                      .options = span_of(&options),
                      .delay_ms = job->delay_ms};
    call_add(&office->command, &scene, &add, clock_wall_ms());
    const reply_t *reply = office_run(office, fault);
    int failed = !reply ? -1
                 : reply->kind == REPLY_TEXT
                     ? 0
                     : fault_set(fault, FAULT_UNAVAILABLE, "Redis does not add a job to %.60s: %.200s", queue,
                                 reply_text(reply));
    keys_destroy(&keys);
    buf_free(&data);
    buf_free(&options);
    return failed;
}

/* ---- checks ---- */

static int check_one(bullmq_t *bullmq, const selftest_way_t *way, hops_t *hops, fault_t *fault)
{
    hops->of = way->queue;
    return selftest_way(&bullmq->office, way, hops, fault) < 0 ? -1 : 0;
}

int bullmq_check(bullmq_t *bullmq, hops_t *hops, fault_t *fault)
{
    const office_t *office = &bullmq->office;
    for (size_t i = 0; i < office->takes.count; i++) {
        bool noop = strcmp(office->takes.queues[i].stage, "noop") == 0;
        selftest_way_t way = {.queue = office->takes.queues[i].name, .refusal = noop ? NULL : refusal};
        if (check_one(bullmq, &way, hops, fault) < 0)
            return -1;
    }
    for (size_t i = 0; i < office->gives.count; i++) {
        selftest_way_t way = {.queue = office->gives.stages[i].queue, .looking = true};
        if (check_one(bullmq, &way, hops, fault) < 0)
            return -1;
    }
    return 0;
}
