/* store: see store.h. The threads, what they do next, and what is done when the database is away. */
#include "store.h"
#include "migration.h"
#include "proto/base/chance.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "store_open.h"
#include "tasks.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* TRIES: of a task that fails for no reason of its own. REST: between attempts to connect, doubling from FIRST. */
enum { TRIES_MOST = 10, REST_FIRST_MS = 100, REST_MOST_MS = 5000, IDLE_MS = 60000 };

typedef struct {
    store_t *store;
    pthread_t thread;
    database_t *database;
} worker_t;

struct store {
    pthread_mutex_t lock;   /* of everything below but the workers' databases */
    pthread_cond_t changed; /* a task has come, a connection was tried, or it ends */
    store_open_t *open;     /* where the database is */
    const log_t *log;       /* NULL: none */
    bool migrate;           /* run what is missing, not just look */
    tasks_t reads, writes;  /* in the order of their coming */
    worker_t *workers;      /* one connection each */
    uint32_t worker_count;
    uint32_t writing; /* workers that write */
    uint32_t writers_most;
    bool wrote; /* the last that was picked was a write */
    bool stopping;
    bool ready;        /* the last contact was good */
    bool migrated;     /* the schema is ours */
    bool probing;      /* a worker is connecting */
    uint32_t failures; /* to connect, in a row */
    int64_t retry_us;  /* not to be tried before */
    fault_t why;       /* it is not ready */
    chance_t chance;   /* of jitter */
    store_figures_t figures;
};

/* ---- what is next; with the lock held ---- */

static tasks_t *line_of(store_t *store, const store_task_t *task)
{
    return task->kind == STORE_READ ? &store->reads : &store->writes;
}

/* The next work: one read, or a group of writes. Where both wait and nobody writes, they take turns; else reads go
 * first, and do not wait for the disk. */
static tasks_t pick(store_t *store)
{
    tasks_t group = {0};
    bool may_write = store->writes.first && store->writing < store->writers_most;
    bool turn = store->writing == 0 && !store->wrote;
    store->wrote = may_write && (!store->reads.first || turn);
    if (store->wrote)
        return tasks_group(&store->writes);
    if (store->reads.first)
        tasks_push(&group, tasks_pop(&store->reads));
    return group;
}

/* ---- ends of tasks; without the lock ---- */

static void end_task(store_t *store, store_task_t *task)
{
    pthread_mutex_lock(&store->lock);
    store->figures.tasks++;
    store->figures.failures += task->fault.code != FAULT_NONE;
    pthread_mutex_unlock(&store->lock);
    task->done(task);
}

static void end_away(store_t *store, tasks_t *list, const fault_t *why)
{
    while (list->first) {
        store_task_t *task = tasks_pop(list);
        task->fault = *why;
        task->fault.code = FAULT_UNAVAILABLE;
        end_task(store, task);
    }
}

/* ---- connecting ---- */

static int migrate(store_t *store, database_t *database, fault_t *fault)
{
    migration_state_t state = {0};
    int failed = store->migrate ? migration_run(database, &state, fault) : migration_check(database, &state, fault);
    if (failed || !store->log)
        return failed;
    if (state.run)
        LOG(store->log, LOG_INFO, "store.migrated", {"run", NULL, state.run}, {"schema", NULL, state.present});
    if (state.present > state.known)
        LOG(store->log, LOG_WARNING, "store.newer", {"schema", NULL, state.present}, {"known", NULL, state.known});
    return 0;
}

static int64_t rest_us(store_t *store)
{
    int64_t ms = REST_FIRST_MS;
    for (uint32_t i = 1; i < store->failures && ms < REST_MOST_MS; i++)
        ms *= 2;
    if (ms > REST_MOST_MS)
        ms = REST_MOST_MS;
    return ms * 500 + (int64_t)chance_below(&store->chance, (uint64_t)ms * 500); /* half of it, and up to the whole */
}

