/* throng: an owner with many jobs for the stage noop, which keeps account: every job must end exactly once.
 *
 *     throng [-s SOURCE] [-f FRESH] [-d SHA256] [-b BYTES] [-g] BROKERS COUNT ROUTE [WISH…]
 *
 * ROUTE is stages with commas between. Job n does what WISH n (modulo their number) asks the stage noop for; "" is
 * nothing. SOURCE, SHA256 and BYTES are of the document, as its dossier tells them, and FRESH is its source when the
 * job is submitted again; with -g there is no dossier but garbage. Prints "ready" when a broker has answered, a line
 * "end N OUTCOME FAULT crashes=N losses=N" for each result and a line "said N TEXT" where it has a text, and last "jobs
 * N completed N failed N again N elsewhere N ms N". Exit code 1 when a job ended twice or was refused or lost.
 */
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/dossier.h"
#include "proto/settings.h"
#include "proto/wire/ferry.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ATTEMPTS = 5, BACKOFF_MS = 20, NUMBER_MASK = 0xFFFFFF };

typedef struct {
    ferry_t *ferry;
    uint32_t count;
    ident_t *ids;          /* the low bits are the job's number */
    uint64_t *epochs;      /* each job's, as on a disk */
    uint8_t *ends;         /* results of each */
    uint32_t (*counts)[2]; /* crashes and losses of each, as a broker told */
    char *route;           /* with zeros between */
    const char *names[MESSAGE_NAMES_MOST];
    uint32_t name_count;
    const char *source, *sha256; /* of the document; NULL = none */
    const char *fresh;           /* its source when a job is submitted under another epoch; NULL = the same */
    int64_t bytes;
    bool garbage; /* in place of a dossier */
    char *const *wishes;
    uint32_t wish_count;
    uint32_t ended, completed, failed, again, elsewhere;
} throng_t;

static uint32_t number_of(const throng_t *throng, ident_t job)
{
    uint32_t number = (uint32_t)job.low & NUMBER_MASK;
    if (number >= throng->count || !ident_equal(throng->ids[number], job)) {
        fprintf(stderr, "a job came that nobody has submitted\n");
        exit(1);
    }
    return number;
}

static void submit(throng_t *throng, uint32_t number)
{
    buf_t body = {0};
    dossier_t *dossier = dossier_new();
    dossier->document.filename = arena_format(dossier->arena, "%u", number);
    if (throng->wish_count && *throng->wishes[number % throng->wish_count])
        dossier->options.noop = throng->wishes[number % throng->wish_count];
    dossier->document.source = throng->fresh && throng->epochs[number] > 1 ? throng->fresh : throng->source;
    dossier->document.sha256 = throng->sha256;
    dossier->document.bytes = throng->bytes;
    if (throng->garbage)
        buf_text(&body, "this is no dossier");
    else
        dossier_encode(dossier, &body);
    message_t message = {.command = COMMAND_SUBMIT, .job = throng->ids[number], .epoch = throng->epochs[number]};
    for (uint32_t i = 0; i < throng->name_count; i++)
        message.names[message.name_count++] = slice_of(throng->names[i]);
    message.crashes = throng->counts[number][0];
    message.losses = throng->counts[number][1];
    message.attempts = ATTEMPTS;
    message.backoff_ms = BACKOFF_MS;
    message.body = (slice_t){body.bytes, (uint32_t)body.size};
    ferry_submit(throng->ferry, &message);
    dossier_destroy(&dossier);
    buf_free(&body);
}

static void finish(throng_t *throng, const link_action_t *action)
{
    const message_t *end = &action->message;
    uint32_t number = number_of(throng, action->job);
    bool good = end->outcome == OUTCOME_COMPLETED;
    throng->again += throng->ends[number]++ > 0;
    throng->ended++;
    throng->completed += good;
    throng->failed += !good;
    printf("end %u %s %.*s crashes=%u losses=%u\n", number, good ? "completed" : "failed", (int)end->fault.size,
           end->fault.size ? end->fault.at : "", end->crashes, end->losses);
    if (end->text.size)
        printf("said %u %.*s\n", number, (int)end->text.size, end->text.at);
    ferry_settle(throng->ferry, action->broker, end);
}

