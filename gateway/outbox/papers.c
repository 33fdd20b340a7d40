/* papers: see papers.h. */
#include "papers.h"

#include "proto/base/hash.h"
#include "proto/base/ident.h"
#include "proto/base/tenant.h"
#include "proto/json.h"
#include "proto/redact.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds of each stage's share of a page that takes one, as people wait for it. */
static const struct {
    const char *name;
    int place;      /* in the whole route */
    int percentage; /* done when it has ended */
} stages[] = {{"classification", 0, 10}, {"ocr", 1, 80}, {"llm", 2, 90}, {"validation", 3, 100}};
/* BACKOFF: the demo's. COSTLY: a stage that computes as long is worth more than keeping what it left; a cheap one is
 * done again sooner. */
enum { STAGES = sizeof stages / sizeof *stages, COSTLY_MS = 100, BACKOFF_MS = 2000, JITTER = 20 };

/* Entries of a trail that are taken; a route has a quarter of that (MESSAGE_NAMES_MOST). */
enum { STAGES_MOST = 4 * MESSAGE_NAMES_MOST };

int papers_place(const char *stage)
{
    for (size_t i = 0; i < STAGES; i++)
        if (strcmp(stages[i].name, stage) == 0)
            return stages[i].place;
    return -1;
}

int papers_percentage(const char *stage)
{
    int place = papers_place(stage);
    return place < 0 ? 0 : stages[place].percentage;
}

int papers_part(const char *stage, const message_t *progress)
{
    int place = papers_place(stage), end = papers_percentage(stage),
        begin = place > 0 ? stages[place - 1].percentage : 0;
    return begin + (progress->total ? (int)((uint64_t)(unsigned)(end - begin) * progress->done / progress->total) : 0);
}

const char *papers_stage_after(const char *stage)
{
    int place = papers_place(stage);
    return place >= 0 && place + 1 < STAGES ? stages[place + 1].name : NULL;
}

const char *papers_stage_before(slice_t next)
{
    for (size_t i = 1; i < STAGES; i++)
        if (slice_is(next, stages[i].name))
            return stages[i - 1].name;
    return stages[STAGES - 1].name;
}

/* ---- on the way out ---- */

static void take_languages(dossier_t *dossier, const json_t *languages)
{
    const char *text = json_string_value(languages);
    for (const char *p = text; p && *p; p += strspn(p, "+, ")) {
        size_t length = strcspn(p, "+, ");
        if (length)
            texts_push(dossier->arena, &dossier->options.languages, arena_text_n(dossier->arena, p, length));
        p += length;
    }
    const json_t *item;
    size_t i;
    json_array_foreach(languages, i, item) if (json_is_string(item))
        texts_push(dossier->arena, &dossier->options.languages, json_string_value(item));
}

int papers_options(dossier_t *dossier, const char *text, fault_t *fault)
{
    json_t *options = json_loads(text && *text ? text : "{}", 0, NULL);
    if (!json_is_object(options)) {
        json_decref(options);
        return fault_set(fault, FAULT_INPUT, "the options of the document are no JSON object");
    }
    dossier->options = (options_t){.extras = dossier->options.extras};
    const char *engine = json_string_value(json_object_get(options, "engine"));
    const char *pages = json_string_value(json_object_get(options, "pages"));
    const json_t *gate = json_object_get(options, "gate");
    dossier->options.engine = arena_text(dossier->arena, engine);
    dossier->options.pages = arena_text(dossier->arena, pages);
    if (json_is_number(gate))
        dossier->options.gate = json_number_value(gate);
    take_languages(dossier, json_object_get(options, "languages"));
    json_decref(options);
    return 0;
}

static const char *text_in(arena_t *arena, view_t view)
{
    return view.at ? arena_text_n(arena, view.at, view.size) : NULL;
}

void papers_accepted(const accept_t *accept, arena_t *arena, run_t *run)
{
    *run = (run_t){.run = arena_text(arena, accept->run),
                   .document = arena_text(arena, accept->id),
                   .tenant = arena_text(arena, accept->tenant),
                   .owner = arena_text(arena, accept->owner),
                   .route = arena_text(arena, accept->route),
                   .epoch = 1,
                   .priority = accept->priority,
                   .attempts = accept->attempts,
                   .place = -1,
                   .row = {.filename = text_in(arena, accept->filename),
                           .file_size = accept->file_size,
                           .options = text_in(arena, accept->options),
                           .sha256 = arena_text(arena, accept->sha256)}};
}

