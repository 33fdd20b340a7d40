/* form_week: see form_week.h. */
#include "form_week.h"

#include "form_words.h"

#include <stdlib.h>
#include <string.h>

/* A block on its way to a cell. */
typedef struct {
    const timeblock_t *block; /* itself */
    int day;                  /* column */
    int start, end;           /* minutes, -1 unknown */
    int row, last;            /* rows it covers */
    size_t place;             /* in the timetable, to keep ties in order */
} item_t;

static int by_day_and_row(const void *a, const void *b)
{
    const item_t *x = a, *y = b;
    if (x->day != y->day)
        return x->day - y->day;
    if (x->row != y->row)
        return x->row - y->row;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Columns: the weekdays that occur, in order, then other names as they come. */
static void find_days(arena_t *arena, week_t *week, const timetable_t *timetable, item_t *items, size_t count)
{
    bool seen[TIMETABLE_DAYS] = {false};
    int column[TIMETABLE_DAYS] = {0};
    for (size_t i = 0; i < count; i++)
        if (timetable_day(items[i].block->day) >= 0)
            seen[timetable_day(items[i].block->day)] = true;
    for (int d = 0; d < TIMETABLE_DAYS; d++)
        if (seen[d]) {
            column[d] = week->day_count;
            week->days[week->day_count++] = timetable_days[d];
        }
    int weekdays = week->day_count;
    for (size_t i = 0; i < count; i++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, i);
        int day = timetable_day(block->day), at = weekdays;
        if (day >= 0) {
            items[i].day = column[day];
            continue;
        }
        const char *name = block->day ? form_clean(arena, block->day) : "No day";
        while (at < week->day_count && strcmp(week->days[at], name) != 0)
            at++;
        if (at == week->day_count && at < WEEK_DAYS_MOST)
            week->days[week->day_count++] = name;
        items[i].day = at < WEEK_DAYS_MOST ? at : WEEK_DAYS_MOST - 1;
    }
}

/* Rows: the distinct starts. */
static void find_rows(arena_t *arena, week_t *week, const item_t *items, size_t count)
{
    int *starts = arena_array(arena, count + 1, sizeof *starts);
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].start >= 0)
            starts[known++] = items[i].start;
    qsort(starts, known, sizeof *starts, by_number);
    week->rows = arena_array(arena, known + 1, sizeof *week->rows);
    for (size_t i = 0; i < known; i++)
        if (i == 0 || starts[i] != starts[i - 1])
            week->rows[week->row_count++] = (week_row_t){.start = starts[i], .end = -1};
    if (known < count)
        week->rows[week->row_count++] = (week_row_t){.start = -1, .end = -1};
}

static void place(const week_t *week, item_t *item)
{
    if (item->start < 0) {
        item->row = item->last = week->row_count - 1;
        return;
    }
    while (week->rows[item->row].start != item->start)
        item->row++;
    item->last = item->row;
    while (item->last + 1 < week->row_count && week->rows[item->last + 1].start >= 0 &&
           week->rows[item->last + 1].start < item->end)
        item->last++;
}

/* What most blocks that start in a row say about its end. */
static void name_row(week_t *week, int row, const item_t *items, size_t count)
{
    week_row_t *heading = &week->rows[row];
    size_t best = 0, total = 0, start_inferred = 0, end_inferred = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].row != row)
            continue;
        size_t same = 0;
        for (size_t k = 0; k < count; k++)
            same += items[k].row == row && items[k].last == row && items[k].end == items[i].end;
        if (items[i].end > heading->start && same > best) {
            best = same;
            heading->end = items[i].end;
        }
        total++;
        start_inferred += form_inferred(items[i].block, "startTime");
        end_inferred += form_inferred(items[i].block, "endTime");
    }
    heading->start_inferred = start_inferred * 2 > total;
    heading->end_inferred = end_inferred * 2 > total;
}

static void add_cell(week_t *week, int day, int row, int last, const timeblock_t *const *blocks, size_t count)
{
    week->cells[week->cell_count++] =
        (week_cell_t){.day = day, .days = 1, .row = row, .rows = last - row + 1, .blocks = blocks, .count = count};
}

