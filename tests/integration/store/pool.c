/* The store's threads: tasks are done once each and reported; those that wait together share a transaction, and one
 * that fails takes no other along; many gateways at once end and take over every run exactly once; the database goes
 * away and comes back (where STORE_TEST_STOP and STORE_TEST_START are commands that do it).
 */
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "trial.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Many tasks handed in at once, and how they ended. */
typedef struct {
    store_t *store;
    trial_t *trial;
    atomic_uint left, failed, waiting;
    fault_code_t last; /* fault of the last that failed */
} crowd_t;

typedef struct {
    store_task_t task;
    crowd_t *crowd;
    accept_t accept;
    finish_t finish;
    reading_t reading;
    verdict_t verdict;
    accepted_t accepted;
    arena_t *arena;
} member_t;

static void member_done(store_task_t *task)
{
    member_t *member = task->context;
    if (task->fault.code != FAULT_NONE) {
        member->crowd->last = task->fault.code;
        atomic_fetch_add(&member->crowd->failed, 1);
    }
    atomic_fetch_sub(&member->crowd->left, 1);
}

static store_t *open_store(trial_t *t, int64_t connections)
{
    settings_t settings = t->settings;
    fault_t fault;
    settings.store_connections = connections;
    store_t *store = store_new(&settings, true, NULL, &fault);
    if (!store)
        fail_msg("%s", fault.text);
    return store;
}

/* Waits for a condition, with a limit that is wide enough for a loaded machine. */
#define WAIT_FOR(condition)                                                                                            \
    do {                                                                                                               \
        int64_t end_us = clock_now_us() + 60000000;                                                                    \
        while (!(condition)) {                                                                                         \
            assert_true(clock_now_us() < end_us);                                                                      \
            usleep(1000);                                                                                              \
        }                                                                                                              \
    } while (0)

static void hand_in(store_t *store, member_t *members, size_t count, store_kind_t kind, int64_t patience_ms,
                    store_run_fn *run, crowd_t *crowd)
{
    atomic_store(&crowd->left, count);
    atomic_store(&crowd->failed, 0);
    for (size_t i = 0; i < count; i++) {
        members[i].crowd = crowd;
        members[i].task = (store_task_t){
            .kind = kind, .patience_ms = patience_ms, .run = run, .done = member_done, .context = &members[i]};
        store_submit(store, &members[i].task);
    }
}

static int run_accept(session_t *session, store_task_t *task, fault_t *fault)
{
    member_t *member = task->context;
    return documents_accept(session, &member->accept, member->arena, &member->accepted, fault);
}

static int run_finish(session_t *session, store_task_t *task, fault_t *fault)
{
    member_t *member = task->context;
    return runs_finish(session, &member->finish, &member->verdict, fault);
}

static int run_get(session_t *session, store_task_t *task, fault_t *fault)
{
    member_t *member = task->context;
    document_row_t row;
    return documents_get(session, member->accept.tenant, view_of(member->accept.id), member->arena, &row,
                         &member->verdict, fault);
}

static member_t *make_members(trial_t *t, size_t count)
{
    member_t *members = memory_new(count, sizeof *members);
    for (size_t i = 0; i < count; i++) {
        members[i].accept = trial_upload(t, "week.png");
        members[i].reading = trial_reading(t, "2B");
        members[i].finish = trial_finish(t, &members[i].accept, &members[i].reading);
        members[i].arena = arena_new();
    }
    return members;
}

static void free_members(member_t *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        arena_destroy(&members[i].arena);
    free(members);
}

static int64_t count_of(trial_t *t, const char *table)
{
    sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM %s WHERE tenant = '%s'", table, t->tenant);
    return sql_cell_int(&rows, 0, 0);
}

/* ---- groups ---- */

static void test_groups(void **state)
{
    enum { COUNT = 200 };
    trial_t *t = *state;
    member_t *members = make_members(t, COUNT);
    crowd_t crowd = {.trial = t};
    store_t *store = open_store(t, 4);
    hand_in(store, members, COUNT, STORE_WRITE, 60000, run_accept, &crowd);
    WAIT_FOR(atomic_load(&crowd.left) == 0);
    assert_int_equal(crowd.failed, 0);
    store_figures_t figures = store_figures(store);
    assert_int_equal(figures.tasks, COUNT);
    assert_true(figures.transactions * 4 < COUNT); /* they came faster than a disk takes them one by one */
    hand_in(store, members, COUNT, STORE_WRITE, 60000, run_finish, &crowd);
    WAIT_FOR(atomic_load(&crowd.left) == 0);
    hand_in(store, members, COUNT, STORE_READ, 60000, run_get, &crowd);
    WAIT_FOR(atomic_load(&crowd.left) == 0);
    store_destroy(&store);
    assert_null(store);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(members[i].verdict, VERDICT_DONE);
    assert_int_equal(count_of(t, "documents"), COUNT);
    assert_int_equal(count_of(t, "timetables"), COUNT);
    assert_int_equal(count_of(t, "outbox"), 0);
    free_members(members, COUNT);
}

