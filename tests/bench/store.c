/* How fast the store takes documents from their upload to their end, as gateways make it: held, accepted, three stages
 * recorded, finished; so many on the way at once. Run by tests/bench/store, which starts the databases.
 *
 *     bench_store DOCUMENTS WINDOW      on the database that the settings name
 */
#include "gateway/store/store.h"
#include "gateway/store/holds.h"
#include "gateway/store/runs.h"
#include "gateway/store/timetables.h"
#include "proto/base/clock.h"
#include "proto/base/hash.h"
#include "proto/base/ident.h"
#include "proto/base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* BODY: of a dossier between stages, as of a page with 60 cells. */
enum { BODY = 12000, STAGES = 3, STEPS = STAGES + 3 };

typedef struct {
    store_t *store;
    char owner[IDENT_TEXT];
    char body[BODY];
    unsigned count;
    atomic_uint next, ended;
    pthread_mutex_t lock;
    pthread_cond_t all;
} bench_t;

/* A document on its way. */
typedef struct {
    store_task_t task;
    bench_t *bench;
    int step; /* what is being done */
    char id[IDENT_TEXT], run[IDENT_TEXT], other[IDENT_TEXT], sha256[HASH_HEX], birth[IDENT_TEXT];
} traveller_t;

static void new_id(char out[IDENT_TEXT])
{
    ident_t ident;
    if (ident_new(&ident, NULL) < 0)
        abort();
    ident_format(ident, out);
}

static int hold(session_t *session, traveller_t *traveller, fault_t *fault)
{
    arena_t *arena = arena_new();
    hold_t got;
    verdict_t verdict;
    int failed =
        holds_take(session, "default", traveller->sha256, BODY, 600000, traveller->other, arena, &got, &verdict, fault);
    if (!failed)
        snprintf(traveller->birth, sizeof traveller->birth, "%s", got.birth);
    arena_destroy(&arena);
    return failed;
}

static int accept_it(session_t *session, traveller_t *traveller, fault_t *fault)
{
    accept_t accept = {.id = traveller->id,
                       .run = traveller->run,
                       .tenant = "default",
                       .filename = view_of("timetable.png"),
                       .file_type = view_of("image"),
                       .file_size = 20000,
                       .sha256 = traveller->sha256,
                       .birth = traveller->birth,
                       .options_hash = "",
                       .owner = traveller->bench->owner,
                       .route = "classification ocr llm validation",
                       .attempts = 3};
    accepted_t accepted;
    arena_t *arena = arena_new();
    int failed = documents_accept(session, &accept, arena, &accepted, fault);
    arena_destroy(&arena);
    return failed;
}

static int record(session_t *session, traveller_t *traveller, int stage, fault_t *fault)
{
    static const char *const names[STAGES] = {"classification", "ocr", "llm"};
    event_t event = {.type = "progress", .step = names[stage], .percentage = 25 * stage};
    record_t made = {.id = traveller->other,
                     .run = traveller->run,
                     .epoch = 1,
                     .stage = names[stage],
                     .status = "completed",
                     .place = stage,
                     .confidence = 0.9,
                     .result = view_of("{\"kind\": \"image\", \"pages\": 1, \"words\": 80}"),
                     .dossier = {traveller->bench->body, BODY},
                     .begins = stage == 0,
                     .event = &event};
    return runs_record(session, &made, fault);
}

static int finish(session_t *session, traveller_t *traveller, fault_t *fault)
{
    static const char blocks[] =
        "[{\"id\":\"b1\",\"day\":\"Monday\",\"name\":\"Maths\",\"startTime\":\"9:00\",\"endTime\":"
        "\"9:45\"},{\"id\":\"b2\",\"day\":\"Monday\",\"name\":\"Art\",\"startTime\":\"9:45\"}]";
    reading_t reading = {
        .id = traveller->other, .class_name = view_of("2B"), .timeblocks = view_of(blocks), .confidence = 0.9};
    finish_t end = {.run = traveller->run,
                    .epoch = 1,
                    .status = STATE_COMPLETED,
                    .confidence = 0.9,
                    .pages = 1,
                    .readings = &reading,
                    .count = 1,
                    .dossier = {traveller->bench->body, BODY},
                    .event = {.type = "complete", .percentage = 100}};
    verdict_t verdict;
    return runs_finish(session, &end, &verdict, fault);
}