/* The cells of one day, and free places between them. items: of this day, by row. */
static void fill_day(arena_t *arena, week_t *week, int day, const item_t *items, size_t count)
{
    int row = 0;
    for (size_t i = 0; i < count;) {
        int last = items[i].last;
        size_t n = 1;
        while (i + n < count && items[i + n].row <= last) {
            last = items[i + n].last > last ? items[i + n].last : last;
            n++;
        }
        const timeblock_t **blocks = arena_array(arena, n, sizeof(void *));
        for (size_t k = 0; k < n; k++)
            blocks[k] = items[i + k].block;
        if (items[i].row > row)
            add_cell(week, day, row, items[i].row - 1, NULL, 0);
        add_cell(week, day, items[i].row, last, blocks, n);
        row = last + 1;
        i += n;
    }
    if (row < week->row_count)
        add_cell(week, day, row, week->row_count - 1, NULL, 0);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Two cells that show the same. */
static bool alike(const dossier_t *dossier, const week_cell_t *a, const week_cell_t *b)
{
    if (a->row != b->row || a->rows != b->rows || a->count != 1 || b->count != 1)
        return false;
    const timeblock_t *x = a->blocks[0], *y = b->blocks[0];
    return same_text(x->name, y->name) && same_text(x->notes, y->notes) && same_text(x->start_time, y->start_time) &&
           same_text(x->end_time, y->end_time) && same_text(x->week, y->week) &&
           form_uncertain(dossier, x) == form_uncertain(dossier, y);
}

/* Makes one cell of a row that is the same every day (registration, break, lunch). */
static void merge_rows(const dossier_t *dossier, week_t *week)
{
    for (size_t i = 0; i < week->cell_count && week->cells[i].day == 0; i++) {
        size_t found[WEEK_DAYS_MOST];
        int same = 1;
        for (size_t k = i + 1; k < week->cell_count; k++)
            if (week->cells[k].day == same && alike(dossier, &week->cells[i], &week->cells[k]))
                found[same++] = k;
        if (same < week->day_count || same == 1)
            continue;
        week->cells[i].days = same;
        for (int k = same - 1; k > 0; k--) {
            memmove(&week->cells[found[k]], &week->cells[found[k] + 1],
                    (week->cell_count - found[k] - 1) * sizeof *week->cells);
            week->cell_count--;
        }
    }
}

week_t *week_new(arena_t *arena, const dossier_t *dossier, const timetable_t *timetable)
{
    week_t *week = arena_take(arena, sizeof *week);
    size_t count = timetable->timeblocks.count;
    item_t *items = arena_array(arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, i);
        items[i] = (item_t){
            .block = block, .start = form_minutes(block->start_time), .end = form_minutes(block->end_time), .place = i};
    }
    find_days(arena, week, timetable, items, count);
    week->columns = arena_array(arena, count + 1, sizeof *week->columns);
    for (size_t i = 0; i < count; i++)
        week->columns[i] = items[i].day;
    find_rows(arena, week, items, count);
    for (size_t i = 0; i < count; i++)
        place(week, &items[i]);
    for (int row = 0; row < week->row_count; row++)
        name_row(week, row, items, count);
    qsort(items, count, sizeof *items, by_day_and_row);
    /* at most a cell and a free place behind it for each block, and one free place a day */
    week->cells = arena_array(arena, count * 2 + WEEK_DAYS_MOST, sizeof *week->cells);
    for (size_t i = 0, n; i < count || i == 0; i += n) {
        for (n = 0; i + n < count && items[i + n].day == items[i].day;)
            n++;
        if (n)
            fill_day(arena, week, items[i].day, items + i, n);
        week->busiest = (int)n > week->busiest ? (int)n : week->busiest;
        if (i + n >= count)
            break;
    }
    merge_rows(dossier, week);
    return week;
}

bool week_needs_time(const week_t *week, const week_cell_t *cell, const timeblock_t *block)
{
    int start = form_minutes(block->start_time), end = form_minutes(block->end_time);
    const week_row_t *first = &week->rows[cell->row], *last = &week->rows[cell->row + cell->rows - 1];
    if (start < 0)
        return end >= 0;
    int next = cell->row + cell->rows < week->row_count ? week->rows[cell->row + cell->rows].start : -1;
    bool end_said = end == last->end || (cell->rows > 1 && end >= 0 && end == next);
    return start != first->start || !end_said || form_inferred(block, "startTime") != first->start_inferred ||
           (cell->rows == 1 && form_inferred(block, "endTime") != last->end_inferred);
}
