/* crossplan: see crossplan.h. */
#include "crossplan.h"
#include "entry.h"
#include "owner.h"
#include "slots.h"
#include "spelt.h"

#include <stdlib.h>
#include <string.h>

/* Most periods of a week and most rows: seven days of twelve, a school of a hundred teachers. Least of a day and of a
 * table. */
enum { COLUMNS_MOST = 96, ROWS_MOST = 128, EACH_LEAST = 2, ROWS_LEAST = 2, DAY_BEGINS = 6 * 60 };

/* One period of one day. */
typedef struct {
    const label_t *label;
    size_t band;
    instant_t start, end;
} period_column_t;

typedef struct {
    const view_t *view;
    const dayaxis_t *days;
    period_column_t columns[COLUMNS_MOST];
    size_t column_count;
    const label_t *rows[ROWS_MOST];
    owner_t owners[ROWS_MOST]; /* of the rows */
    size_t row_count;
    int bottom; /* px where the headings end */
} plan_t;

static int band_at(const plan_t *p, int x)
{
    for (size_t i = 0; i < p->days->count; i++)
        if (extent_holds(p->days->bands[i].band, x))
            return (int)i;
    return -1;
}

static int by_x(const void *a, const void *b)
{
    return ((const period_column_t *)a)->label->box.x0 - ((const period_column_t *)b)->label->box.x0;
}

/* The row of cells directly below the days: every one a number of a period or a time, and as many below each day. */
static bool find_columns(plan_t *p)
{
    size_t each[DAY_COUNT * 2] = {0};
    int top = p->days->heads.hi;
    for (size_t i = 0; i < p->view->labels.count; i++) {
        const label_t *label = &p->view->labels.items[i];
        int band = band_at(p, extent_middle(rect_x(label->box)));
        if (!label->whole || band < 0 || (size_t)band >= sizeof each / sizeof *each || label->box.y0 < top - 4 ||
            label->box.y0 > top + 8)
            continue;
        bool number = label->timed || slots_is_number(label->text);
        if (!number || p->column_count == COLUMNS_MOST)
            return false;
        p->columns[p->column_count++] = (period_column_t){.label = label, .band = (size_t)band};
        p->bottom = label->box.y1 > p->bottom ? label->box.y1 : p->bottom;
        each[band]++;
    }
    for (size_t b = 0; b < p->days->count; b++)
        if (b >= sizeof each / sizeof *each || each[b] < EACH_LEAST)
            return false;
    qsort(p->columns, p->column_count, sizeof *p->columns, by_x);
    return true;
}

static bool find_rows(plan_t *p)
{
    const owners_t *owners = owners_of(p->view);
    for (size_t i = 0; i < p->view->labels.count && p->row_count < ROWS_MOST; i++) {
        const label_t *label = &p->view->labels.items[i];
        owner_t owner = owner_at(owners, label, DAYS_ARE_ROWS);
        if (label->box.y0 < p->bottom - 4 || label->box.x1 > p->days->bands[0].band.lo + 4 || owner == OWNER_NONE)
            continue;
        p->owners[p->row_count] = owner;
        p->rows[p->row_count++] = label;
    }
    return p->row_count >= ROWS_LEAST;
}

static instant_t instant_at(const plan_t *p, int minute, origin_t origin, const label_t *label)
{
    const char *why = arena_format(p->view->arena, "the period '%s'", label_line(p->view->arena, label->text));
    return (instant_t){
        .minute = minute, .origin = minute < 0 ? FROM_NOTHING : origin, .why = why, .read = label->confidence};
}

