/* printout: see printout.h. */
#include "printout.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* "9:05" of the demo and of people as the forms want it; NULL for what is no time. */
static const char *time_of(const json_t *value, arena_t *arena)
{
    const char *text = json_string_value(value);
    int hour = 0, minute = 0, length = 0;
    if (!text || !isdigit((unsigned char)*text) || sscanf(text, "%2d:%2d%n", &hour, &minute, &length) != 2 ||
        text[length] || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return NULL;
    return arena_format(arena, "%02d:%02d", hour, minute);
}

static const char *text_of(const json_t *block, const char *name, arena_t *arena)
{
    const char *text = json_string_value(json_object_get(block, name));
    return text && *text ? arena_text(arena, text) : NULL;
}

static int32_t number_of(const json_t *object, const char *name)
{
    json_int_t number = json_integer_value(json_object_get(object, name));
    return number > 0 && number <= 100000 ? (int32_t)number : 0;
}

static void take_inferred(const json_t *block, arena_t *arena, timeblock_t *out)
{
    const json_t *list = json_object_get(block, "inferred");
    for (size_t i = 0; i < json_array_size(list) && i < 16; i++)
        if (json_is_string(json_array_get(list, i)))
            texts_push(arena, &out->inferred, json_string_value(json_array_get(list, i)));
}

/* What somebody has written or approved is sure; a machine's own word stands where nobody has. */
static double confidence_of(const json_t *block, bool approved)
{
    const json_t *value = json_object_get(block, "confidence");
    double confidence = json_number_value(value);
    if (approved || !json_is_number(value))
        return 1;
    return confidence >= 0 && confidence <= 1 ? confidence : 0;
}

static bool take_block(const json_t *block, size_t number, bool approved, arena_t *arena, timeblock_t *out)
{
    const char *day = json_string_value(json_object_get(block, "day"));
    const char *name = text_of(block, "name", arena), *id = text_of(block, "id", arena);
    const json_t *box = json_object_get(block, "box");
    if (timetable_day(day) < 0 || !name)
        return false;
    *out = (timeblock_t){
        .id = id ? id : arena_format(arena, "b%zu", number),
        .day = timetable_days[timetable_day(day)],
        .name = name,
        .start_time = time_of(json_object_get(block, "startTime"), arena),
        .end_time = time_of(json_object_get(block, "endTime"), arena),
        .notes = text_of(block, "notes", arena),
        .confidence = confidence_of(block, approved),
        .page = number_of(block, "page"),
        .box = {.x = number_of(box, "x"), .y = number_of(box, "y"), .w = number_of(box, "w"), .h = number_of(box, "h")},
        .week = text_of(block, "week", arena)};
    take_inferred(block, arena, out);
    return true;
}

static void take_row(const timetable_row_t *row, int32_t page, arena_t *arena, timetable_t *out)
{
    *out = (timetable_t){.teacher = arena_text(arena, row->teacher_name),
                         .class_name = arena_text(arena, row->class_name),
                         .term = arena_text(arena, row->term),
                         .school = arena_text(arena, row->school),
                         .week = arena_text(arena, row->week),
                         .year = row->year > 0 && row->year < 10000 ? (int32_t)row->year : 0,
                         .confidence = row->validated || isnan(row->confidence) ? 1 : row->confidence,
                         .page = page};
    json_error_t error;
    json_t *blocks = row->timeblocks ? json_loads(row->timeblocks, 0, &error) : NULL;
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        timeblock_t block;
        if (take_block(json_array_get(blocks, i), i + 1, row->validated, arena, &block))
            *(timeblock_t *)list_push(arena, &out->timeblocks, sizeof block) = block;
    }
    json_decref(blocks);
}

size_t printout_count(const timetable_list_t *list)
{
    size_t count = 0;
    while (count < list->count && list->rows[count].position >= 0)
        count++;
    return count ? count : list->count > 0;
}

void printout_fill(dossier_t *dossier, const timetable_row_t *rows, size_t count)
{
    list_t before = dossier->timetables;
    bool approved = false;
    dossier->timetables = (list_t){0};
    for (size_t i = 0; i < count; i++) {
        int32_t page = i < before.count ? LIST_AT(timetable_t, before, i)->page : 0;
        take_row(&rows[i], page, dossier->arena, list_push(dossier->arena, &dossier->timetables, sizeof(timetable_t)));
        approved |= rows[i].validated;
    }
    if (!approved)
        return;
    dossier->checks = (list_t){0};
    dossier->outcome = (outcome_t){.status = "completed", .confidence = dossier->outcome.confidence};
}

dossier_t *printout_new(const document_row_t *document)
{
    dossier_t *dossier = dossier_new();
    dossier->outcome.status = "completed";
    if (!document)
        return dossier;
    dossier->document.id = arena_text(dossier->arena, document->id);
    dossier->document.filename = arena_text(dossier->arena, document->filename);
    dossier->document.sha256 = arena_text(dossier->arena, document->sha256);
    dossier->document.bytes = document->file_size > 0 ? document->file_size : 0;
    dossier->outcome.confidence = isnan(document->confidence) ? 0 : document->confidence;
    return dossier;
}
