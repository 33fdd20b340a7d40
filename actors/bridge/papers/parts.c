/* parts: see parts.h. */
#include "parts.h"

#include "sheets.h"
#include "take.h"

#include <string.h>

/* As a dossier may have. */
enum { TABLES_MOST = 1000, CHECKS_MOST = 10000 };

const char *const parts_stages[PARTS_STAGES] = {"classification", "ocr", "llm", "validation"};

int parts_place(const char *stage)
{
    for (int i = 0; i < PARTS_STAGES; i++)
        if (strcmp(parts_stages[i], stage) == 0)
            return i;
    return -1;
}

typedef struct {
    extras_t extras;
    classification_t classification;
} classified_t;

static const field_t classified_fields[] = {
    {"classification", FIELD_STRUCT, offsetof(classified_t, classification), &classification_schema, 0, 0, 0},
};
static const schema_t classified_schema = SCHEMA(classified_t, "classified", classified_fields);

typedef struct {
    extras_t extras;
    list_t timetables;
} tabled_t;

static const field_t tabled_fields[] = {
    {"timetables", FIELD_LIST, offsetof(tabled_t, timetables), &timetable_schema, 0, TABLES_MOST, 0},
};
static const schema_t tabled_schema = SCHEMA(tabled_t, "tabled", tabled_fields);

typedef struct {
    extras_t extras;
    list_t checks;
} checked_t;

static const field_t checked_fields[] = {
    {"checks", FIELD_LIST, offsetof(checked_t, checks), &check_schema, 0, CHECKS_MOST, 0},
};
static const schema_t checked_schema = SCHEMA(checked_t, "checked", checked_fields);

static bool is_there(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);
    return value && !json_is_null(value);
}

/* A number says only how many there were. */
static bool is_told(const json_t *json, const char *name)
{
    return is_there(json, name) && !json_is_number(json_object_get(json, name));
}

int parts_classification(const json_t *json, dossier_t *dossier, fault_t *fault)
{
    classified_t found = {.classification = {.kind = NULL}};
    if (!is_there(json, "classification"))
        return 0;
    if (take_object(&classified_schema, json, dossier->arena, &found, fault) < 0)
        return -1;
    dossier->classification = found.classification;
    return 1;
}

int parts_pages(const json_t *json, dossier_t *dossier, fault_t *fault)
{
    list_t pages = {NULL, 0};
    if (!is_told(json, "pages") && !is_told(json, "words") && !sheets_there(json))
        return 0;
    if (sheets_read(json, dossier->arena, &pages, fault) < 0)
        return -1;
    if (!pages.count)
        return 0;
    dossier->pages = pages;
    return 1;
}

/* What blocks of other people leave out. */
static int complete(dossier_t *dossier, list_t *timetables, fault_t *fault)
{
    int number = 0;
    for (size_t i = 0; i < timetables->count; i++) {
        timetable_t *table = LIST_AT(timetable_t, *timetables, i);
        for (size_t k = 0; k < table->timeblocks.count; k++) {
            timeblock_t *block = LIST_AT(timeblock_t, table->timeblocks, k);
            number++;
            if (!block->day || !*block->day)
                return fault_set(fault, FAULT_INPUT, "timetables[%zu].timeblocks[%zu] has no day", i, k);
            if (!block->id || !*block->id)
                block->id = arena_format(dossier->arena, "b%d", number);
            if (!block->name)
                block->name = "";
            if (!block->page)
                block->page = 1;
        }
    }
    return 0;
}

int parts_timetables(const json_t *json, dossier_t *dossier, fault_t *fault)
{
    tabled_t found = {.timetables = {NULL, 0}};
    if (!is_there(json, "timetables"))
        return 0;
    if (take_object(&tabled_schema, json, dossier->arena, &found, fault) < 0 ||
        complete(dossier, &found.timetables, fault) < 0)
        return -1;
    dossier->timetables = found.timetables;
    return 1;
}

int parts_checks(const json_t *json, dossier_t *dossier, fault_t *fault)
{
    checked_t found = {.checks = {NULL, 0}};
    if (!is_there(json, "checks"))
        return 0;
    if (take_object(&checked_schema, json, dossier->arena, &found, fault) < 0)
        return -1;
    dossier->checks = found.checks;
    return 1;
}
