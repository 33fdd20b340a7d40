/* ending: see ending.h. */
#include "ending.h"
#include "packing.h"
#include "retry.h"

#include <string.h>

/* As a stack of JavaScript begins: by the names of Node's errors people and programs tell what was final. */
static void write_trace(span_t reason, const upshot_t *outcome, buf_t *out)
{
    buf_text(out, outcome->final ? "UnrecoverableError" : "Error");
    if (reason.size) {
        buf_text(out, ": ");
        buf_add(out, reason.at, reason.size);
    }
    buf_text(out, "\n    at ");
    buf_add(out, outcome->where.at, outcome->where.size);
}

/* The fields that a failure leaves in the job, packed: its reason and its traces. */
static void pack_failure(const job_t *job, span_t reason, const upshot_t *outcome, buf_t *out)
{
    buf_t trace = {0}, traces = {0};
    write_trace(reason, outcome, &trace);
    retry_trace(job->stacktrace.at, job->stacktrace.size, span_of(&trace), job->options.stack_limit, &traces);
    packing_array(out, 4);
    packing_name(out, "failedReason");
    packing_text(out, reason.at, reason.size);
    packing_name(out, "stacktrace");
    packing_text(out, traces.bytes, traces.size);
    buf_free(&trace);
    buf_free(&traces);
}

static void call_end(const job_t *job, bool good, span_t value, span_t fields, const call_scene_t *scene,
                     const ending_rules_t *rules, bool fetch, int64_t now_ms, buf_t *out)
{
    const job_options_t *options = &job->options;
    bool own = good ? options->keeps_completed : options->keeps_failed;
    const keep_t *keep = good ? &options->keep_completed : &options->keep_failed;
    call_finish_t finish = {.id = job->id,
                            .completed = good,
                            .value = value,
                            .fields = fields,
                            .keep = own    ? *keep
                                    : good ? rules->completed
                                           : rules->failed,
                            .attempts = options->attempts,
                            .fetch = fetch,
                            .fail_parent = options->fail_parent,
                            .continue_parent = options->continue_parent,
                            .ignore_dependency = options->ignore_dependency,
                            .remove_dependency = options->remove_dependency};
    call_finish(out, scene, &finish, now_ms);
}

/* The reason, where nobody knows the backoff with what is to be done about it. */
static span_t reason_of(const upshot_t *outcome, const job_t *job, bool unknown, buf_t *text)
{
    if (!unknown)
        return outcome->value;
    buf_format(text,
               "it cannot be tried again, as the type of backoff \"%s\" is none that is known (fixed, exponential); "
               "it failed because: ",
               job->options.backoff_name);
    buf_add(text, outcome->value.at, outcome->value.size);
    return span_of(text);
}

ending_kind_t ending_call(const job_t *job, const upshot_t *outcome, const call_scene_t *scene,
                          const ending_rules_t *rules, bool fetch, int64_t now_ms, chance_t *chance, buf_t *out)
{
    static const ending_kind_t kinds[] = {
        [RETRY_NEVER] = ENDING_FAILED, [RETRY_NOW] = ENDING_RETRIED, [RETRY_LATER] = ENDING_DELAYED};
    if (outcome->good) {
        call_end(job, true, outcome->value, (span_t){0}, scene, rules, fetch, now_ms, out);
        return ENDING_COMPLETED;
    }
    buf_t fields = {0}, text = {0};
    retry_t retry = retry_decide(&job->options, job->made, outcome->final, chance);
    span_t reason = reason_of(outcome, job, retry.unknown, &text);
    pack_failure(job, reason, outcome, &fields);
    if (retry.kind == RETRY_NEVER)
        call_end(job, false, reason, span_of(&fields), scene, rules, fetch, now_ms, out);
    else if (retry.kind == RETRY_NOW)
        call_retry(out, scene, job->id, job->options.lifo, span_of(&fields), now_ms);
    else
        call_delay(out, scene, job->id, retry.delay_ms, span_of(&fields), fetch, now_ms);
    buf_free(&fields);
    buf_free(&text);
    return kinds[retry.kind];
}
