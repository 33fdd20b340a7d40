/* slots: see slots.h. */
#include "slots.h"
#include "cuts.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Most headings of one axis: half-hours of a day are 48. */
enum { SLOTS_MOST = 96, DAY_BEGINS = 6 * 60, EVENING = 21 * 60, TOUCH_MOST = 14 /* px between tables that are one */ };

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
    at += n;
    if (n && (strcmp(at, "st") == 0 || strcmp(at, "nd") == 0 || strcmp(at, "rd") == 0 || strcmp(at, "th") == 0 ||
              strncmp(at, "st ", 3) == 0 || strncmp(at, "nd ", 3) == 0 || strncmp(at, "rd ", 3) == 0 ||
              strncmp(at, "th ", 3) == 0))
        at += strlen(at) > 2 && vocabulary_find("period", at + 3) >= 0 ? strlen(at) : 2;
    return n && !*at;
}

/* Print of which no digit is doubted. */
static const double READ_WELL = 0.8;

/* Headings in one line. */
typedef struct {
    const label_t *items[SLOTS_MOST];
    size_t count, timed;
    double trust;
    extent_t line; /* px along the day axis */
} row_t;

static extent_t first_band(const dayaxis_t *days)
{
    return days->bands[0].label ? rect_d_axis(days->bands[0].label->ink, days->lie) : days->bands[0].band;
}

static extent_t last_band(const dayaxis_t *days)
{
    const dayband_t *last = &days->bands[days->count - 1];
    return last->label ? rect_d_axis(last->label->ink, days->lie) : last->band;
}

static bool in_row(const label_t *a, const label_t *b, lie_t lie)
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

/* Where headings are looked for along the day axis. */
typedef enum { BEFORE_DAYS, BEHIND_DAYS, BETWEEN_DAYS } side_t;

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
static bool may_head(const dayaxis_t *days, const label_t *label, rect_t area, side_t side)
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

static void add(row_t *row, const label_t *label, lie_t lie)
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
static void gather(const view_t *view, const dayaxis_t *days, const label_t *seed, rect_t area, side_t side, row_t *row)
{
    *row = (row_t){.count = 0};
    bool whole_timed = false, row_of_parts = false;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        if (label->whole)
            whole_timed = label->timed, row_of_parts = label->row || is_column_of_names(label, area, days->lie);
        if (label->row || is_column_of_names(label, area, days->lie) || (label->part && !row_of_parts && !label->timed))
            continue;
        if ((label->part && whole_timed) || (label->whole && seed->part && !label->timed) || dayaxis_has(days, label) ||
            is_apart(view, days, label) || !may_head(days, label, area, side) || !in_row(seed, label, days->lie))
            continue;
        if (label->whole && !label->timed && i + 1 < view->labels.count && view->labels.items[i + 1].part &&
            view->labels.items[i + 1].timed)
            continue; /* several headings in one cell: its parts come next */
        add(row, label, days->lie);
    }
}

