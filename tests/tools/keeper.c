/* keeper: an owner of jobs with a disk, for tests that kill it: what it has accepted is in its journal before anybody
 * hears of it, and what it was told is there before it is acknowledged. Started again after any death it goes on where
 * the journal ends, under the next epoch of every job.
 *
 *     keeper JOURNAL RATE MOST ROUTE:WISH…
 *
 * Accepts RATE jobs a second as long as fewer than MOST are not ended, each of the next kind (errand.h), and prints
 * "accepted ID" when one is on its disk; one in fifty is called off a little later. Told to end (SIGTERM) it accepts no
 * more, and ends when all are ended. Set by the environment as an owner is (YOGI_BROKERS …).
 *
 * Exit code: 0 all ended; 1 something that cannot be; 2 usage; 3 another process has the journal now.
 */
#include "errand.h"
#include "journal.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/process.h"
#include "proto/wire/ferry.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* LEASE: the journal is looked after so often. CANCEL: one job in so many is called off, when so many more were
 * accepted. */
enum { LEASE_US = 500000, CANCEL_EVERY = 50, CANCEL_AFTER = 10, SUPERSEDED = 3 };

/* What is to be done when the journal has been written. */
typedef enum { DEED_ACCEPTED, DEED_OWN, DEED_SETTLE, DEED_CANCEL } deed_kind_t;

typedef struct {
    deed_kind_t kind;
    ident_t job;
    uint32_t broker;
    message_t message; /* SETTLE: without its texts and bodies */
} deed_t;

typedef struct {
    process_t process;
    journal_t *journal;
    errands_t errands;
    ferry_t *ferry;
    char *const *kinds;
    uint32_t kind_count, most;
    uint32_t announced; /* accepted, and in the journal or about to be */
    double every_us;    /* between two jobs; 0 = as many as may be */
    double due_us;      /* of the next one */
    int64_t lease_us;   /* when the journal is looked after next */
    bool ending;
    deed_t *deeds;
    size_t deed_count, deed_room;
} keeper_t;

static void fail(const char *text)
{
    fprintf(stderr, "keeper: %s\n", text);
    exit(1);
}

static deed_t *add_deed(keeper_t *keeper, deed_kind_t kind, ident_t job)
{
    if (keeper->deed_count == keeper->deed_room) {
        keeper->deed_room = keeper->deed_room ? 2 * keeper->deed_room : 64;
        keeper->deeds = memory_grow(keeper->deeds, keeper->deed_room, sizeof *keeper->deeds);
    }
    deed_t *deed = &keeper->deeds[keeper->deed_count++];
    *deed = (deed_t){.kind = kind, .job = job};
    return deed;
}

/* ---- what the link asks for ---- */

static void submit(keeper_t *keeper, const errand_t *errand)
{
    buf_t body = {0};
    message_t message = errand_submit(&keeper->errands, errand, &body);
    ferry_submit(keeper->ferry, &message);
    buf_free(&body);
}

static void settle_later(keeper_t *keeper, const link_action_t *action)
{
    deed_t *deed = add_deed(keeper, DEED_SETTLE, action->job);
    deed->broker = action->broker;
    deed->message = (message_t){.command = action->message.command,
                                .job = action->job,
                                .epoch = action->message.epoch,
                                .token = action->message.token};
}