static void ask(void *owner, const link_action_t *action)
{
    throng_t *throng = owner;
    switch (action->kind) {
    case LINK_WANT:
        submit(throng, number_of(throng, action->job));
        break;
    case LINK_RAISE:
        throng->epochs[number_of(throng, action->job)] = action->epoch;
        ferry_own(throng->ferry, action->job, action->epoch);
        break;
    case LINK_RECORD:
        throng->counts[number_of(throng, action->job)][0] = action->message.crashes;
        throng->counts[number_of(throng, action->job)][1] = action->message.losses;
        ferry_settle(throng->ferry, action->broker, &action->message);
        break;
    case LINK_FINISHED:
        finish(throng, action);
        break;
    case LINK_CANCELLED:
    case LINK_REFUSED:
    case LINK_LOST:
        fprintf(stderr, "job %u: %.*s\n", number_of(throng, action->job), (int)action->message.text.size,
                action->message.text.size ? action->message.text.at : "");
        throng->elsewhere++;
        throng->ended++;
        break;
    default:
        break;
    }
}

static void prepare(throng_t *throng, char **argv)
{
    fault_t fault = {0};
    throng->count = (uint32_t)atoi(argv[2]);
    throng->ids = memory_new(throng->count + 1, sizeof *throng->ids);
    throng->epochs = memory_new(throng->count + 1, sizeof *throng->epochs);
    throng->ends = memory_new(throng->count + 1, sizeof *throng->ends);
    throng->counts = memory_new(throng->count + 1, sizeof *throng->counts);
    throng->route = argv[3];
    for (char *name = strtok(throng->route, ","); name && throng->name_count < MESSAGE_NAMES_MOST;
         name = strtok(NULL, ","))
        throng->names[throng->name_count++] = name;
    for (uint32_t i = 0; i < throng->count; i++) {
        if (ident_new(&throng->ids[i], &fault) < 0)
            exit(2);
        throng->ids[i].low = (throng->ids[i].low & ~(uint64_t)NUMBER_MASK) | i;
        throng->epochs[i] = 1;
    }
}

static void run(throng_t *throng)
{
    struct pollfd polls[WIRE_POLLS_MOST];
    for (bool ready = false; throng->ended < throng->count;) {
        int64_t next_us = INT64_MAX;
        ferry_step(throng->ferry, &next_us);
        if (!ready && ferry_connected(throng->ferry)) {
            ready = true;
            puts("ready");
        }
        fflush(stdout);
        int64_t left_us = next_us - clock_now_us();
        if (left_us > 0 && throng->ended < throng->count)
            poll(polls, ferry_poll(throng->ferry, polls), (int)((left_us + 999) / 1000));
    }
}

/* Whether the options are ones. */
static bool read_options(throng_t *throng, int argc, char **argv)
{
    for (int c; (c = getopt(argc, argv, "+s:f:d:b:g")) != -1;) {
        if (c == 's')
            throng->source = optarg;
        else if (c == 'f')
            throng->fresh = optarg;
        else if (c == 'd')
            throng->sha256 = optarg;
        else if (c == 'b')
            throng->bytes = atoll(optarg);
        else if (c == 'g')
            throng->garbage = true;
        else
            return false;
    }
    return argc - optind >= 3;
}

int main(int argc, char **argv)
{
    fault_t fault = {0};
    throng_t throng = {0};
    if (!read_options(&throng, argc, argv)) {
        fputs("throng [-s SOURCE] [-f FRESH] [-d SHA256] [-b BYTES] [-g] BROKERS COUNT ROUTE [WISH...]\n", stderr);
        return 2;
    }
    argc -= optind - 1;
    argv += optind - 1;
    signal(SIGPIPE, SIG_IGN);
    prepare(&throng, argv);
    throng.wishes = argv + 4;
    throng.wish_count = (uint32_t)argc - 4;
    int64_t start_us = clock_now_us();
    ferry_plan_t plan = {.brokers = argv[1], .name = "throng", .ask = ask, .owner = &throng};
    arena_t *arena = arena_new();
    settings_t settings;
    buf_t problems = {0};
    if (yogi_settings_load(environ, arena, &settings, &problems) == 0)
        throng.ferry = ferry_open(&plan, &settings, &fault);
    if (!throng.ferry) {
        fprintf(stderr, "throng: %s%s\n", fault.text, buf_string(&problems));
        return 2;
    }
    for (uint32_t i = 0; i < throng.count; i++)
        ferry_own(throng.ferry, throng.ids[i], throng.epochs[i]);
    run(&throng);
    printf("jobs %u completed %u failed %u again %u elsewhere %u ms %lld\n", throng.count, throng.completed,
           throng.failed, throng.again, throng.elsewhere, (long long)(clock_now_us() - start_us) / 1000);
    ferry_destroy(&throng.ferry);
    arena_destroy(&arena);
    free(throng.ids);
    free(throng.epochs);
    free(throng.ends);
    free(throng.counts);
    return throng.again || throng.elsewhere;
}
