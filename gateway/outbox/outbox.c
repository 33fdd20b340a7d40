/* outbox: see outbox.h.
 *
 * Everything happens in one thread: what the link asks for, what the store has done (from the mailbox), and what is
 * due. Rooms: errand (what the store does), lanes (in which order, and what goes along with what), rounds (what is
 * asked again and again), fresh (what is known already), mailbox (how other threads reach this one), papers (what goes
 * out and comes back), queues (the brokers' figures).
 */
#include "outbox.h"

#include "errand.h"
#include "fresh.h"
#include "lanes.h"
#include "mailbox.h"
#include "papers.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "proto/wire/ferry.h"
#include "rounds.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* ASK: between questions for the brokers' figures. URL: seconds that a host may fetch a document; an expired one is
 * asked for again. LEAVE: for what the store has in hand at the end. */
enum { ASK_US = 1000000, LEAVE_US = 5000000, URL_SECONDS = 3600 };

struct outbox {
    outbox_plan_t plan;
    char name[IDENT_TEXT];
    ferry_t *ferry;
    pthread_t thread;
    mailbox_t mailbox;
    pthread_mutex_t lock; /* of what follows */
    bool ending;
    outbox_figures_t figures;
    queues_t *queues; /* has a lock of its own */
    /* the thread's own */
    lanes_t lanes;
    fresh_t fresh;
    rounds_t rounds;
    size_t out;         /* errands in the store */
    int64_t ask_us;     /* when the brokers are asked for their figures */
    uint64_t questions; /* for them, so far */
};

/* ---- from other threads ---- */

/* An errand has been done; on a thread of the store. */
static void on_done(store_task_t *task)
{
    errand_t *errand = task->context;
    mailbox_done(&((outbox_t *)errand->owning)->mailbox, errand);
}

void outbox_accepted(outbox_t *outbox, const char *run)
{
    ident_t job;
    if (ident_parse(run, &job))
        mailbox_note(&outbox->mailbox, job, NULL);
}

void outbox_begin(outbox_t *outbox, const accept_t *accept)
{
    ident_t job;
    if (!ident_parse(accept->run, &job))
        return;
    errand_t *want = errand_new(ERRAND_WANT, outbox->name, on_done, outbox);
    errand_set_job(want, job, 1);
    want->verdict = VERDICT_DONE;
    papers_accepted(accept, want->arena, &want->got);
    mailbox_note(&outbox->mailbox, job, want);
}

void outbox_look(outbox_t *outbox)
{
    mailbox_note(&outbox->mailbox, (ident_t){0}, NULL);
}

/* ---- errands ---- */

static errand_t *new_errand(outbox_t *outbox, errand_kind_t kind)
{
    return errand_new(kind, outbox->name, on_done, outbox);
}

static void send(outbox_t *outbox, errand_t *errand)
{
    outbox->out++;
    store_submit(outbox->plan.store, &errand->task);
}

/* Sends the errand, behind those of its job. */
static void line_up(outbox_t *outbox, errand_t *errand)
{
    errand_t *ready = lanes_put(&outbox->lanes, errand, clock_now_us());
    if (ready)
        send(outbox, ready);
}

/* Acknowledges, once. */
static void settle(outbox_t *outbox, errand_t *errand)
{
    if (!errand->settled)
        ferry_settle(outbox->ferry, errand->broker, &errand->message);
    errand->settled = true;
}

/* ---- what the link asks for ---- */

static errand_t *errand_about(outbox_t *outbox, errand_kind_t kind, const link_action_t *action)
{
    errand_t *errand = new_errand(outbox, kind);
    errand_set_job(errand, action->job, action->epoch ? action->epoch : action->message.epoch);
    errand_set_message(errand, action->broker, &action->message);
    return errand;
}

static void on_want(outbox_t *outbox, const link_action_t *action)
{
    errand_t *want = action->epoch <= 1 ? fresh_take(&outbox->fresh, action->job) : NULL;
    if (!want || lanes_has(&outbox->lanes, action->job)) {
        errand_destroy(&want);
        line_up(outbox, errand_about(outbox, ERRAND_WANT, action));
    } else if (lanes_put(&outbox->lanes, want, clock_now_us()) == want) { /* as good as done */
        outbox->out++;
        mailbox_done(&outbox->mailbox, want);
    }
}

static void on_raise(outbox_t *outbox, const link_action_t *action)
{
    line_up(outbox, errand_about(outbox, ERRAND_RAISE, action));
}

