/* result: see result.h. */
#include "result.h"

#include "parts.h"
#include "sheets.h"
#include "take.h"

#include "proto/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Only stages need the evidence; the reasons are for people who ask. */
static const char *const omit[] = {"reasons", "evidence", NULL};

/* ---- writing ---- */

static void begin_member(const char *name, buf_t *out)
{
    buf_text(out, ",\"");
    buf_text(out, name);
    buf_text(out, "\":");
}

static void write_text(const char *name, const char *text, buf_t *out)
{
    begin_member(name, out);
    if (text)
        json_text(text, out);
    else
        buf_text(out, "null");
}

static void write_confidence(double confidence, buf_t *out)
{
    begin_member("confidence", out);
    buf_format(out, "%.4g", round(confidence * 1e4) / 1e4);
}

/* Of what was read: as the stage says, else the mean of the words. */
static double read_confidence(const dossier_t *dossier)
{
    const trail_t *trail = dossier_trail(dossier, parts_stages[PARTS_OCR]);
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < dossier->pages.count; i++) {
        const page_t *page = LIST_AT(page_t, dossier->pages, i);
        for (size_t k = 0; k < page->words.count; k++, count++)
            sum += LIST_AT(word_t, page->words, k)->confidence;
    }
    return trail && trail->confidence > 0 ? trail->confidence : count ? sum / (double)count : 0;
}

/* Who has read it: the engine, or where the words come from. */
static const char *reader_of(const dossier_t *dossier)
{
    const trail_t *trail = dossier_trail(dossier, parts_stages[PARTS_OCR]);
    if (trail && trail->engine)
        return trail->engine;
    return dossier->pages.count ? LIST_AT(page_t, dossier->pages, 0)->origin : NULL;
}

static void write_pages(const dossier_t *dossier, buf_t *out)
{
    buf_t text = {0};
    sheets_write_text(&dossier->pages, &text);
    write_text("text", buf_string(&text), out);
    buf_free(&text);
    write_confidence(read_confidence(dossier), out);
    begin_member("words", out);
    sheets_write_words(&dossier->pages, out);
    begin_member("pages", out);
    sheets_write_pages(&dossier->pages, out);
    write_text("engine", reader_of(dossier), out);
}

static double mean_confidence(const list_t *timetables)
{
    double sum = 0;
    for (size_t i = 0; i < timetables->count; i++)
        sum += LIST_AT(timetable_t, *timetables, i)->confidence;
    return timetables->count ? sum / (double)timetables->count : 0;
}

static void write_tables(const dossier_t *dossier, buf_t *out)
{
    begin_member("timetables", out);
    json_write_list(&timetable_schema, &dossier->timetables, omit, 0, out);
    bool judged = dossier->outcome.status && dossier->outcome.confidence > 0;
    write_confidence(judged ? dossier->outcome.confidence : mean_confidence(&dossier->timetables), out);
    begin_member("checks", out);
    json_write_list(&check_schema, &dossier->checks, omit, 0, out);
}

static void write_outcome(const dossier_t *dossier, buf_t *out)
{
    const outcome_t *outcome = &dossier->outcome;
    if (outcome->status)
        write_text("status", outcome->status, out);
    if (outcome->error)
        write_text("error", outcome->error, out);
    if (outcome->message)
        write_text("message", outcome->message, out);
}

void result_write(const char *stage, bool through, const dossier_t *dossier, buf_t *out)
{
    int place = parts_place(stage);
    buf_text(out, "{\"documentId\":");
    if (dossier->document.id)
        json_text(dossier->document.id, out);
    else
        buf_text(out, "null");
    if (place == PARTS_CLASSIFICATION) {
        begin_member("classification", out);
        json_write(&classification_schema, &dossier->classification, omit, 0, out);
    }
    if (place == PARTS_OCR)
        write_pages(dossier, out);
    if (place >= PARTS_LLM || through)
        write_tables(dossier, out);
    write_outcome(dossier, out);
    buf_char(out, '}');
}

/* ---- reading ---- */

/* How a worker says that it ended; what one of validation does not say follows from the rest. */
static int read_outcome(int place, const json_t *json, dossier_t *dossier, fault_t *fault)
{
    outcome_t outcome = {.status = NULL};
    if (take_object(&outcome_schema, json, dossier->arena, &outcome, fault) < 0)
        return -1;
    if (outcome.status && strcmp(outcome.status, "completed") != 0 && strcmp(outcome.status, "needs_review") != 0 &&
        strcmp(outcome.status, "failed") != 0)
        return fault_set(fault, FAULT_INPUT, "status is \"completed\", \"needs_review\" or \"failed\"");
    if (place != PARTS_VALIDATION && !outcome.error)
        return 0;
    if (!json_is_number(json_object_get(json, "confidence")))
        outcome.confidence = mean_confidence(&dossier->timetables);
    if (outcome.error)
        outcome.status = "failed";
    else if (!outcome.status)
        outcome.status = outcome.confidence >= dossier->options.gate ? "completed" : "needs_review";
    dossier->outcome = outcome;
    return 0;
}

static int read_parts(int place, const json_t *json, dossier_t *dossier, fault_t *fault)
{
    static const char *const wanted[PARTS_STAGES] = {"classification", "pages, words or text", "timetables",
                                                     "timetables"};
    bool ended = json_is_string(json_object_get(json, "error")); /* then nothing else need be there */
    int found = place == PARTS_CLASSIFICATION ? parts_classification(json, dossier, fault)
                : place == PARTS_OCR          ? parts_pages(json, dossier, fault)
                                              : parts_timetables(json, dossier, fault);
    if (found == 0 && !ended)
        return fault_set(fault, FAULT_INPUT, "%s missing", wanted[place]);
    if (found < 0 || (place >= PARTS_LLM && parts_checks(json, dossier, fault) < 0))
        return -1;
    return read_outcome(place, json, dossier, fault);
}

int result_read(const char *stage, const char *json, size_t size, dossier_t *dossier, const char **engine,
                fault_t *fault)
{
    char what[80];
    int place = parts_place(stage);
    *engine = NULL;
    if (place < 0) /* it adds nothing that is known here */
        return 0;
    snprintf(what, sizeof what, "what the worker of %.40s returned", stage);
    json_t *object = take_text(json, size, what, fault);
    if (!object)
        return -1;
    int read = read_parts(place, object, dossier, fault);
    if (read < 0)
        fault_prefix(fault, what);
    const char *name = json_string_value(json_object_get(object, "engine"));
    *engine = name && strlen(name) < 64 ? arena_text(dossier->arena, name) : NULL;
    json_decref(object);
    return read;
}
