/* importer: see importer.h. Everything happens in one thread: what the brokers say, what the store has done (from the
 * mailbox), and what is due. */
#include "importer.h"

#include "gateway/outbox/mailbox.h"
#include "gateway/outbox/papers.h"
#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "proto/wire/ledger.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* TOGETHER: in the store at once, as many as it puts into one transaction. AHEAD: that wait here beside, so that the
 * next transaction is full. LEAVE: for what the store has in hand at the end. */
enum { TOGETHER = STORE_TOGETHER_MOST, AHEAD = 64, LEAVE_US = 5000000 };

struct importer {
    importer_plan_t plan;
    ledger_t *ledger;
    mailbox_t mailbox;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    bool ending;
    importer_figures_t figures;
    /* the thread's own */
    uint32_t out; /* errands in the store */
};

static void count(importer_t *importer, uint64_t *figure)
{
    pthread_mutex_lock(&importer->lock);
    ++*figure;
    pthread_mutex_unlock(&importer->lock);
}

/* ---- what the ledger asks for ---- */

/* What is in the store is not called off any more: its answer follows. */
static void on_kill(void *owner, uint32_t job, int64_t now_us)
{
    (void)owner, (void)job, (void)now_us;
}

static void on_refused(void *owner, const char *text)
{
    importer_t *importer = owner;
    LOG(importer->plan.log, LOG_ERROR, "importer.refused", {"stage", "store", 0}, {"message", text, 0});
}

/* ---- one job ---- */

/* On a thread of the store. */
static void on_done(store_task_t *task)
{
    errand_t *errand = task->context;
    mailbox_done(&((importer_t *)errand->owning)->mailbox, errand);
}

/* It cannot be stored, or not by this gateway any more. */
static void refuse(importer_t *importer, const errand_t *errand, const fault_t *fault)
{
    bool lost = errand_may_pass(errand);
    LOG(importer->plan.log, LOG_WARNING, "importer.refuses", {"job", errand->run, 0},
        {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0});
    count(importer, &importer->figures.refused);
    ledger_failed(importer->ledger, errand->duty, lost ? FAILED_LOST : message_failed(fault), fault, clock_now_us());
}

static void send(importer_t *importer, errand_t *errand)
{
    importer->out++;
    store_submit(importer->plan.store, &errand->task);
}

static void begin(importer_t *importer, uint32_t duty, const message_t *job, int64_t now_us)
{
    fault_t fault = {0};
    errand_t *errand = errand_new(ERRAND_IMPORT, "", on_done, importer);
    errand->duty = duty;
    errand->since_us = now_us;
    errand_set_job(errand, job->job, 0);
    if (papers_import(job, errand->arena, &errand->import, &errand->dossier, &fault) < 0) {
        refuse(importer, errand, &fault);
        errand_destroy(&errand);
        return;
    }
    send(importer, errand);
}

/* Its owner is told what the document is called here. */
static void answer(importer_t *importer, errand_t *errand)
{
    buf_t body = {0};
    MARK("import.committed");
    bool again = errand->imported.verdict == VERDICT_ALREADY;
    errand->dossier->document.stored = errand->imported.document;
    dossier_encode(errand->dossier, &body);
    slice_t dossier = {body.bytes, (uint32_t)body.size};
    if (body.size > MESSAGE_BODY_MOST) /* it filled a message to the brim: it stays as it was */
        dossier = (slice_t){0};
    ledger_done(importer->ledger, errand->duty, &(jobs_result_t){.dossier = dossier}, clock_now_us());
    buf_free(&body);
    count(importer, again ? &importer->figures.again : &importer->figures.stored);
    if (!again)
        importer->plan.changed(importer->plan.owner);
}

static void after(importer_t *importer, errand_t *errand)
{
    fault_t fault = errand->task.fault;
    importer->out--;
    if (fault.code != FAULT_NONE && errand_may_pass(errand) && !importer->ending) {
        errand->task.fault = (fault_t){0}; /* as long as it takes */
        send(importer, errand);
        return;
    }
    if (fault.code == FAULT_NONE && errand->imported.verdict == VERDICT_CONFLICT)
        fault_set(&fault, FAULT_DENIED,
                  "the document %.*s belongs to another tenant; hand it in under its own, or under another id",
                  (int)errand->import.document.size, errand->import.document.at);
    ledger_ran(importer->ledger, errand->duty, clock_now_us() - errand->since_us);
    if (fault.code == FAULT_NONE)
        answer(importer, errand);
    else
        refuse(importer, errand, &fault);
    errand_destroy(&errand);
}

