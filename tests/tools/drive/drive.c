/* drive: an owner with as many documents as wanted, and no-op hosts in processes of their own (hosts.h), around a
 * broker that is to be measured. The same shape as the yardsticks': one owner, one host for each stage.
 *
 *     drive BROKERS DOCUMENTS STAGE,STAGE… [-w WINDOW] [-r RATE] [-c CREDIT] [-h HOSTS] [-b BYTES] [-p PRIORITIES] [-R]
 *       [-S]
 *
 * -w  documents under way at once (1000)        -r  documents a second; 0 = as fast as they go (0)
 * -c  credit of a host for each stage (100)     -b  bytes of a document (200)
 * -h  hosts, each of which serves all stages; 0 = they are elsewhere, and documents are dossiers unless -b is given;
 *     without -h there is one for each stage
 * -R  RECORDs are wanted                        -S  hosts do not say STARTED
 * -p  priorities that documents have in turn (4)
 *
 * The owner is a real one (proto/wire/ferry.h); figures are asked for every second. Prints "go" when everybody is
 * connected, waits for a line on its standard input, and prints when all documents are back "documents=N seconds=N
 * per_second=N p50us=N p99us=N owner_us=N hosts_us=N" (the last two: CPU time of a document). Exit code 1 when a
 * document was lost, doubled or not as it should be, or nothing moved at the hosts here for 20 s.
 */
#include "hosts.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/dossier.h"
#include "proto/wire/ferry.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NUMBER_MASK = 0xFFFFFF, STUCK_US = 20000000, CHILDREN_MOST = 8, STATS_US = 1000000 };

typedef struct {
    hosts_plan_t hosts;
    int host_count;                    /* -1 = one for each stage */
    uint32_t documents, window, bytes; /* bytes 0: documents are dossiers */
    uint32_t priorities;               /* from 0 on */
    double rate;
    bool record;
    pid_t children[CHILDREN_MOST];
    uint32_t child_count;
    ferry_t *ferry;
    ident_t first;    /* of the documents; the low bits are the number */
    int64_t *sent_us; /* by number; after its end how long it took, negative */
    uint32_t owned, ended;
    int64_t start_us, end_us;
    buf_t body;
} drive_t;

static _Noreturn void give_up(const drive_t *drive, const char *what)
{
    fprintf(stderr, "drive: %s\n", what);
    for (uint32_t i = 0; i < drive->child_count; i++)
        kill(drive->children[i], SIGKILL);
    exit(1);
}

/* ---- the owner ---- */

static uint32_t number_of(const drive_t *drive, ident_t job)
{
    uint32_t number = (uint32_t)job.low & NUMBER_MASK;
    if (job.high != drive->first.high || number >= drive->owned)
        give_up(drive, "a document came that nobody has sent");
    return number;
}

static ident_t id_of(const drive_t *drive, uint32_t number)
{
    return (ident_t){drive->first.high, (drive->first.low & ~(uint64_t)NUMBER_MASK) | number};
}

/* A map {"d": bytes}, or a dossier. */
static void make_body(drive_t *drive)
{
    if (drive->bytes == 0) {
        dossier_t *dossier = dossier_new();
        dossier->document.filename = "week.png";
        dossier_encode(dossier, &drive->body);
        dossier_destroy(&dossier);
        return;
    }
    static const uint8_t head[] = {0x81, 0xA1, 'd', 0xC6};
    uint32_t size = htonl(drive->bytes - BODY_NUMBER);
    char *bytes = memory_new(drive->bytes, 1);
    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, &size, sizeof size);
    buf_add(&drive->body, bytes, drive->bytes);
    free(bytes);
}

static void submit(drive_t *drive, uint32_t number, uint64_t epoch)
{
    message_t message = {.command = COMMAND_SUBMIT,
                         .job = id_of(drive, number),
                         .epoch = epoch,
                         .attempts = 3,
                         .priority = number % drive->priorities,
                         .record = drive->record};
    for (uint32_t i = 0; i < drive->hosts.stage_count; i++)
        message.names[message.name_count++] = slice_of(drive->hosts.stages[i]);
    if (drive->bytes)
        memcpy(drive->body.bytes + BODY_NUMBER, &number, sizeof number);
    message.body = (slice_t){drive->body.bytes, (uint32_t)drive->body.size};
    ferry_submit(drive->ferry, &message);
}

