/* dayplace: see dayplace.h. */
#include "dayplace.h"
#include "cuts.h"
#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const view_t *view;
    dayaxis_t *days;
    rect_t area; /* px */
} place_t;

/* Whether the body's cells between two days are those days' own: they reach to one of both headings, and no day is
 * missing between them. */
static bool is_taken(const place_t *m, extent_t gap, const dayband_t *before, const dayband_t *after)
{
    size_t taken = 0;
    extent_t a = rect_d_axis(before->box, m->days->lie), b = rect_d_axis(after->box, m->days->lie);
    for (size_t c = 0; c < m->view->page->cells.count; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, m->view->page->cells, c)->box);
        extent_t d = rect_d_axis(box, m->days->lie), t = rect_t_axis(box, m->days->lie);
        if (!extent_holds(d, extent_middle(gap)) || t.lo < m->days->heads.hi)
            continue;
        if (extent_holds(d, extent_middle(a)) == extent_holds(d, extent_middle(b)))
            return false; /* a cell of its own, or one over several days */
        taken++;
    }
    return taken >= 3;
}

/* Headings between two known days that could not be read: as many cells as days are missing. */
static void fill_missing(const place_t *m)
{
    dayaxis_t *days = m->days;
    dayband_t *bands = arena_array(m->view->arena, 2 * days->count + DAY_COUNT, sizeof *bands);
    size_t n = 0;
    for (size_t i = 0; i < days->count; i++) {
        bands[n++] = days->bands[i];
        if (i + 1 == days->count)
            break;
        unsigned here = dayaxis_order(days->bands[i].days), next = dayaxis_order(days->bands[i + 1].days);
        int from = 31 - __builtin_clz(here), to = __builtin_ctz(next), missing = to - from - 1;
        extent_t gap = {days->bands[i].band.hi, days->bands[i + 1].band.lo};
        if (missing < 1 || missing > 3 || extent_size(gap) < missing * extent_size(days->bands[i].band) / 3 ||
            is_taken(m, gap, &days->bands[i], &days->bands[i + 1]))
            continue;
        for (int k = 0; k < missing; k++) {
            int lo = gap.lo + extent_size(gap) * k / missing, hi = gap.lo + extent_size(gap) * (k + 1) / missing;
            bands[n++] = (dayband_t){.days = 1u << (from + 1 + k),
                                     .band = {lo, hi},
                                     .read = 0.5,
                                     .box = rect_from(days->heads, (extent_t){lo, hi}, days->lie)};
        }
    }
    days->bands = bands;
    days->count = n;
}

/* Cells closer than this, px, have no other between them. */
enum { BESIDE_MOST = 12 };

/* Whether a box lies in the line of the headings and is as wide as they are. */
static bool in_heads(const dayaxis_t *days, rect_t box)
{
    extent_t t = rect_t_axis(box, days->lie);
    return extent_shared(t, days->heads) * 10 >= 9 * extent_size(days->heads) &&
           extent_size(t) * 10 <= 11 * extent_size(days->heads);
}

static bool is_beside(int gap)
{
    return gap >= 0 && gap < BESIDE_MOST;
}

/* Puts a day in front of the first. */
static void push_front(dayaxis_t *days, dayband_t band)
{
    memmove(days->bands + 1, days->bands, days->count * sizeof *days->bands);
    days->bands[0] = band;
    days->count++;
}

/* The same behind the last day, where the table goes on with cells like the days': Monday to Thursday read, Friday not.
 */