/* Of a group some are refused (text that is none) and some by the database (a constraint): the others are done. */
static void test_bad_ones_in_a_group(void **state)
{
    enum { COUNT = 90 };
    trial_t *t = *state;
    member_t *members = make_members(t, COUNT);
    crowd_t crowd = {.trial = t};
    store_t *store = open_store(t, 2);
    for (int i = 0; i < COUNT; i++)
        if (i % 10 == 3)
            members[i].accept.filename = view_of("\xff");
        else if (i % 10 == 7)
            members[i].accept.options = view_of("[]");
    hand_in(store, members, COUNT, STORE_WRITE, 60000, run_accept, &crowd);
    WAIT_FOR(atomic_load(&crowd.left) == 0);
    store_destroy(&store);
    assert_int_equal(crowd.failed, COUNT / 5);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(members[i].task.fault.code, i % 10 == 3 || i % 10 == 7 ? FAULT_INPUT : FAULT_NONE);
    assert_int_equal(count_of(t, "documents"), COUNT - COUNT / 5);
    /* of those that were refused nothing is left, not even what they had done before */
    sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM blobs WHERE tenant = '%s' AND state = 'pending'", t->tenant);
    assert_int_equal(sql_cell_int(&rows, 0, 0), COUNT / 5);
    free_members(members, COUNT);
}

/* With a single connection, neither reads nor writes wait for the others' end. */
static void reads_done(store_task_t *task)
{
    member_t *member = task->context;
    if (task->fault.code != FAULT_NONE)
        atomic_fetch_add(&member->crowd->failed, 1);
    if (atomic_load(&member->crowd->left) > 0)
        store_submit(member->crowd->store, task); /* it comes again at once, as long as the others are not done */
    else
        atomic_fetch_sub(&member->crowd->waiting, 1);
}

static void test_turns(void **state)
{
    enum { COUNT = 40, BUSY = 8 };
    trial_t *t = *state;
    member_t *members = make_members(t, COUNT), *readers = make_members(t, BUSY);
    store_t *store = open_store(t, 1);
    crowd_t writers = {.trial = t}, busy = {.store = store, .trial = t};
    atomic_store(&busy.left, 1);
    atomic_store(&busy.waiting, BUSY);
    for (int i = 0; i < BUSY; i++) {
        readers[i].crowd = &busy;
        readers[i].task = (store_task_t){
            .kind = STORE_READ, .patience_ms = 60000, .run = run_get, .done = reads_done, .context = &readers[i]};
        store_submit(store, &readers[i].task);
    }
    hand_in(store, members, COUNT, STORE_WRITE, 60000, run_accept, &writers);
    WAIT_FOR(atomic_load(&writers.left) == 0);
    assert_int_equal(writers.failed, 0);
    atomic_store(&busy.left, 0);
    WAIT_FOR(atomic_load(&busy.waiting) == 0);
    assert_int_equal(busy.failed, 0);
    store_destroy(&store);
    free_members(members, COUNT);
    free_members(readers, BUSY);
}

/* ---- several gateways ---- */

/* The same key from everybody at once: one document. */
static void test_one_key(void **state)
{
    enum { COUNT = 24 };
    trial_t *t = *state;
    member_t *members = make_members(t, COUNT);
    crowd_t crowds[2] = {{.trial = t}, {.trial = t}};
    store_t *stores[2] = {open_store(t, 4), open_store(t, 4)};
    for (int i = 0; i < COUNT; i++) {
        members[i].accept.key = view_of("the key");
        members[i].accept.fingerprint = "same";
    }
    for (int i = 0; i < 2; i++)
        hand_in(stores[i], members + i * (COUNT / 2), COUNT / 2, STORE_WRITE, 60000, run_accept, &crowds[i]);
    WAIT_FOR(atomic_load(&crowds[0].left) + atomic_load(&crowds[1].left) == 0);
    store_destroy(&stores[0]);
    store_destroy(&stores[1]);
    int done = 0;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(members[i].task.fault.code, FAULT_NONE);
        done += members[i].accepted.verdict == VERDICT_DONE;
        assert_string_equal(members[i].accepted.id, members[0].accepted.id);
    }
    assert_int_equal(done, 1);
    assert_int_equal(count_of(t, "documents"), 1);
    free_members(members, COUNT);
}

