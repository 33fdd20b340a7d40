/* units: see units.h. */
#include "units.h"
#include "cellentries.h"
#include "proto/base/text.h"
#include "proto/dossier.h"

#include <stdlib.h>
#include <string.h>

/* Widest space between words of one entry, em; columns without lines stand further apart. */
static const double SPLIT_GAP = 0.45;

/* Places along one axis: bands of days or slots of times. */
typedef struct {
    const extent_t *items;
    size_t count;
} places_t;

/* First and last place that an extent covers by at least `least` percent of the smaller of both; -1 for none. */
typedef struct {
    int first, last;
} span_t;

typedef struct {
    const view_t *view;
    lie_t lie;
    places_t days, slots;
    bool slots_drawn, days_drawn; /* headings fill cells, so that cells keep to them */
    bool body_drawn;              /* the body's own cells keep to single days */
    const slots_t *timed;         /* the slots with their times */
    bool boxed;                   /* and they part the day: each is an entry's own */
    rect_t area;
    units_t out;
} work_t;

static span_t covered(const places_t *places, extent_t e, int least)
{
    span_t span = {-1, -1};
    int best = 0, best_at = -1;
    for (size_t i = 0; i < places->count; i++) {
        int shared = extent_shared(places->items[i], e);
        if (shared > best)
            best = shared, best_at = (int)i;
        if (shared <= 0 || shared * 100 < least * extent_narrower(places->items[i], e))
            continue;
        span.first = span.first < 0 ? (int)i : span.first;
        span.last = (int)i;
    }
    if (span.first < 0)
        span.first = span.last = best_at;
    return span;
}

static void push(work_t *work, unit_t unit)
{
    list_t list = {work->out.items, work->out.count};
    *(unit_t *)list_push(work->view->arena, &list, sizeof unit) = unit;
    work->out.items = list.items;
    work->out.count = list.count;
}

static extent_t ink_of(const phrase_t **phrases, size_t count, lie_t lie, bool along_t)
{
    extent_t e = along_t ? rect_t_axis(phrases[0]->box, lie) : rect_d_axis(phrases[0]->box, lie);
    for (size_t i = 1; i < count; i++)
        e = extent_union(e, along_t ? rect_t_axis(phrases[i]->box, lie) : rect_d_axis(phrases[i]->box, lie));
    return e;
}

/* The area of print that has no cell of its own: the places that it covers, within `within`. */
static extent_t claim(const places_t *places, extent_t ink, extent_t within)
{
    span_t span = covered(places, ink, 30);
    if (span.first < 0)
        return ink;
    extent_t e = {places->items[span.first].lo, places->items[span.last].hi};
    e.lo = e.lo < within.lo ? within.lo : e.lo;
    e.hi = e.hi > within.hi ? within.hi : e.hi;
    return e.hi > e.lo ? e : ink;
}

static void push_print(work_t *work, const phrase_t **phrases, size_t count)
{
    unit_t unit = {.phrases = phrases, .count = count, .cell = -1};
    unit.t = claim(&work->slots, ink_of(phrases, count, work->lie, true), rect_t_axis(work->area, work->lie));
    unit.d = claim(&work->days, ink_of(phrases, count, work->lie, false), rect_d_axis(work->area, work->lie));
    unit.box = rect_from(unit.t, unit.d, work->lie);
    push(work, unit);
}

static bool all_letters(const phrase_t **phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_length(phrases[i]->text) > 1)
            return false;
    return count > 1;
}

