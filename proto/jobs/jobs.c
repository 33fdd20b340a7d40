/* jobs: see jobs.h. */
#include "jobs.h"
#include "jobs_hear.h"
#include "jobs_say.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How often slots are divided anew by demand, milliseconds: often enough for a new broker's load, seldom beside a job's
 * run. */
enum { DIVIDE_MS = 1000 };

static_assert((int)JOBS_BROKERS_MOST == (int)DUTIES_BROKERS_MOST, "the table has room for all brokers");

jobs_options_t jobs_defaults(void)
{
    return (jobs_options_t){.hello_ms = 500, .resend_ms = 2000, .keep_ms = 600000};
}

jobs_t *jobs_new(const jobs_options_t *options, int64_t now_us)
{
    assert(!ident_none(options->instance) && options->stage_count > 0 && options->stage_count <= MESSAGE_NAMES_MOST);
    jobs_t *jobs = memory_new(1, sizeof *jobs);
    jobs->options = *options;
    for (uint32_t i = 0; i < options->stage_count; i++) {
        size_t size = strlen(options->stages[i].name);
        assert(size > 0 && size <= MESSAGE_NAME_MOST);
        memcpy(jobs->names[i], options->stages[i].name, size);
        jobs->options.stages[i].name = jobs->slots.names[i] = jobs->names[i];
        pace_open(&jobs->paces[i], options->stages[i].workers, options->stages[i].prefetch);
        jobs->slots.totals[i] = options->stages[i].workers + jobs->paces[i].waiting;
    }
    duties_open(&jobs->duties, options->instance.low);
    jobs->slots.stages = options->stage_count;
    jobs->divide_us = now_us + DIVIDE_MS * 1000;
    return jobs;
}

void jobs_destroy(jobs_t **jobs)
{
    if (!jobs || !*jobs)
        return;
    duties_close(&(*jobs)->duties);
    buf_free(&(*jobs)->tokens);
    jobs_list_free(&(*jobs)->actions);
    free(*jobs);
    *jobs = NULL;
}

const jobs_action_t *jobs_actions(const jobs_t *jobs, size_t *count)
{
    *count = jobs->actions.count;
    return jobs->actions.at;
}

uint32_t jobs_count(const jobs_t *jobs)
{
    return jobs->duties.count;
}

uint32_t jobs_waiting(const jobs_t *jobs, uint32_t stage)
{
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        waiting += jobs->duties.accounts[i].stages[stage].waiting.count;
    return waiting;
}

bool jobs_connected(const jobs_t *jobs, uint32_t broker)
{
    return broker < jobs->broker_count && jobs->brokers[broker].up;
}

/* ---- brokers ---- */

uint32_t jobs_broker(jobs_t *jobs, int64_t now_us)
{
    assert(jobs->broker_count < JOBS_BROKERS_MOST);
    jobs->actions.count = 0;
    uint32_t number = jobs->broker_count++;
    jobs->brokers[number] = (jobs_broker_t){.seen_us = now_us, .heartbeat_ms = 1000, .silence_ms = 4000};
    jobs->slots.brokers = jobs->broker_count;
    say_hello(jobs, number, now_us);
    return number;
}

void jobs_receive(jobs_t *jobs, uint32_t number, const message_t *message, int64_t now_us)
{
    jobs->actions.count = 0;
    jobs_hear(jobs, number, message, now_us);
}

/* ---- workers ---- */

/* The next one that waits; brokers take turns. NULL = none does. */
static duty_t *next_waiting(jobs_t *jobs, uint32_t stage)
{
    assert(stage < jobs->options.stage_count);
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        uint32_t number = (jobs->turn[stage] + i) % jobs->broker_count;
        duty_t *duty = duties_first(&jobs->duties, number, stage);
        if (!duty)
            continue;
        jobs->turn[stage] = number + 1;
        return duty;
    }
    return NULL;
}

static void begin(jobs_t *jobs, duty_t *duty, int64_t now_us)
{
    duties_begin(&jobs->duties, duty, now_us);
    message_t *started = jobs_list_send(&jobs->actions, duty->broker, COMMAND_STARTED);
    started->job = duty->message.job;
    started->token = duty->message.token;
}

bool jobs_take(jobs_t *jobs, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us)
{
    jobs->actions.count = 0;
    duty_t *duty = next_waiting(jobs, stage);
    if (!duty)
        return false;
    begin(jobs, duty, now_us);
    *job = duty->number;
    *message = duty->message;
    return true;
}

