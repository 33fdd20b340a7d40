/* slotline: see slotline.h. */
#include "slotline.h"

#include <stdlib.h>
#include <string.h>

/* px between tables that are one. */
enum { TOUCH_MOST = 14 };

static extent_t first_band(const dayaxis_t *days)
{
    return days->bands[0].label ? rect_d_axis(days->bands[0].label->ink, days->lie) : days->bands[0].band;
}

static extent_t last_band(const dayaxis_t *days)
{
    const dayband_t *last = &days->bands[days->count - 1];
    return last->label ? rect_d_axis(last->label->ink, days->lie) : last->band;
}

bool slotline_level(const label_t *a, const label_t *b, lie_t lie)
{
    extent_t x = rect_d_axis(a->whole ? a->box : a->ink, lie), y = rect_d_axis(b->whole ? b->box : b->ink, lie);
    if (a->whole && b->whole)
        return extent_shared(x, y) * 10 >= 7 * extent_wider(x, y);
    return extent_shared(x, y) * 2 >= extent_narrower(x, y);
}

/* Cells of another table than the days' are headings only where the tables touch: a table of periods above stands
 * apart. */
static bool is_apart(const view_t *view, const dayaxis_t *days, const label_t *label)
{
    const label_t *first = NULL;
    for (size_t i = 0; i < days->count && !first; i++)
        first = days->bands[i].label;
    if (!days->celled || !first || first->cell < 0 || label->cell < 0)
        return false;
    const cell_t *own = LIST_AT(cell_t, view->page->cells, first->cell),
                 *other = LIST_AT(cell_t, view->page->cells, label->cell);
    extent_t d = rect_d_axis(rect_of(other->box), days->lie);
    extent_t body = {days->bands[0].band.lo, days->bands[days->count - 1].band.hi};
    return own->table != other->table && (body.lo - d.hi > TOUCH_MOST || d.lo - body.hi > TOUCH_MOST);
}

/* Whether a label fills a cell of a column of its own between two days: neither day's heading stands over it. */
static bool is_between(const dayaxis_t *days, const label_t *label)
{
    extent_t d = rect_d_axis(label->box, days->lie);
    for (size_t i = 0; label->whole && i + 1 < days->count; i++) {
        const label_t *before = days->bands[i].label, *after = days->bands[i + 1].label;
        if (before && after && rect_d_axis(before->ink, days->lie).hi <= d.lo &&
            rect_d_axis(after->ink, days->lie).lo >= d.hi)
            return true;
    }
    return false;
}

/* Whether a label may be a heading: on that side of the days, inside the area, beyond the names of days. */
bool slotline_may_head(const dayaxis_t *days, const label_t *label, rect_t area, side_t side)
{
    extent_t t = rect_t_axis(label->ink, days->lie), d = rect_d_axis(label->ink, days->lie);
    extent_t at = rect_t_axis(area, days->lie), ad = rect_d_axis(area, days->lie);
    int middle = extent_middle(d);
    if (!extent_holds(at, extent_middle(t)) || !extent_holds(ad, middle) || extent_middle(t) <= days->heads.hi)
        return false;
    if (side == BEHIND_DAYS)
        return middle > last_band(days).hi;
    if (side == BETWEEN_DAYS)
        return is_between(days, label);
    const dayband_t *first = &days->bands[0];
    if (days->celled && first->label && first->label->whole && label->cell >= 0 && middle >= first->band.lo)
        return false;
    return middle < first_band(days).lo + (label->whole ? 0 : 1);
}

static void add(slotline_t *row, const label_t *label, lie_t lie)
{
    if (row->count == SLOTS_MOST)
        return;
    extent_t d = rect_d_axis(label->box, lie);
    row->line = row->count ? extent_union(row->line, d) : d;
    row->items[row->count++] = label;
    row->timed += label->timed;
    row->trust += label->timed ? label->time.trust : 0;
}

/* Whether a cell holds the names of many rows, with no lines between them. */
static bool is_column_of_names(const label_t *label, rect_t area, lie_t lie)
{
    return label->whole && !label->timed && label->count >= 3 &&
           extent_size(rect_t_axis(label->box, lie)) * 2 > extent_size(rect_t_axis(area, lie));
}

/* All labels in line with a seed; parts of a cell stand for it only where the whole is no time itself. */
static void gather(const view_t *view, const dayaxis_t *days, const label_t *seed, rect_t area, side_t side,
                   slotline_t *row)
{
    *row = (slotline_t){.count = 0};
    bool whole_timed = false, row_of_parts = false;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        if (label->whole)
            whole_timed = label->timed, row_of_parts = label->row || is_column_of_names(label, area, days->lie);
        if (label->row || is_column_of_names(label, area, days->lie) || (label->part && !row_of_parts && !label->timed))
            continue;
        if ((label->part && whole_timed) || (label->whole && seed->part && !label->timed) || dayaxis_has(days, label) ||
            is_apart(view, days, label) || !slotline_may_head(days, label, area, side) ||
            !slotline_level(seed, label, days->lie))
            continue;
        if (label->whole && !label->timed && i + 1 < view->labels.count && view->labels.items[i + 1].part &&
            view->labels.items[i + 1].timed)
            continue; /* several headings in one cell: its parts come next */
        add(row, label, days->lie);
    }
}