static void fill_ends(const place_t *m)
{
    dayaxis_t *days = m->days;
    if (!days->celled || days->count < 3 || days->count >= 5)
        return;
    unsigned all = 0;
    for (size_t i = 0; i < days->count; i++)
        all |= days->bands[i].days;
    dayband_t *last = &days->bands[days->count - 1], *first = &days->bands[0];
    for (size_t i = 0; i < m->view->labels.count; i++) {
        const label_t *label = &m->view->labels.items[i];
        extent_t d = rect_d_axis(label->box, days->lie);
        bool alike = label->whole && in_heads(days, label->box) && text_length(label->text) <= 12 && !label->timed;
        int after = d.lo - last->band.hi, before = first->band.lo - d.hi;
        if (!alike)
            continue;
        if (is_beside(after) && last->days == 1u << DAY_THURSDAY && !(all & 1u << DAY_FRIDAY) &&
            (daytext_like(label->text, DAY_FRIDAY) > 0.2 || text_length(label->text) <= 2)) {
            days->bands[days->count++] =
                (dayband_t){.days = 1u << DAY_FRIDAY, .label = label, .band = d, .box = label->box, .read = 0.5};
            return;
        }
        if (is_beside(before) && first->days == 1u << DAY_TUESDAY &&
            (daytext_like(label->text, DAY_MONDAY) > 0.2 || text_length(label->text) <= 2)) {
            push_front(
                days, (dayband_t){.days = 1u << DAY_MONDAY, .label = label, .band = d, .box = label->box, .read = 0.5});
            return;
        }
    }
}

/* And a heading with no print at all in front of Tuesday. */
static void fill_blank_start(const place_t *m)
{
    dayaxis_t *days = m->days;
    dayband_t *first = &days->bands[0];
    if (!days->celled || days->count < 3 || first->days != 1u << DAY_TUESDAY)
        return;
    for (size_t c = 0; c < m->view->page->cells.count; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, m->view->page->cells, c)->box);
        extent_t d = rect_d_axis(box, days->lie);
        bool empty = in_heads(days, box) && is_beside(first->band.lo - d.hi) &&
                     extent_size(d) * 10 > 6 * extent_size(first->band);
        for (size_t i = 0; i < m->view->labels.count && empty; i++)
            empty = m->view->labels.items[i].cell != (int)c;
        /* the corner is as empty: a Monday has a cell above it in its column */
        bool corner = true;
        for (size_t k = 0; k < m->view->page->cells.count && empty; k++) {
            rect_t other = rect_of(LIST_AT(cell_t, m->view->page->cells, k)->box);
            int gap = d.lo - rect_d_axis(other, days->lie).hi;
            if (extent_shared(rect_t_axis(other, days->lie), days->heads) * 10 >= 9 * extent_size(days->heads) &&
                gap >= 0 && gap < 12)
                corner = false;
        }
        if (!empty || corner)
            continue;
        push_front(days, (dayband_t){.days = 1u << DAY_MONDAY, .band = d, .box = box, .read = 0.5});
        return;
    }
}

/* Headings that share a cell with their own row alone have its place. */
static bool place_in_cells(const place_t *m)
{
    dayaxis_t *days = m->days;
    for (size_t i = 0; i < days->count; i++) {
        const label_t *label = days->bands[i].label;
        if (!label || label->cell < 0)
            return false;
        for (size_t k = 0; k < i; k++)
            if (days->bands[k].label->cell == label->cell)
                return false;
    }
    for (size_t i = 0; i < days->count; i++)
        days->bands[i].band =
            rect_d_axis(rect_of(LIST_AT(cell_t, m->view->page->cells, days->bands[i].label->cell)->box), days->lie);
    return days->celled = true;
}

/* Headings that fill no cells reach to cuts between them. */
static void place_days(const place_t *m)
{
    dayaxis_t *days = m->days;
    lie_t lie = days->lie;
    extent_t t = rect_t_axis(m->area, lie);
    if (days->celled || place_in_cells(m))
        return;
    for (size_t i = 0; i + 1 < days->count; i++) {
        extent_t a = days->bands[i].label ? rect_d_axis(days->bands[i].label->ink, lie) : days->bands[i].band;
        extent_t b =
            days->bands[i + 1].label ? rect_d_axis(days->bands[i + 1].label->ink, lie) : days->bands[i + 1].band;
        rect_t zone = rect_from((extent_t){days->heads.hi, t.hi}, (extent_t){a.lo, b.hi}, lie);
        int cut = cut_between(m->view, zone, lie, false, extent_middle(a), extent_middle(b));
        days->bands[i].band.hi = days->bands[i + 1].band.lo = cut;
    }
    dayband_t *first = &days->bands[0], *last = &days->bands[days->count - 1];
    int inner = days->count > 2 ? extent_size(days->bands[1].band) : extent_size(first->band);
    int head = extent_middle(rect_d_axis(first->box, lie)), foot = extent_middle(rect_d_axis(last->box, lie));
    first->band.lo = head - (inner * 55 / 100 > first->band.hi - head ? inner * 55 / 100 : first->band.hi - head);
    last->band.hi = foot + (inner * 55 / 100 > foot - last->band.lo ? inner * 55 / 100 : foot - last->band.lo);
}