/* Connects, with `probing` already set; takes the lock when it is done. */
static bool connect_worker(store_t *store, worker_t *worker)
{
    fault_t fault = {0};
    database_t *database = worker->database;
    int failed = database->driver->connect(database, &fault);
    if (!failed && !store->migrated) /* nobody else is here: probing */
        failed = migrate(store, database, &fault);
    if (failed)
        database->driver->disconnect(database);
    pthread_mutex_lock(&store->lock);
    bool was = store->ready || store->failures == 0;
    store->probing = false;
    store->ready = !failed;
    store->migrated = store->migrated || !failed;
    store->failures = failed ? store->failures + 1 : 0;
    store->retry_us = failed ? clock_now_us() + rest_us(store) : 0;
    store->why = fault;
    store->figures.reconnects += !failed;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->lock);
    if (failed && was && store->log)
        LOG(store->log, LOG_ERROR, "store.away", {"cause", fault.text, 0});
    return !failed;
}

/* ---- running ---- */

/* The connection was lost, or never made: the task waits for the next one, or fails. */
static void put_back(store_t *store, store_task_t *task, const fault_t *fault)
{
    task->fault = *fault;
    pthread_mutex_lock(&store->lock);
    bool wait = task->tries < TRIES_MOST && (task->tries <= 1 || task->until_us > clock_now_us());
    if (wait) {
        tasks_push_front(line_of(store, task), task);
        store->figures.retries++;
        pthread_cond_signal(&store->changed);
    }
    pthread_mutex_unlock(&store->lock);
    if (!wait)
        end_task(store, task);
}

static void count_transaction(store_t *store, bool again)
{
    pthread_mutex_lock(&store->lock);
    store->figures.transactions += !again;
    store->figures.retries += again;
    pthread_mutex_unlock(&store->lock);
}

/* All tasks of the list as one transaction. */
static int run_together(database_t *database, tasks_t *group, fault_t *fault)
{
    session_t session = {database, STORE_RELAXED};
    int failed = 0;
    for (const store_task_t *task = group->first; task; task = task->next)
        if (task->kind != STORE_RELAXED)
            session.kind = task->kind; /* a group is of reads, or of writes */
    database->lost = database->again = false;
    if (session.kind != STORE_READ)
        failed = database->driver->begin(database, session.kind, fault);
    for (store_task_t *task = group->first; task && !failed; task = task->next)
        failed = task->run(&session, task, fault);
    if (!failed && session.kind != STORE_READ)
        failed = database->driver->commit(database, fault);
    if (failed && session.kind != STORE_READ)
        database->driver->rollback(database);
    return failed;
}

/* One task by itself, until it is done, failed or without a connection. */
static void run_alone(store_t *store, database_t *database, store_task_t *task)
{
    for (;;) {
        fault_t fault = {0};
        tasks_t group = {task, task, 1};
        task->next = NULL;
        if (run_together(database, &group, &fault) == 0) {
            task->fault = (fault_t){0};
            if (task->kind != STORE_READ)
                count_transaction(store, false);
            end_task(store, task);
            return;
        }
        task->tries++;
        if (database->lost) {
            database->driver->disconnect(database);
            put_back(store, task, &fault);
            return;
        }
        if (!database->again || task->tries >= TRIES_MOST) {
            task->fault = fault;
            end_task(store, task);
            return;
        }
        count_transaction(store, true);
    }
}

static void run_group(store_t *store, worker_t *worker, tasks_t *group)
{
    database_t *database = worker->database;
    fault_t fault = {0};
    if (group->count > 1 && run_together(database, group, &fault) == 0) {
        count_transaction(store, false);
        while (group->first) {
            store_task_t *task = tasks_pop(group);
            task->fault = (fault_t){0};
            end_task(store, task);
        }
        return;
    }
    if (group->count > 1 && database->lost)
        database->driver->disconnect(database);
    while (group->first) {
        store_task_t *task = tasks_pop(group);
        if (database->driver->connected(database)) {
            run_alone(store, database, task);
        } else {
            task->tries++;
            put_back(store, task, &fault);
        }
    }
}

