/* column: see column.h. */
#include "column.h"
#include "entry.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_LEAST = 3, DAY_BEGINS = 6 * 60, HALF_A_DAY = 12 * 60, STACKED_MOST = 240 /* minutes of a lesson */ };

/* What a row begins with must surely be a time: "2-05" is a class. */
static const double TRUST_LEAST = 0.5;

typedef struct {
    const view_t *view;
    column_t **items;
    size_t count;
} columns_t;

static bool in_column(const label_t *a, const label_t *b)
{
    extent_t first = rect_x(a->ink), second = rect_x(b->ink);
    if (a->whole && b->whole && a->count && b->count) {
        first = rect_x(a->box), second = rect_x(b->box);
        return extent_shared(first, second) * 10 >= 8 * extent_wider(first, second);
    }
    return extent_shared(first, second) * 10 >= 6 * extent_narrower(first, second);
}

static bool is_time_row(const view_t *view, size_t i, bool whole_timed)
{
    const label_t *label = &view->labels.items[i];
    return label->timed && label->time.trust >= TRUST_LEAST && !(label->part && whole_timed) &&
           label->phrases[0]->angle == 0;
}

/* The longest column of times that are not taken; moves its labels into a new one. */
static column_t *next_column(const view_t *view, bool *taken)
{
    const labels_t *labels = &view->labels;
    column_t *best = NULL;
    for (size_t seed = 0; seed < labels->count; seed++) {
        column_t own = {.count = 0};
        bool whole_timed = false;
        if (taken[seed] || !labels->items[seed].timed)
            continue;
        for (size_t i = 0; i < labels->count && own.count < COLUMN_ROWS_MOST; i++) {
            const label_t *label = &labels->items[i];
            if (label->whole)
                whole_timed = label->timed;
            if (taken[i] || !is_time_row(view, i, whole_timed) || !in_column(&labels->items[seed], label))
                continue;
            own.x = own.count ? extent_union(own.x, rect_x(label->ink)) : rect_x(label->ink);
            own.rows[own.count++] = label;
        }
        if (own.count >= ROWS_LEAST && (!best || own.count > best->count)) {
            best = best ? best : arena_take(view->arena, sizeof *best);
            *best = own;
        }
    }
    for (size_t i = 0; best && i < labels->count; i++)
        for (size_t k = 0; k < best->count; k++)
            taken[i] = taken[i] || best->rows[k] == &labels->items[i];
    return best;
}

static int by_y(const void *a, const void *b)
{
    return (*(const label_t *const *)a)->ink.y0 - (*(const label_t *const *)b)->ink.y0;
}

static int by_x(const void *a, const void *b)
{
    return (*(column_t *const *)a)->x.lo - (*(column_t *const *)b)->x.lo;
}

extent_t column_row(const column_t *column, size_t i)
{
    const label_t *label = column->rows[i];
    if (label->whole)
        return rect_y(label->box);
    int middle = extent_middle(rect_y(label->ink)), height = extent_size(rect_y(label->ink));
    extent_t row = {middle - height, middle + height};
    if (i)
        row.lo = (extent_middle(rect_y(column->rows[i - 1]->ink)) + middle) / 2;
    if (i + 1 < column->count)
        row.hi = (extent_middle(rect_y(column->rows[i + 1]->ink)) + middle) / 2;
    if (i == 0)
        row.lo = middle - (i + 1 < column->count ? row.hi - middle : height);
    if (i + 1 == column->count)
        row.hi = middle + (i ? middle - row.lo : height);
    return row;
}

int column_level(const column_t *column, size_t row, const column_t *other)
{
    extent_t ink = rect_y(column->rows[row]->ink);
    for (size_t k = 0; k < other->count; k++)
        if (extent_shared(ink, rect_y(other->rows[k]->ink)) * 2 > extent_size(ink))
            return (int)k;
    return -1;
}

/* Whether a row and the next are the start and the end of one: close together, and further from the row after them. */
static bool are_stacked(const column_t *column, size_t i)
{
    if (i + 1 >= column->count)
        return false;
    const label_t *first = column->rows[i], *second = column->rows[i + 1];
    int height = extent_size(rect_y(first->ink)), gap = second->ink.y0 - first->ink.y1;
    int next = i + 2 < column->count ? column->rows[i + 2]->ink.y0 - second->ink.y1 : 2 * height;
    if (first->cell != second->cell || first->time.end.minute >= 0 || second->time.end.minute >= 0 || *first->rest ||
        *second->rest || gap * 2 > 3 * height || next * 2 < 3 * gap)
        return false;
    int start = timetext_minute(first->time.start, DAY_BEGINS), end = timetext_minute(second->time.start, DAY_BEGINS);
    return end > start && end - start <= STACKED_MOST;
}