/* Cells of the body in one place across the days; px to which places may differ. */
static size_t cells_at(const place_t *m, extent_t place)
{
    size_t n = 0;
    for (size_t c = 0; c < m->view->page->cells.count; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, m->view->page->cells, c)->box);
        extent_t d = rect_d_axis(box, m->days->lie);
        n += rect_t_axis(box, m->days->lie).lo >= m->days->heads.hi && abs(d.lo - place.lo) < BESIDE_MOST &&
             abs(d.hi - place.hi) < BESIDE_MOST;
    }
    return n;
}

static bool holds_times(const place_t *m, extent_t place)
{
    size_t timed = 0, others = 0;
    for (size_t i = 0; i < m->view->labels.count; i++) {
        const label_t *label = &m->view->labels.items[i];
        if (label->whole && rect_t_axis(label->box, m->days->lie).lo >= m->days->heads.hi &&
            extent_holds(place, extent_middle(rect_d_axis(label->box, m->days->lie))))
            label->timed ? timed++ : others++;
    }
    return timed > others;
}

/* A first heading that cannot be read at all, such as one whose cell runs together with the corner: in front of Tuesday
 * the body has a line of cells like Tuesday's, and the times stand in front of them. */
static void fill_by_body(const place_t *m)
{
    dayaxis_t *days = m->days;
    dayband_t *first = &days->bands[0];
    if (!days->celled || days->count < 3 || first->days != 1u << DAY_TUESDAY)
        return;
    extent_t own = first->band, before = {0, 0};
    for (size_t c = 0; c < m->view->page->cells.count && !before.hi; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, m->view->page->cells, c)->box);
        extent_t d = rect_d_axis(box, days->lie);
        bool alike = extent_size(d) * 10 > 8 * extent_size(own) && extent_size(d) * 10 < 12 * extent_size(own);
        if (alike && is_beside(own.lo - d.hi) && rect_t_axis(box, days->lie).lo >= days->heads.hi)
            before = d;
    }
    if (!before.hi || cells_at(m, before) * 10 < cells_at(m, own) * 6 || cells_at(m, own) < 3 ||
        holds_times(m, before) || !holds_times(m, (extent_t){0, before.lo}))
        return;
    push_front(days, (dayband_t){.days = 1u << DAY_MONDAY,
                                 .band = before,
                                 .box = rect_from(days->heads, before, days->lie),
                                 .read = 0.5});
}

void dayplace_fill(const view_t *view, dayaxis_t *days, rect_t area)
{
    place_t place = {view, days, area};
    if (days->classes)
        return;
    fill_missing(&place);
    fill_ends(&place);
    fill_blank_start(&place);
    fill_by_body(&place);
    place_days(&place);
}

/* The first day without cells begins behind the headings of times, and print there decides where. */
void dayplace_trim(dayaxis_t *days, const slots_t *slots)
{
    extent_t *first = &days->bands[0].band, *last = &days->bands[days->count - 1].band;
    if (days->celled || slots->count == 0)
        return;
    if (slots->heads.hi > first->lo && slots->heads.lo < first->lo)
        first->lo = slots->heads.hi;
    if (slots->heads.lo < last->hi && slots->heads.lo > last->lo)
        last->hi = slots->heads.lo;
}