/* Whether paragraphs of a cell lie in places of their own along an axis. Fills where[] with each paragraph's place. */
static bool parted(const places_t *places, bool drawn, lie_t lie, bool along_t, const phrase_t **phrases, size_t count,
                   const size_t *group, int *where)
{
    bool several = false;
    int first = -1;
    for (size_t i = 0; i < count; i++) {
        where[i] = 0;
        extent_t ink = {0, 0};
        bool begun = false;
        for (size_t j = 0; j < count; j++) {
            if (group[j] != group[i])
                continue;
            extent_t e = along_t ? rect_t_axis(phrases[j]->box, lie) : rect_d_axis(phrases[j]->box, lie);
            ink = begun ? extent_union(ink, e) : e;
            begun = true;
        }
        span_t span = covered(places, ink, 30);
        where[i] = span.first < 0 ? 0 : span.first * 256 + span.last;
        /* where lines are drawn, only print that stands in the middle of its own place is an entry of its own */
        if (drawn && (span.first < 0 || span.first != span.last ||
                      abs(extent_middle(ink) - extent_middle(places->items[span.first])) * 7 >
                          extent_size(places->items[span.first])))
            return false;
        if (first < 0)
            first = where[i];
        several = several || where[i] != first;
    }
    /* places that overlap without being equal: print that spans several of them is no table in this direction */
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (where[i] != where[j] && where[i] / 256 <= where[j] % 256 && where[j] / 256 <= where[i] % 256)
                return false;
    return several;
}

/* Leaves the words from … to of a phrase. */
static void cut_phrase(const work_t *work, phrase_t *phrase, size_t from, size_t to)
{
    char *text = NULL;
    for (size_t k = from; k < to; k++) {
        const word_t *word = LIST_AT(word_t, work->view->page->words, phrase->first + k);
        rect_t box = rect_of(word->box);
        text = text ? arena_format(work->view->arena, "%s %s", text, word->text)
                    : arena_text(work->view->arena, word->text);
        phrase->box = k == from ? box : rect_union(phrase->box, box);
    }
    phrase->text = text;
    phrase->first += from;
    phrase->count = to - from;
}

static bool spans_meet(span_t a, span_t b)
{
    return a.first <= b.last && b.first <= a.last;
}

/* Paragraphs without lines around them: print in different places is not one paragraph, though it follows closely. */
static void part_paragraphs(const work_t *work, const phrase_t *const *phrases, size_t count, size_t *group)
{
    size_t *fresh = arena_array(work->view->arena, count, sizeof *fresh);
    span_t *t = arena_array(work->view->arena, count, sizeof *t), *d = arena_array(work->view->arena, count, sizeof *d);
    for (size_t i = 0; i < count; i++) {
        t[i] = covered(&work->slots, rect_t_axis(phrases[i]->box, work->lie), 30);
        d[i] = covered(&work->days, rect_d_axis(phrases[i]->box, work->lie), 30);
        fresh[i] = i;
        for (size_t j = 0; j < i; j++)
            if (group[i] == group[j] && spans_meet(t[i], t[j]) && spans_meet(d[i], d[j])) {
                fresh[i] = fresh[j];
                break;
            }
    }
    memcpy(group, fresh, count * sizeof *group);
}

static bool is_centred(const work_t *work, const phrase_t **phrases, size_t count, extent_t cell)
{
    extent_t ink = ink_of(phrases, count, work->lie, false);
    return abs(extent_middle(ink) - extent_middle(cell)) * 12 < extent_size(cell);
}

/* Whether cells of the body keep to single days, though the headings fill no cells. */
static bool body_is_drawn(const work_t *work)
{
    size_t single = 0;
    for (size_t c = 0; c < work->view->page->cells.count; c++) {
        extent_t d = rect_d_axis(rect_of(LIST_AT(cell_t, work->view->page->cells, c)->box), work->lie);
        for (size_t i = 0; i < work->days.count; i++)
            single += extent_shared(work->days.items[i], d) * 10 > 8 * extent_size(work->days.items[i]) &&
                      extent_size(d) * 10 < 12 * extent_size(work->days.items[i]);
    }
    return single >= 3 * work->days.count;
}