bool jobs_prepare(jobs_t *jobs, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us)
{
    jobs->actions.count = 0;
    duty_t *duty = next_waiting(jobs, stage);
    if (!duty)
        return false;
    duties_prepare(&jobs->duties, duty, now_us);
    *job = duty->number;
    *message = duty->message;
    return true;
}

static duty_t *prepared(jobs_t *jobs, uint32_t job)
{
    assert(job < jobs->duties.room && jobs->duties.all[job].state == DUTY_PREPARED);
    return &jobs->duties.all[job];
}

void jobs_ready(jobs_t *jobs, uint32_t job, int64_t now_us)
{
    jobs->actions.count = 0;
    const duty_t *duty = prepared(jobs, job);
    pace_fetched(&jobs->paces[duty->stage], now_us - duty->since_us);
}

void jobs_begin(jobs_t *jobs, uint32_t job, int64_t now_us)
{
    jobs->actions.count = 0;
    begin(jobs, prepared(jobs, job), now_us);
}

static duty_t *running(jobs_t *jobs, uint32_t job)
{
    assert(job < jobs->duties.room && jobs->duties.all[job].state == DUTY_RUNNING);
    return &jobs->duties.all[job];
}

void jobs_progress(jobs_t *jobs, uint32_t job, uint32_t done, uint32_t total, int64_t now_us)
{
    (void)now_us;
    jobs->actions.count = 0;
    const duty_t *duty = running(jobs, job);
    if (!jobs->brokers[duty->broker].up || duty->cancelled)
        return;
    message_t *progress = jobs_list_send(&jobs->actions, duty->broker, COMMAND_PROGRESS);
    progress->job = duty->message.job;
    progress->token = duty->message.token;
    progress->done = done;
    progress->total = total;
}

void jobs_put_back(jobs_t *jobs, uint32_t job, int64_t now_us)
{
    (void)now_us;
    jobs->actions.count = 0;
    duty_t *duty = running(jobs, job);
    assert(!duty->cancelled);
    duties_put_back(&jobs->duties, duty);
    if (!jobs->draining)
        return;
    if (jobs->brokers[duty->broker].up)
        say_return(jobs, duty->broker, &duty->message);
    jobs_let_go(jobs, duty);
}

void jobs_ran(jobs_t *jobs, uint32_t job, int64_t us)
{
    pace_ran(&jobs->paces[running(jobs, job)->stage], us);
}

int64_t jobs_run_us(const jobs_t *jobs, uint32_t stage)
{
    return jobs->paces[stage].run_us;
}

/* Jobs that wait go back where they are more than the slots, the last ones first. */
static void give_back(jobs_t *jobs, uint32_t stage)
{
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        duty_share_t *share = &jobs->duties.accounts[i].stages[stage];
        while (jobs->brokers[i].up && share->open > jobs->slots.parts[i].allotted[stage] && share->waiting.count > 0) {
            duty_t *duty = duties_last(&jobs->duties, i, stage);
            say_return(jobs, i, &duty->message);
            jobs_let_go(jobs, duty);
        }
    }
}

/* As many slots as the pace of a stage asks for. */
static void settle(jobs_t *jobs, uint32_t stage)
{
    pace_t *pace = &jobs->paces[stage];
    uint32_t before = pace->waiting;
    if (jobs->draining || !pace_settle(pace))
        return;
    slots_resize(&jobs->slots, &jobs->duties, stage, pace->workers + pace->waiting);
    say_changes(jobs);
    if (pace->waiting < before)
        give_back(jobs, stage);
}

void jobs_failed(jobs_t *jobs, uint32_t job, failed_t class, const char *fault, const char *text, int64_t now_us)
{
    jobs->actions.count = 0;
    duty_t *duty = running(jobs, job);
    message_t answer = {.command = COMMAND_FAILED, .job = duty->message.job, .token = duty->message.token};
    answer.class = duty->cancelled ? FAILED_CANCELLED : class;
    answer.fault = slice_of(duty->cancelled ? "cancelled" : fault);
    answer.text = slice_of(duty->cancelled ? NULL : text);
    duties_answer(&jobs->duties, duty, &answer, now_us);
    say_answer(jobs, duty, now_us);
    settle(jobs, duty->stage);
}

void jobs_done(jobs_t *jobs, uint32_t job, const jobs_result_t *result, int64_t now_us)
{
    jobs->actions.count = 0;
    duty_t *duty = running(jobs, job);
    message_t answer = {.command = COMMAND_DONE, .job = duty->message.job, .token = duty->message.token};
    answer.next = slice_of(result->next);
    answer.last = result->last;
    answer.attachment = result->attachment;
    answer.body = result->dossier;
    duties_answer(&jobs->duties, duty, &answer, now_us);
    say_answer(jobs, duty, now_us);
    settle(jobs, duty->stage);
}