int papers_begin(const run_t *run, const char *url, buf_t *out, fault_t *fault)
{
    const document_row_t *row = &run->row;
    dossier_t *dossier = run->dossier.at ? dossier_decode(run->dossier.at, run->dossier.size, fault) : dossier_new();
    int failed = !dossier || (!run->dossier.at && papers_options(dossier, row->options, fault) < 0);
    if (!failed) {
        dossier->document.id = run->document;
        dossier->document.filename = row->filename;
        dossier->document.source = url;
        dossier->document.bytes = row->file_size < 0 ? 0 : row->file_size;
        dossier->document.sha256 = row->sha256;
        dossier_encode(dossier, out);
    }
    dossier_destroy(&dossier);
    return failed ? -1 : 0;
}

/* The stages that are left of a run's route: names into the arena. Returns how many. */
static uint32_t route_of(const run_t *run, arena_t *arena, slice_t names[MESSAGE_NAMES_MOST])
{
    uint32_t count = 0;
    int64_t place = 0;
    for (const char *at = run->route; at && *at && count < MESSAGE_NAMES_MOST; place++) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length && place > run->place)
            names[count++] = slice_of(arena_text_n(arena, at, length));
        at += length;
    }
    return count;
}

void papers_submit(const run_t *run, const buf_t *dossier, arena_t *arena, message_t *message)
{
    *message = (message_t){.command = COMMAND_SUBMIT,
                           .epoch = (uint64_t)run->epoch,
                           .priority = (uint32_t)run->priority,
                           .attempts = (uint32_t)run->attempts,
                           .attempt = (uint32_t)run->attempt,
                           .crashes = (uint32_t)run->crashes,
                           .losses = (uint32_t)run->losses,
                           .backoff = BACKOFF_EXPONENTIAL,
                           .backoff_ms = BACKOFF_MS,
                           .jitter = JITTER,
                           .record = true,
                           .body = {dossier->bytes, (uint32_t)dossier->size}};
    message->name_count = route_of(run, arena, message->names);
}

/* ---- on the way back ---- */

/* Of the same millisecond those of a smaller place are the smaller ones. */
static const char *new_id(int place, arena_t *arena)
{
    char text[IDENT_TEXT];
    ident_t ident = {0};
    fault_t fault;
    if (ident_new(&ident, &fault) < 0)
        abort(); /* the system gives no random bytes: nothing can be stored */
    ident.high = (ident.high & ~UINT64_C(0xF00)) | (uint64_t)(place & 0xF) << 8;
    return arena_text(arena, ident_format(ident, text));
}

static view_t keep(arena_t *arena, buf_t *text)
{
    view_t view = {arena_text_n(arena, buf_string(text), text->size), text->size};
    buf_free(text);
    return view;
}

static view_t text_of(arena_t *arena, slice_t slice)
{
    return slice.size ? (view_t){arena_text_n(arena, slice.at, slice.size), slice.size} : (view_t){0};
}

/* What a stage has added, for people. Texts of pages stay in the dossier. */
static view_t part_of(const dossier_t *dossier, const char *stage, arena_t *arena)
{
    static const char *const omit[] = {"evidence", "reasons", NULL};
    buf_t out = {0};
    size_t words = 0, cells = 0;
    for (size_t i = 0; i < dossier->pages.count; i++) {
        words += LIST_AT(page_t, dossier->pages, i)->words.count;
        cells += LIST_AT(page_t, dossier->pages, i)->cells.count;
    }
    if (strcmp(stage, "classification") == 0) {
        json_write(&classification_schema, &dossier->classification, omit, 0, &out);
    } else if (strcmp(stage, "ocr") == 0) {
        buf_format(&out, "{\"pages\":%zu,\"words\":%zu,\"cells\":%zu}", dossier->pages.count, words, cells);
    } else if (strcmp(stage, "llm") == 0) {
        buf_text(&out, "{\"timetables\":");
        json_write_list(&timetable_schema, &dossier->timetables, omit, 0, &out);
        buf_char(&out, '}');
    } else {
        buf_text(&out, "{\"checks\":");
        json_write_list(&check_schema, &dossier->checks, omit, 0, &out);
        buf_text(&out, ",\"outcome\":");
        json_write(&outcome_schema, &dossier->outcome, omit, 0, &out);
        buf_char(&out, '}');
    }
    return keep(arena, &out);
}

/* By its entry in the trail, which may be missing. */
static record_t record_of(const dossier_t *dossier, const char *stage, const trail_t *trail, arena_t *arena)
{
    return (record_t){.id = new_id(papers_place(stage), arena),
                      .stage = stage,
                      .status = trail && trail->error ? "failed" : "completed",
                      .place = papers_place(stage),
                      .confidence = trail && trail->confidence > 0 ? trail->confidence : NAN,
                      .result = papers_place(stage) < 0 ? (view_t){0} : part_of(dossier, stage, arena)};
}