/* ---- the thread ---- */

static void read_mail(importer_t *importer)
{
    errand_t *done;
    note_t *notes; /* nobody writes any */
    mailbox_take(&importer->mailbox, &done, &notes);
    for (errand_t *errand; (errand = done);) {
        done = errand->mail;
        after(importer, errand);
    }
}

static bool is_ending(importer_t *importer)
{
    pthread_mutex_lock(&importer->lock);
    bool ending = importer->ending;
    pthread_mutex_unlock(&importer->lock);
    return ending;
}

static void wait(importer_t *importer, int64_t until_us)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    int64_t due_us = ledger_is_ready(importer->ledger) ? 0 : ledger_deadline(importer->ledger);
    size_t many = ledger_poll(importer->ledger, polls);
    polls[many++] = (struct pollfd){importer->mailbox.bell, POLLIN, 0};
    due_us = until_us < due_us ? until_us : due_us;
    int64_t left_us = due_us - clock_now_us();
    poll(polls, many, left_us <= 0 ? 0 : left_us > 3600000000 ? 3600000 : (int)(left_us / 1000 + 1));
}

static void turn(importer_t *importer, int64_t until_us)
{
    int64_t now_us = clock_now_us();
    uint32_t duty;
    message_t job;
    ledger_hear(importer->ledger, now_us);
    read_mail(importer);
    while (importer->out < TOGETHER && ledger_take(importer->ledger, 0, &duty, &job, now_us))
        begin(importer, duty, &job, now_us);
    ledger_tick(importer->ledger, now_us);
    ledger_flush(importer->ledger);
    wait(importer, until_us);
}

static void *work(void *user)
{
    importer_t *importer = user;
    while (!is_ending(importer))
        turn(importer, INT64_MAX);
    int64_t end_us = clock_now_us() + LEAVE_US;
    ledger_drain(importer->ledger, clock_now_us());
    while (!ledger_is_drained(importer->ledger) && clock_now_us() < end_us)
        turn(importer, end_us);
    ledger_flush(importer->ledger);
    return NULL;
}

/* ---- its life ---- */

static int open_ledger(importer_t *importer, fault_t *fault)
{
    jobs_options_t options = jobs_defaults();
    ledger_hooks_t hooks = {.kill = on_kill, .refused = on_refused, .owner = importer};
    options.name = "gateway";
    options.stages[0] = (jobs_stage_t){"store", TOGETHER, AHEAD};
    options.stage_count = 1;
    if (ident_new(&options.instance, fault) < 0)
        return -1;
    importer->ledger = ledger_open(&options, importer->plan.settings, &hooks, clock_now_us(), fault);
    return importer->ledger ? 0 : -1;
}

importer_t *importer_new(const importer_plan_t *plan, fault_t *fault)
{
    importer_t *importer = memory_new(1, sizeof *importer);
    importer->plan = *plan;
    if (mailbox_begin(&importer->mailbox, fault) < 0) {
        free(importer);
        return NULL;
    }
    pthread_mutex_init(&importer->lock, NULL);
    if (open_ledger(importer, fault) < 0) {
        importer_destroy(&importer);
        return NULL;
    }
    if (pthread_create(&importer->thread, NULL, work, importer) != 0) {
        fault_set(fault, FAULT_SYSTEM, "the system gives no thread");
        ledger_destroy(&importer->ledger);
        importer_destroy(&importer);
        return NULL;
    }
    return importer;
}

void importer_stop(importer_t *importer)
{
    pthread_mutex_lock(&importer->lock);
    importer->ending = true;
    pthread_mutex_unlock(&importer->lock);
    mailbox_ring(&importer->mailbox);
    pthread_join(importer->thread, NULL);
}

void importer_destroy(importer_t **importer)
{
    if (!importer || !*importer)
        return;
    importer_t *i = *importer;
    mailbox_end(&i->mailbox); /* before the ledger, whose bytes its errands may point to */
    ledger_destroy(&i->ledger);
    pthread_mutex_destroy(&i->lock);
    free(i);
    *importer = NULL;
}

importer_figures_t importer_figures(importer_t *importer)
{
    pthread_mutex_lock(&importer->lock);
    importer_figures_t figures = importer->figures;
    pthread_mutex_unlock(&importer->lock);
    return figures;
}
