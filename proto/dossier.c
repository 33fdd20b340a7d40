/* dossier: the tables of the dossier's parts, and its life; see dossier.h. */
#include "dossier.h"
#include "pack.h"

#include <string.h>

/* Limits of one dossier, from the largest document that is accepted: 100 pages, 100 timetables. */
enum {
    PAGES_MOST = 1000,
    TABLES_MOST = 1000,
    CHECKS_MOST = 10000,
    TRAIL_MOST = 256,
    TEXT_MOST = 8192,
    TURN_MOST = 270
};

#define TEXT    NULL, 0, TEXT_MOST
#define BY_UNIT NULL, 0, 1

static const field_t document_fields[] = {
    {"id", FIELD_TEXT, offsetof(document_t, id), TEXT, 0},
    {"filename", FIELD_TEXT, offsetof(document_t, filename), TEXT, 0},
    {"source", FIELD_TEXT, offsetof(document_t, source), TEXT, 0},
    {"media", FIELD_TEXT, offsetof(document_t, media), TEXT, 0},
    {"bytes", FIELD_INT, offsetof(document_t, bytes), NULL, 0, 1e15, 0},
    {"sha256", FIELD_TEXT, offsetof(document_t, sha256), TEXT, 0},
    {"path", FIELD_TEXT, offsetof(document_t, path), TEXT, FIELD_OMIT_EMPTY},
    {"stored", FIELD_TEXT, offsetof(document_t, stored), TEXT, FIELD_OMIT_EMPTY},
};
const schema_t document_schema = SCHEMA(document_t, "document", document_fields);

static const field_t options_fields[] = {
    {"languages", FIELD_TEXTS, offsetof(options_t, languages), NULL, 0, 32, 0},
    {"engine", FIELD_TEXT, offsetof(options_t, engine), TEXT, 0},
    {"pages", FIELD_TEXT, offsetof(options_t, pages), TEXT, FIELD_OMIT_EMPTY},
    {"gate", FIELD_REAL, offsetof(options_t, gate), BY_UNIT, 0},
    {"overlay", FIELD_TEXT, offsetof(options_t, overlay), TEXT, FIELD_OMIT_EMPTY},
    {"noop", FIELD_TEXT, offsetof(options_t, noop), TEXT, FIELD_OMIT_EMPTY},
};
const schema_t options_schema = SCHEMA(options_t, "options", options_fields);

static const field_t classification_fields[] = {
    {"kind", FIELD_TEXT, offsetof(classification_t, kind), TEXT, 0},
    {"pages", FIELD_INT32, offsetof(classification_t, pages), NULL, 0, 1e6, 0},
    {"orientation", FIELD_INT32, offsetof(classification_t, orientation), NULL, 0, TURN_MOST, 0},
    {"timetable", FIELD_REAL, offsetof(classification_t, timetable), BY_UNIT, 0},
    {"language", FIELD_TEXT, offsetof(classification_t, language), TEXT, 0},
    {"why", FIELD_TEXT, offsetof(classification_t, why), TEXT, FIELD_OMIT_EMPTY},
};
const schema_t classification_schema = SCHEMA(classification_t, "classification", classification_fields);

static const field_t check_fields[] = {
    {"rule", FIELD_TEXT, offsetof(check_t, rule), TEXT, 0},
    {"severity", FIELD_TEXT, offsetof(check_t, severity), TEXT, 0},
    {"blocks", FIELD_TEXTS, offsetof(check_t, blocks), NULL, 0, 20000, 0},
    {"message", FIELD_TEXT, offsetof(check_t, message), TEXT, 0},
};
const schema_t check_schema = SCHEMA(check_t, "check", check_fields);

static const field_t outcome_fields[] = {
    {"status", FIELD_TEXT, offsetof(outcome_t, status), TEXT, 0},
    {"confidence", FIELD_REAL, offsetof(outcome_t, confidence), BY_UNIT, 0},
    {"error", FIELD_TEXT, offsetof(outcome_t, error), TEXT, 0},
    {"message", FIELD_TEXT, offsetof(outcome_t, message), TEXT, FIELD_OMIT_EMPTY},
};
const schema_t outcome_schema = SCHEMA(outcome_t, "outcome", outcome_fields);

static const field_t lap_fields[] = {
    {"name", FIELD_TEXT, offsetof(lap_t, name), TEXT, 0},
    {"ms", FIELD_REAL, offsetof(lap_t, ms), NULL, 0, 1e12, 0},
};
const schema_t lap_schema = SCHEMA(lap_t, "lap", lap_fields);

