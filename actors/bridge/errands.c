/* errands: see errands.h. */
#include "errands.h"
#include "errand.h"
#include "local.h"
#include "papers/result.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"
#include "proto/json.h"
#include "proto/pack.h"
#include "proto/report.h"
#include "proto/wire/ferry.h"
#include "retry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BUCKETS: of the table of jobs; several thousand at once are few. STATS: how often brokers are asked whether a gateway
 * serves the stage store, and how long jobs wait for the first answer. GONE: late results of that many are told apart.
 */
enum {
    BUCKETS = 4096,
    STATS_US = 10 * 1000000,
    STATS_FIRST_US = 200000,
    STATS_PATIENCE_US = 3 * 1000000,
    GONE_MOST = 256
};

_Static_assert(ERRANDS_POLLS_MOST >= (int)WIRE_POLLS_MOST, "room for every descriptor");

/* A job that was called off here. */
typedef struct {
    ident_t ident;
    queue_t *queue; /* NULL = none stands here */
} gone_t;

struct errands {
    errands_plan_t plan;
    sources_t *sources;
    ferry_t *ferry;             /* NULL = nothing has needed it yet */
    errand_t *buckets[BUCKETS]; /* by id */
    uint32_t count;
    uint32_t waiting; /* not owned: until it is known whether there is a store */
    bool store;       /* a gateway serves it */
    bool store_known;
    int64_t stats_us;    /* asked again then */
    int64_t patience_us; /* the first answer is not waited for longer */
    uint64_t questions;
    gone_t gone[GONE_MOST]; /* the last ones, a ring */
    size_t gone_next;       /* in it */
    int64_t now_us;
};

/* ---- the table ---- */

static errand_t **bucket_of(errands_t *errands, ident_t ident)
{
    return &errands->buckets[(ident.low ^ ident.high) % BUCKETS];
}

static errand_t *find(errands_t *errands, ident_t ident)
{
    errand_t *errand = *bucket_of(errands, ident);
    while (errand && !ident_equal(errand->ident, ident))
        errand = errand->next;
    return errand;
}

static void put(errands_t *errands, errand_t *errand)
{
    errand_t **bucket = bucket_of(errands, errand->ident);
    errand->next = *bucket;
    *bucket = errand;
    errands->count++;
    errands->waiting += !errand->owned;
}

/* Out of the table; the caller's to free. */
static void take_out(errands_t *errands, errand_t *errand)
{
    errand_t **link = bucket_of(errands, errand->ident);
    while (*link != errand)
        link = &(*link)->next;
    *link = errand->next;
    errands->count--;
    errands->waiting -= !errand->owned;
}

static void drop(errands_t *errands, errand_t *errand)
{
    take_out(errands, errand);
    errand_free(&errand);
}

/* ---- ends ---- */

static const char *where_of(const errand_t *errand, const message_t *message, char *out, size_t size)
{
    snprintf(out, size, "stage %.*s, run %s by yogi-bridge", message ? (int)message->stage.size : 0,
             message && message->stage.size ? message->stage.at : "", queue_plan(errand->queue)->name);
    return out;
}

static void end(errands_t *errands, errand_t *errand, bool good, bool final, span_t value, const char *where)
{
    upshot_t outcome = {.good = good, .final = final, .value = value, .where = span_text(where)};
    take_out(errands, errand);
    queue_end(errand->queue, errand->slot, &outcome, 0);
    errand_free(&errand);
}

/* Whether the job fails for good by this. */
static bool is_last(const errand_t *errand, bool final)
{
    chance_t chance = {0};
    return retry_decide(&errand->job->options, errand->job->made, final, &chance).kind == RETRY_NEVER;
}

static void own(errands_t *errands, errand_t *errand)
{
    errands->waiting -= !errand->owned;
    errand->owned = true;
    ferry_own(errands->ferry, errand->ident, errand->epoch);
}

