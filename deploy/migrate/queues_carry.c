/* queues_carry: each job that waits in the old queue goes on in the new system.
 *
 *     job in Bull ──▶ its run and its mark are one transaction of the store ──▶ taken out of Bull
 *     job in Bull ──▶ added to the queue of BullMQ, under an id of its own ──▶ marked in the store ──▶ taken out
 *
 * Killed anywhere, the next carry finds the mark (or BullMQ the id) and goes on behind it. Order is Bull's own; its
 * number of priority is not carried: in Bull jobs without one come last, here first.
 */
#include "bullmq.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "proto/base/text.h"
#include "proto/json.h"
#include "queues.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* EXAMPLES: jobs that are told one by one. LOOK: at the old workers, while they are waited for. */
enum { EXAMPLES = 20, LOOK_MS = 200 };

typedef struct {
    queues_t *queues;
    bullmq_t *bullmq; /* NULL = runs are made */
    bool idle;        /* no old worker can take a job meanwhile */
    int64_t count[FATES];
    int64_t told;  /* jobs of which something was said */
    int64_t raced; /* jobs that a worker took, or that ended, before they were taken out */
} carry_t;

/* ---- old workers ---- */

/* A paused queue gives its workers nothing. */
static bool is_idle(const bull_census_t *census)
{
    return census->locked == 0 && (census->workers <= 0 || census->is_paused);
}

static int refuse_workers(const queues_t *queues, const bull_census_t *census, fault_t *fault)
{
    return fault_set(fault, FAULT_UNAVAILABLE,
                     "old workers are at work on %s (%" PRId64 " connected, %" PRId64 " jobs in hand): end them, or "
                     "pause them (yogi migrate queues drain --pause); --wait SECONDS waits for that, --force carries "
                     "what they have not",
                     queues->bull.shown, census->workers > 0 ? census->workers : 0, census->locked);
}

static int wait_for_idle(carry_t *carry, bull_census_t *census, fault_t *fault)
{
    queues_t *queues = carry->queues;
    int64_t until_us = clock_now_us() + (int64_t)queues->options->wait * 1000000;
    while (bull_look(&queues->bull, census, fault) == 0) {
        carry->idle = is_idle(census);
        if (carry->idle || queues->options->force)
            return queues_find(queues, census, fault);
        if (queues_stopped(queues))
            return fault_set(fault, FAULT_CANCELLED, STOPPED);
        if (clock_now_us() >= until_us)
            return refuse_workers(queues, census, fault);
        queues_progress(queues, "old workers are waited for", 0, 0);
        queues_rest(queues, LOOK_MS);
    }
    return -1;
}

/* ---- one job ---- */

static void tell_json(const carry_t *carry, const bull_job_t *job, const char *says)
{
    buf_t *out = carry->queues->out;
    buf_text(out, "{\"id\":");
    json_text(job->id, out);
    buf_format(out, ",\"state\":\"%s\",\"why\":", bull_place_name(job->place));
    json_text(says, out);
    buf_text(out, "}\n");
}

static void tell(carry_t *carry, const bull_job_t *job, const char *says)
{
    char line[420];
    if (carry->queues->options->json) {
        tell_json(carry, job, says);
        return;
    }
    carry->told++;
    if (carry->told == EXAMPLES + 1)
        queues_say(carry->queues, "… and more; yogi migrate queues plan --json tells all");
    if (carry->told > EXAMPLES)
        return;
    snprintf(line, sizeof line, "job %.60s (%s): %s", job->id, bull_place_name(job->place), says);
    text_neuter(line);
    queues_say(carry->queues, "%s", line);
}

static int give(carry_t *carry, const bull_job_t *job, const pickup_job_t *wanted, const sentence_t *sentence,
                fault_t *fault)
{
    queues_t *queues = carry->queues;
    int64_t wait_ms = job->due_ms - clock_wall_ms();
    bullmq_job_t new = {.id = wanted->mark,
                        .document = job->document,
                        .filename = sentence->found.filename,
                        .blob = sentence->found.blob,
                        .in_bucket = sentence->found.in_bucket,
                        .attempts = wanted->attempts,
                        .backoff = job->backoff,
                        .backoff_ms = job->backoff_ms,
                        .delay_ms = wait_ms > 0 ? wait_ms : 0};
    if (bullmq_add(carry->bullmq, queues->options->into, &new, fault) < 0)
        return -1;
    MARK("queues.added");
    return pickup_elsewhere(queues->pickup, wanted, queues->options->into, fault);
}

