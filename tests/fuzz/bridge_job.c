/* Whatever Redis answers: it is no answer, or becomes a job whose options are within their ranges, whose end can be
 * decided, and whose next run can be worked out.
 */
#include "actors/bridge/ending.h"
#include "actors/bridge/noop.h"
#include "actors/bridge/papers/data.h"
#include "actors/bridge/retry.h"
#include "actors/bridge/schedule.h"
#include "target.h"

#include <stdlib.h>

static void check_options(const job_options_t *options)
{
    if (options->attempts < 0 || options->keep_logs < 0 || options->stack_limit < -1 || !(options->backoff_ms >= 0) ||
        !(options->jitter >= 0 && options->jitter <= 1) || options->keep_completed.age_s < 0)
        abort();
}

static void check_end(const job_t *job, const keys_t *keys, bool good)
{
    buf_t out = {0};
    chance_t chance = {1};
    call_scene_t scene = {.keys = keys, .token = "t", .lock_ms = 1};
    ending_rules_t rules = {0};
    upshot_t upshot = {.good = good, .value = job->data, .where = span_text("here")};
    ending_call(job, &upshot, &scene, &rules, true, 1, &chance, &out);
    retry_t retry = retry_decide(&job->options, job->made, false, &chance);
    if (retry.delay_ms < 0 || (retry.kind == RETRY_LATER && retry.delay_ms == 0))
        abort();
    buf_free(&out);
}

static void check_schedule(const job_t *job)
{
    fault_t fault = {0};
    buf_t options = {0};
    int64_t next_ms = 0;
    zones_t *zones = zones_new(ZONE_FOLDER, "Etc/UTC");
    schedule_next(job, zones, 1796000000000, &next_ms, &options, &fault);
    zones_destroy(&zones);
    buf_free(&options);
}

/* What is given back as it stood is JSON too, and no half of it. */
static bool is_read(const noop_t *noop, const buf_t *text)
{
    json_error_t error;
    json_t *json = noop->kind == NOOP_ECHO ? data_load(text->bytes, text->size, JSON_ALLOW_NUL, &error) : json_null();
    json_decref(json);
    return json != NULL;
}

static void check_job(const job_t *job)
{
    noop_t noop;
    fault_t fault;
    buf_t text = {0};
    keys_t *keys = keys_new("bull", "q");
    check_options(&job->options);
    check_end(job, keys, true);
    check_end(job, keys, false);
    if (job->scheduler.size && !schedule_is_doubtful(job))
        check_schedule(job);
    if (noop_parse(job->data.at, job->data.size, &noop, &text, &fault) == 0 &&
        (noop.count < 0 || !is_read(&noop, &text)))
        abort();
    keys_destroy(&keys);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fault_t fault;
    const reply_t *reply;
    arena_t *arena = arena_new();
    reply_reader_t *reader = reply_reader_new();
    if (reply_feed(reader, data, size, &fault) == 0)
        while (reply_next(reader, &reply, &fault) > 0) {
            fetched_t fetched = {0};
            job_t job;
            if (job_read(reply, arena, &fetched, &job) && fetched.has_job)
                check_job(&job);
        }
    reply_reader_destroy(&reader);
    arena_destroy(&arena);
    return 0;
}