static int run_step(session_t *session, store_task_t *task, fault_t *fault)
{
    traveller_t *traveller = task->context;
    switch (traveller->step) {
    case 0:
        return hold(session, traveller, fault);
    case 1:
        return accept_it(session, traveller, fault);
    case STEPS - 1:
        return finish(session, traveller, fault);
    default:
        return record(session, traveller, traveller->step - 2, fault);
    }
}

static void begin(traveller_t *traveller)
{
    hash_t hash;
    new_id(traveller->id);
    new_id(traveller->run);
    hash_begin(&hash);
    hash_add(&hash, traveller->id, IDENT_TEXT);
    hash_hex(&hash, traveller->sha256);
    traveller->step = 0;
}

static void submit(traveller_t *traveller);

static void done(store_task_t *task)
{
    traveller_t *traveller = task->context;
    bench_t *bench = traveller->bench;
    if (task->fault.code != FAULT_NONE) {
        fprintf(stderr, "bench_store: %s\n", task->fault.text);
        exit(1);
    }
    if (++traveller->step == STEPS) {
        if (atomic_fetch_add(&bench->ended, 1) + 1 == bench->count) {
            pthread_mutex_lock(&bench->lock);
            pthread_cond_signal(&bench->all);
            pthread_mutex_unlock(&bench->lock);
        }
        if (atomic_fetch_add(&bench->next, 1) >= bench->count)
            return;
        begin(traveller);
    }
    submit(traveller);
}

static void submit(traveller_t *traveller)
{
    new_id(traveller->other);
    traveller->task = (store_task_t){.kind = traveller->step ? STORE_WRITE : STORE_RELAXED,
                                     .patience_ms = 60000,
                                     .run = run_step,
                                     .done = done,
                                     .context = traveller};
    store_submit(traveller->bench->store, &traveller->task);
}

static int hold_lease(session_t *session, store_task_t *task, fault_t *fault)
{
    return runs_hold(session, task->context, 600000, fault);
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 5000, window = argc > 2 ? (unsigned)atoi(argv[2]) : 64;
    arena_t *arena = arena_new();
    buf_t problems = {0};
    settings_t settings;
    fault_t fault;
    bench_t bench = {.count = count, .lock = PTHREAD_MUTEX_INITIALIZER, .all = PTHREAD_COND_INITIALIZER};
    if (yogi_settings_load(environ, arena, &settings, &problems) ||
        !(bench.store = store_new(&settings, true, NULL, &fault))) {
        fprintf(stderr, "bench_store: %s\n", problems.size ? problems.bytes : fault.text);
        return 1;
    }
    for (size_t i = 0; i < BODY; i++)
        bench.body[i] = (char)(i * 2654435761u >> (i % 7 + 9)); /* compresses about as dossiers do */
    new_id(bench.owner);
    if (store_call(bench.store, STORE_WRITE, hold_lease, bench.owner, 60000, &fault) < 0) {
        fprintf(stderr, "bench_store: %s\n", fault.text);
        return 1;
    }
    traveller_t *travellers = memory_new(window, sizeof *travellers);
    int64_t begun_us = clock_now_us(), cpu_us = clock_process_us();
    atomic_store(&bench.next, window);
    for (unsigned i = 0; i < window; i++) {
        travellers[i].bench = &bench;
        begin(&travellers[i]);
        submit(&travellers[i]);
    }
    pthread_mutex_lock(&bench.lock);
    while (atomic_load(&bench.ended) < count)
        pthread_cond_wait(&bench.all, &bench.lock);
    pthread_mutex_unlock(&bench.lock);
    double seconds = (double)(clock_now_us() - begun_us) / 1e6;
    store_figures_t figures = store_figures(bench.store);
    printf("%.0f documents/s, %.3f ms of our CPU a document, %.2f transactions a document, %llu retries\n",
           count / seconds, (double)(clock_process_us() - cpu_us) / 1000 / count, (double)figures.transactions / count,
           (unsigned long long)figures.retries);
    store_destroy(&bench.store);
    free(travellers);
    arena_destroy(&arena);
    return 0;
}