/* The same ends from two gateways at once, while a third deletes some of the documents: each is written once or not at
 * all, and nothing is half there. */
static int run_delete(session_t *session, store_task_t *task, fault_t *fault)
{
    member_t *member = task->context;
    return documents_delete(session, member->accept.tenant, view_of(member->accept.id), &member->verdict, fault);
}

static void test_ends_at_once(void **state)
{
    enum { COUNT = 120, GONE = 40 };
    trial_t *t = *state;
    member_t *members = make_members(t, COUNT), *twins, *deletions;
    crowd_t crowds[3] = {{.trial = t}, {.trial = t}, {.trial = t}};
    store_t *stores[3] = {open_store(t, 3), open_store(t, 3), open_store(t, 3)};
    hand_in(stores[0], members, COUNT, STORE_WRITE, 60000, run_accept, &crowds[0]);
    WAIT_FOR(atomic_load(&crowds[0].left) == 0);
    twins = memory_new(COUNT, sizeof *twins);
    deletions = memory_new(GONE, sizeof *deletions);
    for (int i = 0; i < COUNT; i++) {
        twins[COUNT - 1 - i] = members[i]; /* in the other order: locks cross */
        twins[COUNT - 1 - i].reading.id = trial_id(t);
        twins[COUNT - 1 - i].finish.readings = &twins[COUNT - 1 - i].reading;
    }
    for (int i = 0; i < GONE; i++)
        deletions[i] = members[(i * 7) % COUNT];
    hand_in(stores[0], members, COUNT, STORE_WRITE, 60000, run_finish, &crowds[0]);
    hand_in(stores[1], twins, COUNT, STORE_WRITE, 60000, run_finish, &crowds[1]);
    hand_in(stores[2], deletions, GONE, STORE_WRITE, 60000, run_delete, &crowds[2]);
    WAIT_FOR(atomic_load(&crowds[0].left) + atomic_load(&crowds[1].left) + atomic_load(&crowds[2].left) == 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(crowds[i].failed, 0);
        store_destroy(&stores[i]);
    }
    for (int i = 0; i < COUNT; i++)
        assert_true(members[i].verdict != VERDICT_DONE || twins[COUNT - 1 - i].verdict != VERDICT_DONE);
    int64_t left = COUNT - GONE;
    assert_int_equal(count_of(t, "documents"), left);
    assert_int_equal(count_of(t, "timetables"), left);
    assert_int_equal(count_of(t, "processing_events"), left);
    assert_int_equal(count_of(t, "outbox"), 0);
    free(twins);
    free(deletions);
    free_members(members, COUNT);
}

/* ---- taking over ---- */

typedef struct {
    const char *owner;
    run_taken_list_t list;
    arena_t *arena;
} taker_t;

static int run_take(session_t *session, store_task_t *task, fault_t *fault)
{
    taker_t *taker = task->context;
    if (runs_hold(session, taker->owner, 600000, fault) < 0)
        return -1;
    return runs_take(session, taker->owner, taker->arena, &taker->list, fault);
}

typedef struct {
    store_t *store;
    taker_t taker;
    const char *tenant; /* whose runs are counted */
    int64_t taken;      /* of these */
    fault_t fault;
    int failed;
} thread_t;

static void *take_in_thread(void *context)
{
    thread_t *thread = context;
    do {
        thread->failed = store_call(thread->store, STORE_WRITE, run_take, &thread->taker, 60000, &thread->fault);
        for (size_t i = 0; i < thread->taker.list.count; i++)
            thread->taken += strcmp(thread->taker.list.rows[i].tenant, thread->tenant) == 0;
    } while (!thread->failed && thread->taker.list.count);
    return NULL;
}

static void test_takers(void **state)
{
    enum { COUNT = 250, TAKERS = 6 };
    trial_t *t = *state;
    pthread_t handles[TAKERS];
    thread_t threads[TAKERS];
    int64_t taken = 0;
    for (int i = 0; i < COUNT; i++)
        trial_accept(t, "week.png");
    DO(t, runs_hold(&t->session, t->owner, -1, &t->fault));
    for (int i = 0; i < TAKERS; i++) {
        threads[i] = (thread_t){
            .store = open_store(t, 1), .taker = {.owner = trial_id(t), .arena = arena_new()}, .tenant = t->tenant};
        assert_int_equal(pthread_create(&handles[i], NULL, take_in_thread, &threads[i]), 0);
    }
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(handles[i], NULL);
        assert_int_equal(threads[i].failed, 0);
        taken += threads[i].taken;
        store_destroy(&threads[i].store);
        arena_destroy(&threads[i].taker.arena);
    }
    assert_int_equal(taken, COUNT);
    sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM outbox WHERE tenant = '%s' AND epoch = 2", t->tenant);
    assert_int_equal(sql_cell_int(&rows, 0, 0), COUNT);
}

