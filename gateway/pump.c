/* pump: see pump.h. */
#include "pump.h"

#include "api/news.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ROUND: between looks that nobody rang for. SETTLE: an event may become visible after one with a greater number, as
 * long as its transaction takes; so long after a change every round looks. ROW: between looks at the row of a document
 * that nothing is heard of. ASK: watched documents and events of one question. PATIENCE: for the database. */
enum {
    ROUND_US = 1000000,
    SETTLE_US = 5000000,
    ROW_US = 15000000,
    WATCHES_ASK = 256,
    EVENTS_ASK = 1000,
    PATIENCE_MS = 1000,
};

typedef struct watch {
    struct watch *next; /* in the list of new ones */
    call_number_t stream;
    char *tenant;
    char *document;
    int64_t number; /* of the last event that it has got */
    int64_t row_us; /* when its row is to be looked at */
    int64_t end_us; /* it has got its last event, and is ended then; 0 = not yet */
} watch_t;

/* A document that is to be looked at. */
typedef struct note {
    struct note *next;
    char document[];
} note_t;

struct pump {
    store_t *store;
    const log_t *log;
    http_t *http;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t word;  /* rung, a new watch, or the end */
    watch_t *fresh;       /* not in watches yet */
    note_t *notes;
    bool rung, ending;
    uint64_t count; /* watches, for figures */
    /* the thread's own */
    watch_t **watches; /* by document */
    size_t used, room;
    int64_t newest;    /* greatest number seen */
    int64_t settle_us; /* until then every round looks */
    int64_t round_us;  /* of the next round */
};

pump_t *pump_new(store_t *store, const log_t *log)
{
    pthread_condattr_t attributes;
    pump_t *pump = memory_new(1, sizeof *pump);
    pump->store = store;
    pump->log = log;
    pthread_mutex_init(&pump->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pump->word, &attributes);
    pthread_condattr_destroy(&attributes);
    return pump;
}

/* ---- from other threads ---- */

static void add(pump_t *pump, const watch_t *values)
{
    watch_t *watch = memory_new(1, sizeof *watch);
    *watch = *values;
    pthread_mutex_lock(&pump->lock);
    watch->next = pump->fresh;
    pump->fresh = watch;
    pthread_cond_signal(&pump->word);
    pthread_mutex_unlock(&pump->lock);
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size, 1), text, size);
}

void pump_watch(pump_t *pump, call_number_t stream, const char *tenant, const char *document, int64_t number)
{
    add(pump, &(watch_t){.stream = stream,
                         .tenant = copy(tenant),
                         .document = copy(document),
                         .number = number,
                         .row_us = clock_now_us() + ROW_US});
}

void pump_linger(pump_t *pump, call_number_t stream)
{
    add(pump, &(watch_t){.stream = stream,
                         .tenant = copy(""),
                         .document = copy(""),
                         .end_us = clock_now_us() + PUMP_LINGER_MS * 1000});
}

void pump_look(pump_t *pump, const char *document)
{
    size_t size = strlen(document) + 1;
    note_t *note = memory_new(1, sizeof *note + size);
    memcpy(note->document, document, size);
    pthread_mutex_lock(&pump->lock);
    note->next = pump->notes;
    pump->notes = note;
    pump->rung = true;
    pthread_cond_signal(&pump->word);
    pthread_mutex_unlock(&pump->lock);
}

void pump_ring(pump_t *pump)
{
    pthread_mutex_lock(&pump->lock);
    if (!pump->rung && pump->count) /* else it knows, or there is nobody to tell */
        pthread_cond_signal(&pump->word);
    pump->rung = true;
    pthread_mutex_unlock(&pump->lock);
}

uint64_t pump_watches(pump_t *pump)
{
    pthread_mutex_lock(&pump->lock);
    uint64_t count = pump->count;
    pthread_mutex_unlock(&pump->lock);
    return count;
}