static void finish(drive_t *drive, const message_t *end)
{
    uint32_t number = number_of(drive, end->job), told;
    if (drive->sent_us[number] < 0)
        give_up(drive, "a document came back twice");
    if (end->outcome != OUTCOME_COMPLETED)
        give_up(drive, "a document failed");
    if (drive->bytes) {
        memcpy(&told, end->body.at + BODY_NUMBER, sizeof told);
        if (end->body.size != drive->body.size || told != number ||
            (drive->host_count != 0 && end->body.at[BODY_PASSED] != (char)drive->hosts.stage_count))
            give_up(drive, "a document came back as another, or without all its stages");
    }
    drive->end_us = clock_now_us();
    drive->sent_us[number] -= drive->end_us + 1;
    drive->ended++;
}

static void ask(void *owner, const link_action_t *action)
{
    drive_t *drive = owner;
    switch (action->kind) {
    case LINK_WANT:
        submit(drive, number_of(drive, action->job), action->epoch);
        break;
    case LINK_FINISHED:
        finish(drive, &action->message);
        ferry_settle(drive->ferry, action->broker, &action->message);
        break;
    case LINK_RECORD:
        ferry_settle(drive->ferry, action->broker, &action->message);
        break;
    case LINK_REFUSED:
    case LINK_LOST:
    case LINK_CANCELLED:
    case LINK_RAISE:
        give_up(drive, "a document was refused or moved");
    default:
        break;
    }
}

/* Sends what may be sent now; when the next one may, by the rate. */
static int64_t send_more(drive_t *drive, int64_t now_us)
{
    while (drive->owned < drive->documents && drive->owned - drive->ended < drive->window) {
        int64_t due_us = drive->rate > 0 ? drive->start_us + (int64_t)(drive->owned * 1e6 / drive->rate) : now_us;
        if (due_us > now_us)
            return due_us;
        uint32_t number = drive->owned++;
        drive->sent_us[number] = clock_now_us();
        ferry_own(drive->ferry, id_of(drive, number), 1);
    }
    return INT64_MAX;
}

static void wait_for(drive_t *drive, int64_t due_us)
{
    struct pollfd polls[WIRE_POLLS_MOST];
    int64_t left_us = due_us - clock_now_us();
    if (left_us > 0)
        poll(polls, ferry_poll(drive->ferry, polls), (int)((left_us + 999) / 1000));
}

static void connect_all(drive_t *drive)
{
    fault_t fault = {0};
    ferry_plan_t plan = {.brokers = drive->hosts.brokers, .name = "drive", .ask = ask, .owner = drive, .window = 4096};
    drive->ferry = ferry_new(&plan, &fault);
    if (!drive->ferry || ident_new(&drive->first, &fault) < 0)
        give_up(drive, fault.text);
    int64_t until_us = clock_now_us() + STUCK_US;
    while (ferry_connected(drive->ferry) < ferry_brokers(drive->ferry)) {
        int64_t next_us = until_us;
        ferry_step(drive->ferry, &next_us);
        if (clock_now_us() > until_us)
            give_up(drive, "no broker answers");
        if (ferry_connected(drive->ferry) < ferry_brokers(drive->ferry))
            wait_for(drive, next_us);
    }
}

static void run(drive_t *drive)
{
    uint32_t ended = 0;
    int64_t moved_us = clock_now_us(), stats_us = moved_us;
    drive->start_us = moved_us;
    while (drive->ended < drive->documents) {
        int64_t now_us = clock_now_us(), next_us = send_more(drive, now_us);
        if (now_us >= stats_us) {
            ferry_ask_stats(drive->ferry, 1);
            stats_us = now_us + STATS_US;
        }
        ferry_step(drive->ferry, &next_us);
        if (drive->ended != ended) {
            ended = drive->ended;
            moved_us = now_us;
        } else if (drive->host_count != 0 && now_us - moved_us > STUCK_US) {
            give_up(drive, "nothing has moved for 20 s");
        }
        if (drive->rate > 0 || drive->owned - drive->ended >= drive->window || drive->owned == drive->documents)
            wait_for(drive, next_us < stats_us ? next_us : stats_us);
    }
}

/* ---- the hosts ---- */

static void start_child(drive_t *drive, uint32_t hosts, int stage)
{
    pid_t pid = fork();
    if (pid < 0)
        give_up(drive, "no process for a host");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        hosts_run(&drive->hosts, hosts, stage);
    }
    drive->children[drive->child_count++] = pid;
}

