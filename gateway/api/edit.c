/* edit: see edit.h. */
#include "edit.h"

#include "body.h"
#include "proto/timetable.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 500, NOTES_MOST = 4000, META_MOST = 200, YEAR_LEAST = 1900, YEAR_MOST = 2200, PAGE_MOST = 1000000 };

/* "9:05" or "09:05"; minutes since midnight, -1 for anything else. */
static int minutes_of(const char *text)
{
    size_t digits = strspn(text, "0123456789"), rest = digits + 1;
    if (digits < 1 || digits > 2 || text[digits] != ':' || strspn(text + rest, "0123456789") != 2 || text[rest + 2])
        return -1;
    int hour = atoi(text), minute = atoi(text + rest);
    return hour > 23 || minute > 59 ? -1 : hour * 60 + minute;
}

bool edit_is_blank(const char *text)
{
    return !text || !text[strspn(text, " \t\r\n")];
}

/* A field of a block that is a text or null. -1 with the fault. */
static int check_text(const json_t *block, const char *name, size_t most, size_t number, fault_t *fault)
{
    const json_t *value = json_object_get(block, name);
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return fault_set(fault, FAULT_INPUT, "timeblock %zu: %s is a text or null", number, name);
    if (json_string_length(value) > most)
        return fault_set(fault, FAULT_INPUT, "timeblock %zu: %s has more than %zu bytes", number, name, most);
    return 0;
}

/* ---- what a block carries beside what people write ---- */

static bool is_id(const json_t *value)
{
    return json_is_string(value) || json_is_integer(value);
}

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool is_share(const json_t *value)
{
    return json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) <= 1;
}

static bool is_page(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= PAGE_MOST;
}

static bool is_list_of_texts(const json_t *value)
{
    const json_t *item;
    size_t i;
    json_array_foreach(value, i, item) if (!json_is_string(item)) return false;
    return json_is_array(value);
}

static bool is_box(const json_t *value)
{
    return json_is_object(value);
}