/* ---- watches ---- */

static void free_watch(watch_t *watch)
{
    free(watch->tenant);
    free(watch->document);
    free(watch);
}

static int by_document(const void *a, const void *b)
{
    return strcmp((*(watch_t *const *)a)->document, (*(watch_t *const *)b)->document);
}

/* Takes the new ones in, and lets those go that are over. */
static void sort_out(pump_t *pump, watch_t *fresh, int64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < pump->used; i++) {
        watch_t *watch = pump->watches[i];
        bool due = watch->end_us && watch->end_us <= now_us;
        if (due)
            http_stream_end(pump->http, watch->stream);
        if (due || !http_stream_is_open(pump->http, watch->stream))
            free_watch(watch);
        else
            pump->watches[kept++] = watch;
    }
    pump->used = kept;
    for (watch_t *watch; (watch = fresh);) {
        fresh = watch->next;
        if (pump->used == pump->room) {
            pump->room = pump->room ? 2 * pump->room : 64;
            pump->watches = memory_grow(pump->watches, pump->room, sizeof *pump->watches);
        }
        pump->watches[pump->used++] = watch;
    }
    qsort(pump->watches, pump->used, sizeof *pump->watches, by_document);
    pthread_mutex_lock(&pump->lock);
    pump->count = pump->used;
    pthread_mutex_unlock(&pump->lock);
}

/* Makes the rows of these documents due, and frees the notes. */
static void take_notes(pump_t *pump, note_t *notes)
{
    for (note_t *note; (note = notes);) {
        notes = note->next;
        for (size_t i = 0; i < pump->used; i++)
            if (strcmp(pump->watches[i]->document, note->document) == 0)
                pump->watches[i]->row_us = 0;
        free(note);
    }
}

/* The index behind the last watch of the same document. */
static size_t behind(const pump_t *pump, size_t from)
{
    size_t to = from + 1;
    while (to < pump->used && strcmp(pump->watches[to]->document, pump->watches[from]->document) == 0)
        to++;
    return to;
}

/* ---- what is asked of the store ---- */

static int ask(pump_t *pump, store_run_fn *run, void *context)
{
    fault_t fault = {0};
    if (store_call(pump->store, STORE_READ, run, context, PATIENCE_MS, &fault) == 0)
        return 0;
    LOG(pump->log, LOG_DEBUG, "pump.fault", {"message", fault.text, 0}); /* the store says so too; it is asked again */
    return -1;
}

typedef struct {
    arena_t *arena;
    int64_t newest;
    event_watch_t watches[WATCHES_ASK];
    size_t count;
    event_list_t list;
    const char *tenant, *document;
    news_subject_t subject;
} question_t;

static int ask_newest(session_t *session, store_task_t *task, fault_t *fault)
{
    question_t *question = task->context;
    return events_newest(session, question->arena, &question->newest, fault);
}

static int ask_events(session_t *session, store_task_t *task, fault_t *fault)
{
    question_t *question = task->context;
    return events_watch(session, question->watches, question->count, EVENTS_ASK, question->arena, &question->list,
                        fault);
}

static int ask_subject(session_t *session, store_task_t *task, fault_t *fault)
{
    question_t *question = task->context;
    return news_look(session, question->tenant, question->document, question->arena, &question->subject, fault);
}

/* ---- what is told ---- */

/* To the watches of one document that have not seen it. */
static void tell(pump_t *pump, size_t from, size_t to, int64_t number, const buf_t *text, int64_t end_us)
{
    for (size_t i = from; i < to; i++) {
        watch_t *watch = pump->watches[i];
        if (watch->end_us || (number && watch->number >= number))
            continue;
        if (text->size)
            http_stream_send(pump->http, watch->stream, text->bytes, text->size);
        watch->number = number ? number : watch->number;
        watch->end_us = end_us;
    }
}