/* The document's failure is stored before the job ends. false where nothing can be told. */
static bool tell_store(errands_t *errands, errand_t *errand, const upshot_t *outcome, const char *name)
{
    if (!errands->store || errand->is_noop || errand->storing || !is_last(errand, outcome->final))
        return false;
    buf_clear(&errand->text);
    buf_add(&errand->text, outcome->value.at, outcome->value.size);
    if (!errand_prepare_store(errand, errands->sources, name, errand->text.bytes))
        return false;
    take_out(errands, errand);
    errand->storing = true;
    errand->outcome = *outcome;
    errand->outcome.value = span_of(&errand->text);
    errand->outcome.where = span_text("yogi-bridge");
    errand->ident = errand_ident(errands->plan.prefix, queue_plan(errand->queue)->name, errand->job, "store");
    errand->owned = false;
    put(errands, errand);
    own(errands, errand);
    return true;
}

static void fail(errands_t *errands, errand_t *errand, const message_t *message, const char *name, const char *text,
                 bool final)
{
    char where[160];
    where_of(errand, message, where, sizeof where);
    upshot_t outcome = {.final = final, .value = span_text(text), .where = span_text(where)};
    if (!tell_store(errands, errand, &outcome, name))
        end(errands, errand, false, final, span_text(text), where);
}

/* ---- what comes from brokers ---- */

static void submit(errands_t *errands, errand_t *errand)
{
    fault_t fault;
    if (errand->expired && !errand->storing && errand_prepare(errand, errands->sources, errands->store, &fault) < 0) {
        ferry_disown(errands->ferry, errand->ident);
        fail(errands, errand, NULL, fault_name(fault.code), fault.text, false);
        return;
    }
    errand->expired = false;
    int64_t priority = errand->job->priority;
    message_t message = {.command = COMMAND_SUBMIT,
                         .job = errand->ident,
                         .epoch = errand->epoch,
                         .attempts = 1, /* BullMQ alone tries again */
                         .priority = priority < MESSAGE_PRIORITY_MOST ? (uint32_t)priority : MESSAGE_PRIORITY_MOST,
                         .name_count = errand->route_count,
                         .record = !errand->is_noop,
                         .tenant = slice_of(queue_plan(errand->queue)->tenant),
                         .body = {errand->body.bytes, (uint32_t)errand->body.size}};
    for (uint32_t i = 0; i < errand->route_count; i++)
        message.names[i] = slice_of(errand->route[i]);
    if (message_check(&message, &fault) == 0) {
        ferry_submit(errands->ferry, &message);
        return;
    }
    ferry_disown(errands->ferry, errand->ident);
    end(errands, errand, false, true, span_text(fault.text), "yogi-bridge");
}

static void tell_progress(const errand_t *errand, const message_t *message)
{
    buf_t json = {0};
    if (errand->storing || errand->is_noop) /* which tells its own */
        return;
    buf_format(&json, "{\"stage\":\"%.*s\",\"part\":%u,\"parts\":%u}", (int)message->stage.size,
               message->stage.size ? message->stage.at : "", message->done, message->total);
    queue_progress(errand->queue, errand->slot, span_of(&json));
    buf_free(&json);
}

static void tell_stage(const errand_t *errand, const trail_t *trail)
{
    buf_t row = {0};
    const char *stage = trail->stage ? trail->stage : "?";
    buf_format(&row, "%s: done", stage);
    if (trail->engine)
        buf_format(&row, " by %s", trail->engine);
    if (trail->host)
        buf_format(&row, " at %s", trail->host);
    buf_format(&row, ", %.0f ms of CPU", trail->cpu_ms);
    if (trail->confidence > 0)
        buf_format(&row, ", confidence %.2f", trail->confidence);
    if (trail->error)
        buf_format(&row, ", %s", trail->error);
    text_neuter(row.bytes);
    queue_log(errand->queue, errand->slot, span_text(row.bytes));
    buf_clear(&row);
    buf_text(&row, "{\"stage\":");
    json_text(stage, &row);
    buf_text(&row, ",\"done\":true}");
    queue_progress(errand->queue, errand->slot, span_of(&row));
    buf_free(&row);
}

/* A line in the job's log for each stage that has ended since the last, and its progress. */
static void tell_stages(errand_t *errand, const dossier_t *dossier)
{
    for (; errand->told < dossier->trail.count; errand->told++)
        tell_stage(errand, LIST_AT(trail_t, dossier->trail, errand->told));
}