/* ---- away and back ---- */

static void command(const char *variable)
{
    const char *text = getenv(variable);
    int code = system(text); /* NOLINT: the test's own surroundings hand it in */
    assert_int_equal(code, 0);
}

static void test_away(void **state)
{
    enum { COUNT = 40 };
    trial_t *t = *state;
    crowd_t patient = {.trial = t}, hasty = {.trial = t};
    fault_t why;
    if (!getenv("STORE_TEST_STOP")) {
        print_message("skipped: no command stops this database\n");
        return;
    }
    member_t *members = make_members(t, COUNT), *others = make_members(t, COUNT);
    store_t *store = open_store(t, 4);
    WAIT_FOR(store_ready(store, &why));
    command("STORE_TEST_STOP");
    t->session.database->driver->disconnect(t->session.database);
    hand_in(store, others, COUNT, STORE_READ, 0, run_get, &hasty);
    WAIT_FOR(atomic_load(&hasty.left) == 0); /* they are told at once */
    assert_int_equal(hasty.failed, COUNT);
    assert_int_equal(hasty.last, FAULT_UNAVAILABLE);
    assert_false(store_ready(store, &why));
    assert_true(why.text[0] != 0);
    hand_in(store, members, COUNT, STORE_WRITE, 600000, run_accept, &patient);
    hand_in(store, others, COUNT, STORE_WRITE, 100, run_accept, &hasty);
    WAIT_FOR(atomic_load(&hasty.left) == 0);
    assert_int_equal(hasty.failed, COUNT);
    assert_int_equal(atomic_load(&patient.left), COUNT);
    command("STORE_TEST_START");
    WAIT_FOR(atomic_load(&patient.left) == 0); /* what could wait goes on, without a restart */
    assert_int_equal(patient.failed, 0);
    WAIT_FOR(store_ready(store, &why));
    hand_in(store, others, COUNT, STORE_READ, 0, run_get, &hasty);
    WAIT_FOR(atomic_load(&hasty.left) == 0);
    assert_int_equal(hasty.failed, 0);
    store_destroy(&store);
    assert_int_equal(t->session.database->driver->connect(t->session.database, &t->fault), 0);
    assert_int_equal(count_of(t, "documents"), COUNT);
    assert_int_equal(count_of(t, "outbox"), COUNT);
    free_members(members, COUNT);
    free_members(others, COUNT);
}