static void fill_record(const message_t *message, const dossier_t *dossier, const char *stage, arena_t *arena,
                        record_t *record)
{
    *record = record_of(dossier, stage, dossier_trail(dossier, stage), arena);
    record->attempt = message->attempt;
    record->crashes = message->crashes;
    record->losses = message->losses;
}

/* Whether the stage is not to be done twice when the run is taken over: it took its time (which it must say), or asked
 * a model that is paid for. What it left must then be kept, which costs the database more than all else that it does.
 */
static bool is_costly(const dossier_t *dossier, const char *stage)
{
    const trail_t *trail = dossier_trail(dossier, stage);
    bool own = trail && (!trail->engine || !*trail->engine || strcmp(trail->engine, "rules") == 0);
    return !own || trail->cpu_ms <= 0 || trail->cpu_ms >= COSTLY_MS;
}

int papers_record(const message_t *message, const char *stage, arena_t *arena, record_t *record, fault_t *fault)
{
    dossier_t *dossier = dossier_decode(message->body.at, message->body.size, fault);
    if (!dossier)
        return -1;
    fill_record(message, dossier, stage, arena, record);
    if (is_costly(dossier, stage))
        record->dossier = (view_t){message->body.at, message->body.size};
    dossier_destroy(&dossier);
    return 0;
}

/* A text of the dossier that outlives it. */
static view_t copy(arena_t *arena, const char *text)
{
    return view_of(arena_text(arena, text));
}

static void take_timetables(const dossier_t *dossier, arena_t *arena, finish_t *finish)
{
    static const char *const omit[] = {"evidence", "reasons", NULL};
    reading_t *readings = arena_array(arena, dossier->timetables.count, sizeof *readings);
    for (size_t i = 0; i < dossier->timetables.count; i++) {
        const timetable_t *table = LIST_AT(timetable_t, dossier->timetables, i);
        buf_t blocks = {0};
        json_write_list(&timeblock_schema, &table->timeblocks, omit, 0, &blocks);
        readings[i] = (reading_t){.id = new_id(0, arena),
                                  .teacher_name = copy(arena, table->teacher),
                                  .class_name = copy(arena, table->class_name),
                                  .term = copy(arena, table->term),
                                  .school = copy(arena, table->school),
                                  .week = copy(arena, table->week),
                                  .year = table->year,
                                  .timeblocks = keep(arena, &blocks),
                                  .confidence = table->confidence};
    }
    finish->readings = readings;
    finish->count = dossier->timetables.count;
}

static void fail(finish_t *finish, const char *error, view_t message)
{
    finish->status = STATE_FAILED;
    finish->error = error;
    finish->message = message.at ? message : view_of(fault_summary(fault_code_of(error)));
    finish->event = (event_t){.type = "error", .step = finish->stage, .message = finish->message};
}

/* The record of the last stage. Behind another owner's back those of all stages: what it had in hand when it ended is
 * not stored; what is stored stays. */
static record_t *stages_of(const message_t *message, const dossier_t *dossier, const char *last, arena_t *arena)
{
    record_t *latest = NULL;
    for (size_t i = 0; i < STAGES; i++) {
        const trail_t *trail = dossier_trail(dossier, stages[i].name);
        bool is_last = last && strcmp(stages[i].name, last) == 0;
        if (!is_last && (message->epoch <= 1 || !trail))
            continue;
        record_t *record = arena_array(arena, 1, sizeof *record);
        fill_record(message, dossier, stages[i].name, arena, record);
        record->attempt = is_last ? (int64_t)message->attempt : trail->attempt;
        record->before = latest;
        latest = record;
    }
    return latest;
}

/* A run that went through to its end, well or not. */
static void take_dossier(const message_t *message, const dossier_t *dossier, arena_t *arena, finish_t *finish)
{
    const outcome_t *outcome = &dossier->outcome;
    const trail_t *last = dossier->trail.count ? LIST_AT(trail_t, dossier->trail, dossier->trail.count - 1) : NULL;
    const char *stage = last && papers_place(last->stage) >= 0 ? stages[papers_place(last->stage)].name : NULL;
    finish->stage = stage;
    finish->pages = dossier->classification.pages;
    finish->confidence = outcome->confidence > 0 ? outcome->confidence : NAN;
    finish->dossier = (view_t){message->body.at, message->body.size};
    finish->record = stages_of(message, dossier, stage, arena);
    if (outcome->error) {
        fail(finish, arena_text(arena, outcome->error), copy(arena, outcome->message));
        return;
    }
    take_timetables(dossier, arena, finish);
    bool review = outcome->status && strcmp(outcome->status, "needs_review") == 0;
    finish->status = review ? STATE_NEEDS_REVIEW : STATE_COMPLETED;
    finish->event = (event_t){.type = "complete", .step = stage, .percentage = 100};
}

