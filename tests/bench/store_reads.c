/* How long the questions of the API take on a database with many documents: the median of each, so that two sizes can
 * be compared. Run by tests/bench/store, which fills it.
 *
 *     bench_store_reads TENANT DOCUMENT…     each question is put for the documents in turn
 */
#include "gateway/store/documents.h"
#include "gateway/store/events.h"
#include "gateway/store/letters.h"
#include "gateway/store/runs.h"
#include "gateway/store/store.h"
#include "gateway/store/timetables.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* ROUNDS: so many that each connection has asked for each document before the median. */
enum { ROUNDS = 1000, LIMIT = 20 };

typedef struct {
    const char *tenant, *document;
    const char *word; /* that its name begins with, and no other's */
    arena_t *arena;
    document_list_t documents; /* of the last list, where the next goes on */
} question_t;

typedef int ask_fn(session_t *session, question_t *question, fault_t *fault);

static int list(session_t *session, question_t *question, const char *status, const char *search, fault_t *fault)
{
    document_filter_t filter = {.limit = LIMIT, .status = status, .search = view_of(search)};
    if (question->documents.count) {
        filter.cursor = question->documents.rows[question->documents.count - 1].cursor;
        filter.after = question->documents.rows[question->documents.count - 1].id;
    }
    document_list_t got;
    return documents_list(session, question->tenant, &filter, question->arena, &got, fault);
}

static int ask_list(session_t *session, question_t *question, fault_t *fault)
{
    return list(session, question, NULL, NULL, fault);
}

static int ask_status(session_t *session, question_t *question, fault_t *fault)
{
    return list(session, question, "failed", NULL, fault);
}

static int ask_search(session_t *session, question_t *question, fault_t *fault)
{
    return list(session, question, NULL, question->word, fault);
}

/* A word that every document has. */
static int ask_common(session_t *session, question_t *question, fault_t *fault)
{
    return list(session, question, NULL, "timetable", fault);
}

/* One more word, which is looked for in each hit of the first. */
static int ask_two_words(session_t *session, question_t *question, fault_t *fault)
{
    return list(session, question, "failed", "png timetable", fault);
}

/* The page of the list that goes on behind a document in the middle. */
static int ask_page(session_t *session, question_t *question, fault_t *fault)
{
    verdict_t verdict;
    document_row_t row;
    if (documents_get(session, question->tenant, view_of(question->document), question->arena, &row, &verdict, fault) <
        0)
        return -1;
    question->documents = (document_list_t){&row, 1};
    int failed = ask_list(session, question, fault);
    question->documents = (document_list_t){0};
    return failed;
}

static int ask_document(session_t *session, question_t *question, fault_t *fault)
{
    document_row_t row;
    verdict_t verdict;
    return documents_get(session, question->tenant, view_of(question->document), question->arena, &row, &verdict,
                         fault);
}

static int ask_stages(session_t *session, question_t *question, fault_t *fault)
{
    stage_list_t got;
    return documents_stages(session, question->tenant, view_of(question->document), question->arena, &got, fault);
}

static int ask_timetables(session_t *session, question_t *question, fault_t *fault)
{
    timetable_list_t got;
    return timetables_of(session, question->tenant, view_of(question->document), question->arena, &got, fault);
}

static int ask_newest_timetables(session_t *session, question_t *question, fault_t *fault)
{
    timetable_list_t got;
    return timetables_list(session, question->tenant, NULL, NULL, LIMIT, 0, question->arena, &got, fault);
}

static int ask_events(session_t *session, question_t *question, fault_t *fault)
{
    event_list_t got;
    return events_after(session, question->tenant, view_of(question->document), 0, 100, question->arena, &got, fault);
}

static int ask_letters(session_t *session, question_t *question, fault_t *fault)
{
    letter_list_t got;
    return letters_list(session, question->tenant, NULL, NULL, LIMIT, question->arena, &got, fault);
}

