/* submit: see submit.h. */
#include "submit.h"
#include "board.h"
#include "deploy/tally.h"
#include "parcel.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"
#include "proto/base/text.h"
#include "proto/wire/ferry.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* FAREWELL: how long brokers may take to say that jobs were called off. */
enum { FAREWELL_US = 2000000, BACKOFF_MS = 500, JITTER = 20, EXIT_PIPE = 141 };

typedef struct {
    process_t *process;
    const submit_options_t *options;
    ferry_t *ferry;
    char name[MESSAGE_PEER_MOST + 1];
    parcel_t *parcels;
    size_t count, next_out; /* parcels; the first that has not left */
    size_t left;            /* not ended */
    tally_t tally;
    board_t board;
    int stopped;      /* exit code of an early end, 0 = none */
    int64_t until_us; /* when it ends at the latest: nobody answered, or it was interrupted */
} submit_t;

/* ---- results ---- */

static void write_all(submit_t *submit, const buf_t *text)
{
    if (!submit->stopped && output_all(STDOUT_FILENO, buf_string(text), text->size) < 0)
        submit->stopped = EXIT_PIPE;
}

/* What has ended leaves, as far as nothing before it is missing. */
static void let_out(submit_t *submit)
{
    for (; submit->next_out < submit->count && submit->parcels[submit->next_out].ended; submit->next_out++) {
        parcel_t *parcel = &submit->parcels[submit->next_out];
        char name[300];
        snprintf(name, sizeof name, "%s", parcel->path);
        text_neuter(name);
        if (parcel->fault.code != FAULT_NONE || isatty(STDOUT_FILENO))
            board_clear(&submit->board);
        if (parcel->fault.code != FAULT_NONE)
            fprintf(stderr, "yogi: %s: %s\n", name, parcel->fault.text);
        write_all(submit, &parcel->text);
        buf_free(&parcel->text);
    }
}

/* The parcel has ended; dossier may be NULL. */
static void conclude(submit_t *submit, parcel_t *parcel, const dossier_t *dossier)
{
    parcel->ended = true;
    submit->left--;
    tally_add(&submit->tally, dossier, &parcel->fault);
    let_out(submit);
}

/* ---- what the link asks for ---- */

static parcel_t *find(submit_t *submit, ident_t job)
{
    for (size_t i = submit->next_out; i < submit->count; i++) /* before it all have ended */
        if (!submit->parcels[i].ended && ident_equal(submit->parcels[i].job, job))
            return &submit->parcels[i];
    return NULL;
}

/* A record after each stage tells that it has passed; without a board nobody would look. */
static void send(submit_t *submit, parcel_t *parcel)
{
    const submit_options_t *options = submit->options;
    buf_t body = {0};
    parcel->at = parcel->part = parcel->parts = 0;
    parcel_pack(parcel, &submit->process->settings, &body);
    message_t message = {.command = COMMAND_SUBMIT,
                         .job = parcel->job,
                         .epoch = parcel->epoch,
                         .priority = (uint32_t)options->priority,
                         .attempts = (uint32_t)options->attempts,
                         .crashes = parcel->crashes,
                         .losses = parcel->losses,
                         .backoff = BACKOFF_EXPONENTIAL,
                         .backoff_ms = BACKOFF_MS,
                         .jitter = JITTER,
                         .name_count = options->name_count,
                         .record = submit->board.enabled,
                         .body = {body.bytes, (uint32_t)body.size}};
    for (uint32_t i = 0; i < options->name_count; i++)
        message.names[i] = slice_of(options->names[i]);
    ferry_submit(submit->ferry, &message);
    buf_free(&body);
}

/* No broker will have it, or nobody wants it any more. */
static void give_up(submit_t *submit, parcel_t *parcel, fault_code_t code, slice_t text)
{
    fault_set(&parcel->fault, code, "%.*s", (int)text.size, text.size ? text.at : "");
    conclude(submit, parcel, NULL);
}

/* It has come to this stage. */
static void move(submit_t *submit, parcel_t *parcel, slice_t stage, uint32_t part, uint32_t parts)
{
    for (uint32_t i = 0; i < submit->options->name_count; i++)
        if (slice_is(stage, submit->options->names[i])) {
            parcel->at = i;
            parcel->part = part < parts ? part : parts;
            parcel->parts = parts;
        }
}

