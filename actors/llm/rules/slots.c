/* slots: see slots.h. */
#include "slots.h"
#include "cuts.h"
#include "proto/base/text.h"
#include "slotline.h"
#include "slotmend.h"
#include "slottime.h"
#include "vocabulary.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Behind the marks that make a number an ordinal ("1st", "2º", "3ème"), folded. */
static const char *skip_ordinal(const char *at)
{
    static const char *const marks[] = {"st",  "nd", "rd", "th", "ste", "te", "de", "e",  "er", "re", "ere",
                                        "eme", "me", "a",  "o",  "ta",  "to", "na", "da", "ra", "va"};
    size_t length = strcspn(at, " ");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i]) == length && strncmp(at, marks[i], length) == 0)
            return at + length;
    return at;
}

bool slots_is_number(const char *name)
{
    char plain[96];
    text_plain(name, plain, sizeof plain);
    const char *at = plain;
    size_t took = 0;
    if (vocabulary_prefix("period", at, &took) >= 0)
        at += took;
    while (*at == ' ')
        at++;
    if (!*at)
        return true;
    size_t roman = strspn(at, "ivx"), digits = strspn(at, "0123456789");
    size_t n = roman > digits ? roman : digits;
    if (n == 0 && isalpha((unsigned char)at[0]) && isdigit((unsigned char)at[1])) /* "P3", "L1" */
        n = 1 + strspn(at + 1, "0123456789");
    if (!n)
        return false;
    at = skip_ordinal(at + n);
    return !*at || (*at == ' ' && vocabulary_find("period", at + 1) >= 0); /* "1st period", "2. Stunde" */
}

static int by_place(const void *left, const void *right, void *lie)
{
    extent_t a = rect_t_axis((*(const label_t *const *)left)->ink, *(lie_t *)lie);
    extent_t b = rect_t_axis((*(const label_t *const *)right)->ink, *(lie_t *)lie);
    return extent_middle(a) - extent_middle(b);
}

/* Cells of the headings' line that hold no print are headings too. */
static void add_empty(const view_t *view, const dayaxis_t *days, rect_t area, const slotline_t *row, slots_t *slots)
{
    extent_t at = rect_t_axis(area, days->lie);
    for (size_t c = 0; c < view->page->cells.count && slots->count < SLOTS_MOST; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, view->page->cells, c)->box);
        extent_t t = rect_t_axis(box, days->lie), d = rect_d_axis(box, days->lie);
        bool taken = extent_shared(d, row->line) * 10 < 7 * extent_size(row->line) ||
                     !extent_holds(at, extent_middle(t)) || extent_middle(t) <= days->heads.hi;
        for (size_t i = 0; i < slots->count && !taken; i++)
            taken = extent_shared(slots->items[i].place, t) > 2;
        for (size_t i = 0; i < view->labels.count && !taken; i++)
            taken = view->labels.items[i].cell == (int)c;
        if (taken)
            continue;
        slots->items[slots->count++] = (slot_t){.place = t, .ink = t, .start = instant_none(), .end = instant_none()};
    }
}

static int by_slot(const void *a, const void *b)
{
    return ((const slot_t *)a)->place.lo - ((const slot_t *)b)->place.lo;
}

/* The cell of a heading that shares it with the body alone: its row is the slot's. NULL for none. */
static const cell_t *own_cell(const view_t *view, const slots_t *slots, size_t i, lie_t lie)
{
    const label_t *label = slots->items[i].label;
    if (!label || label->cell < 0)
        return NULL;
    const cell_t *cell = LIST_AT(cell_t, view->page->cells, label->cell);
    for (size_t k = 0; k < slots->count; k++)
        if (k != i && slots->items[k].label && slots->items[k].label->cell == label->cell)
            return NULL;
    return extent_size(rect_t_axis(rect_of(cell->box), lie)) < 8 * extent_size(slots->items[i].ink) + 40 ? cell : NULL;
}

/* Where the last slot ends that fills no cell: with the cells of the body, else half a slot on. */
static int last_edge(const view_t *view, const dayaxis_t *days, const slots_t *slots)
{
    const slot_t *last = &slots->items[slots->count - 1];
    int width = slots->count > 1 ? extent_size(slots->items[slots->count - 2].place) : 2 * extent_size(last->ink);
    int best = last->ink.hi + width / 2;
    extent_t body = {days->bands[0].band.lo, days->bands[days->count - 1].band.hi};
    for (size_t c = 0; c < view->page->cells.count; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, view->page->cells, c)->box);
        extent_t t = rect_t_axis(box, days->lie);
        if (extent_shared(rect_d_axis(box, days->lie), body) > 0 && t.lo < last->ink.hi && t.hi >= last->ink.hi &&
            t.hi < last->ink.hi + 2 * width)
            best = t.hi;
    }
    return best;
}