/* Connects for the group in hand; where that fails, those with patience wait on. */
static bool connect_for(store_t *store, worker_t *worker, tasks_t *group)
{
    if (connect_worker(store, worker))
        return true;
    tasks_t hopeless = {0};
    pthread_mutex_lock(&store->lock);
    fault_t why = store->why;
    bool all = store->stopping;
    tasks_expire(group, clock_now_us(), all, &hopeless);
    tasks_t back = {0};
    while (group->first)
        tasks_push_front(&back, tasks_pop(group));
    while (back.first) { /* reversed twice: in their order again, before the others */
        store_task_t *task = tasks_pop(&back);
        tasks_push_front(line_of(store, task), task);
    }
    pthread_mutex_unlock(&store->lock);
    end_away(store, &hopeless, &why);
    return false;
}

/* ---- the threads ---- */

/* Waits for something to change, or for the next thing that is due. With the lock held. */
static void rest(store_t *store, int64_t now)
{
    int64_t end = now + (int64_t)IDLE_MS * 1000;
    if (!store->ready && !store->probing && store->retry_us < end)
        end = store->retry_us;
    if (store->failures)
        end = tasks_first_end(&store->reads, tasks_first_end(&store->writes, end));
    if (end <= now)
        end = now + 1000;
    struct timespec until = {.tv_sec = end / 1000000, .tv_nsec = (end % 1000000) * 1000};
    pthread_cond_timedwait(&store->changed, &store->lock, &until);
}

/* With the lock held, which is let go and taken again around the work. */
static void serve(store_t *store, worker_t *worker, tasks_t *group, bool connected)
{
    bool writes = group->first && group->first->kind != STORE_READ;
    store->writing += writes;
    store->probing = store->probing || !connected;
    pthread_mutex_unlock(&store->lock);
    if (connected || connect_for(store, worker, group))
        run_group(store, worker, group);
    pthread_mutex_lock(&store->lock);
    store->writing -= writes;
    if (writes && (store->writes.first || store->reads.first))
        pthread_cond_signal(&store->changed);
}

/* While the database is away: fails those whose patience is over. With the lock held. */
static bool give_up(store_t *store, int64_t now)
{
    tasks_t hopeless = {0};
    if (!store->failures)
        return false;
    tasks_expire(&store->reads, now, store->stopping, &hopeless);
    tasks_expire(&store->writes, now, store->stopping, &hopeless);
    if (!hopeless.first)
        return false;
    fault_t why = store->why;
    pthread_mutex_unlock(&store->lock);
    end_away(store, &hopeless, &why);
    pthread_mutex_lock(&store->lock);
    return true;
}

static void *work(void *context)
{
    worker_t *worker = context;
    store_t *store = worker->store;
    pthread_mutex_lock(&store->lock);
    for (;;) {
        int64_t now = clock_now_us();
        if (give_up(store, now))
            continue;
        bool connected = worker->database->driver->connected(worker->database);
        bool usable = connected || (!store->probing && now >= store->retry_us);
        tasks_t group = usable ? pick(store) : (tasks_t){0};
        if (group.first || (usable && !store->ready && !store->stopping))
            serve(store, worker, &group, connected);
        else if (store->stopping && !store->reads.first && !store->writes.first)
            break;
        else
            rest(store, now);
    }
    pthread_mutex_unlock(&store->lock);
    worker->database->driver->disconnect(worker->database);
    return NULL;
}

/* ---- life ---- */

static void start(store_t *store)
{
    for (uint32_t i = 0; i < store->worker_count; i++) {
        store->workers[i] = (worker_t){.store = store, .database = store_open_database(store->open)};
        if (pthread_create(&store->workers[i].thread, NULL, work, &store->workers[i]) != 0) {
            assert(i > 0); /* a machine that gives not one thread cannot run a gateway */
            store->workers[i].database->driver->destroy(store->workers[i].database);
            pthread_mutex_lock(&store->lock);
            store->worker_count = i;
            pthread_mutex_unlock(&store->lock);
        }
    }
}