static void complain(outbox_t *outbox, const errand_t *errand, const fault_t *fault)
{
    LOG(outbox->plan.log, LOG_WARNING, "outbox.fault", {"errand", errand_name(errand->kind), 0},
        {"job", errand->run, 0}, {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0});
}

static void on_record(outbox_t *outbox, const link_action_t *action)
{
    fault_t fault = {0};
    MARK("record.come");
    if (!action->message.next.size) {
        line_up(outbox, errand_about(outbox, ERRAND_COUNT, action));
        return;
    }
    errand_t *errand = errand_about(outbox, ERRAND_RECORD, action);
    if (errand_fill_record(errand, &fault) < 0) {
        complain(outbox, errand, &fault); /* the run goes on, and its end tells */
        ferry_settle(outbox->ferry, errand->broker, &errand->message);
        errand_destroy(&errand);
        return;
    }
    /* A run does not go on from a cheap stage: nothing but news is lost with what it left, and whoever takes the run
       over finds it in what the end brings (papers_finish). So it is acknowledged before it is on disk, for a broker
       runs a job two stages ahead of its RECORDs at most. */
    if (!errand->costly)
        settle(outbox, errand);
    line_up(outbox, errand);
}

static void on_progress(outbox_t *outbox, const link_action_t *action)
{
    if (lanes_has(&outbox->lanes, action->job))
        return; /* it may be lost, and what waits says more */
    errand_t *errand = errand_about(outbox, ERRAND_PROGRESS, action);
    errand_fill_progress(errand);
    line_up(outbox, errand);
}

static void finish(outbox_t *outbox, errand_t *errand)
{
    errand_fill_finish(errand);
    line_up(outbox, errand);
}

static void on_finished(outbox_t *outbox, const link_action_t *action)
{
    MARK("finish.come");
    finish(outbox, errand_about(outbox, ERRAND_FINISH, action));
}

/* No broker will ever take it: its end is written down, and there is nobody to acknowledge it to. */
static void on_refused(outbox_t *outbox, const link_action_t *action)
{
    errand_t *errand = errand_about(outbox, ERRAND_FINISH, action);
    errand->message.command = COMMAND_REFUSED;
    errand->message.outcome = OUTCOME_FAILED;
    errand->message.fault = slice_of(fault_name(FAULT_USAGE));
    finish(outbox, errand);
}

static void on_stats(outbox_t *outbox, const link_action_t *action)
{
    queues_take(outbox->queues, action->broker, action->message.body.at, action->message.body.size, clock_now_us());
}

static void ask(void *owner, const link_action_t *action)
{
    static void (*const handlers[])(outbox_t *, const link_action_t *) = {
        [LINK_WANT] = on_want,         [LINK_RAISE] = on_raise,       [LINK_RECORD] = on_record,
        [LINK_PROGRESS] = on_progress, [LINK_FINISHED] = on_finished, [LINK_REFUSED] = on_refused,
        [LINK_STATS] = on_stats, /* LINK_CANCELLED, LINK_LOST: the store knows already */
    };
    if ((size_t)action->kind < sizeof handlers / sizeof *handlers && handlers[action->kind])
        handlers[action->kind](owner, action);
}

/* ---- what the store has done ---- */

static void count(outbox_t *outbox, uint64_t *figure)
{
    pthread_mutex_lock(&outbox->lock);
    ++*figure;
    pthread_mutex_unlock(&outbox->lock);
}

/* The run is not this owner's any more. */
static void let_go(outbox_t *outbox, const errand_t *errand)
{
    count(outbox, &outbox->figures.stale);
    ferry_disown(outbox->ferry, errand->job);
}

/* It cannot be sent as it stands: that is its end. */
static void give_up(outbox_t *outbox, const errand_t *errand, const fault_t *fault)
{
    link_action_t action = {.kind = LINK_REFUSED, .job = errand->job, .epoch = errand->epoch};
    action.message = (message_t){.command = COMMAND_REFUSED, .job = errand->job, .epoch = errand->epoch};
    action.message.text = slice_of(fault->text);
    complain(outbox, errand, fault);
    on_refused(outbox, &action);
    ferry_disown(outbox->ferry, errand->job);
}