/* Headings that do not fill cells reach to cuts between them. */
static void place_slots(const view_t *view, const dayaxis_t *days, slots_t *slots)
{
    lie_t lie = days->lie;
    extent_t body = {days->bands[0].band.lo, days->bands[days->count - 1].band.hi};
    bool drawn = true;
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        const cell_t *cell = own_cell(view, slots, i, lie);
        if (!slot->label || (slot->label->whole && !slot->label->part))
            continue;
        if (cell) {
            slot->place = rect_t_axis(rect_of(cell->box), lie);
            continue;
        }
        drawn = false;
        int lo = i ? slots->items[i - 1].ink.hi : days->heads.hi;
        int hi = i + 1 < slots->count ? slots->items[i + 1].ink.lo : slot->ink.hi;
        rect_t zone = rect_from((extent_t){lo, hi}, extent_union(body, slots->heads), lie);
        slot->place.lo =
            i == 0 ? cut_between(view, zone, lie, true, days->heads.hi, slot->ink.lo) : slots->items[i - 1].place.hi;
        slot->place.hi = i + 1 < slots->count
                             ? cut_between(view, zone, lie, true, slot->ink.hi, slots->items[i + 1].ink.lo)
                             : last_edge(view, days, slots);
    }
    slots->celled = drawn;
}

/* Print between the times and the first day: what takes place there every day, or a name for the slot. */
static void add_routines(const view_t *view, const dayaxis_t *days, rect_t area, slots_t *slots)
{
    size_t routines = 0, numbers = 0;
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        for (size_t j = 0; j < view->labels.count; j++) {
            const label_t *label = &view->labels.items[j];
            extent_t t = rect_t_axis(label->box, days->lie), d = rect_d_axis(label->ink, days->lie);
            if (label == slot->label || (label->timed && !*label->rest) || label->part || dayaxis_has(days, label) ||
                extent_middle(d) > days->bands[0].band.lo + 2 || !slotline_may_head(days, label, area, BEFORE_DAYS) ||
                extent_middle(d) < slots->heads.hi ||
                extent_shared(t, slot->place) * 10 < 7 * extent_size(slot->place) ||
                extent_size(t) * 10 > 13 * extent_size(slot->place) || !label->whole)
                continue;
            slot->routine = label->text;
            slots_is_number(label->text) ? numbers++ : routines++;
        }
    }
    bool keep = routines >= 2 && routines > numbers;
    for (size_t i = 0; i < slots->count; i++) {
        if (slots->items[i].routine && !slots->items[i].name)
            slots->items[i].name = slots->items[i].routine;
        if (!keep)
            slots->items[i].routine = NULL;
    }
}

/* Whether a heading without a time among headings with times says that what stands there is none of the day's: "Total",
 * "Signature". */
static bool is_foreign(const slots_t *slots, const slot_t *slot)
{
    int entry = slots->timed && slot->name && !slot->label->timed ? vocabulary_find("furniture", slot->name) : -1;
    return entry >= 0 && strcmp(vocabulary_name("furniture", entry), "timetable") != 0 &&
           vocabulary_find("routine", slot->name) < 0 && vocabulary_find("subject", slot->name) < 0;
}

slots_t slots_of(const view_t *view, const dayaxis_t *days, rect_t area, const periods_t *periods)
{
    slots_t slots = {.celled = true};
    slotline_t row;
    lie_t lie = days->lie;
    slots.timed = slotline_times(view, days, area, &row);
    if (!slots.timed && !slotline_names(view, days, area, &row))
        return slots;
    qsort_r(row.items, row.count, sizeof *row.items, by_place, &lie);
    if (slots.timed)
        slotline_trim(&row, lie);
    slots.items = arena_array(view->arena, SLOTS_MOST, sizeof *slots.items);
    slots.heads = row.line;
    for (size_t i = 0; i < row.count; i++) {
        const label_t *label = row.items[i];
        slot_t slot = {.place = rect_t_axis(label->box, lie), .ink = rect_t_axis(label->ink, lie), .label = label};
        slot.start = slot.end = instant_none();
        const char *name = label->timed ? label->rest : label->text;
        slot.name = *name ? name : NULL;
        slot.foreign = is_foreign(&slots, &slot);
        slots.celled = slots.celled && label->whole;
        slots.items[slots.count++] = slot;
    }
    if (slots.celled)
        add_empty(view, days, area, &row, &slots);
    qsort(slots.items, slots.count, sizeof *slots.items, by_slot);
    place_slots(view, days, &slots);
    slottime_read(view, &slots);
    slottime_second_line(view, days, area, &slots);
    if (view_is_read(view))
        slotmend(&slots);
    slottime_drop_strays(&slots);
    if (periods->count)
        slottime_from_periods(view, periods, &slots);
    add_routines(view, days, area, &slots);
    if (!slots.timed && periods->count) /* names above or below the numbers may stand in the table of periods too */
        slottime_from_periods(view, periods, &slots);
    slottime_fill(&slots);
    return slots;
}
