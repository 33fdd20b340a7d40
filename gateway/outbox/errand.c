/* errand: see errand.h. */
#include "errand.h"

#include "papers.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How long something may wait for a database that is away. What must not be lost waits as long as it takes; what is
 * asked again anyway does not. */
enum { PATIENCE_MS = 3600000, SHORT_MS = 1000 };

static int run_hold(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_hold(session, errand->owner, errand->lease_ms, fault);
}

static int run_leave(session_t *session, store_task_t *task, fault_t *fault)
{
    return runs_leave(session, ((errand_t *)task->context)->owner, fault);
}

static int run_take(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_take(session, errand->owner, errand->arena, &errand->taken, fault);
}

/* Behind errand->run. */
static int run_mine(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_mine(session, errand->owner, errand->run, ERRAND_MINE_MOST, errand->arena, &errand->taken, fault);
}

static int run_called_off(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_called_off(session, errand->owner, errand->arena, &errand->names, fault);
}

static int run_want(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_get(session, errand->run, errand->arena, &errand->got, &errand->verdict, fault);
}

static int run_raise(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_raise(session, errand->run, errand->owner, (int64_t)errand->epoch, &errand->verdict, fault);
}

static int run_count(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    const message_t *message = &errand->message;
    return runs_count(session, errand->run, (int64_t)errand->epoch, message->attempt, message->crashes, message->losses,
                      fault);
}

static int run_record(session_t *session, store_task_t *task, fault_t *fault)
{
    int failed = runs_record(session, &((errand_t *)task->context)->record, fault);
    MARK("record.written");
    return failed;
}

static int run_progress(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    return runs_progress(session, errand->run, (int64_t)errand->epoch, &errand->event, fault);
}

static int run_finish(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    int failed = runs_finish(session, &errand->finish, &errand->verdict, fault);
    MARK("finish.written");
    return failed;
}

static int run_import(session_t *session, store_task_t *task, fault_t *fault)
{
    errand_t *errand = task->context;
    int failed = runs_import(session, &errand->import, errand->arena, &errand->imported, fault);
    MARK("import.written");
    return failed;
}

static const struct {
    const char *name;
    store_kind_t kind;
    int64_t patience_ms;
    store_run_fn *run;
} kinds[ERRAND_KINDS] = {
    [ERRAND_HOLD] = {"hold", STORE_RELAXED, SHORT_MS, run_hold},
    [ERRAND_LEAVE] = {"leave", STORE_WRITE, SHORT_MS, run_leave},
    [ERRAND_TAKE] = {"take", STORE_WRITE, SHORT_MS, run_take},
    [ERRAND_MINE] = {"mine", STORE_READ, SHORT_MS, run_mine},
    [ERRAND_CALLED_OFF] = {"called-off", STORE_WRITE, SHORT_MS, run_called_off},
    [ERRAND_WANT] = {"want", STORE_READ, PATIENCE_MS, run_want},
    [ERRAND_RAISE] = {"raise", STORE_WRITE, PATIENCE_MS, run_raise},
    [ERRAND_COUNT] = {"count", STORE_WRITE, PATIENCE_MS, run_count},
    [ERRAND_RECORD] = {"record", STORE_WRITE, PATIENCE_MS, run_record},
    [ERRAND_PROGRESS] = {"progress", STORE_RELAXED, SHORT_MS, run_progress},
    [ERRAND_FINISH] = {"finish", STORE_WRITE, PATIENCE_MS, run_finish},
    [ERRAND_IMPORT] = {"import", STORE_WRITE, PATIENCE_MS, run_import},
};

const char *errand_name(errand_kind_t kind)
{
    return kinds[kind].name;
}

errand_t *errand_new(errand_kind_t kind, const char *owner, store_done_fn *done, void *owning)
{
    errand_t *errand = memory_new(1, sizeof *errand);
    errand->kind = kind;
    errand->arena = arena_new();
    errand->owner = owner;
    errand->owning = owning;
    errand->task = (store_task_t){.kind = kinds[kind].kind,
                                  .patience_ms = kinds[kind].patience_ms,
                                  .run = kinds[kind].run,
                                  .done = done,
                                  .context = errand};
    return errand;
}