static void tell_record(errand_t *errand, const message_t *message)
{
    fault_t fault;
    if (errand->storing || message->body.size == 0)
        return;
    dossier_t *dossier = dossier_decode(message->body.at, message->body.size, &fault);
    if (dossier && message->next.size)
        queue_record(errand->queue, errand->slot, (span_t){message->next.at, message->next.size},
                     (span_t){message->body.at, message->body.size});
    if (dossier)
        tell_stages(errand, dossier);
    dossier_destroy(&dossier);
}

static void complete(errands_t *errands, errand_t *errand, const message_t *message)
{
    fault_t fault;
    buf_t json = {0};
    if (errand->is_noop) {
        take_out(errands, errand);
        local_end(errand->queue, errand->slot, errand->job, &errand->noop, span_of(&errand->text), 0);
        errand_free(&errand);
        return;
    }
    const queue_plan_t *plan = queue_plan(errand->queue);
    dossier_t *dossier = dossier_decode(message->body.at, message->body.size, &fault);
    if (!dossier) {
        fail(errands, errand, message, fault_name(fault.code), fault.text, false);
        return;
    }
    tell_stages(errand, dossier);
    result_write(plan->stage, plan->through, dossier, &json);
    bool ended = dossier->outcome.error != NULL; /* a stage has ended the run before the store */
    upshot_t outcome = {.good = true, .value = span_of(&json)};
    const char *error = dossier->outcome.error, *text = dossier->outcome.message;
    bool tells = ended && errands->store && errand->route_count > 0 &&
                 strcmp(errand->route[errand->route_count - 1], "store") == 0;
    if (!tells || !errand_prepare_store(errand, errands->sources, error, text ? text : "")) {
        end(errands, errand, true, false, span_of(&json), "");
    } else {
        take_out(errands, errand);
        buf_clear(&errand->text);
        buf_add(&errand->text, json.bytes, json.size);
        errand->storing = true;
        errand->outcome = outcome;
        errand->outcome.value = span_of(&errand->text);
        errand->ident = errand_ident(errands->plan.prefix, plan->name, errand->job, "store");
        errand->owned = false;
        put(errands, errand);
        own(errands, errand);
    }
    dossier_destroy(&dossier);
    buf_free(&json);
}

/* What a broker says of a failure, for people; the fault's name stands behind it for programs. */
static void take_failure(errands_t *errands, errand_t *errand, const message_t *message)
{
    char name[MESSAGE_NAME_MOST + 1], text[MESSAGE_TEXT_MOST + MESSAGE_NAME_MOST + 8];
    snprintf(name, sizeof name, "%.*s", (int)message->fault.size, message->fault.size ? message->fault.at : "");
    fault_code_t code = fault_code_of(name);
    if (message->outcome == OUTCOME_CANCELLED)
        code = FAULT_CANCELLED;
    snprintf(text, sizeof text, "%.*s (%s)", (int)message->text.size, message->text.size ? message->text.at : "",
             fault_name(code));
    if (!message->text.size)
        snprintf(text, sizeof text, "%s (%s)", fault_summary(code), fault_name(code));
    fail(errands, errand, message, fault_name(code), text, fault_class(code) == FAULT_CLASS_PERMANENT);
}

static void finish(errands_t *errands, errand_t *errand, const message_t *message)
{
    if (errand->storing) {
        if (message->outcome != OUTCOME_COMPLETED)
            LOG(errands->plan.log, LOG_WARNING, "store.failed", {"queue", queue_plan(errand->queue)->name, 0},
                {"job", errand->job->id.at, 0});
        upshot_t outcome = errand->outcome;
        take_out(errands, errand);
        queue_end(errand->queue, errand->slot, &outcome, 0);
        errand_free(&errand);
    } else if (message->outcome == OUTCOME_COMPLETED) {
        complete(errands, errand, message);
    } else {
        take_failure(errands, errand, message);
    }
}