/* Starts with their ends below them, in one column: "08:55" above "09:55". */
static void join_stacked(column_t *column)
{
    size_t pairs = 0, n = 0;
    for (size_t i = 0; i < column->count; i++)
        if (are_stacked(column, i))
            pairs++, i++;
    if (pairs < 2 || pairs * 2 * 10 < column->count * 8)
        return;
    for (size_t i = 0; i < column->count; i++, n++) {
        bool both = are_stacked(column, i);
        column->rows[n] = column->rows[i];
        column->ends[n] = both ? column->rows[i + 1] : NULL;
        i += both;
    }
    column->count = n;
}

static void drop(columns_t *c, size_t i)
{
    c->count--;
    memmove(&c->items[i], &c->items[i + 1], (c->count - i) * sizeof *c->items);
}

bool column_is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789"), roman = strspn(text, "IVXivx");
    size_t n = digits > roman ? digits : roman;
    return n && n <= 4 && strspn(text + n, ".):") == strlen(text + n);
}

bool column_content(const label_t *label)
{
    return !(label->day.only && label->day.trust > 0.5) && !entry_is_filler(label->text) &&
           !column_is_number(label->text) && !entry_is_length(label->text) && !label->timed;
}

/* Names between the columns and outside them: two lists side by side. */
static bool are_two_lists(const view_t *view, const column_t *starts, const column_t *ends)
{
    size_t between = 0, outside = 0;
    for (size_t r = 0; r < starts->count; r++) {
        extent_t row = column_row(starts, r);
        for (size_t k = 0; k < view->labels.count; k++) {
            const label_t *label = &view->labels.items[k];
            int middle = extent_middle(rect_x(label->ink));
            if (label->part || !extent_holds(row, extent_middle(rect_y(label->ink))) || !column_content(label))
                continue;
            between += middle > starts->x.hi && middle < ends->x.lo;
            outside += middle < starts->x.lo || middle > ends->x.hi;
        }
    }
    return between * 2 >= starts->count && outside * 2 >= starts->count;
}

/* A column of starts and a column of ends are one list. */
static bool join_ends(const view_t *view, column_t *starts, const column_t *ends)
{
    size_t found = 0;
    const label_t *match[COLUMN_ROWS_MOST] = {NULL};
    for (size_t i = 0; i < starts->count; i++) {
        int k = column_level(starts, i, ends);
        if (k < 0 || starts->ends[i] || starts->rows[i]->time.end.minute >= 0 || ends->rows[k]->time.end.minute >= 0)
            continue;
        int start = timetext_minute(starts->rows[i]->time.start, DAY_BEGINS),
            end = timetext_minute(ends->rows[k]->time.start, DAY_BEGINS);
        if (end > start && end - start < 6 * 60)
            match[i] = ends->rows[k], found++;
    }
    if (found * 10 < starts->count * 8 || found * 10 < ends->count * 8 || are_two_lists(view, starts, ends))
        return false;
    memcpy(starts->ends, match, sizeof match);
    return true;
}

static void join_columns(const view_t *view, columns_t *c)
{
    for (size_t i = 0; i + 1 < c->count; i++) {
        if (!join_ends(view, c->items[i], c->items[i + 1]))
            continue;
        c->items[i]->x = extent_union(c->items[i]->x, c->items[i + 1]->x);
        drop(c, i + 1);
    }
}

/* How long a row lasts, minutes; -1 where it has no end. */
static int lasts(const column_t *column, size_t row)
{
    timespan_t span = column->rows[row]->time;
    int start, end;
    if (column->ends[row])
        span.end = column->ends[row]->time.start;
    timetext_settle(&span, DAY_BEGINS, &start, &end);
    return end > start ? end - start : -1;
}

/* Whether a column says how long the rows of another last ("2:00" beside 9:00 and 11:00). */
static bool is_duration(const column_t *column, const column_t *of)
{
    size_t same = 0;
    for (size_t i = 0; i < column->count; i++) {
        int row = column_level(column, i, of);
        int minutes = row < 0 ? -1 : lasts(of, (size_t)row);
        int printed = timetext_minute(column->rows[i]->time.start, DAY_BEGINS);
        same += minutes >= 0 && column->rows[i]->time.end.minute < 0 && printed % HALF_A_DAY == minutes % HALF_A_DAY;
    }
    return same >= ROWS_LEAST && same * 10 >= column->count * 9;
}

static void drop_durations(columns_t *c)
{
    for (size_t i = 0; i < c->count;) {
        bool duration = false;
        for (size_t k = 0; k < c->count && !duration; k++)
            duration = k != i && is_duration(c->items[i], c->items[k]);
        duration ? drop(c, i) : (void)i++;
    }
}

size_t columns_of(const view_t *view, column_t **out)
{
    columns_t c = {view, out, 0};
    bool *taken = arena_array(view->arena, view->labels.count + 1, sizeof *taken);
    for (column_t *column; c.count < COLUMNS_MOST && (column = next_column(view, taken));) {
        qsort(column->rows, column->count, sizeof *column->rows, by_y);
        join_stacked(column);
        c.items[c.count++] = column;
    }
    qsort(c.items, c.count, sizeof *c.items, by_x);
    join_columns(view, &c);
    drop_durations(&c);
    return c.count;
}