static void ask(void *owner, const link_action_t *action)
{
    keeper_t *keeper = owner;
    errand_t *errand = errands_find(&keeper->errands, action->job);
    buf_t *next = journal_next(keeper->journal);
    if (action->kind == LINK_STATS)
        return;
    if (!errand)
        fail("a broker speaks of a job that is not here, or refuses this owner");
    switch (action->kind) {
    case LINK_WANT:
        submit(keeper, errand);
        break;
    case LINK_RAISE:
        errand_write_epoch(next, action->job, action->epoch);
        add_deed(keeper, DEED_OWN, action->job);
        break;
    case LINK_RECORD:
        errand_write_record(next, &action->message);
        settle_later(keeper, action);
        break;
    case LINK_FINISHED:
        errand->closing = true;
        errand_write_finish(next, &action->message);
        settle_later(keeper, action);
        break;
    case LINK_CANCELLED: {
        message_t nowhere = {.job = action->job, .epoch = action->epoch, .outcome = OUTCOME_CANCELLED};
        errand->closing = true;
        errand_write_finish(next, &nowhere);
        break;
    }
    case LINK_REFUSED:
        fail("a job was refused for good");
        break;
    case LINK_LOST: /* the journal says whether it is another's now: looked after at once */
        keeper->lease_us = 0;
        break;
    default:
        break;
    }
}

/* ---- clients ---- */

static void accept_one(keeper_t *keeper)
{
    fault_t fault;
    ident_t id;
    if (ident_new(&id, &fault) < 0)
        fail(fault.text);
    buf_t *next = journal_next(keeper->journal);
    uint32_t number = keeper->announced++;
    errand_write_accept(next, id, number, keeper->kinds[number % keeper->kind_count]);
    add_deed(keeper, DEED_ACCEPTED, id);
    if (number % CANCEL_EVERY != CANCEL_EVERY - 1 || number - CANCEL_AFTER >= keeper->errands.count)
        return;
    const errand_t *older = &keeper->errands.list[number - CANCEL_AFTER];
    if (older->ended || older->cancel)
        return;
    errand_write_cancel(next, older->id);
    add_deed(keeper, DEED_CANCEL, older->id);
}

static void accept_more(keeper_t *keeper, int64_t now_us)
{
    while (!keeper->ending && keeper->due_us <= (double)now_us &&
           keeper->announced - keeper->errands.ended < keeper->most) {
        accept_one(keeper);
        keeper->due_us += keeper->every_us;
    }
    if (keeper->due_us < (double)now_us) /* what could not be accepted does not come all at once */
        keeper->due_us = (double)now_us;
}

/* ---- the disk ---- */

static void take_line(void *owner, char *line)
{
    keeper_t *keeper = owner;
    errands_take(&keeper->errands, line);
}

static void do_deed(keeper_t *keeper, const deed_t *deed)
{
    char id[IDENT_TEXT];
    const errand_t *errand = errands_find(&keeper->errands, deed->job);
    switch (deed->kind) {
    case DEED_ACCEPTED:
        printf("accepted %s\n", ident_format(deed->job, id));
        ferry_own(keeper->ferry, deed->job, errand->epoch);
        break;
    case DEED_OWN: /* under its next epoch; called off meanwhile, it has come to its end instead */
        if (!errand->closing)
            ferry_own(keeper->ferry, deed->job, errand->epoch);
        break;
    case DEED_SETTLE:
        ferry_settle(keeper->ferry, deed->broker, &deed->message);
        break;
    case DEED_CANCEL:
        ferry_cancel(keeper->ferry, deed->job);
        break;
    }
}

/* Writes what has gathered and does what waited for that. False where the journal is another's now. */
static bool commit(keeper_t *keeper, int64_t now_us)
{
    fault_t fault;
    if (journal_next(keeper->journal)->size == 0 && now_us < keeper->lease_us)
        return true;
    keeper->lease_us = now_us + LEASE_US;
    journal_end_t end = journal_commit(keeper->journal, &fault);
    if (end == JOURNAL_FAILED)
        fail(fault.text);
    if (end == JOURNAL_SUPERSEDED)
        return false;
    size_t count = keeper->deed_count; /* the link may ask for more meanwhile: they wait for the next commit */
    for (size_t i = 0; i < count; i++) {
        deed_t deed = keeper->deeds[i];
        do_deed(keeper, &deed);
    }
    for (size_t i = count; i < keeper->deed_count; i++)
        keeper->deeds[i - count] = keeper->deeds[i];
    keeper->deed_count -= count;
    fflush(stdout);
    return true;
}