void errand_destroy(errand_t **errand)
{
    if (!errand || !*errand)
        return;
    dossier_destroy(&(*errand)->dossier);
    for (errand_t *before = (*errand)->before, *next; before; before = next) {
        next = before->before;
        before->before = NULL;
        errand_destroy(&before);
    }
    arena_destroy(&(*errand)->arena);
    free(*errand);
    *errand = NULL;
}

bool errand_may_pass(const errand_t *errand)
{
    fault_code_t code = errand->task.fault.code;
    return fault_class(code) == FAULT_CLASS_RETRYABLE || code == FAULT_SETTING;
}

bool errand_joins(const errand_t *errand)
{
    return errand->kind == ERRAND_RECORD || errand->kind == ERRAND_FINISH;
}

/* Where the errand's own records end: what points to those that go along. */
static record_t **end_of_own(errand_t *errand)
{
    const record_t *others = errand->before ? &errand->before->record : NULL;
    record_t **end = errand->kind == ERRAND_RECORD ? &errand->record.before : &errand->finish.record;
    while (*end != others)
        end = &(*end)->before;
    return end;
}

void errand_join(errand_t *errand, errand_t *record)
{
    assert(record->kind == ERRAND_RECORD && errand_joins(errand) && !errand->before);
    *end_of_own(errand) = &record->record;
    errand->before = record;
}

errand_t *errand_part(errand_t *errand)
{
    errand_t *before = errand->before;
    if (before)
        *end_of_own(errand) = NULL;
    errand->before = NULL;
    return before;
}

void errand_set_job(errand_t *errand, ident_t job, uint64_t epoch)
{
    errand->job = job;
    errand->epoch = epoch;
    ident_format(job, errand->run);
}

static slice_t copy(arena_t *arena, slice_t slice)
{
    return slice.size ? (slice_t){arena_text_n(arena, slice.at, slice.size), slice.size} : (slice_t){0};
}

void errand_set_message(errand_t *errand, uint32_t broker, const message_t *message)
{
    message_t *own = &errand->message;
    errand->broker = broker;
    *own = *message;
    own->peer = own->trace = own->tokens = (slice_t){0};
    own->name_count = 0;
    own->stage = copy(errand->arena, message->stage);
    own->next = copy(errand->arena, message->next);
    own->fault = copy(errand->arena, message->fault);
    own->text = copy(errand->arena, message->text);
    own->body = copy(errand->arena, message->body);
}

int errand_fill_record(errand_t *errand, fault_t *fault)
{
    const message_t *message = &errand->message;
    const char *stage = message->stage.size ? message->stage.at : papers_stage_before(message->next);
    if (papers_record(message, stage, errand->arena, &errand->record, fault) < 0)
        return -1;
    errand->event = (event_t){.type = "progress", .step = stage, .percentage = papers_percentage(stage)};
    errand->record.run = errand->run;
    errand->record.epoch = (int64_t)errand->epoch;
    errand->record.event = &errand->event;
    errand->record.begins = errand->record.place == 0;
    errand->costly = errand->record.dossier.at != NULL;
    return 0;
}

void errand_fill_progress(errand_t *errand)
{
    const message_t *message = &errand->message;
    const char *stage = message->stage.size ? message->stage.at : "";
    errand->event = (event_t){.type = "progress", .step = stage, .percentage = papers_part(stage, message)};
}

void errand_fill_finish(errand_t *errand)
{
    papers_finish(&errand->message, errand->arena, &errand->finish);
    errand->finish.run = errand->run;
    errand->finish.epoch = (int64_t)errand->epoch;
}

void errand_fail(errand_t *end, const errand_t *of, const fault_t *fault)
{
    errand_set_job(end, of->job, of->epoch);
    errand_set_message(end, of->broker, &of->message);
    end->message.outcome = OUTCOME_FAILED;
    end->message.fault = slice_of(fault_name(fault->code));
    end->message.text = (slice_t){arena_text(end->arena, fault->text), (uint32_t)strlen(fault->text)};
    end->message.body = (slice_t){0};
}