/* Each has its share of the cell along the time axis, in order. */
static void push_entries(work_t *work, const unit_t *whole, const size_t *begins, size_t n)
{
    int size = extent_size(whole->t);
    for (size_t k = 0; k < n; k++) {
        unit_t unit = *whole;
        size_t end = k + 1 < n ? begins[k + 1] : whole->count;
        unit.phrases = whole->phrases + begins[k];
        unit.count = end - begins[k];
        unit.t = (extent_t){whole->t.lo + (int)(k * (size_t)size / n), whole->t.lo + (int)((k + 1) * (size_t)size / n)};
        unit.box = rect_from(unit.t, unit.d, work->lie);
        unit.drawn = false;
        push(work, unit);
    }
}

/* Whether the days hold boxes that begin and end within the day, as calendars draw them: their edges are times. */
static bool body_is_boxed(const work_t *work)
{
    size_t boxes = 0;
    int whole = extent_size(rect_t_axis(work->area, work->lie));
    for (size_t c = 0; c < work->view->page->cells.count; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, work->view->page->cells, c)->box);
        extent_t d = rect_d_axis(box, work->lie), t = rect_t_axis(box, work->lie);
        if (extent_size(t) * 2 > whole || extent_shared(t, rect_t_axis(work->area, work->lie)) <= 0)
            continue;
        for (size_t i = 0; i < work->days.count; i++)
            boxes += extent_shared(work->days.items[i], d) * 10 > 8 * extent_size(d) &&
                     extent_size(d) * 10 > 4 * extent_size(work->days.items[i]);
    }
    return boxes >= 2 * work->days.count;
}

/* Whether print of different places stands in one line: lines of a box one below the other are one entry, wherever they
 * begin. */
static bool stand_level(const phrase_t **phrases, size_t count, const int *where)
{
    for (size_t i = 0; i < count; i++) {
        extent_t own = rect_y(phrases[i]->box), others = {INT32_MAX, 0};
        for (size_t j = 0; j < count; j++)
            if (where[j] == where[i])
                own = extent_union(own, rect_y(phrases[j]->box));
            else
                others = extent_union(others, rect_y(phrases[j]->box));
        if (extent_shared(own, others) * 2 > extent_narrower(own, others))
            return true;
    }
    return false;
}

/* One cell with print. It stays whole unless it holds several entries, or covers several places and its paragraphs keep
 * to different ones. */
