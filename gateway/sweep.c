/* sweep: see sweep.h.
 *
 * A round: objects whose row says that they may go (holds_doomed) are removed, then their rows. Now and then, and in
 * the first round, all objects that are there are looked up: one without a row is there because the database has
 * forgotten the hold of an upload that died, and goes the same way (holds_strays).
 */
#include "sweep.h"

#include "proto/base/clock.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "proto/json.h"
#include "store/choices.h"
#include "store/documents.h"
#include "store/events.h"
#include "store/holds.h"
#include "store/pictures.h"
#include "store/runs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* LEASE: for which objects are this sweep's; SPENT: after which it takes no further one of them in hand, as a removal
 * may be tried for a minute; SPARE: how long one that could not be removed is left alone. DOOMED, STRAYS: objects at a
 * time. STRAYS_US: between two looks for such. KEYS, OWNERS, EVENTS, PICTURES: how long an Idempotency-Key stands, an
 * ended owner, an event, the picture of a page, which is drawn again when somebody wants it then. */
enum {
    LEASE_MS = 300000,
    SPENT_MS = 180000,
    SPARE_MS = 15000,
    DOOMED_MOST = 50,
    STRAYS_MOST = 200,
    PATIENCE_MS = 2000
};
static const int64_t STRAYS_US = 86400LL * 1000000, KEYS_MS = 86400LL * 1000, OWNERS_MS = 3600LL * 1000,
                     EVENTS_MS = 7 * 86400LL * 1000, PICTURES_MS = 7 * 86400LL * 1000;

struct sweep {
    sweep_plan_t plan;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t told;
    atomic_bool ending;
    int64_t strays_us; /* when to look for strays again */
};

/* What a task of the store is about. */
typedef struct {
    sweep_t *sweep;
    arena_t *arena;
    doomed_list_t doomed;
    buf_t keys; /* JSON array */
    size_t count;
    int64_t old_s; /* objects written before are old enough */
    size_t at;     /* in doomed: the one in hand */
    int64_t forgotten;
    bool failed;
} round_t;

static void complain(const sweep_t *sweep, const char *what, const fault_t *fault)
{
    LOG(sweep->plan.log, LOG_WARNING, "sweep.fault", {"what", what, 0}, {"fault", fault_name(fault->code), 0},
        {"message", fault->text, 0});
}

/* Runs a task; false where it could not be done. */
static bool ask(round_t *round, const char *what, store_run_fn *run)
{
    fault_t fault = {0};
    if (store_call(round->sweep->plan.store, STORE_WRITE, run, round, PATIENCE_MS, &fault) == 0)
        return true;
    complain(round->sweep, what, &fault);
    return false;
}

/* ---- objects ---- */

static int run_doomed(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    return holds_doomed(session, LEASE_MS, DOOMED_MOST, round->arena, &round->doomed, fault);
}

static int run_strays(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    view_t keys = {round->keys.bytes, round->keys.size};
    return holds_strays(session, keys, LEASE_MS, round->arena, &round->doomed, fault);
}

static int run_forget(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    const doomed_t *gone = &round->doomed.rows[round->at];
    return holds_forget(session, gone->tenant, gone->sha256, fault);
}

static int run_spare(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    int failed = 0;
    for (size_t i = round->at; !failed && i < round->doomed.count; i++)
        failed = holds_spare(session, &round->doomed.rows[i], SPARE_MS, fault);
    return failed;
}

/* Removes the object in hand and forgets it. */
static bool remove_one(round_t *round)
{
    const doomed_t *one = &round->doomed.rows[round->at];
    char key[BLOBS_KEY_BYTES];
    fault_t fault = {0};
    if (blobs_key(one->tenant, one->sha256, key, &fault) < 0 ||
        blobs_remove(round->sweep->plan.blobs, key, one->bytes, &fault) < 0) {
        complain(round->sweep, "remove", &fault);
        return false;
    }
    MARK("sweep.removed");
    LOG(round->sweep->plan.log, LOG_DEBUG, "sweep.removed", {"blob", key, 0});
    return ask(round, "forget", run_forget);
}

/* Removes the objects of the list, in so far as the time goes. false where some stay: they are there again soon. */
static bool remove_doomed(round_t *round, int64_t since_us)
{
    for (round->at = 0; round->at < round->doomed.count; round->at++)
        if (round->sweep->ending || clock_now_us() - since_us > SPENT_MS * 1000LL || !remove_one(round)) {
            ask(round, "spare", run_spare);
            return false;
        }
    return true;
}