static int head_middle(const dayaxis_t *days, size_t i)
{
    const dayband_t *band = &days->bands[i];
    return extent_middle(rect_d_axis(band->label ? band->label->ink : band->box, days->lie));
}

/* Labels with times in the table that stand about `at` along the day axis. */
static size_t timed_about(const view_t *view, const dayaxis_t *days, rect_t area, int at, int reach)
{
    size_t timed = 0;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        int t = extent_middle(rect_t_axis(label->ink, days->lie));
        timed += label->timed && extent_holds(rect_t_axis(area, days->lie), t) && t > days->heads.hi &&
                 abs(extent_middle(rect_d_axis(label->ink, days->lie)) - at) < reach;
    }
    return timed;
}

/* Whether times stand under the other days just as a row of them stands under its nearest: they are the days' own. */
static bool repeats_under_days(const view_t *view, const dayaxis_t *days, rect_t area, const slotline_t *row)
{
    size_t like = 0, own = 0;
    int pitch = head_middle(days, 1) - head_middle(days, 0), middle = 0;
    for (size_t i = 0; i < row->count; i++)
        middle += extent_middle(rect_d_axis(row->items[i]->ink, days->lie));
    middle /= (int)row->count;
    for (size_t i = 1; i < days->count; i++)
        if (abs(head_middle(days, i) - middle) < abs(head_middle(days, own) - middle))
            own = i;
    int offset = middle - head_middle(days, own);
    if (abs(offset) * 10 > 6 * pitch)
        return false;
    for (size_t i = 0; i < days->count; i++)
        like += i != own && timed_about(view, days, area, head_middle(days, i) + offset, pitch / 4) * 2 >= row->timed;
    return like * 10 >= (days->count - 1) * 6;
}

/* Marks a row that was judged, so that its other labels are no seeds of the same. */
static void spend(const view_t *view, const slotline_t *row, bool *spent)
{
    for (size_t k = 0; k < row->count; k++)
        spent[row->items[k] - view->labels.items] = true;
}

bool slotline_times(const view_t *view, const dayaxis_t *days, rect_t area, slotline_t *best)
{
    bool *spent = arena_array(view->arena, view->labels.count + 1, sizeof *spent); /* of rows that are the days' own */
    *best = (slotline_t){.count = 0};
    for (side_t side = BEFORE_DAYS; side <= BETWEEN_DAYS && best->timed < 2; side++)
        for (size_t i = 0; i < view->labels.count; i++) {
            const label_t *seed = &view->labels.items[i];
            slotline_t row;
            if (!seed->timed || spent[i] || !slotline_may_head(days, seed, area, side) || dayaxis_has(days, seed) ||
                is_apart(view, days, seed))
                continue;
            gather(view, days, seed, area, side, &row);
            if (row.timed < 2 || row.trust <= best->trust + 0.01)
                continue;
            if (!repeats_under_days(view, days, area, &row))
                *best = row;
            else
                spend(view, &row, spent);
        }
    return best->timed >= 2;
}

/* Without times: the line of print nearest to the first day. */
bool slotline_names(const view_t *view, const dayaxis_t *days, rect_t area, slotline_t *best)
{
    *best = (slotline_t){.count = 0};
    int best_at = 0;
    bool *spent = arena_array(view->arena, view->labels.count + 1, sizeof *spent);
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *seed = &view->labels.items[i];
        slotline_t row;
        if (spent[i] || !slotline_may_head(days, seed, area, BEFORE_DAYS) || dayaxis_has(days, seed) ||
            is_apart(view, days, seed))
            continue;
        gather(view, days, seed, area, BEFORE_DAYS, &row);
        int at = extent_middle(rect_d_axis(seed->ink, days->lie));
        if (row.count < 2 ||
            !(best->count == 0 || row.count > best->count || (row.count == best->count && at > best_at)))
            continue;
        if (row.timed < 2 || !repeats_under_days(view, days, area, &row))
            *best = row, best_at = at;
        else
            spend(view, &row, spent);
    }
    return best->count >= 2;
}

/* Print in line with the times but before the first or behind the last of them, and not in a cell, heads no slot. */
void slotline_trim(slotline_t *row, lie_t lie)
{
    while (row->count && !row->items[row->count - 1]->timed && row->items[row->count - 1]->cell < 0)
        row->count--;
    size_t n = 0;
    while (n < row->count && !row->items[n]->timed && row->items[n]->cell < 0)
        n++;
    memmove(row->items, row->items + n, (row->count - n) * sizeof *row->items);
    row->count -= n;
    row->line = row->count ? rect_d_axis(row->items[0]->box, lie) : row->line;
    for (size_t i = 1; i < row->count; i++)
        row->line = extent_union(row->line, rect_d_axis(row->items[i]->box, lie));
}
