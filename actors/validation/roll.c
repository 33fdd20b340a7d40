/* roll: see roll.h. */
#include "roll.h"

#include "normal.h"

#include <stdlib.h>
#include <string.h>

/* Orders texts, NULL first. */
static int compare_texts(const char *a, const char *b)
{
    return !a || !b ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

static int compare_slots(const void *left, const void *right)
{
    const slot_t *a = left, *b = right;
    int week = compare_texts(a->block->week, b->block->week);
    if (week)
        return week;
    if (a->day != b->day)
        return a->day - b->day;
    if (a->start != b->start)
        return a->start - b->start;
    if (a->end != b->end)
        return a->end - b->end;
    return (a->place > b->place) - (a->place < b->place);
}

static void fill_slots(timetable_t *timetable, slot_t *slots, size_t place)
{
    for (size_t b = 0; b < timetable->timeblocks.count; b++) {
        timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, b);
        slots[b] = (slot_t){block, normal_day(block->day), normal_minutes(block->start_time),
                            normal_minutes(block->end_time), place + b};
    }
    if (timetable->timeblocks.count)
        qsort(slots, timetable->timeblocks.count, sizeof *slots, compare_slots);
}

static sheet_t *add_sheet(arena_t *arena, list_t *sheets, timetable_t *timetable)
{
    sheet_t *sheet = list_push(arena, sheets, sizeof *sheet);
    sheet->timetable = timetable;
    return sheet;
}

/* Cuts a timetable's sorted slots into weeks and these into days. */
static void cut(arena_t *arena, list_t *sheets, timetable_t *timetable, slot_t *slots)
{
    size_t count = timetable->timeblocks.count;
    list_t days = {0};
    sheet_t *sheet = add_sheet(arena, sheets, timetable);
    for (size_t i = 0; i < count; i++) {
        bool new_week = i && compare_texts(slots[i].block->week, slots[i - 1].block->week) != 0;
        if (new_week) {
            sheet = add_sheet(arena, sheets, timetable);
            days = (list_t){0};
        }
        if (i == 0 || new_week || slots[i].day != slots[i - 1].day)
            *(roll_day_t *)list_push(arena, &days, sizeof(roll_day_t)) = (roll_day_t){slots[i].day, &slots[i], 0};
        LIST_AT(roll_day_t, days, days.count - 1)->count++;
        sheet->days = days.items;
        sheet->count = days.count;
    }
}

roll_t roll_call(dossier_t *dossier)
{
    list_t sheets = {0};
    size_t place = 0;
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        slot_t *slots = arena_array(dossier->arena, timetable->timeblocks.count, sizeof *slots);
        fill_slots(timetable, slots, place);
        cut(dossier->arena, &sheets, timetable, slots);
        place += timetable->timeblocks.count;
    }
    return (roll_t){sheets.items, sheets.count, place};
}

bool slot_is_timed(const slot_t *slot)
{
    return slot->start >= 0 && slot->end >= 0;
}

bool slot_overlaps(const slot_t *a, const slot_t *b)
{
    return slot_is_timed(a) && slot_is_timed(b) && a->start < b->end && b->start < a->end;
}