static void sweep_doomed(round_t *round)
{
    do {
        int64_t since_us = clock_now_us();
        if (!ask(round, "doomed", run_doomed) || !remove_doomed(round, since_us))
            return;
    } while (round->doomed.count == DOOMED_MOST && !round->sweep->ending);
}

static bool look_up(round_t *round)
{
    int64_t since_us = clock_now_us();
    bool going = true;
    if (round->count) {
        buf_char(&round->keys, ']');
        going = ask(round, "strays", run_strays) && remove_doomed(round, since_us);
        round->failed = !going;
    }
    buf_clear(&round->keys);
    round->count = 0;
    return going;
}

static bool visit(void *user, const blob_info_t *blob)
{
    round_t *round = user;
    if (blob->changed_s >= round->old_s)
        return !round->sweep->ending;
    buf_char(&round->keys, round->count++ ? ',' : '[');
    json_text(blob->key, &round->keys);
    return round->count < STRAYS_MOST || look_up(round);
}

static void sweep_strays(round_t *round)
{
    sweep_t *sweep = round->sweep;
    int64_t grace_s = sweep->plan.settings->grace_seconds;
    fault_t fault = {0};
    if (clock_now_us() < sweep->strays_us)
        return;
    round->old_s = time(NULL) - grace_s;
    blobs_tidy(sweep->plan.blobs, grace_s);
    bool listed = blobs_list(sweep->plan.blobs, visit, round, &fault) == 0;
    if (!listed)
        complain(sweep, "list", &fault);
    else if (!round->failed && look_up(round))
        sweep->strays_us = clock_now_us() + STRAYS_US;
    buf_free(&round->keys);
}

/* ---- rows ---- */

static int run_rows(session_t *session, store_task_t *task, fault_t *fault)
{
    (void)task;
    return documents_sweep(session, KEYS_MS, fault) < 0 ? -1 : runs_sweep(session, OWNERS_MS, fault);
}

static int run_events(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    return events_sweep(session, EVENTS_MS, &round->forgotten, fault);
}

static int run_choices(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    return choices_sweep(session, &round->forgotten, fault);
}

static int run_pictures(session_t *session, store_task_t *task, fault_t *fault)
{
    round_t *round = task->context;
    return pictures_sweep(session, PICTURES_MS, &round->forgotten, fault);
}

static void sweep_rows(round_t *round)
{
    if (!ask(round, "rows", run_rows))
        return;
    while (!round->sweep->ending && ask(round, "events", run_events) && round->forgotten == EVENTS_SWEEP_MOST)
        continue;
    while (!round->sweep->ending && ask(round, "choices", run_choices) && round->forgotten == CHOICES_SWEEP_MOST)
        continue;
    while (!round->sweep->ending && ask(round, "pictures", run_pictures) && round->forgotten == PICTURES_SWEEP_MOST)
        continue;
}

/* ---- the thread ---- */

/* false when it is to end. */
static bool rest(sweep_t *sweep)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += sweep->plan.settings->sweep_seconds;
    pthread_mutex_lock(&sweep->lock);
    int timed_out = 0;
    while (!sweep->ending && !timed_out)
        timed_out = pthread_cond_timedwait(&sweep->told, &sweep->lock, &until);
    pthread_mutex_unlock(&sweep->lock);
    return !sweep->ending;
}

static void *work(void *user)
{
    sweep_t *sweep = user;
    while (rest(sweep)) {
        round_t round = {.sweep = sweep, .arena = arena_new()};
        sweep_doomed(&round);
        sweep_strays(&round);
        sweep_rows(&round);
        arena_destroy(&round.arena);
    }
    return NULL;
}

sweep_t *sweep_new(const sweep_plan_t *plan, fault_t *fault)
{
    sweep_t *sweep = memory_new(1, sizeof *sweep);
    pthread_condattr_t monotonic;
    sweep->plan = *plan;
    sweep->strays_us =
        clock_now_us() + (plan->settings->grace_seconds + 2) * 1000000; /* then what was there is old enough */
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sweep->told, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&sweep->lock, NULL);
    if (pthread_create(&sweep->thread, NULL, work, sweep) == 0)
        return sweep;
    fault_set(fault, FAULT_SYSTEM, "the system gives no thread for the sweep");
    pthread_cond_destroy(&sweep->told);
    pthread_mutex_destroy(&sweep->lock);
    free(sweep);
    return NULL;
}

void sweep_destroy(sweep_t **sweep)
{
    if (!sweep || !*sweep)
        return;
    sweep_t *s = *sweep;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_signal(&s->told);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->told);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *sweep = NULL;
}