/* ---- draining ---- */

void jobs_drain(jobs_t *jobs, int64_t now_us)
{
    (void)now_us;
    jobs->actions.count = 0;
    jobs->draining = true;
    for (uint32_t i = 0; i < jobs->duties.room; i++) {
        duty_t *duty = &jobs->duties.all[i];
        if (duty->state != DUTY_WAITING && duty->state != DUTY_PREPARED)
            continue;
        if (jobs->brokers[duty->broker].up)
            say_return(jobs, duty->broker, &duty->message);
        jobs_let_go(jobs, duty);
    }
    slots_end(&jobs->slots, &jobs->duties);
    say_changes(jobs);
}

bool jobs_drained(const jobs_t *jobs)
{
    return jobs->draining && jobs->goodbye;
}

static bool may_leave(const jobs_t *jobs)
{
    return jobs->draining && !jobs->goodbye && jobs->duties.count == 0;
}

static void say_goodbye(jobs_t *jobs)
{
    if (!may_leave(jobs))
        return;
    for (uint32_t i = 0; i < jobs->broker_count; i++)
        if (jobs->brokers[i].up)
            jobs_list_send(&jobs->actions, i, COMMAND_GOODBYE);
    jobs->goodbye = true;
}

/* ---- time ---- */

static void send_again(jobs_t *jobs, int64_t now)
{
    int64_t before = now - (int64_t)jobs->options.resend_ms * 1000;
    int64_t expired = now - (int64_t)jobs->options.keep_ms * 1000;
    uint32_t count = jobs->duties.answered.count;
    for (uint32_t at = jobs->duties.answered.first, next; count-- > 0; at = next) {
        duty_t *duty = &jobs->duties.all[at];
        next = duty->next;
        if (duty->sent_us > before)
            break;
        if (!jobs->brokers[duty->broker].up && duty->answered_us < expired)
            duties_remove(&jobs->duties, duty); /* its owner has long gone to another broker */
        else
            say_answer(jobs, duty, now);
    }
}

/* The oldest job of each stage may show that it is slower than it was. */
static void look_at_running(jobs_t *jobs, int64_t now)
{
    bool seen[MESSAGE_NAMES_MOST] = {false};
    for (uint32_t at = jobs->duties.running.first; at != DUTY_NONE; at = jobs->duties.all[at].next) {
        const duty_t *duty = &jobs->duties.all[at];
        if (!seen[duty->stage] && pace_lasts(&jobs->paces[duty->stage], now - duty->since_us))
            settle(jobs, duty->stage);
        seen[duty->stage] = true;
    }
}

void jobs_tick(jobs_t *jobs, int64_t now_us)
{
    jobs->actions.count = 0;
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        jobs_broker_t *broker = &jobs->brokers[i];
        if (now_us - broker->seen_us > (int64_t)broker->silence_ms * 1000)
            jobs_lose_broker(jobs, i);
        if (!broker->up) {
            say_hello(jobs, i, now_us);
        } else if (now_us >= broker->heartbeat_us) {
            broker->heartbeat_us = now_us + (int64_t)broker->heartbeat_ms * 1000;
            say_heartbeat(jobs, i, false);
            slots_tell(&jobs->slots, i, true, &jobs->actions); /* it is absolute: one that was lost is made good */
        }
    }
    send_again(jobs, now_us);
    if (now_us >= jobs->divide_us) {
        jobs->divide_us = now_us + DIVIDE_MS * 1000;
        slots_rebalance(&jobs->slots, &jobs->duties);
        say_changes(jobs);
        look_at_running(jobs, now_us);
    }
    say_goodbye(jobs);
}

int64_t jobs_deadline(const jobs_t *jobs)
{
    if (may_leave(jobs))
        return 0;                                                       /* at once */
    int64_t due = jobs->duties.count > 0 ? jobs->divide_us : INT64_MAX; /* an idle host wakes for heartbeats alone */
    for (uint32_t i = 0; i < jobs->broker_count; i++) {
        int64_t next = jobs->brokers[i].up ? jobs->brokers[i].heartbeat_us : jobs->brokers[i].hello_us;
        due = next < due ? next : due;
    }
    if (jobs->duties.answered.first != DUTY_NONE) {
        int64_t again = jobs->duties.all[jobs->duties.answered.first].sent_us + (int64_t)jobs->options.resend_ms * 1000;
        due = again < due ? again : due;
    }
    return due;
}

void jobs_audit(const jobs_t *jobs)
{
    duties_audit(&jobs->duties, jobs->broker_count, jobs->options.stage_count);
}