/* A new life: every job that has not ended goes on under its next epoch, which is on the disk first. */
static bool resume(keeper_t *keeper, const char *path)
{
    fault_t fault;
    keeper->journal = journal_open(path, take_line, keeper, &fault);
    if (!keeper->journal)
        fail(fault.text);
    keeper->announced = keeper->errands.count;
    for (uint32_t i = 0; i < keeper->errands.count; i++) {
        const errand_t *errand = &keeper->errands.list[i];
        if (errand->ended)
            continue;
        errand_write_epoch(journal_next(keeper->journal), errand->id, errand->epoch + 1);
        add_deed(keeper, DEED_OWN, errand->id);
        if (errand->cancel)
            add_deed(keeper, DEED_CANCEL, errand->id);
    }
    return commit(keeper, clock_now_us());
}

/* ---- the loop ---- */

static void wait(keeper_t *keeper, int64_t next_us)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    size_t count = ferry_poll(keeper->ferry, polls);
    polls[count++] = (struct pollfd){keeper->process.signal_fd, POLLIN, 0};
    next_us = next_us < keeper->lease_us ? next_us : keeper->lease_us;
    bool room = keeper->announced - keeper->errands.ended < keeper->most;
    if (!keeper->ending && room && (double)next_us > keeper->due_us)
        next_us = (int64_t)keeper->due_us;
    int64_t left_us = next_us - clock_now_us();
    if (left_us > 0)
        poll(polls, count, (int)((left_us + 999) / 1000));
}

static int run(keeper_t *keeper)
{
    while (!keeper->ending || keeper->errands.ended < keeper->announced) {
        int64_t next_us = INT64_MAX, now_us;
        ferry_step(keeper->ferry, &next_us);
        if (process_told_to_end(&keeper->process))
            keeper->ending = true;
        now_us = clock_now_us();
        accept_more(keeper, now_us);
        bool wrote = journal_next(keeper->journal)->size > 0;
        if (!commit(keeper, now_us))
            return SUPERSEDED;
        if (!wrote) /* else what that led to leaves with the next step, at once */
            wait(keeper, next_us);
    }
    int64_t ignored = INT64_MAX;
    ferry_step(keeper->ferry, &ignored); /* the last acknowledgements leave */
    return 0;
}

static int serve(keeper_t *keeper, char **argv)
{
    fault_t fault = {0};
    const settings_t *settings = &keeper->process.settings;
    double rate = atof(argv[2]);
    char name[MESSAGE_PEER_MOST + 1];
    keeper->every_us = rate > 0 ? 1e6 / rate : 0;
    keeper->due_us = (double)clock_now_us();
    ferry_plan_t plan = {.brokers = settings->brokers,
                         .name = process_name(&keeper->process, name, sizeof name),
                         .ask = ask,
                         .owner = keeper};
    keeper->ferry = ferry_open(&plan, settings, &fault);
    if (!keeper->ferry)
        return process_fail(&keeper->process, &fault);
    return resume(keeper, argv[1]) ? run(keeper) : SUPERSEDED;
}

int main(int argc, char **argv)
{
    keeper_t keeper = {0};
    if (argc < 5) {
        fputs("keeper JOURNAL RATE MOST ROUTE:WISH...\n", stderr);
        return 2;
    }
    int code = process_begin(&keeper.process, "keeper");
    if (code)
        return code;
    keeper.most = (uint32_t)atoi(argv[3]);
    keeper.kinds = argv + 4;
    keeper.kind_count = (uint32_t)argc - 4;
    code = serve(&keeper, argv);
    if (code == 0)
        ferry_leave(&keeper.ferry);
    ferry_destroy(&keeper.ferry);
    journal_close(&keeper.journal);
    errands_free(&keeper.errands);
    free(keeper.deeds);
    process_end(&keeper.process);
    return code;
}