static const field_t trail_fields[] = {
    {"stage", FIELD_TEXT, offsetof(trail_t, stage), TEXT, 0},
    {"engine", FIELD_TEXT, offsetof(trail_t, engine), TEXT, FIELD_OMIT_EMPTY},
    {"model", FIELD_TEXT, offsetof(trail_t, model), TEXT, FIELD_OMIT_EMPTY},
    {"host", FIELD_TEXT, offsetof(trail_t, host), TEXT, FIELD_OMIT_EMPTY},
    {"attempt", FIELD_INT32, offsetof(trail_t, attempt), NULL, 0, 1e6, 0},
    {"started", FIELD_TEXT, offsetof(trail_t, started), TEXT, 0},
    {"finished", FIELD_TEXT, offsetof(trail_t, finished), TEXT, 0},
    {"confidence", FIELD_REAL, offsetof(trail_t, confidence), BY_UNIT, FIELD_OMIT_EMPTY},
    {"error", FIELD_TEXT, offsetof(trail_t, error), TEXT, FIELD_OMIT_EMPTY},
    {"cpuMs", FIELD_REAL, offsetof(trail_t, cpu_ms), NULL, 0, 1e12, FIELD_OMIT_EMPTY},
    {"laps", FIELD_LIST, offsetof(trail_t, laps), &lap_schema, 0, 64, FIELD_OMIT_EMPTY},
};
const schema_t trail_schema = SCHEMA(trail_t, "trail", trail_fields);

static const field_t dossier_fields[] = {
    {"v", FIELD_INT32, offsetof(dossier_t, v), NULL, 1, 1e6, FIELD_REQUIRED},
    {"document", FIELD_STRUCT, offsetof(dossier_t, document), &document_schema, 0, 0, FIELD_REQUIRED},
    {"options", FIELD_STRUCT, offsetof(dossier_t, options), &options_schema, 0, 0, 0},
    {"classification", FIELD_STRUCT, offsetof(dossier_t, classification), &classification_schema, 0, 0, 0},
    {"pages", FIELD_LIST, offsetof(dossier_t, pages), &page_schema, 0, PAGES_MOST, 0},
    {"timetables", FIELD_LIST, offsetof(dossier_t, timetables), &timetable_schema, 0, TABLES_MOST, 0},
    {"checks", FIELD_LIST, offsetof(dossier_t, checks), &check_schema, 0, CHECKS_MOST, 0},
    {"outcome", FIELD_STRUCT, offsetof(dossier_t, outcome), &outcome_schema, 0, 0, 0},
    {"trail", FIELD_LIST, offsetof(dossier_t, trail), &trail_schema, 0, TRAIL_MOST, 0},
};
const schema_t dossier_schema = SCHEMA(dossier_t, "dossier", dossier_fields);

dossier_t *dossier_new(void)
{
    arena_t *arena = arena_new();
    dossier_t *dossier = arena_take(arena, sizeof *dossier);
    dossier->arena = arena;
    dossier->v = DOSSIER_VERSION;
    return dossier;
}

void dossier_destroy(dossier_t **dossier)
{
    if (!dossier || !*dossier)
        return;
    arena_t *arena = (*dossier)->arena;
    *dossier = NULL;
    arena_destroy(&arena);
}

void dossier_encode(const dossier_t *dossier, buf_t *out)
{
    pack_encode(&dossier_schema, dossier, out);
}

dossier_t *dossier_decode(const void *bytes, size_t size, fault_t *fault)
{
    dossier_t *dossier = dossier_new();
    if (pack_decode(&dossier_schema, bytes, size, dossier->arena, dossier, fault) < 0)
        dossier_destroy(&dossier);
    return dossier;
}

void *list_push(arena_t *arena, list_t *list, size_t size)
{
    size_t count = list->count;
    if ((count & (count - 1)) == 0) { /* 0, 1, 2, 4 …: full, double it */
        void *items = arena_array(arena, count ? count * 2 : 1, size);
        if (count)
            memcpy(items, list->items, count * size);
        list->items = items;
    }
    void *item = (char *)list->items + count * size;
    memset(item, 0, size);
    list->count++;
    return item;
}

void texts_push(arena_t *arena, texts_t *texts, const char *text)
{
    list_t list = {texts->items, texts->count};
    *(const char **)list_push(arena, &list, sizeof(const char *)) = arena_text(arena, text);
    texts->items = list.items;
    texts->count = list.count;
}

const trail_t *dossier_trail(const dossier_t *dossier, const char *stage)
{
    for (size_t i = 0; i < dossier->trail.count; i++) {
        const trail_t *trail = LIST_AT(trail_t, dossier->trail, i);
        if (trail->stage && strcmp(trail->stage, stage) == 0)
            return trail;
    }
    return NULL;
}