static void push_cell(work_t *work, int index, const phrase_t **phrases, size_t count)
{
    rect_t box = rect_of(LIST_AT(cell_t, work->view->page->cells, index)->box);
    unit_t whole = {rect_t_axis(box, work->lie), rect_d_axis(box, work->lie), box, phrases, count, index, true};
    size_t *begins = arena_array(work->view->arena, count + 1, sizeof *begins), entries = 0;
    span_t t = covered(&work->slots, whole.t, 50), d = covered(&work->days, whole.d, 50);
    size_t *group = arena_array(work->view->arena, count + 1, sizeof *group);
    int *in_t = arena_array(work->view->arena, count + 1, sizeof *in_t),
        *in_d = arena_array(work->view->arena, count + 1, sizeof *in_d);
    bool part_t = false, part_d = false;
    bool own_times = work->boxed && extent_size(whole.t) * 2 < extent_size(rect_t_axis(work->area, work->lie));
    bool across = work->lie == DAYS_ARE_ROWS;
    if (count > 1 || (count == 1 && (!work->slots_drawn || !work->days_drawn))) {
        label_paragraphs(phrases, count, group);
        part_paragraphs(work, phrases, count, group);
        part_t =
            t.last > t.first && parted(&work->slots, work->slots_drawn, work->lie, true, phrases, count, group, in_t);
        if (part_t && own_times && !work->slots_drawn && !(across && stand_level(phrases, count, in_t)))
            part_t = parted(&work->slots, true, work->lie, true, phrases, count, group, in_t);
        part_d = d.last > d.first && !all_letters(phrases, count) &&
                 parted(&work->days, work->days_drawn, work->lie, false, phrases, count, group, in_d);
    }
    /* a cell of a drawn body whose print stands in its middle spans the days, though the days' own headings are not
     * drawn */
    if (count && !part_t && !part_d && d.last > d.first && work->body_drawn &&
        is_centred(work, phrases, count, whole.d)) {
        push(work, whole);
        return;
    }
    if (count && !part_t && !part_d)
        entries = cellentries_of(phrases, count, begins);
    if (count && !part_t && !part_d && !entries)
        entries = cellentries_later(work->timed, t.first, t.last, phrases, count, begins);
    if (entries) {
        push_entries(work, &whole, begins, entries);
        return;
    }
    /* bands of paper without lines between days or slots are no cells */
    bool loose = count && ((!work->days_drawn && d.last - d.first >= 2) ||
                           (!work->slots_drawn && !own_times && t.last - t.first >= 2));
    if (!part_t && !part_d && !loose) {
        push(work, whole);
        return;
    }
    bool *done = arena_array(work->view->arena, count, sizeof *done);
    for (size_t i = 0; i < count; i++) {
        if (done[i])
            continue;
        const phrase_t **own = arena_array(work->view->arena, count - i, sizeof *own);
        size_t n = 0;
        for (size_t j = i; j < count; j++) {
            bool same =
                loose ? group[i] == group[j] : (!part_t || in_t[i] == in_t[j]) && (!part_d || in_d[i] == in_d[j]);
            if (!done[j] && same)
                done[j] = true, own[n++] = phrases[j];
        }
        unit_t unit = whole;
        unit.phrases = own, unit.count = n;
        unit.drawn = false;
        if (part_t || (loose && !work->slots_drawn))
            unit.t = claim(&work->slots, ink_of(own, n, work->lie, true), whole.t);
        if (part_d || (loose && !work->days_drawn))
            unit.d = claim(&work->days, ink_of(own, n, work->lie, false), whole.d);
        unit.box = rect_from(unit.t, unit.d, work->lie);
        push(work, unit);
    }
}

static bool in_body(const work_t *work, rect_t box)
{
    extent_t t = rect_t_axis(box, work->lie), d = rect_d_axis(box, work->lie);
    extent_t at = rect_t_axis(work->area, work->lie);
    extent_t body = {work->days.items[0].lo, work->days.items[work->days.count - 1].hi};
    return extent_middle(t) > at.lo && extent_middle(t) < at.hi && extent_shared(d, body) * 2 > extent_size(d);
}

/* Depth of a heading's box in depths of its print. */
enum { HEADING_DEEP = 4 };

/* Whether print shares the cell of one day's heading alone: the round corner of its box, read as letters. */
static bool is_beside_heading(const view_t *view, const dayaxis_t *days, const phrase_t *phrase)
{
    size_t sharing = 0;
    for (size_t i = 0; i < days->count && phrase->cell >= 0; i++) {
        const label_t *label = days->bands[i].label;
        if (!label || label->cell != phrase->cell)
            continue;
        rect_t box = rect_of(LIST_AT(cell_t, view->page->cells, label->cell)->box);
        int deep = extent_size(rect_t_axis(box, days->lie)), own = extent_size(rect_t_axis(label->ink, days->lie));
        sharing += deep > HEADING_DEEP * own ? 2 : 1; /* a cell that deep holds entries too */
    }
    return sharing == 1;
}

static bool is_heading(const view_t *view, const dayaxis_t *days, const slots_t *slots, const phrase_t *phrase)
{
    if (is_beside_heading(view, days, phrase))
        return true;
    for (size_t i = 0; i < days->count; i++)
        for (size_t k = 0; days->bands[i].label && k < days->bands[i].label->count; k++)
            if (days->bands[i].label->phrases[k] == phrase)
                return true;
    for (size_t i = 0; i < slots->count; i++)
        for (size_t k = 0; slots->items[i].label && k < slots->items[i].label->count; k++)
            if (slots->items[i].label->phrases[k] == phrase)
                return true;
    return false;
}