/* Looks at the document's row, and tells its end where it has ended. -1 where the store does not say. */
static int tell_end(pump_t *pump, size_t from, size_t to, int64_t number, const char *step)
{
    const watch_t *first = pump->watches[from];
    question_t *question = memory_new(1, sizeof *question);
    question->arena = arena_new();
    question->tenant = first->tenant;
    question->document = first->document;
    int failed = ask(pump, ask_subject, question);
    const news_subject_t *subject = &question->subject;
    if (!failed && (subject->verdict != VERDICT_DONE || state_is_end(subject->row.status))) {
        buf_t text = {0};
        news_end(first->document, subject, number, step, &text);
        tell(pump, from, to, number, &text, clock_now_us() + PUMP_LINGER_MS * 1000);
        buf_free(&text);
    } else if (!failed && number) {
        tell(pump, from, to, number, &(buf_t){0}, 0); /* the end of a run that was followed by another */
    }
    arena_destroy(&question->arena);
    free(question);
    return failed;
}

/* The watches of the event's document among those from … to: their range. */
static bool find(const pump_t *pump, size_t from, size_t to, const char *document, size_t *first, size_t *last)
{
    for (; from < to; from = behind(pump, from))
        if (strcmp(pump->watches[from]->document, document) == 0) {
            *first = from, *last = behind(pump, from);
            return true;
        }
    return false;
}

static int tell_events(pump_t *pump, size_t from, size_t to, const event_list_t *list)
{
    buf_t text = {0};
    int failed = 0;
    for (size_t i = 0; i < list->count && !failed; i++) {
        const event_row_t *event = &list->rows[i];
        size_t first, last;
        if (!find(pump, from, to, event->document, &first, &last))
            continue;
        if (news_is_end(event)) {
            failed = tell_end(pump, first, last, event->number, event->step);
            continue;
        }
        buf_clear(&text);
        if (strcmp(event->type, "progress") == 0)
            news_progress(event, &text);
        tell(pump, first, last, event->number, &text, 0);
    }
    buf_free(&text);
    return failed;
}

/* Asks for the events of watches from `from` on, as many documents as one question takes, and tells them. Returns the
 * index behind the last one; 0 where the store does not say. */
static size_t ask_some(pump_t *pump, size_t from)
{
    question_t *question = memory_new(1, sizeof *question);
    size_t to = from;
    bool more = true;
    for (; to < pump->used && question->count < WATCHES_ASK; to = behind(pump, to)) {
        event_watch_t *asked = &question->watches[question->count];
        *asked = (event_watch_t){pump->watches[to]->document, INT64_MAX};
        for (size_t i = to, end = behind(pump, to); i < end; i++)
            if (!pump->watches[i]->end_us && pump->watches[i]->number < asked->number)
                asked->number = pump->watches[i]->number;
        question->count += asked->number != INT64_MAX;
    }
    while (more && question->count) {
        question->arena = arena_new();
        int failed = ask(pump, ask_events, question) < 0 || tell_events(pump, from, to, &question->list) < 0;
        more = !failed && question->list.count == EVENTS_ASK;
        for (size_t i = 0; more && i < question->list.count; i++) /* the next question is behind what was told */
            for (size_t j = 0; j < question->count; j++)
                if (strcmp(question->watches[j].document, question->list.rows[i].document) == 0)
                    question->watches[j].number = question->list.rows[i].number;
        arena_destroy(&question->arena);
        to = failed ? 0 : to;
    }
    free(question);
    return to;
}

static void look_at_events(pump_t *pump, int64_t now_us)
{
    question_t *question = memory_new(1, sizeof *question);
    question->arena = arena_new();
    if (ask(pump, ask_newest, question) == 0) {
        bool grown = question->newest != pump->newest, whole = true;
        if (grown)
            pump->settle_us = now_us + SETTLE_US;
        if (grown || now_us < pump->settle_us)
            for (size_t at = 0; whole && at<pump->used; whole = at> 0)
                at = ask_some(pump, at);
        if (whole)
            pump->newest = question->newest;
    }
    arena_destroy(&question->arena);
    free(question);
}