void papers_finish(const message_t *message, arena_t *arena, finish_t *finish)
{
    fault_t fault = {0};
    *finish = (finish_t){.confidence = NAN,
                         .attempts = message->attempt,
                         .crashes = message->crashes,
                         .losses = message->losses,
                         .stage = text_of(arena, message->stage).at};
    dossier_t *dossier =
        message->outcome == OUTCOME_COMPLETED ? dossier_decode(message->body.at, message->body.size, &fault) : NULL;
    if (dossier)
        take_dossier(message, dossier, arena, finish);
    else if (message->outcome == OUTCOME_COMPLETED)
        fail(finish, fault_name(fault.code), copy(arena, fault.text));
    else if (message->outcome == OUTCOME_CANCELLED)
        fail(finish, fault_name(FAULT_CANCELLED), text_of(arena, message->text));
    else
        fail(finish, message->fault.size ? text_of(arena, message->fault).at : fault_name(FAULT_SYSTEM),
             text_of(arena, message->text));
    dossier_destroy(&dossier);
}

/* ---- of other owners ---- */

static int check_import(const message_t *job, const dossier_t *dossier, fault_t *fault)
{
    static const char *const ends[] = {"completed", "needs_review", "failed"};
    const char *status = dossier->outcome.status;
    bool ended = dossier->outcome.error != NULL;
    if (job->tenant.size && !tenant_is_name(job->tenant.at, job->tenant.size))
        return fault_set(fault, FAULT_INPUT, "the tenant of the job is no name of one: 1 to %d of a-z, 0-9, - and _",
                         TENANT_MOST);
    if (!dossier->document.id || !*dossier->document.id)
        return fault_set(fault, FAULT_INPUT, "the dossier has no document.id: nobody would find its result");
    for (size_t i = 0; status && i < sizeof ends / sizeof *ends; i++)
        ended |= strcmp(status, ends[i]) == 0;
    if (!ended)
        return fault_set(fault, FAULT_INPUT,
                         "the dossier has no outcome (completed, needs_review or failed): a run is stored when it has "
                         "ended");
    return 0;
}

/* Every stage that has worked; of a trail that is longer than any way through the stages, its end. */
static void take_trail(const dossier_t *dossier, arena_t *arena, finish_t *finish)
{
    size_t count = dossier->trail.count, i = count > STAGES_MOST ? count - STAGES_MOST : 0;
    for (; i < count; i++) {
        const trail_t *trail = LIST_AT(trail_t, dossier->trail, i);
        if (!trail->stage || !*trail->stage)
            continue;
        record_t *record = arena_array(arena, 1, sizeof *record);
        *record = record_of(dossier, arena_text(arena, trail->stage), trail, arena);
        record->message = copy(arena, trail->error);
        record->attempt = trail->attempt;
        record->before = finish->record;
        finish->record = record;
    }
}

/* The word that file_type has for it, as uploads have it. */
static const char *type_of(const char *kind)
{
    if (!kind || !*kind)
        return "other";
    return strstr(kind, "pdf") ? "pdf" : kind;
}

static void take_document(const dossier_t *dossier, arena_t *arena, import_t *import)
{
    const document_t *document = &dossier->document;
    char url[REDACT_BYTES];
    const char *path = document->path ? document->path : document->source ? redact_url(document->source, url) : "";
    import->document = copy(arena, document->id);
    import->filename = copy(arena, document->filename && *document->filename ? document->filename : document->id);
    import->file_path = copy(arena, path);
    import->file_type = copy(arena, type_of(dossier->classification.kind));
    import->file_size = document->bytes ? document->bytes : -1;
}

int papers_import(const message_t *job, arena_t *arena, import_t *import, dossier_t **got, fault_t *fault)
{
    char run[IDENT_TEXT];
    dossier_t *dossier = dossier_decode(job->body.at, job->body.size, fault);
    if (!dossier || check_import(job, dossier, fault) < 0) {
        dossier_destroy(&dossier);
        return -1;
    }
    *import = (import_t){.tenant = job->tenant.size ? text_of(arena, job->tenant).at : TENANT_DEFAULT,
                         .id = new_id(0, arena),
                         .job = new_id(0, arena),
                         .run = arena_text(arena, ident_format(job->job, run))};
    take_document(dossier, arena, import);
    import->finish.attempts = job->attempt;
    import->finish.crashes = job->crashes;
    import->finish.losses = job->losses;
    take_dossier(job, dossier, arena, &import->finish);
    take_trail(dossier, arena, &import->finish);
    if (import->finish.status != STATE_FAILED && strcmp(dossier->outcome.status, "failed") == 0)
        fail(&import->finish, fault_name(FAULT_SYSTEM), copy(arena, dossier->outcome.message));
    *got = dossier;
    return 0;
}