store_t *store_new(const settings_t *settings, bool migrate, const log_t *log, fault_t *fault)
{
    store_open_t *open = store_open_new(settings, log, fault);
    if (!open)
        return NULL;
    store_t *store = memory_new(1, sizeof *store);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    store->open = open;
    store->log = log;
    store->migrate = migrate;
    store->worker_count = (uint32_t)settings->store_connections;
    store->writers_most = store_open_writers(open, store->worker_count);
    store->chance.state = (uint64_t)clock_now_us() ^ (uintptr_t)store;
    store->workers = memory_new(store->worker_count, sizeof *store->workers);
    fault_set(&store->why, FAULT_UNAVAILABLE, "the database has not been reached yet");
    start(store);
    return store;
}

void store_destroy(store_t **handle)
{
    if (!handle || !*handle)
        return;
    store_t *store = *handle;
    pthread_mutex_lock(&store->lock);
    store->stopping = true;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->lock);
    for (uint32_t i = 0; i < store->worker_count; i++) {
        pthread_join(store->workers[i].thread, NULL);
        store->workers[i].database->driver->destroy(store->workers[i].database);
    }
    assert(!store->reads.first && !store->writes.first);
    free(store->workers);
    store_open_destroy(&store->open);
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->lock);
    free(store);
    *handle = NULL;
}

void store_submit(store_t *store, store_task_t *task)
{
    task->tries = 0;
    task->fault = (fault_t){0};
    task->until_us = clock_now_us() + task->patience_ms * 1000;
    pthread_mutex_lock(&store->lock);
    assert(!store->stopping);
    bool full = store->reads.count + store->writes.count >= STORE_WAITING_MOST;
    if (!full) {
        tasks_push(line_of(store, task), task);
        pthread_cond_signal(&store->changed);
    }
    pthread_mutex_unlock(&store->lock);
    if (!full)
        return;
    fault_set(&task->fault, FAULT_UNAVAILABLE, "more than %d pieces of work wait for the database", STORE_WAITING_MOST);
    end_task(store, task);
}

/* ---- waiting for one ---- */

typedef struct {
    store_task_t task; /* first: the task is the call */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool end;
} call_t;

static void end_call(store_task_t *task)
{
    call_t *call = (call_t *)task;
    pthread_mutex_lock(&call->lock);
    call->end = true;
    pthread_cond_signal(&call->ended);
    pthread_mutex_unlock(&call->lock);
}

int store_call(store_t *store, store_kind_t kind, store_run_fn *run, void *context, int64_t patience_ms, fault_t *fault)
{
    call_t call = {
        .task = {.kind = kind, .patience_ms = patience_ms, .run = run, .done = end_call, .context = context}};
    pthread_mutex_init(&call.lock, NULL);
    pthread_cond_init(&call.ended, NULL);
    store_submit(store, &call.task);
    pthread_mutex_lock(&call.lock);
    while (!call.end)
        pthread_cond_wait(&call.ended, &call.lock);
    pthread_mutex_unlock(&call.lock);
    pthread_cond_destroy(&call.ended);
    pthread_mutex_destroy(&call.lock);
    if (call.task.fault.code == FAULT_NONE)
        return 0;
    if (fault)
        *fault = call.task.fault;
    return -1;
}

bool store_ready(store_t *store, fault_t *why)
{
    pthread_mutex_lock(&store->lock);
    bool ready = store->ready;
    if (!ready && why)
        *why = store->why;
    pthread_mutex_unlock(&store->lock);
    return ready;
}

store_figures_t store_figures(store_t *store)
{
    pthread_mutex_lock(&store->lock);
    store_figures_t figures = store->figures;
    figures.waiting = store->reads.count + store->writes.count;
    figures.threads = store->worker_count;
    pthread_mutex_unlock(&store->lock);
    return figures;
}