static int by_place(const void *left, const void *right, void *lie)
{
    extent_t a = rect_t_axis((*(const label_t *const *)left)->ink, *(lie_t *)lie);
    extent_t b = rect_t_axis((*(const label_t *const *)right)->ink, *(lie_t *)lie);
    return extent_middle(a) - extent_middle(b);
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
static bool repeats_under_days(const view_t *view, const dayaxis_t *days, rect_t area, const row_t *row)
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
static void spend(const view_t *view, const row_t *row, bool *spent)
{
    for (size_t k = 0; k < row->count; k++)
        spent[row->items[k] - view->labels.items] = true;
}

static bool best_times(const view_t *view, const dayaxis_t *days, rect_t area, row_t *best)
{
    bool *spent = arena_array(view->arena, view->labels.count + 1, sizeof *spent); /* of rows that are the days' own */
    *best = (row_t){.count = 0};
    for (side_t side = BEFORE_DAYS; side <= BETWEEN_DAYS && best->timed < 2; side++)
        for (size_t i = 0; i < view->labels.count; i++) {
            const label_t *seed = &view->labels.items[i];
            row_t row;
            if (!seed->timed || spent[i] || !may_head(days, seed, area, side) || dayaxis_has(days, seed) ||
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
static bool best_names(const view_t *view, const dayaxis_t *days, rect_t area, row_t *best)
{
    *best = (row_t){.count = 0};
    int best_at = 0;
    bool *spent = arena_array(view->arena, view->labels.count + 1, sizeof *spent);
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *seed = &view->labels.items[i];
        row_t row;
        if (spent[i] || !may_head(days, seed, area, BEFORE_DAYS) || dayaxis_has(days, seed) ||
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

/* Cells of the headings' line that hold no print are headings too. */
static void add_empty(const view_t *view, const dayaxis_t *days, rect_t area, const row_t *row, slots_t *slots)
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

/* Times. */

static instant_t heading_instant(int minute, const label_t *label, const char *edge, arena_t *arena)
{
    instant_t instant = {
        .minute = minute, .origin = minute < 0 ? FROM_NOTHING : FROM_HEADING, .read = label->confidence};
    instant.why = arena_format(arena, "%s of the heading '%s'", edge, label_line(arena, label->text));
    return instant;
}

/* The moments of all headings in minutes; a heading that runs backward is moved by half a day, or dropped. */
static void settle(const view_t *view, slots_t *slots)
{
    int last = -1;
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        if (!slot->label || !slot->label->timed)
            continue;
        int start, end;
        timetext_settle(&slot->label->time, DAY_BEGINS, &start, &end);
        if (view_is_read(view) && label_is_end(slot->label)) {
            slot->end = heading_instant(start, slot->label, "end", view->arena);
            continue;
        }
        if (last >= 0 && start < last && start + 720 <= EVENING && start + 720 >= last &&
            slot->label->time.start.half == HALF_UNKNOWN)
            start += 720, end = end >= 0 && end < start ? end + 720 : end;
        if (end >= 0 && end <= start)
            end = end + 720 > start && end + 720 <= EVENING ? end + 720 : -1;
        if (slot->label->time.closes)
            end = start, start = -1;
        slot->start = heading_instant(start, slot->label, "start", view->arena);
        slot->end = heading_instant(end, slot->label, "end", view->arena);
        last = start >= 0 ? start : end;
    }
}

/* A misread heading breaks the order alone: what its neighbours say stands. */
static void drop_strays(slots_t *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        int before = -1, after = -1;
        if (slot->start.minute < 0)
            continue;
        for (size_t j = i; j-- > 0 && before < 0;)
            before = slots->items[j].start.minute;
        for (size_t j = i + 1; j < slots->count && after < 0; j++)
            after = slots->items[j].start.minute;
        if (before < 0 ||
            (after >= 0 && before >= after)) /* nothing before it, or the neighbours are out of order themselves */
            continue;
        if (slot->start.minute < before || (after >= 0 && slot->start.minute > after))
            slot->start = slot->end = instant_none();
    }
}

/* Print misread by one digit. A page whose times all are whole fives, or whose headings meet each other, says so
 * itself. */

static bool one_digit_apart(int a, int b)
{
    char x[6], y[6];
    int differ = 0;
    timetext_format(a, x);
    timetext_format(b, y);
    for (int i = 0; i < 5; i++)
        differ += x[i] != y[i];
    timetext_format(a >= 780 ? a - 720 : a, x); /* as printed on the 12-hour clock */
    timetext_format(b >= 780 ? b - 720 : b, y);
    int other = 0;
    for (int i = 0; i < 5; i++)
        other += x[i] != y[i];
    return differ <= 1 || other <= 1;
}

/* "1.36" among fives: 6, 8 and 9 are misread noughts. */
static void mend_fives(slots_t *slots)
{
    int fives = 0, odd = 0;
    for (size_t i = 0; i < slots->count; i++) {
        instant_t *both[] = {&slots->items[i].start, &slots->items[i].end};
        for (int k = 0; k < 2; k++)
            if (both[k]->minute >= 0)
                both[k]->minute % 5 ? odd++ : fives++;
    }
    if (fives < 6 || odd * 6 > fives)
        return;
    for (size_t i = 0; i < slots->count; i++) {
        instant_t *both[] = {&slots->items[i].start, &slots->items[i].end};
        for (int k = 0; k < 2; k++)
            if (both[k]->minute >= 0 && both[k]->minute % 5 && both[k]->minute % 10 >= 6)
                both[k]->minute -= both[k]->minute % 10;
    }
}

static bool in_order(int a, int b)
{
    return a < 0 || b < 0 || a < b;
}

/* Where headings meet each other but for one that misses by a digit, one of both is misread: the one that is out of
 * order, or that was read with less confidence. */
static void mend_meetings(slots_t *slots)
{
    size_t meet = 0, part = 0;
    for (size_t i = 0; i + 1 < slots->count; i++) {
        int end = slots->items[i].end.minute, next = slots->items[i + 1].start.minute;
        if (end >= 0 && next >= 0)
            end == next ? meet++ : part++;
    }
    if (meet < 3 || part * 2 > meet)
        return;
    for (size_t i = 0; i + 1 < slots->count; i++) {
        slot_t *a = &slots->items[i], *b = a + 1;
        int end = a->end.minute, next = b->start.minute;
        if (end < 0 || next < 0 || end == next || !one_digit_apart(end, next))
            continue;
        bool end_fits = in_order(a->start.minute, end) && in_order(end, b->end.minute);
        bool next_fits = in_order(a->start.minute, next) && in_order(next, b->end.minute);
        bool plain = end % 5 == 0 && next % 5 == 0 && a->end.read >= READ_WELL && b->start.read >= READ_WELL;
        if (end_fits && next_fits && plain)
            continue; /* a real gap */
        if (next_fits && (!end_fits || a->end.read <= b->start.read))
            a->end.minute = next;
        else if (end_fits)
            b->start.minute = end;
    }
}

/* Length of every slot where all known ones are alike, else 0. */
static int regular_step(const slots_t *slots)
{
    int step = 0;
    for (size_t i = 0; i + 1 < slots->count; i++) {
        int length = slots->items[i + 1].start.minute - slots->items[i].start.minute;
        if (slots->items[i].start.minute < 0 || slots->items[i + 1].start.minute < 0 || (step && length != step))
            return 0;
        step = length;
    }
    return slots->count > 2 ? step : 0;
}

/* Two phrases of one heading, the second with the end alone: "10:50" and "- 11:10". */
static bool closes(const slot_t *after, const slot_t *slot)
{
    return after->label && after->label->timed && after->label->time.closes && after->end.minute > slot->start.minute &&
           extent_shared(after->ink, slot->ink) * 2 > extent_size(after->ink);
}

static void fill_gaps(slots_t *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i], *before = i ? slot - 1 : NULL, *after = i + 1 < slots->count ? slot + 1 : NULL;
        if (slot->start.minute < 0 && before && before->end.minute >= 0)
            slot->start = instant_follow(before->end, "where the heading before it ends");
        if (slot->end.minute < 0 && slot->start.minute >= 0 && after && closes(after, slot))
            slot->end = after->end;
        if (slot->end.minute < 0 && after && after->start.minute >= 0)
            slot->end = instant_follow(after->start, "where the next heading starts");
    }
    int step = regular_step(slots);
    slot_t *last = slots->count ? &slots->items[slots->count - 1] : NULL;
    if (step > 0 && last->end.minute < 0) {
        last->end = instant_follow(last->start, "one step of the even grid after its start");
        last->end.minute += step;
    }
}

/* Ends that stand in a line of their own below the starts. */
static void second_line(const view_t *view, const dayaxis_t *days, rect_t area, slots_t *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        if (!slot->label || !slot->label->timed || slot->label->time.end.minute >= 0)
            continue;
        for (size_t j = 0; j < view->labels.count; j++) {
            const label_t *label = &view->labels.items[j];
            extent_t t = rect_t_axis(label->ink, days->lie);
            if (label == slot->label || !label->timed || label->time.end.minute >= 0 ||
                label->part != slot->label->part || !may_head(days, label, area, BEFORE_DAYS) ||
                !extent_holds(slot->place, extent_middle(t)) || in_row(label, slot->label, days->lie) ||
                extent_middle(rect_d_axis(label->ink, days->lie)) <
                    extent_middle(rect_d_axis(slot->label->ink, days->lie)))
                continue;
            int start, end, ignored;
            timetext_settle(&slot->label->time, DAY_BEGINS, &start, &ignored);
            timetext_settle(&label->time, DAY_BEGINS, &end, &ignored);
            if (end > start && end - start < 200)
                slot->end = heading_instant(end, label, "time", view->arena);
        }
    }
}

static void from_periods(const view_t *view, const periods_t *periods, slots_t *slots)
{
    const char **names = arena_array(view->arena, slots->count, sizeof *names);
    int *found = arena_array(view->arena, slots->count, sizeof *found);
    for (size_t i = 0; i < slots->count; i++)
        names[i] = slots->items[i].start.minute < 0 ? slots->items[i].name : NULL;
    periods_match(periods, names, slots->count, found);
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        if (found[i] < 0 || slot->start.minute >= 0)
            continue;
        const period_t *period = &periods->items[found[i]];
        const char *why = arena_format(view->arena, "the table of periods says when '%s' is", period->name);
        slot->start = (instant_t){.minute = period->start, .origin = FROM_PERIODS, .why = why, .read = period->read};
        slot->end = (instant_t){.minute = period->end,
                                .origin = period->end < 0 ? FROM_NOTHING : FROM_PERIODS,
                                .why = why,
                                .read = period->read};
    }
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
                extent_middle(d) > days->bands[0].band.lo + 2 || !may_head(days, label, area, BEFORE_DAYS) ||
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

/* Print in line with the times but before the first or behind the last of them, and not in a cell, heads no slot. */
static void drop_outer(row_t *row, lie_t lie)
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

slots_t slots_of(const view_t *view, const dayaxis_t *days, rect_t area, const periods_t *periods)
{
    slots_t slots = {.celled = true};
    row_t row;
    lie_t lie = days->lie;
    slots.timed = best_times(view, days, area, &row);
    if (!slots.timed && !best_names(view, days, area, &row))
        return slots;
    qsort_r(row.items, row.count, sizeof *row.items, by_place, &lie);
    if (slots.timed)
        drop_outer(&row, lie);
    slots.items = arena_array(view->arena, SLOTS_MOST, sizeof *slots.items);
    slots.heads = row.line;
    for (size_t i = 0; i < row.count; i++) {
        const label_t *label = row.items[i];
        slot_t slot = {.place = rect_t_axis(label->box, lie), .ink = rect_t_axis(label->ink, lie), .label = label};
        slot.start = slot.end = instant_none();
        const char *name = label->timed ? label->rest : label->text;
        slot.name = *name ? name : NULL;
        slots.celled = slots.celled && label->whole;
        slots.items[slots.count++] = slot;
    }
    if (slots.celled)
        add_empty(view, days, area, &row, &slots);
    qsort(slots.items, slots.count, sizeof *slots.items, by_slot);
    place_slots(view, days, &slots);
    settle(view, &slots);
    second_line(view, days, area, &slots);
    if (view_is_read(view)) {
        mend_meetings(&slots); /* first: a meeting tells which five was meant */
        mend_fives(&slots);
        mend_meetings(&slots);
    }
    drop_strays(&slots);
    if (periods->count)
        from_periods(view, periods, &slots);
    add_routines(view, days, area, &slots);
    if (!slots.timed && periods->count) /* names above or below the numbers may stand in the table of periods too */
        from_periods(view, periods, &slots);
    fill_gaps(&slots);
    return slots;
}