static void submit(outbox_t *outbox, errand_t *errand)
{
    const run_t *run = &errand->got;
    char key[BLOBS_KEY_BYTES];
    buf_t url = {0}, body = {0};
    fault_t fault = {0};
    if (blobs_key(run->tenant, run->row.sha256 ? run->row.sha256 : "", key, &fault) < 0 ||
        blobs_url(outbox->plan.blobs, key, URL_SECONDS, &url, &fault) < 0 ||
        papers_begin(run, url.bytes, &body, &fault) < 0) {
        give_up(outbox, errand, &fault);
    } else {
        message_t message;
        papers_submit(run, &body, errand->arena, &message);
        message.job = errand->job;
        MARK("outbox.submit");
        ferry_submit(outbox->ferry, &message);
        LOG(outbox->plan.log, LOG_INFO, "run.begin", {"job", errand->run, 0}, {"document", run->document, 0});
        MARK("outbox.submitted");
        count(outbox, &outbox->figures.submitted);
    }
    buf_free(&url);
    buf_free(&body);
}

/* A run that goes on from a stage has begun, though it may be a new one. */
static void tell_begun(outbox_t *outbox, const errand_t *want)
{
    errand_t *errand = new_errand(outbox, ERRAND_PROGRESS);
    const char *stage = arena_text(errand->arena, want->got.stage);
    errand_set_job(errand, want->job, (uint64_t)want->got.epoch);
    errand->event = (event_t){.type = "progress", .step = stage, .percentage = papers_percentage(stage)};
    line_up(outbox, errand);
}

static void after_want(outbox_t *outbox, errand_t *errand)
{
    bool ours =
        errand->verdict == VERDICT_DONE && strcmp(errand->got.owner ? errand->got.owner : "", outbox->name) == 0;
    if (ours)
        submit(outbox, errand);
    else
        let_go(outbox, errand);
    if (ours && errand->got.stage)
        tell_begun(outbox, errand);
}

static void after_raise(outbox_t *outbox, errand_t *errand)
{
    if (errand->verdict == VERDICT_DONE)
        ferry_own(outbox->ferry, errand->job, errand->epoch);
    else
        let_go(outbox, errand);
}

/* A stage's result is on disk, and of those that went along. */
static void settle_records(outbox_t *outbox, errand_t *record)
{
    for (; record; record = record->before) {
        count(outbox, &outbox->figures.records);
        settle(outbox, record);
    }
}

static void after_record(outbox_t *outbox, errand_t *errand)
{
    MARK("record.committed");
    settle_records(outbox, errand);
    MARK("record.settled");
    outbox->plan.changed(outbox->plan.owner);
}

static void after_count(outbox_t *outbox, errand_t *errand)
{
    settle(outbox, errand);
}

static void after_progress(outbox_t *outbox, errand_t *errand)
{
    (void)errand;
    outbox->plan.changed(outbox->plan.owner);
}

static void after_finish(outbox_t *outbox, errand_t *errand)
{
    count(outbox, errand->verdict != VERDICT_DONE         ? &outbox->figures.stale
                  : errand->finish.status == STATE_FAILED ? &outbox->figures.failed
                                                          : &outbox->figures.finished);
    LOG(outbox->plan.log, LOG_INFO, "run.end", {"job", errand->run, 0},
        {"status", errand->verdict == VERDICT_DONE ? state_name(errand->finish.status) : "stale", 0},
        {"fault", errand->finish.error ? errand->finish.error : "", 0});
    MARK("finish.committed");
    settle_records(outbox, errand->before);
    if (errand->message.command == COMMAND_FINISHED)
        settle(outbox, errand);
    MARK("finish.settled");
    outbox->plan.changed(outbox->plan.owner);
}

static void after_hold(outbox_t *outbox, errand_t *errand)
{
    rounds_done(&outbox->rounds, errand, clock_now_us());
}

/* The link has the runs of a list; those that it knows stay as they are. */
static void own_all(outbox_t *outbox, const errand_t *errand)
{
    for (size_t i = 0; i < errand->taken.count; i++) {
        ident_t job;
        if (ident_parse(errand->taken.rows[i].run, &job))
            ferry_own(outbox->ferry, job, (uint64_t)errand->taken.rows[i].epoch);
    }
}

static void after_take(outbox_t *outbox, errand_t *errand)
{
    rounds_done(&outbox->rounds, errand, clock_now_us());
    for (size_t i = 0; i < errand->taken.count; i++)
        count(outbox, &outbox->figures.taken_over);
    own_all(outbox, errand);
}

/* What the store says is this owner's, and the link does not know: a commit of which nobody was told. */
static void after_mine(outbox_t *outbox, errand_t *errand)
{
    rounds_done(&outbox->rounds, errand, clock_now_us());
    own_all(outbox, errand);
}