typedef struct {
    question_t question;
    ask_fn *ask;
} call_t;

static int run(session_t *session, store_task_t *task, fault_t *fault)
{
    call_t *call = task->context;
    return call->ask(session, &call->question, fault);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(store_t *store, ask_fn *ask, const char *tenant, char **documents, int count)
{
    int64_t times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        fault_t fault;
        char word[64];
        call_t call = {{.tenant = tenant, .document = documents[i % count], .arena = arena_new()}, ask};
        snprintf(word, sizeof word, "word%.40s",
                 call.question.document + strcspn(call.question.document, "0123456789"));
        call.question.word = word;
        int64_t begun = clock_now_us();
        if (store_call(store, STORE_READ, run, &call, 60000, &fault) < 0) {
            fprintf(stderr, "bench_store_reads: %s\n", fault.text);
            exit(1);
        }
        times[i] = clock_now_us() - begun;
        arena_destroy(&call.question.arena);
    }
    qsort(times, ROUNDS, sizeof *times, by_size);
    return times[ROUNDS / 2];
}

/* ---- how many at once ---- */

/* IN_FLIGHT: as many connections of clients as wait for an answer. */
enum { IN_FLIGHT = 64, REQUESTS = 30000 };

typedef struct {
    store_task_t task;
    store_t *store;
    atomic_int *left;
    const char *tenant, *document;
} request_t;

static int run_request(session_t *session, store_task_t *task, fault_t *fault)
{
    request_t *request = task->context;
    question_t question = {.tenant = request->tenant, .document = request->document, .arena = arena_new()};
    int failed = ask_timetables(session, &question, fault);
    arena_destroy(&question.arena);
    return failed;
}

static void submit(request_t *request);

static void done(store_task_t *task)
{
    request_t *request = task->context;
    if (task->fault.code != FAULT_NONE)
        exit(1);
    if (atomic_fetch_sub(request->left, 1) > IN_FLIGHT)
        submit(request);
}

static void submit(request_t *request)
{
    request->task =
        (store_task_t){.kind = STORE_READ, .patience_ms = 60000, .run = run_request, .done = done, .context = request};
    store_submit(request->store, &request->task);
}

static double per_second(store_t *store, const char *tenant, char **documents, int count)
{
    static request_t requests[IN_FLIGHT];
    atomic_int left = REQUESTS;
    int64_t begun = clock_now_us();
    for (int i = 0; i < IN_FLIGHT; i++) {
        requests[i] = (request_t){.store = store, .left = &left, .tenant = tenant, .document = documents[i % count]};
        submit(&requests[i]);
    }
    while (atomic_load(&left) > 0)
        usleep(1000);
    return REQUESTS * 1e6 / (double)(clock_now_us() - begun);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        ask_fn *ask;
    } questions[] = {{"documents", ask_list},
                     {"documents_by_status", ask_status},
                     {"search_rare", ask_search},
                     {"search_common", ask_common},
                     {"search_two_words", ask_two_words},
                     {"documents_from_the_middle", ask_page},
                     {"document", ask_document},
                     {"stages", ask_stages},
                     {"timetables_of", ask_timetables},
                     {"timetables", ask_newest_timetables},
                     {"events", ask_events},
                     {"dead_letters", ask_letters}};
    arena_t *arena = arena_new();
    buf_t problems = {0};
    settings_t settings;
    fault_t fault;
    store_t *store = NULL;
    if (argc < 3 || yogi_settings_load(environ, arena, &settings, &problems) ||
        !(store = store_new(&settings, true, NULL, &fault))) {
        fprintf(stderr, "bench_store_reads TENANT DOCUMENT...\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        printf("%s %lld\n", questions[i].name, (long long)median(store, questions[i].ask, argv[1], argv + 2, argc - 2));
    printf("timetables_per_second %.0f\n", per_second(store, argv[1], argv + 2, argc - 2));
    store_destroy(&store);
    arena_destroy(&arena);
    return 0;
}
