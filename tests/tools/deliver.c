/* deliver: an owner without a database, as the bridge is one: hands in dossiers that others have made and tells how each
 * job ended.
 *
 *     deliver ROUTE ATTEMPTS < JOBS
 *
 * ROUTE is stages with commas between. A line of JOBS is "ID TENANT FILE": the job's id, "-" for no tenant, and the file
 * of its dossier. A job that stands there twice is handed in again, under the next epoch, when all have ended. For each
 * end a line "ID OUTCOME CLASS FAULT STORED TEXT" ("-" where there is nothing; STORED is document.stored of the dossier
 * that came back), in the order in which they come. Set by the environment as an owner is (YOGI_BROKERS …).
 */
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/dossier.h"
#include "proto/process.h"
#include "proto/wire/ferry.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 4096, BACKOFF_MS = 20 };

typedef struct {
    ident_t id;
    uint64_t epoch;
    uint32_t wanted; /* ends that are still to come */
    uint32_t ends;
    char tenant[MESSAGE_TENANT_MOST + 1];
    buf_t dossier;
} parcel_t;

typedef struct {
    ferry_t *ferry;
    parcel_t *parcels;
    size_t count, room;
    size_t open; /* ends that are still to come, of all */
    slice_t route[MESSAGE_NAMES_MOST];
    uint32_t route_count, attempts;
} deliver_t;

static void fail(const char *what, const char *about)
{
    fprintf(stderr, "deliver: %s: %s\n", about, what);
    exit(1);
}

static parcel_t *find(deliver_t *deliver, ident_t id)
{
    for (size_t i = 0; i < deliver->count; i++)
        if (ident_equal(deliver->parcels[i].id, id))
            return &deliver->parcels[i];
    return NULL;
}

static void read_file(const char *path, buf_t *out)
{
    char block[65536];
    FILE *file = fopen(path, "rb");
    if (!file)
        fail("cannot be read", path);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, got);
    fclose(file);
}

static void take_line(deliver_t *deliver, char *line)
{
    char *id = strtok(line, " \n"), *tenant = strtok(NULL, " \n"), *path = strtok(NULL, " \n");
    ident_t ident = {0};
    if (!path || !ident_parse(id, &ident) || strlen(tenant) > MESSAGE_TENANT_MOST)
        fail("is no job", id ? id : "a line");
    parcel_t *parcel = find(deliver, ident);
    deliver->open++;
    if (parcel) {
        parcel->wanted++;
        return;
    }
    if (deliver->count == deliver->room) {
        deliver->room = deliver->room ? 2 * deliver->room : 64;
        deliver->parcels = memory_grow(deliver->parcels, deliver->room, sizeof *deliver->parcels);
    }
    parcel = &deliver->parcels[deliver->count++];
    *parcel = (parcel_t){.id = ident, .epoch = 1, .wanted = 1};
    if (strcmp(tenant, "-") != 0)
        snprintf(parcel->tenant, sizeof parcel->tenant, "%s", tenant);
    read_file(path, &parcel->dossier);
}

static void submit(deliver_t *deliver, const parcel_t *parcel)
{
    message_t message = {.command = COMMAND_SUBMIT,
                         .job = parcel->id,
                         .epoch = parcel->epoch,
                         .attempts = deliver->attempts,
                         .backoff_ms = BACKOFF_MS,
                         .name_count = deliver->route_count,
                         .tenant = slice_of(parcel->tenant),
                         .body = {parcel->dossier.bytes, (uint32_t)parcel->dossier.size}};
    memcpy(message.names, deliver->route, sizeof deliver->route);
    ferry_submit(deliver->ferry, &message);
}

static void print_end(const parcel_t *parcel, const message_t *end)
{
    static const char *const outcomes[] = {"-", "completed", "failed", "cancelled"};
    char id[IDENT_TEXT];
    fault_t fault;
    dossier_t *dossier = end->body.size ? dossier_decode(end->body.at, end->body.size, &fault) : NULL;
    printf("%s %s %u %.*s %s %.*s\n", ident_format(parcel->id, id), outcomes[end->outcome], end->class,
           (int)(end->fault.size ? end->fault.size : 1), end->fault.size ? end->fault.at : "-",
           dossier && dossier->document.stored ? dossier->document.stored : "-",
           (int)(end->text.size ? end->text.size : 1), end->text.size ? end->text.at : "-");
    fflush(stdout);
    dossier_destroy(&dossier);
}

static void finish(deliver_t *deliver, parcel_t *parcel, const link_action_t *action)
{
    print_end(parcel, &action->message);
    parcel->ends++;
    deliver->open--;
    ferry_settle(deliver->ferry, action->broker, &action->message);
}

/* Those that stand there more than once go on when nothing is under way. */
static void hand_in_again(deliver_t *deliver)
{
    if (ferry_jobs(deliver->ferry) || !deliver->open)
        return;
    for (size_t i = 0; i < deliver->count; i++)
        if (deliver->parcels[i].ends < deliver->parcels[i].wanted)
            ferry_own(deliver->ferry, deliver->parcels[i].id, ++deliver->parcels[i].epoch);
}

static void ask(void *owner, const link_action_t *action)
{
    deliver_t *deliver = owner;
    parcel_t *parcel = find(deliver, action->job);
    switch (action->kind) {
    case LINK_WANT:
        submit(deliver, parcel);
        break;
    case LINK_RAISE:
        parcel->epoch = action->epoch;
        ferry_own(deliver->ferry, action->job, action->epoch);
        break;
    case LINK_RECORD:
        ferry_settle(deliver->ferry, action->broker, &action->message);
        break;
    case LINK_FINISHED:
        finish(deliver, parcel, action);
        break;
    case LINK_CANCELLED:
    case LINK_REFUSED:
    case LINK_LOST:
        fail("refused or lost", "a job");
        break;
    default:
        break;
    }
}

static void run(deliver_t *deliver)
{
    struct pollfd polls[WIRE_POLLS_MOST];
    for (size_t i = 0; i < deliver->count; i++)
        ferry_own(deliver->ferry, deliver->parcels[i].id, 1);
    while (deliver->open) {
        int64_t next_us = INT64_MAX;
        ferry_step(deliver->ferry, &next_us);
        hand_in_again(deliver);
        int64_t left_us = next_us - clock_now_us();
        if (left_us > 0 && deliver->open)
            poll(polls, ferry_poll(deliver->ferry, polls), (int)((left_us + 999) / 1000));
    }
}

int main(int argc, char **argv)
{
    fault_t fault = {0};
    deliver_t deliver = {0};
    process_t process;
    char line[LINE_MOST];
    if (argc != 3)
        fail("deliver ROUTE ATTEMPTS < JOBS", "usage");
    int code = process_begin(&process, "deliver");
    if (code)
        return code;
    deliver.attempts = (uint32_t)atoi(argv[2]);
    for (char *name = strtok(argv[1], ","); name && deliver.route_count < MESSAGE_NAMES_MOST; name = strtok(NULL, ","))
        deliver.route[deliver.route_count++] = slice_of(name);
    while (fgets(line, sizeof line, stdin))
        take_line(&deliver, line);
    ferry_plan_t plan = {.brokers = process.settings.brokers, .name = "deliver", .ask = ask, .owner = &deliver};
    deliver.ferry = ferry_open(&plan, &process.settings, &fault);
    if (!deliver.ferry)
        return process_fail(&process, &fault);
    run(&deliver);
    ferry_leave(&deliver.ferry);
    for (size_t i = 0; i < deliver.count; i++)
        buf_free(&deliver.parcels[i].dossier);
    free(deliver.parcels);
    process_end(&process);
    return 0;
}