static void ask(void *owner, const link_action_t *action)
{
    submit_t *submit = owner;
    const message_t *message = &action->message;
    parcel_t *parcel = find(submit, action->job);
    if (!parcel) /* ended: acknowledged again */
        return;
    switch (action->kind) {
    case LINK_WANT:
        send(submit, parcel);
        break;
    case LINK_RAISE:
        parcel->epoch = action->epoch;
        ferry_own(submit->ferry, parcel->job, parcel->epoch);
        break;
    case LINK_PROGRESS:
        move(submit, parcel, message->stage, message->done, message->total);
        break;
    case LINK_RECORD: /* after a stage, or of counts alone */
        move(submit, parcel, message->next, 0, 0);
        parcel->crashes = message->crashes;
        parcel->losses = message->losses;
        ferry_settle(submit->ferry, action->broker, message);
        break;
    case LINK_FINISHED: {
        dossier_t *dossier = parcel_finish(parcel, message, submit->options);
        conclude(submit, parcel, dossier);
        dossier_destroy(&dossier);
        ferry_settle(submit->ferry, action->broker, message);
        break;
    }
    case LINK_CANCELLED:
        give_up(submit, parcel, FAULT_CANCELLED, slice_of("called off"));
        break;
    case LINK_REFUSED:
        give_up(submit, parcel, FAULT_USAGE, message->text);
        break;
    case LINK_LOST:
        give_up(submit, parcel, FAULT_SYSTEM, slice_of("another owner has taken the job"));
        break;
    default:
        break;
    }
}

/* ---- the loop ---- */

static void interrupt(submit_t *submit)
{
    submit->stopped = fault_exit(FAULT_CANCELLED);
    submit->until_us = clock_now_us() + FAREWELL_US;
    for (size_t i = 0; i < submit->count; i++)
        if (!submit->parcels[i].ended)
            ferry_cancel(submit->ferry, submit->parcels[i].job);
}

/* What keeps the work, in words; NULL = nothing. */
static const char *trouble_of(const submit_t *submit)
{
    if (submit->stopped)
        return "the rest is called off";
    if (ferry_connected(submit->ferry))
        return NULL;
    return submit->until_us == INT64_MAX ? "no broker is heard; the work goes on when one is"
                                         : "no broker has answered yet";
}

static void draw(submit_t *submit, int64_t *next_us)
{
    board_view_t view = {.parcels = submit->parcels,
                         .first = submit->next_out,
                         .count = submit->count,
                         .ended = submit->count - submit->left,
                         .failed = submit->tally.failed,
                         .stages = submit->options->names,
                         .stage_count = submit->options->name_count,
                         .trouble = trouble_of(submit)};
    board_draw(&submit->board, &view, clock_now_us(), next_us);
}

static void run(submit_t *submit)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    bool final;
    while (submit->left && clock_now_us() < submit->until_us) {
        int64_t next_us = submit->until_us;
        ferry_step(submit->ferry, &next_us);
        if (process_told_to_end(submit->process)) {
            if (submit->stopped)
                break;
            interrupt(submit);
            continue;
        }
        if (submit->stopped == EXIT_PIPE || (ferry_refusal(submit->ferry, &final) && final))
            break;
        if (!submit->stopped && ferry_connected(submit->ferry))
            submit->until_us = INT64_MAX;
        if (submit->left)
            draw(submit, &next_us);
        size_t count = ferry_poll(submit->ferry, polls);
        polls[count++] = (struct pollfd){submit->process->signal_fd, POLLIN, 0};
        int64_t left_us = next_us - clock_now_us();
        if (submit->left && left_us > 0)
            poll(polls, count, (int)((left_us + 999) / 1000));
    }
}

static void open_parcels(submit_t *submit, char **paths)
{
    submit->parcels = memory_new(submit->count, sizeof *submit->parcels);
    submit->left = submit->count;
    for (size_t i = 0; i < submit->count; i++)
        if (parcel_open(&submit->parcels[i], paths[i], submit->process->arena) < 0)
            conclude(submit, &submit->parcels[i], NULL);
        else
            ferry_own(submit->ferry, submit->parcels[i].job, submit->parcels[i].epoch);
}

static int exit_code(submit_t *submit)
{
    if (submit->stopped || !submit->left)
        return submit->stopped ? submit->stopped : tally_exit(&submit->tally);
    fault_t fault;
    bool final;
    const char *refusal = ferry_refusal(submit->ferry, &final);
    if (refusal)
        fault_set(&fault, FAULT_SETTING, "no broker takes these documents: %s", refusal);
    else
        fault_set(&fault, FAULT_SYSTEM,
                  "no broker has answered at %s in %d s; yogi up starts one here, YOGI_BROKERS names others",
                  submit->process->settings.brokers, submit->options->wait);
    return process_fail(submit->process, &fault);
}

int submit_run(process_t *process, const submit_options_t *options, char **paths, size_t count)
{
    fault_t fault = {0};
    submit_t submit = {.process = process, .options = options, .count = count, .tally = {.arena = process->arena}};
    submit.until_us = clock_now_us() + (int64_t)options->wait * 1000000;
    ferry_plan_t plan = {.brokers = process->settings.brokers,
                         .name = process_name(process, submit.name, sizeof submit.name),
                         .ask = ask,
                         .owner = &submit};
    submit.ferry = ferry_open(&plan, &process->settings, &fault);
    if (!submit.ferry)
        return process_fail(process, &fault);
    board_begin(&submit.board, clock_now_us());
    open_parcels(&submit, paths);
    run(&submit);
    board_clear(&submit.board);
    int code = exit_code(&submit);
    ferry_leave(&submit.ferry);
    for (size_t i = 0; i < count; i++)
        parcel_free(&submit.parcels[i]);
    free(submit.parcels);
    return code;
}