static void take_stats(errands_t *errands, const message_t *message)
{
    fault_t fault;
    stats_t stats = {0};
    arena_t *arena = arena_new();
    bool store = false;
    if (pack_decode(&stats_schema, message->body.at, message->body.size, arena, &stats, &fault) == 0)
        for (size_t i = 0; i < stats.stages.count; i++) {
            const stats_stage_t *stage = LIST_AT(stats_stage_t, stats.stages, i);
            store |= stage->stage && strcmp(stage->stage, "store") == 0 && stage->actors > 0;
        }
    arena_destroy(&arena);
    if (errands->store_known && store != errands->store)
        LOG(errands->plan.log, LOG_INFO, store ? "store.found" : "store.gone", {"stage", "store", 0});
    errands->store = store;
    errands->store_known = true;
}

/* A result that comes though its job was called off, as it is another's. */
static void count_late(errands_t *errands, const link_action_t *action)
{
    if (action->kind != LINK_FINISHED || action->message.outcome == OUTCOME_CANCELLED)
        return;
    for (size_t i = 0; i < GONE_MOST; i++)
        if (errands->gone[i].queue && ident_equal(errands->gone[i].ident, action->job)) {
            queue_counts(errands->gone[i].queue)->dropped++;
            errands->gone[i].queue = NULL;
        }
}

static void on_unknown(errands_t *errands, const link_action_t *action)
{
    count_late(errands, action);
    if (action->kind == LINK_FINISHED || action->kind == LINK_RECORD)
        ferry_settle(errands->ferry, action->broker, &action->message);
    else if (action->kind == LINK_WANT || action->kind == LINK_RAISE)
        ferry_disown(errands->ferry, action->job);
}

/* Somebody else has the job, by a newer lock. */
static void lose(errands_t *errands, errand_t *errand)
{
    queue_t *queue = errand->queue;
    uint32_t slot = errand->slot;
    drop(errands, errand);
    queue_forget(queue, slot);
}

static void ask(void *owner, const link_action_t *action)
{
    errands_t *errands = owner;
    const message_t *message = &action->message;
    char text[MESSAGE_TEXT_MOST + 1];
    if (action->kind == LINK_STATS) {
        take_stats(errands, message);
        return;
    }
    errand_t *errand = find(errands, action->job);
    if (!errand) {
        on_unknown(errands, action);
        return;
    }
    switch (action->kind) {
    case LINK_WANT:
        submit(errands, errand);
        break;
    case LINK_RAISE:
        errand->epoch = action->epoch;
        errand->expired = true;
        ferry_own(errands->ferry, errand->ident, errand->epoch);
        break;
    case LINK_PROGRESS:
        tell_progress(errand, message);
        break;
    case LINK_RECORD:
        tell_record(errand, message);
        ferry_settle(errands->ferry, action->broker, message);
        break;
    case LINK_FINISHED:
        finish(errands, errand, message);
        ferry_settle(errands->ferry, action->broker, message);
        break;
    case LINK_CANCELLED:
        fail(errands, errand, NULL, "cancelled", "it was called off at the broker", false);
        break;
    case LINK_REFUSED:
        snprintf(text, sizeof text, "%.*s", (int)message->text.size, message->text.size ? message->text.at : "");
        end(errands, errand, false, true, span_text(text), "yogi-bridge");
        break;
    case LINK_LOST:
        lose(errands, errand);
        break;
    default:
        break;
    }
}

/* ---- begin ---- */

int errands_open(errands_t *errands, fault_t *fault)
{
    ferry_plan_t plan = {
        .brokers = errands->plan.settings->brokers, .name = errands->plan.name, .ask = ask, .owner = errands};
    if (errands->ferry)
        return 0;
    errands->ferry = ferry_open(&plan, errands->plan.settings, fault);
    errands->patience_us = clock_now_us() + STATS_PATIENCE_US;
    return errands->ferry ? 0 : -1;
}

/* Whether it can be said how routes end. */
static bool knows_store(const errands_t *errands)
{
    return errands->store_known || errands->now_us >= errands->patience_us;
}

/* Hands it to the link, once it is known whether there is a store. */
static void start(errands_t *errands, errand_t *errand)
{
    fault_t fault;
    if (!errand->is_noop && !knows_store(errands))
        return;
    if (errand_prepare(errand, errands->sources, errands->store, &fault) < 0)
        end(errands, errand, false, fault_class(fault.code) == FAULT_CLASS_PERMANENT, span_text(fault.text),
            "yogi-bridge");
    else
        own(errands, errand);
}