static void after_called_off(outbox_t *outbox, errand_t *errand)
{
    rounds_done(&outbox->rounds, errand, clock_now_us());
    for (size_t i = 0; i < errand->names.count; i++) {
        ident_t job;
        if (ident_parse(errand->names.runs[i], &job))
            ferry_cancel(outbox->ferry, job);
    }
}

static void after_leave(outbox_t *outbox, errand_t *errand)
{
    (void)outbox, (void)errand;
}

/* The store cannot do it, whatever is waited for: a text that it refuses, or the like. Then the run ends with that. */
static void refuse(outbox_t *outbox, errand_t *errand)
{
    fault_t fault = errand->task.fault;
    if (errand->kind == ERRAND_WANT)
        give_up(outbox, errand, &fault);
    if (errand->kind == ERRAND_RAISE)
        let_go(outbox, errand);
    bool last = errand->kind == ERRAND_FINISH && errand->message.outcome == OUTCOME_FAILED;
    if (errand->kind == ERRAND_FINISH && !last) {
        errand_t *end = new_errand(outbox, ERRAND_FINISH);
        errand_fail(end, errand, &fault);
        finish(outbox, end);
        return;
    }
    complain(outbox, errand, &fault);
    if (errand->kind == ERRAND_RECORD || errand->kind == ERRAND_COUNT || last)
        settle(outbox, errand);
}

static void after(outbox_t *outbox, errand_t *errand)
{
    static void (*const handlers[ERRAND_KINDS])(outbox_t *, errand_t *) = {
        [ERRAND_HOLD] = after_hold,     [ERRAND_LEAVE] = after_leave,
        [ERRAND_TAKE] = after_take,     [ERRAND_CALLED_OFF] = after_called_off,
        [ERRAND_MINE] = after_mine,     [ERRAND_WANT] = after_want,
        [ERRAND_RAISE] = after_raise,   [ERRAND_COUNT] = after_count,
        [ERRAND_RECORD] = after_record, [ERRAND_PROGRESS] = after_progress,
        [ERRAND_FINISH] = after_finish,
    };
    bool fails = errand->task.fault.code != FAULT_NONE, about_job = !ident_none(errand->job);
    outbox->out--;
    if (fails && about_job && errand->kind != ERRAND_PROGRESS && errand_may_pass(errand) && !outbox->ending) {
        errand->task.fault = (fault_t){0}; /* as long as it takes */
        send(outbox, errand);
        return;
    }
    if (fails && errand->before && !outbox->ending) { /* one of them cannot be done: each by itself */
        send(outbox, lanes_part(&outbox->lanes, errand));
        return;
    }
    errand_t *next = about_job ? lanes_next(&outbox->lanes, errand, clock_now_us()) : NULL;
    if (next)
        send(outbox, next);
    if (fails && about_job)
        refuse(outbox, errand);
    else
        handlers[errand->kind](outbox, errand);
    errand_destroy(&errand);
}

/* ---- the thread ---- */

static void read_mail(outbox_t *outbox)
{
    errand_t *done;
    note_t *notes;
    mailbox_take(&outbox->mailbox, &done, &notes);
    for (note_t *note; (note = notes);) {
        notes = note->next;
        if (note->want)
            fresh_put(&outbox->fresh, note->want);
        if (ident_none(note->job))
            rounds_look(&outbox->rounds);
        else
            ferry_own(outbox->ferry, note->job, 1);
        free(note);
    }
    for (errand_t *errand; (errand = done);) {
        done = errand->mail;
        after(outbox, errand);
    }
}

/* Sends what is due of the rounds. */
static void go_round(outbox_t *outbox, errand_kind_t kind, int64_t now_us, int64_t *next_us)
{
    if (!rounds_due(&outbox->rounds, kind, now_us, next_us))
        return;
    errand_t *errand = new_errand(outbox, kind);
    rounds_fill(&outbox->rounds, errand);
    send(outbox, errand);
}

/* All timed work; lowers *next_us to when it is due again. */
static void tick(outbox_t *outbox, int64_t *next_us)
{
    int64_t now_us = clock_now_us();
    for (errand_t *errand; (errand = lanes_due(&outbox->lanes, now_us, next_us));)
        send(outbox, errand);
    go_round(outbox, ERRAND_HOLD, now_us, next_us);
    go_round(outbox, ERRAND_TAKE, now_us, next_us);
    go_round(outbox, ERRAND_MINE, now_us, next_us);
    if (ferry_jobs(outbox->ferry) || rounds_looks(&outbox->rounds))
        go_round(outbox, ERRAND_CALLED_OFF, now_us, next_us);
}