/* A phrase that runs over a place's edge with a wide space just there is two: columns that stand close together. */
static const phrase_t *tail_behind(work_t *work, const places_t *places, bool along_t, phrase_t *phrase)
{
    bool across = (work->lie == DAYS_ARE_ROWS) == along_t; /* the places part the reading direction */
    if (phrase->angle != 0 || phrase->stacked || phrase->count < 2 || !across)
        return NULL;
    for (size_t i = 0; i + 1 < places->count; i++) {
        int cut = places->items[i].hi;
        for (size_t k = 0; k + 1 < phrase->count; k++) {
            rect_t a = rect_of(LIST_AT(word_t, work->view->page->words, phrase->first + k)->box);
            rect_t b = rect_of(LIST_AT(word_t, work->view->page->words, phrase->first + k + 1)->box);
            if (a.x1 > cut + 2 || b.x0 < cut - 2 || b.x0 - a.x1 < SPLIT_GAP * phrase->size)
                continue;
            phrase_t *tail = arena_take(work->view->arena, sizeof *tail);
            *tail = *phrase;
            cut_phrase(work, phrase, 0, k + 1);
            cut_phrase(work, tail, k + 1, tail->count);
            return tail;
        }
    }
    return NULL;
}

/* Most pieces that phrases can be split into: their words. */
static size_t pieces_most(const phrase_t *const *phrases, size_t count)
{
    size_t words = 0;
    for (size_t i = 0; i < count; i++)
        words += phrases[i]->count > 1 ? phrases[i]->count : 1;
    return words;
}

/* Splits in place; there is room for pieces_most. Returns how many there are then. */
static size_t split_phrases(work_t *work, const phrase_t **phrases, size_t count)
{
    size_t n = count;
    for (size_t i = 0; i < n; i++) {
        phrase_t *own = arena_take(work->view->arena, sizeof *own);
        *own = *phrases[i];
        const phrase_t *tail = NULL;
        if (!work->slots_drawn)
            tail = tail_behind(work, &work->slots, true, own);
        if (!tail && !work->days_drawn)
            tail = tail_behind(work, &work->days, false, own);
        if (!tail)
            continue;
        phrases[i] = own;
        memmove(&phrases[i + 2], &phrases[i + 1], (n - i - 1) * sizeof *phrases);
        phrases[i + 1] = tail;
        n++;
    }
    return n;
}

static size_t body_phrases(const work_t *work, const dayaxis_t *days, const slots_t *slots, int cell,
                           const phrase_t **out)
{
    size_t n = 0;
    for (size_t i = 0; i < work->view->phrases.count; i++) {
        const phrase_t *p = &work->view->phrases.items[i];
        if (p->cell == cell && in_body(work, p->box) && !is_heading(work->view, days, slots, p))
            out[n++] = p;
    }
    return n;
}

/* Print outside cells belongs to a drawn table only where it stands between its cells. */
static size_t inside_cells(const work_t *work, const phrase_t **phrases, size_t count)
{
    rect_t all = {INT32_MAX, INT32_MAX, 0, 0};
    size_t kept = 0;
    for (size_t i = 0; i < work->out.count; i++)
        if (work->out.items[i].cell >= 0)
            all = rect_union(all, work->out.items[i].box);
    for (size_t i = 0; i < count; i++) {
        rect_t b = phrases[i]->box;
        if (b.x0 >= all.x0 - 2 && b.x1 <= all.x1 + 2 && b.y0 >= all.y0 - 2 && b.y1 <= all.y1 + 2)
            phrases[kept++] = phrases[i];
    }
    return kept;
}

/* Print behind the last slot is what stands below the table. */
static size_t before_the_end(const work_t *work, const phrase_t **phrases, size_t count)
{
    size_t kept = 0;
    int end = work->slots.count ? work->slots.items[work->slots.count - 1].hi : INT32_MAX;
    for (size_t i = 0; i < count; i++)
        if (extent_middle(rect_t_axis(phrases[i]->box, work->lie)) < end)
            phrases[kept++] = phrases[i];
    return kept;
}