void errands_begin(errands_t *errands, queue_t *queue, uint32_t slot, const job_t *job, int64_t now_us)
{
    fault_t fault;
    const queue_plan_t *plan = queue_plan(queue);
    errand_t *errand = memory_new(1, sizeof *errand);
    errands->now_us = now_us;
    *errand = (errand_t){.queue = queue,
                         .slot = slot,
                         .turn = queue_turn(queue, slot),
                         .job = job,
                         .is_noop = strcmp(plan->stage, "noop") == 0,
                         .ident = errand_ident(errands->plan.prefix, plan->name, job, "run"),
                         .epoch = errand_epoch(job)};
    put(errands, errand);
    if (errand->is_noop && noop_parse(job->data.at, job->data.size, &errand->noop, &errand->text, &fault) < 0)
        end(errands, errand, false, true, span_text(fault.text), "stage noop, yogi-bridge");
    else if (errands_open(errands, &fault) < 0)
        end(errands, errand, false, false, span_text(fault.text), "yogi-bridge");
    else
        start(errands, errand);
}

void errands_cancel(errands_t *errands, queue_t *queue, uint32_t slot)
{
    uint64_t turn = queue_turn(queue, slot);
    for (size_t i = 0; i < BUCKETS; i++)
        for (errand_t *errand = errands->buckets[i]; errand; errand = errand->next) {
            if (errand->queue != queue || errand->slot != slot || errand->turn != turn)
                continue;
            if (errand->owned) {
                ferry_cancel(errands->ferry, errand->ident);
                errands->gone[errands->gone_next++ % GONE_MOST] = (gone_t){errand->ident, queue};
            }
            drop(errands, errand);
            return;
        }
}

errands_t *errands_new(const errands_plan_t *plan, fault_t *fault)
{
    errands_t *errands = memory_new(1, sizeof *errands);
    errands->plan = *plan;
    errands->sources = sources_new(plan->settings, fault);
    errands->store = plan->settings->bullmq_store == BRIDGE_STORE_ALWAYS;
    errands->store_known = plan->settings->bullmq_store != BRIDGE_STORE_AUTO;
    if (!errands->sources)
        errands_destroy(&errands);
    return errands;
}

void errands_destroy(errands_t **errands)
{
    errands_t *old = errands ? *errands : NULL;
    if (!old)
        return;
    ferry_leave(&old->ferry);
    for (size_t i = 0; i < BUCKETS; i++)
        while (old->buckets[i])
            drop(old, old->buckets[i]);
    sources_destroy(&old->sources);
    free(old);
    *errands = NULL;
}

/* ---- steps ---- */

static void start_waiting(errands_t *errands)
{
    for (size_t i = 0; i < BUCKETS && errands->waiting; i++)
        for (errand_t *errand = errands->buckets[i], *next; errand; errand = next) {
            next = errand->next;
            if (!errand->owned)
                start(errands, errand);
        }
}

static void look_for_store(errands_t *errands, int64_t *next_us)
{
    if (errands->plan.settings->bullmq_store != BRIDGE_STORE_AUTO)
        return;
    if (errands->now_us >= errands->stats_us) {
        ferry_ask_stats(errands->ferry, ++errands->questions);
        errands->stats_us = errands->now_us + (errands->store_known ? STATS_US : STATS_FIRST_US);
    }
    *next_us = errands->stats_us < *next_us ? errands->stats_us : *next_us;
}

void errands_step(errands_t *errands, int64_t now_us, int64_t *next_us)
{
    errands->now_us = now_us;
    if (!errands->ferry)
        return;
    look_for_store(errands, next_us);
    if (errands->waiting && knows_store(errands))
        start_waiting(errands);
    ferry_step(errands->ferry, next_us);
}

uint32_t errands_left(const errands_t *errands)
{
    return errands->ferry && ferry_connected(errands->ferry) ? ferry_jobs(errands->ferry) : 0;
}

size_t errands_poll(const errands_t *errands, struct pollfd *polls)
{
    return errands->ferry ? ferry_poll(errands->ferry, polls) : 0;
}