/* Makes it go on; the document may have gone since it was looked at. */
static int pass_on(carry_t *carry, const bull_job_t *job, sentence_t *sentence, fault_t *fault)
{
    char mark[BULL_MARK_BYTES];
    pickup_job_t wanted = {
        .mark = bull_mark(&carry->queues->bull, job, mark), .document = job->document, .attempts = bull_job_left(job)};
    if (carry->bullmq)
        return give(carry, job, &wanted, sentence, fault);
    if (pickup_take(carry->queues->pickup, &wanted, &sentence->found.state, fault) < 0)
        return -1;
    if (sentence->found.state == PICKUP_BEFORE)
        sentence->fate = FATE_COVERED;
    if (sentence->found.state == PICKUP_UNKNOWN || sentence->found.state == PICKUP_NO_BYTES) {
        sentence->fate = FATE_LEFT;
        snprintf(sentence->why, sizeof sentence->why, "its document has been deleted meanwhile");
    }
    return 0;
}

static int take_out(carry_t *carry, const bull_job_t *job, fault_t *fault)
{
    bull_taken_t taken;
    MARK("queues.passed");
    if (bull_take(&carry->queues->bull, job->id, &taken, fault) < 0)
        return -1;
    MARK("queues.taken");
    if (taken == BULL_TAKEN)
        return 0;
    carry->raced++;
    tell(carry, job,
         taken == BULL_LOCKED ? "an old worker has taken it meanwhile, so it may be done twice"
                              : "it has ended meanwhile");
    return 0;
}

static int carry_one(carry_t *carry, const bull_job_t *job, fault_t *fault)
{
    sentence_t sentence;
    if (queues_judge(carry->queues, job, &sentence, fault) < 0)
        return -1;
    if (sentence.fate == FATE_CARRIED && job->place == BULL_ACTIVE && !carry->idle) {
        sentence.fate = FATE_LEFT; /* a worker may have taken it and not locked it yet */
        snprintf(sentence.why, sizeof sentence.why, "old workers are at work, and one may have it");
    }
    if (sentence.fate == FATE_CARRIED && pass_on(carry, job, &sentence, fault) < 0)
        return -1;
    carry->count[sentence.fate]++;
    if (sentence.fate != FATE_LEFT)
        return take_out(carry, job, fault);
    tell(carry, job, sentence.why);
    return 0;
}

/* ---- all ---- */

static int carry_all(carry_t *carry, fault_t *fault)
{
    bull_ids_t ids;
    queues_t *queues = carry->queues;
    arena_t *names = arena_new(), *arena = arena_new();
    int failed = bull_ids(&queues->bull, names, &ids, fault);
    for (size_t i = 0; !failed && i < ids.count; i++) {
        bull_job_t job;
        arena_clear(arena);
        queues_progress(queues, "carried over", (int64_t)i, (int64_t)ids.count);
        failed = queues_stopped(queues) ? fault_set(fault, FAULT_CANCELLED, STOPPED)
                                        : bull_fetch(&queues->bull, &ids.list[i], arena, &job, fault);
        if (!failed)
            failed = carry_one(carry, &job, fault);
    }
    arena_destroy(&names);
    arena_destroy(&arena);
    return failed;
}

static void sum_up(const carry_t *carry)
{
    const queues_t *queues = carry->queues;
    buf_t *out = queues->out;
    if (queues->options->json) {
        buf_format(out,
                   "{\"carried\":%" PRId64 ",\"covered\":%" PRId64 ",\"left\":%" PRId64 ",\"raced\":%" PRId64 "}\n",
                   carry->count[FATE_CARRIED], carry->count[FATE_COVERED], carry->count[FATE_LEFT], carry->raced);
        return;
    }
    buf_format(out, "%s: %" PRId64 " jobs became %s%s", queues->bull.shown, carry->count[FATE_CARRIED],
               queues->options->into ? "jobs of BullMQ's queue " : "runs",
               queues->options->into ? queues->options->into : "");
    if (carry->count[FATE_COVERED])
        buf_format(out, ", %" PRId64 " were taken out whose documents had been queued before",
                   carry->count[FATE_COVERED]);
    buf_format(out, ", %" PRId64 " stay\n", carry->count[FATE_LEFT]);
}

static int judge_left(const carry_t *carry, fault_t *fault)
{
    if (carry->count[FATE_LEFT] == 0 || carry->queues->options->quarantine)
        return 0;
    return fault_set(fault, FAULT_INPUT,
                     "%" PRId64 " jobs cannot be carried over and stay in %s: see why above; delete them there, or "
                     "leave them by --quarantine",
                     carry->count[FATE_LEFT], carry->queues->bull.shown);
}

int queues_carry(queues_t *queues, fault_t *fault)
{
    bull_census_t census;
    carry_t carry = {.queues = queues};
    if (wait_for_idle(&carry, &census, fault) < 0)
        return -1;
    if (queues->options->into && !(carry.bullmq = bullmq_open(queues->process, queues->bull.wait_ms, fault)))
        return -1;
    int failed = carry_all(&carry, fault);
    bullmq_close(&carry.bullmq);
    sum_up(&carry);
    return failed ? -1 : judge_left(&carry, fault);
}