/* The machine's own fields, which clients send back as they got them: each may be null or not there. */
static int check_rest(const json_t *block, size_t number, fault_t *fault)
{
    static const struct {
        const char *name;
        bool (*is)(const json_t *value);
        const char *what;
    } rows[] = {
        {"id", is_id, "a text or a whole number"},         {"week", is_text, "a text"},
        {"confidence", is_share, "a number from 0 to 1"},  {"page", is_page, "a whole number from 0"},
        {"inferred", is_list_of_texts, "a list of texts"}, {"box", is_box, "an object"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *value = json_object_get(block, rows[i].name);
        if (value && !json_is_null(value) && !rows[i].is(value))
            return fault_set(fault, FAULT_INPUT, "timeblock %zu: %s is %s, or null", number, rows[i].name,
                             rows[i].what);
    }
    return 0;
}

static int check_block(const json_t *block, size_t number, fault_t *fault)
{
    if (!json_is_object(block))
        return fault_set(fault, FAULT_INPUT, "timeblock %zu is no object", number);
    const char *day = json_string_value(json_object_get(block, "day"));
    const char *name = json_string_value(json_object_get(block, "name"));
    if (!day || timetable_day(day) < 0)
        return fault_set(fault, FAULT_INPUT, "timeblock %zu: day is the name of a day, Monday to Sunday", number);
    if (edit_is_blank(name))
        return fault_set(fault, FAULT_INPUT, "timeblock %zu: name is needed", number);
    if (check_text(block, "name", NAME_MOST, number, fault) < 0 ||
        check_text(block, "notes", NOTES_MOST, number, fault) < 0 ||
        check_text(block, "startTime", META_MOST, number, fault) < 0 ||
        check_text(block, "endTime", META_MOST, number, fault) < 0 || check_rest(block, number, fault) < 0)
        return -1;
    const char *start = json_string_value(json_object_get(block, "startTime"));
    const char *end = json_string_value(json_object_get(block, "endTime"));
    if (start && minutes_of(start) < 0)
        return fault_set(fault, FAULT_INPUT, "timeblock %zu: startTime is \"%.40s\"; it is like 09:05", number, start);
    if (end && minutes_of(end) < 0)
        return fault_set(fault, FAULT_INPUT, "timeblock %zu: endTime is \"%.40s\"; it is like 09:50", number, end);
    if (start && end && minutes_of(end) < minutes_of(start))
        return fault_set(fault, FAULT_INPUT, "timeblock %zu ends at %.40s, before it starts at %.40s", number, end,
                         start);
    return 0;
}

static int take_blocks(const json_t *blocks, arena_t *arena, edit_t *edit, fault_t *fault)
{
    if (!json_is_array(blocks))
        return fault_set(fault, FAULT_INPUT,
                         "timeblocks is needed: an array of {day, name, startTime, endTime, notes}");
    if (json_array_size(blocks) > EDIT_BLOCKS_MOST)
        return fault_set(fault, FAULT_INPUT, "there are more than %d timeblocks", EDIT_BLOCKS_MOST);
    for (size_t i = 0; i < json_array_size(blocks); i++)
        if (check_block(json_array_get(blocks, i), i + 1, fault) < 0)
            return fault_set(fault, fault->code, "%s (timeblocks[%zu])", arena_text(arena, fault->text), i);
    char *text = json_dumps(blocks, JSON_COMPACT);
    edit->timeblocks = view_of(arena_text(arena, text));
    free(text);
    return 0;
}

/* A text of the timetable, null, or what was there before. */
static int take_text(const json_t *body, const char *name, const char *before, arena_t *arena, view_t *out,
                     fault_t *fault)
{
    const char *text;
    if (body_text(body, name, META_MOST, arena, &text, fault) < 0)
        return -1;
    *out = view_of(json_object_get(body, name) ? text : before);
    return 0;
}

static int take_year(const json_t *body, int64_t before, edit_t *edit, fault_t *fault)
{
    const json_t *value = json_object_get(body, "year");
    edit->year = value ? json_integer_value(value) : before;
    bool fits = !value || json_is_null(value) ||
                (json_is_integer(value) && edit->year >= YEAR_LEAST && edit->year <= YEAR_MOST);
    return fits ? 0 : fault_set(fault, FAULT_INPUT, "year is a number from %d to %d, or null", YEAR_LEAST, YEAR_MOST);
}

int edit_read(const buf_t *body, const timetable_row_t *before, arena_t *arena, edit_t *edit, fault_t *fault)
{
    static const timetable_row_t nothing = {0};
    const timetable_row_t *was = before ? before : &nothing;
    json_t *object = body_object(body, false, fault);
    int failed = !object ||
                 take_text(object, "teacher_name", was->teacher_name, arena, &edit->teacher_name, fault) < 0 ||
                 take_text(object, "class_name", was->class_name, arena, &edit->class_name, fault) < 0 ||
                 take_text(object, "term", was->term, arena, &edit->term, fault) < 0 ||
                 take_text(object, "school", was->school, arena, &edit->school, fault) < 0 ||
                 take_text(object, "week", was->week, arena, &edit->week, fault) < 0 ||
                 take_text(object, "saved_name", was->saved_name, arena, &edit->saved_name, fault) < 0 ||
                 take_year(object, was->year, edit, fault) < 0 ||
                 take_blocks(json_object_get(object, "timeblocks"), arena, edit, fault) < 0;
    json_decref(object);
    return failed ? -1 : 0;
}

int edit_document(const buf_t *body, arena_t *arena, view_t *document, fault_t *fault)
{
    json_t *object = body_object(body, false, fault);
    int failed = !object || take_text(object, "document_id", NULL, arena, document, fault) < 0;
    json_decref(object);
    return failed ? -1 : 0;
}