/* Connections that have gone while nobody used them are made again without anybody noticing. */
static void test_lost_connections(void **state)
{
    enum { COUNT = 3 };
    trial_t *t = *state;
    member_t *members = make_members(t, COUNT);
    crowd_t crowd = {.trial = t};
    if (!trial_is_postgres(t) || t->settings.pg_pooler) {
        print_message("skipped: nobody else can end a connection of this database\n");
        free_members(members, COUNT);
        return;
    }
    store_t *store = open_store(t, 1);
    for (int i = 0; i < COUNT; i++) {
        hand_in(store, &members[i], 1, STORE_WRITE, 0, run_accept, &crowd);
        WAIT_FOR(atomic_load(&crowd.left) == 0);
        assert_int_equal(crowd.failed, 0);
        hand_in(store, &members[i], 1, STORE_READ, 0, run_get, &crowd);
        WAIT_FOR(atomic_load(&crowd.left) == 0);
        assert_int_equal(crowd.failed, 0);
        assert_int_equal(members[i].verdict, VERDICT_DONE);
        trial_ask(t, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() "
                     "AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
    }
    assert_int_equal(store_figures(store).reconnects, COUNT);
    store_destroy(&store);
    free_members(members, COUNT);
}

/* The server restarts again and again in the middle of the work: nothing is lost, nothing is there twice. */
static void test_restarts(void **state)
{
    enum { COUNT = 400 };
    trial_t *t = *state;
    crowd_t crowd = {.trial = t};
    if (!getenv("STORE_TEST_STOP")) {
        print_message("skipped: no command stops this database\n");
        return;
    }
    member_t *members = make_members(t, COUNT);
    store_t *store = open_store(t, 4);
    t->session.database->driver->disconnect(t->session.database);
    for (int round = 0; round < 2; round++) {
        hand_in(store, members, COUNT, STORE_WRITE, 600000, round ? run_finish : run_accept, &crowd);
        unsigned before = atomic_load(&crowd.left);
        WAIT_FOR(atomic_load(&crowd.left) < before || !before);
        command("STORE_TEST_STOP");
        command("STORE_TEST_START");
        WAIT_FOR(atomic_load(&crowd.left) == 0);
        assert_int_equal(crowd.failed, 0);
    }
    store_destroy(&store);
    assert_int_equal(t->session.database->driver->connect(t->session.database, &t->fault), 0);
    assert_int_equal(count_of(t, "documents"), COUNT);
    assert_int_equal(count_of(t, "timetables"), COUNT);
    assert_int_equal(count_of(t, "processing_events"), COUNT);
    assert_int_equal(count_of(t, "outbox"), 0);
    free_members(members, COUNT);
}

/* The server is there and does not answer; then it goes on. Nobody waits for it for ever. */
static void test_frozen(void **state)
{
    enum { COUNT = 8 };
    trial_t *t = *state;
    crowd_t hasty = {.trial = t}, patient = {.trial = t};
    if (!getenv("STORE_TEST_FREEZE")) {
        print_message("skipped: no command freezes this database\n");
        return;
    }
    member_t *members = make_members(t, COUNT), *others = make_members(t, COUNT);
    int64_t seconds = t->settings.store_seconds;
    fault_t why;
    t->settings.store_seconds = 1;
    store_t *store = open_store(t, 2);
    WAIT_FOR(store_ready(store, &why));
    command("STORE_TEST_FREEZE");
    hand_in(store, members, COUNT, STORE_READ, 0, run_get, &hasty);
    hand_in(store, others, COUNT, STORE_WRITE, 600000, run_accept, &patient);
    WAIT_FOR(atomic_load(&hasty.left) == 0);
    assert_int_equal(hasty.failed, COUNT);
    assert_int_equal(hasty.last, FAULT_UNAVAILABLE);
    assert_false(store_ready(store, &why));
    command("STORE_TEST_THAW");
    WAIT_FOR(atomic_load(&patient.left) == 0);
    assert_int_equal(patient.failed, 0);
    store_destroy(&store);
    t->settings.store_seconds = seconds;
    assert_int_equal(count_of(t, "documents"), COUNT);
    free_members(members, COUNT);
    free_members(others, COUNT);
}

/* A statement that waits for a lock is ended by the server in time, and nothing else suffers. */
static void test_time_out(void **state)
{
    trial_t *t = *state;
    member_t *members = make_members(t, 1), *readers = make_members(t, 1);
    crowd_t writer = {.trial = t}, reader = {.trial = t};
    database_t *database = t->session.database;
    int64_t seconds = t->settings.store_seconds;
    t->settings.store_seconds = 1;
    store_t *store = open_store(t, 2);
    trial_enter(t); /* somebody has the blob in a transaction that does not end */
    assert_int_equal(session_later(&t->session, STATEMENT_BLOB_LET_GO,
                                   SQL(sql_text(t->tenant), sql_text(members->accept.sha256)), &t->fault),
                     0);
    sql_rows_t rows;
    assert_int_equal(session_query(&t->session, STATEMENT_BLOB_LOCK,
                                   SQL(sql_text(t->tenant), sql_text(members->accept.sha256)), t->arena, &rows,
                                   &t->fault),
                     0);
    hand_in(store, members, 1, STORE_WRITE, 0, run_accept, &writer);
    hand_in(store, readers, 1, STORE_READ, 0, run_get, &reader);
    WAIT_FOR(atomic_load(&writer.left) == 0 && atomic_load(&reader.left) == 0);
    assert_int_equal(reader.failed, 0);
    assert_int_equal(writer.failed, 1);
    assert_int_equal(writer.last, trial_is_postgres(t) ? FAULT_TIMEOUT : FAULT_UNAVAILABLE);
    database->driver->rollback(database);
    hand_in(store, members, 1, STORE_WRITE, 0, run_accept, &writer);
    WAIT_FOR(atomic_load(&writer.left) == 0);
    assert_int_equal(writer.failed, 0);
    store_destroy(&store);
    t->settings.store_seconds = seconds;
    free_members(members, 1);
    free_members(readers, 1);
}

int test_pool(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest pool[] = {TEST(test_groups),          TEST(test_bad_ones_in_a_group),
                                      TEST(test_one_key),         TEST(test_ends_at_once),
                                      TEST(test_takers),          TEST(test_away),
                                      TEST(test_restarts),        TEST(test_frozen),
                                      TEST(test_turns),           TEST(test_time_out),
                                      TEST(test_lost_connections)};
    return cmocka_run_group_tests(pool, trial_begin_group, trial_end_group);
}