/* One process for each stage; or the hosts spread over as many processes. */
static void start_hosts(drive_t *drive)
{
    uint32_t processes = drive->host_count < 4 ? (uint32_t)drive->host_count : 4;
    if (drive->host_count < 0)
        for (uint32_t i = 0; i < drive->hosts.stage_count; i++)
            start_child(drive, 1, (int)i);
    else
        for (uint32_t i = 0; i < processes; i++)
            start_child(drive, ((uint32_t)drive->host_count + i) / processes, -1);
}

static double cpu_us(const struct rusage *used)
{
    return (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1e6 +
           (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
}

static double stop_hosts(drive_t *drive)
{
    double all_us = 0;
    for (uint32_t i = 0; i < drive->child_count; i++) {
        struct rusage used;
        int status;
        kill(drive->children[i], SIGTERM);
        if (wait4(drive->children[i], &status, 0, &used) < 0 || !WIFSIGNALED(status))
            give_up(drive, "a host had ended");
        all_us += cpu_us(&used);
    }
    drive->child_count = 0;
    return all_us;
}

/* ---- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void report(drive_t *drive)
{
    struct rusage used;
    double documents = drive->documents, seconds = (double)(drive->end_us - drive->start_us) / 1e6;
    getrusage(RUSAGE_SELF, &used);
    double owner_us = cpu_us(&used) / documents, hosts_us = stop_hosts(drive) / documents;
    for (uint32_t i = 0; i < drive->documents; i++)
        drive->sent_us[i] = -drive->sent_us[i] - 1;
    qsort(drive->sent_us, drive->documents, sizeof *drive->sent_us, by_value);
    printf("documents=%u seconds=%.3f per_second=%.0f p50us=%lld p99us=%lld owner_us=%.2f hosts_us=%.2f\n",
           drive->documents, seconds, documents / seconds, (long long)drive->sent_us[drive->documents / 2],
           (long long)drive->sent_us[(size_t)(documents * 0.99)], owner_us, hosts_us);
}

static bool read_options(drive_t *drive, int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "w:r:c:h:b:p:RS")) != -1;)
        switch (option) {
        case 'w':
            drive->window = (uint32_t)atoi(optarg);
            break;
        case 'r':
            drive->rate = atof(optarg);
            break;
        case 'c':
            drive->hosts.credit = (uint32_t)atoi(optarg);
            break;
        case 'h':
            drive->host_count = atoi(optarg);
            break;
        case 'b':
            drive->bytes = (uint32_t)atoi(optarg);
            break;
        case 'p':
            drive->priorities = (uint32_t)atoi(optarg);
            break;
        case 'R':
            drive->record = true;
            break;
        case 'S':
            drive->hosts.silent = true;
            break;
        default:
            return false;
        }
    if (argc - optind != 3)
        return false;
    drive->hosts.brokers = argv[optind];
    drive->documents = (uint32_t)atoi(argv[optind + 1]);
    for (char *name = strtok(argv[optind + 2], ","); name && drive->hosts.stage_count < MESSAGE_NAMES_MOST;
         name = strtok(NULL, ","))
        drive->hosts.stages[drive->hosts.stage_count++] = name;
    if (!drive->bytes && drive->host_count != 0)
        drive->bytes = 200;
    return drive->documents > 0 && drive->priorities > 0 && drive->documents <= NUMBER_MASK &&
           drive->hosts.stage_count > 0 && (!drive->bytes || drive->bytes >= BODY_LEAST) && drive->bytes <= BODY_MOST &&
           drive->hosts.stage_count <= CHILDREN_MOST;
}

int main(int argc, char **argv)
{
    drive_t drive = {.host_count = -1, .window = 1000, .priorities = 4, .hosts = {.credit = 100}};
    if (!read_options(&drive, argc, argv)) {
        fputs("drive BROKERS DOCUMENTS STAGE,STAGE... [-w WINDOW] [-r RATE] [-c CREDIT] [-h HOSTS] [-b BYTES] [-R] "
              "[-S]\n",
              stderr);
        return 2;
    }
    start_hosts(&drive); /* before ZeroMQ has a thread here */
    drive.sent_us = memory_new(drive.documents, sizeof *drive.sent_us);
    make_body(&drive);
    connect_all(&drive);
    puts("go");
    fflush(stdout);
    if (getchar() == EOF)
        return 1;
    run(&drive);
    report(&drive);
    ferry_destroy(&drive.ferry);
    buf_free(&drive.body);
    free(drive.sent_us);
    return 0;
}