static void look_at_rows(pump_t *pump, int64_t now_us)
{
    for (size_t from = 0, to; from < pump->used; from = to) {
        to = behind(pump, from);
        bool due = false;
        for (size_t i = from; i < to; i++)
            if (!pump->watches[i]->end_us && pump->watches[i]->row_us <= now_us) {
                pump->watches[i]->row_us = now_us + ROW_US;
                due = true;
            }
        if (due && tell_end(pump, from, to, 0, NULL) < 0)
            return; /* the database is away; another round */
    }
}

/* ---- the thread ---- */

/* When it is to look again, if nobody rings. */
static int64_t next_us(const pump_t *pump)
{
    int64_t next = pump->round_us;
    for (size_t i = 0; i < pump->used; i++)
        if (pump->watches[i]->end_us && pump->watches[i]->end_us < next)
            next = pump->watches[i]->end_us;
    return next;
}

/* Waits for a word or the time; takes the new watches and notes. false: it is to end. */
static bool wait(pump_t *pump, watch_t **fresh, note_t **notes, bool *rung)
{
    int64_t until_us = next_us(pump);
    struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
    pthread_mutex_lock(&pump->lock);
    while (!pump->ending && !pump->fresh && !(pump->rung && pump->used)) {
        if (!pump->used)
            pthread_cond_wait(&pump->word, &pump->lock);
        else if (pthread_cond_timedwait(&pump->word, &pump->lock, &until) != 0)
            break;
    }
    *fresh = pump->fresh;
    *rung = pump->rung;
    *notes = pump->notes;
    pump->fresh = NULL;
    pump->notes = NULL;
    pump->rung = false;
    bool goes_on = !pump->ending;
    pthread_mutex_unlock(&pump->lock);
    return goes_on;
}

static void *work(void *user)
{
    pump_t *pump = user;
    watch_t *fresh;
    note_t *notes;
    bool rung;
    while (wait(pump, &fresh, &notes, &rung)) {
        int64_t now_us = clock_now_us();
        bool is_new = fresh != NULL;
        sort_out(pump, fresh, now_us);
        take_notes(pump, notes);
        if (is_new) /* it may have missed something between its own look and now */
            pump->settle_us = now_us + SETTLE_US;
        if (!pump->used || (!rung && !is_new && now_us < pump->round_us))
            continue;
        pump->round_us = now_us + ROUND_US;
        look_at_events(pump, now_us);
        look_at_rows(pump, now_us);
    }
    take_notes(pump, notes);
    for (watch_t *watch; (watch = fresh);) {
        fresh = watch->next;
        free_watch(watch);
    }
    return NULL;
}

void pump_start(pump_t *pump, http_t *http)
{
    pump->http = http;
    if (pthread_create(&pump->thread, NULL, work, pump) != 0)
        abort(); /* the system gives no threads */
    pump->started = true;
}

void pump_stop(pump_t *pump)
{
    if (!pump->started)
        return;
    pthread_mutex_lock(&pump->lock);
    pump->ending = true;
    pthread_cond_signal(&pump->word);
    pthread_mutex_unlock(&pump->lock);
    pthread_join(pump->thread, NULL);
    pump->started = false;
}

void pump_destroy(pump_t **pump)
{
    if (!pump || !*pump)
        return;
    pump_t *p = *pump;
    for (size_t i = 0; i < p->used; i++)
        free_watch(p->watches[i]);
    for (watch_t *watch; (watch = p->fresh);) {
        p->fresh = watch->next;
        free_watch(watch);
    }
    for (note_t *note; (note = p->notes);) {
        p->notes = note->next;
        free(note);
    }
    free(p->watches);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->word);
    free(p);
    *pump = NULL;
}