static void push_outside(work_t *work, const dayaxis_t *days, const slots_t *slots)
{
    const phrase_t **body = arena_array(work->view->arena, work->view->phrases.count, sizeof *body);
    size_t n = body_phrases(work, days, slots, -1, body);
    if (work->slots_drawn && work->days_drawn && slots->count)
        n = inside_cells(work, body, n);
    n = before_the_end(work, body, n);
    const phrase_t **phrases = arena_array(work->view->arena, pieces_most(body, n), sizeof *phrases);
    memcpy(phrases, body, n * sizeof *phrases);
    n = split_phrases(work, phrases, n);
    size_t *group = arena_array(work->view->arena, n, sizeof *group);
    label_paragraphs(phrases, n, group);
    part_paragraphs(work, phrases, n, group);
    for (size_t i = 0; i < n; i++) {
        if (group[i] != i)
            continue;
        const phrase_t **own = arena_array(work->view->arena, n, sizeof *own);
        size_t count = 0;
        for (size_t j = i; j < n; j++)
            if (group[j] == i)
                own[count++] = phrases[j];
        push_print(work, own, count);
    }
}

/* Paragraphs without lines between them that claim the same place are one entry, as of one cell. */
static void join_loose(work_t *work)
{
    for (size_t i = 0; i < work->out.count; i++)
        for (size_t j = i + 1; j < work->out.count;) {
            unit_t *a = &work->out.items[i], *b = &work->out.items[j];
            bool same = !a->drawn && !b->drawn && a->cell == b->cell && a->t.lo == b->t.lo && a->t.hi == b->t.hi &&
                        a->d.lo == b->d.lo && a->d.hi == b->d.hi;
            if (!same) {
                j++;
                continue;
            }
            const phrase_t **both = arena_array(work->view->arena, a->count + b->count, sizeof *both);
            memcpy(both, a->phrases, a->count * sizeof *both);
            memcpy(both + a->count, b->phrases, b->count * sizeof *both);
            a->phrases = both, a->count += b->count;
            work->out.items[j] = work->out.items[--work->out.count];
        }
}

static const extent_t *band_places(arena_t *arena, const dayaxis_t *days)
{
    extent_t *places = arena_array(arena, days->count, sizeof *places);
    for (size_t i = 0; i < days->count; i++)
        places[i] = days->bands[i].band;
    return places;
}

static const extent_t *slot_places(arena_t *arena, const slots_t *slots)
{
    extent_t *places = arena_array(arena, slots->count, sizeof *places);
    for (size_t i = 0; i < slots->count; i++)
        places[i] = slots->items[i].place;
    return places;
}

units_t units_of(const view_t *view, const dayaxis_t *days, const slots_t *slots, rect_t area)
{
    work_t work = {.view = view,
                   .lie = days->lie,
                   .area = area,
                   .timed = slots,
                   .slots_drawn = slots->celled,
                   .days_drawn = days->celled};
    work.days = (places_t){band_places(view->arena, days), days->count};
    work.slots = (places_t){slot_places(view->arena, slots), slots->count};
    work.body_drawn = body_is_drawn(&work);
    work.boxed = body_is_boxed(&work);
    const phrase_t **phrases = arena_array(view->arena, view->phrases.count + 1, sizeof *phrases);
    for (size_t c = 0; c < view->page->cells.count; c++) {
        rect_t box = rect_of(LIST_AT(cell_t, view->page->cells, c)->box);
        size_t n = body_phrases(&work, days, slots, (int)c, phrases);
        if (n == 0 && !in_body(&work, box))
            continue;
        const phrase_t **own = arena_array(view->arena, pieces_most(phrases, n), sizeof *own);
        memcpy(own, phrases, n * sizeof *own);
        n = split_phrases(&work, own, n);
        push_cell(&work, (int)c, own, n);
    }
    push_outside(&work, days, slots);
    join_loose(&work);
    return work.out;
}