/* The times of each day's periods: their own, or the table of periods'. */
static void find_times(plan_t *p, const periods_t *periods)
{
    const char *names[COLUMNS_MOST];
    int found[COLUMNS_MOST];
    for (size_t from = 0, n; from < p->column_count; from += n) {
        for (n = 0; from + n < p->column_count && p->columns[from + n].band == p->columns[from].band; n++)
            names[n] = p->columns[from + n].label->text;
        periods_match(periods, names, n, found);
        for (size_t i = 0; i < n; i++) {
            period_column_t *column = &p->columns[from + i];
            int start = -1, end = -1;
            if (column->label->timed)
                timetext_settle(&column->label->time, DAY_BEGINS, &start, &end);
            else if (found[i] >= 0)
                start = periods->items[found[i]].start, end = periods->items[found[i]].end;
            origin_t origin = column->label->timed ? FROM_HEADING : FROM_PERIODS;
            column->start = instant_at(p, start, origin, column->label);
            column->end = instant_at(p, end, origin, column->label);
        }
    }
}

static bool covers(extent_t cell, extent_t place)
{
    return extent_shared(cell, place) * 2 > extent_size(place);
}

static void push_block(const plan_t *p, const label_t *cell, size_t row, size_t first, size_t last, drafts_t *out)
{
    const dayband_t *band = &p->days->bands[p->columns[first].band];
    entry_t entry = entry_read(p->view, cell->phrases, cell->count);
    const char *name = *entry.name ? entry.name : entry.notes;
    if (!name || entry_is_filler(name))
        return;
    bool teacher = p->owners[row] == OWNER_TEACHER;
    const char *owner = label_line(p->view->arena, p->rows[row]->text);
    for (int day = 0; day < DAY_COUNT; day++) {
        if (!(band->days & 1u << day))
            continue;
        draft_t *draft = drafts_push(p->view->arena, out);
        draft->day = day;
        draft->day_read = band->read;
        draft->day_why = "the heading over its period";
        draft->start = p->columns[first].start, draft->end = p->columns[last].end;
        draft->name = spelt_word(p->view->arena, label_line(p->view->arena, name));
        draft->notes = *entry.name ? entry.notes : NULL;
        draft->notes_split = entry.split;
        draft->name_why = entry.why;
        draft->teacher = teacher ? owner : NULL;
        draft->class_name = teacher ? NULL : owner;
        draft->box = cell->box;
        draft->page = p->view->page->number;
        draft->cell = cell->cell;
        draft->read = entry.read, draft->read_mean = entry.read_mean;
        draft->edges = 1;
        draft->heading_minutes = -1;
    }
}

/* A cell's block on each day and for each row that it covers. */
static void push_cell(const plan_t *p, const label_t *cell, drafts_t *out)
{
    for (size_t r = 0; r < p->row_count; r++) {
        if (!covers(rect_y(cell->box), rect_y(p->rows[r]->box)))
            continue;
        for (size_t c = 0; c < p->column_count;) {
            size_t last = c;
            if (!covers(rect_x(cell->box), rect_x(p->columns[c].label->box))) {
                c++;
                continue;
            }
            while (last + 1 < p->column_count && p->columns[last + 1].band == p->columns[c].band &&
                   covers(rect_x(cell->box), rect_x(p->columns[last + 1].label->box)))
                last++;
            push_block(p, cell, r, c, last, out);
            c = last + 1;
        }
    }
}

static void mark_used(const plan_t *p, bool *used)
{
    for (size_t i = 0; used && i < p->view->labels.count; i++) {
        const label_t *label = &p->view->labels.items[i];
        used[i] =
            used[i] || dayaxis_has(p->days, label) || (label->cell >= 0 && label->box.y0 >= p->days->heads.hi - 4);
    }
}

drafts_t crossplan_read(const view_t *view, const dayaxis_t *days, const periods_t *periods, bool *used)
{
    drafts_t out = {0};
    plan_t *p = arena_take(view->arena, sizeof *p);
    *p = (plan_t){.view = view, .days = days};
    if (days->lie != DAYS_ARE_COLUMNS || !days->celled || days->classes || days->count < 2 || !find_columns(p) ||
        !find_rows(p))
        return out;
    find_times(p, periods);
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        if (label->whole && label->box.y0 >= p->bottom - 4)
            push_cell(p, label, &out);
    }
    if (out.count)
        mark_used(p, used);
    return out;
}