static void ask_brokers(outbox_t *outbox, int64_t *next_us)
{
    int64_t now_us = clock_now_us();
    if (now_us >= outbox->ask_us) {
        ferry_ask_stats(outbox->ferry, ++outbox->questions);
        outbox->ask_us = now_us + ASK_US;
    }
    *next_us = outbox->ask_us < *next_us ? outbox->ask_us : *next_us;
}

static bool is_ending(outbox_t *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    bool ending = outbox->ending;
    outbox->figures.brokers = ferry_brokers(outbox->ferry);
    outbox->figures.connected = ferry_connected(outbox->ferry);
    outbox->figures.jobs = ferry_jobs(outbox->ferry);
    pthread_mutex_unlock(&outbox->lock);
    return ending;
}

static void wait(outbox_t *outbox, int64_t next_us)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    size_t count = ferry_poll(outbox->ferry, polls);
    polls[count++] = (struct pollfd){outbox->mailbox.bell, POLLIN, 0};
    int64_t left_us = next_us - clock_now_us();
    poll(polls, count, left_us <= 0 ? 0 : left_us > 3600000000 ? 3600000 : (int)(left_us / 1000 + 1));
}

static void *work(void *user)
{
    outbox_t *outbox = user;
    while (!is_ending(outbox)) {
        int64_t next_us = INT64_MAX;
        tick(outbox, &next_us);
        ask_brokers(outbox, &next_us);
        ferry_step(outbox->ferry, &next_us);
        wait(outbox, next_us);
        read_mail(outbox);
    }
    int64_t end_us = clock_now_us() + LEAVE_US;
    send(outbox, new_errand(outbox, ERRAND_LEAVE));
    while (outbox->out && clock_now_us() < end_us) {
        wait(outbox, end_us);
        read_mail(outbox);
    }
    return NULL;
}

outbox_t *outbox_new(const outbox_plan_t *plan, fault_t *fault)
{
    ident_t name;
    if (ident_new(&name, fault) < 0)
        return NULL;
    outbox_t *outbox = memory_new(1, sizeof *outbox);
    outbox->plan = *plan;
    rounds_begin(&outbox->rounds, plan->settings->lease_seconds * 1000, clock_now_us());
    outbox->queues = queues_new();
    ident_format(name, outbox->name);
    if (getrandom(&outbox->lanes.jobs.seed, sizeof outbox->lanes.jobs.seed, 0) < 0)
        outbox->lanes.jobs.seed = (uint64_t)clock_now_us();
    pthread_mutex_init(&outbox->lock, NULL);
    ferry_plan_t ferry = {.brokers = plan->settings->brokers, .name = "gateway", .ask = ask, .owner = outbox};
    bool begun = mailbox_begin(&outbox->mailbox, fault) == 0;
    outbox->ferry = begun ? ferry_open(&ferry, plan->settings, fault) : NULL;
    if (!outbox->ferry || pthread_create(&outbox->thread, NULL, work, outbox) != 0) {
        ferry_destroy(&outbox->ferry);
        if (begun)
            mailbox_end(&outbox->mailbox);
        queues_destroy(&outbox->queues);
        free(outbox);
        return NULL;
    }
    return outbox;
}

void outbox_stop(outbox_t *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->ending = true;
    pthread_mutex_unlock(&outbox->lock);
    mailbox_ring(&outbox->mailbox);
    pthread_join(outbox->thread, NULL);
    ferry_destroy(&outbox->ferry);
}

void outbox_destroy(outbox_t **outbox)
{
    if (!outbox || !*outbox)
        return;
    outbox_t *o = *outbox;
    lanes_free(&o->lanes); /* what was in the store is in the mailbox now */
    fresh_free(&o->fresh);
    mailbox_end(&o->mailbox);
    queues_destroy(&o->queues);
    pthread_mutex_destroy(&o->lock);
    free(o);
    *outbox = NULL;
}

const char *outbox_name(const outbox_t *outbox)
{
    return outbox->name;
}

outbox_figures_t outbox_figures(outbox_t *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox_figures_t figures = outbox->figures;
    pthread_mutex_unlock(&outbox->lock);
    return figures;
}

void outbox_queues(outbox_t *outbox, queues_sum_t *sum)
{
    queues_add_up(outbox->queues, clock_now_us(), sum);
}
