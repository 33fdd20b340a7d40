/* dayaxis: see dayaxis.h. */
#include "dayaxis.h"
#include "dayword.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Least sum of trust for days that stand in a line to be headings: two full names, or five single letters (0.3 each).
 */
static const double TRUST_LEAST = 1.2;

/* Trust of each heading of an axis that is surely one. */
static const double SURE_EACH = 0.85;

/* Longest heading of a day with something beside it, in code points: "Friday SIP (Flex Day)". */
enum { HEADING_MOST = 36 };

/* Signs and axes of one page that are looked at: a year's planner has 12 axes of 7, a page of two weeks for each of
 * eight classes 16. What comes after them is left out, since looking takes the square of their number. */
enum { SIGNS_MOST = 512, AXES_MOST = 32 };

/* A label that may be a heading, with what it may say. */
typedef struct {
    const label_t *label;
    unsigned days;
    double trust;
    bool letter; /* a single letter: T may be Tuesday or Thursday, S Saturday or Sunday */
    bool used;
    bool brief;                              /* its form is short, and may be another day in another language */
    unsigned usual;                          /* bits, by itself */
    unsigned by_language[DAYWORD_LANGUAGES]; /* bits as each language means it, where brief; 0 for none */
} sign_t;

typedef struct {
    sign_t *items;
    size_t count;
} signs_t;

unsigned dayaxis_order(unsigned days)
{
    unsigned weekend = 1u << DAY_SATURDAY | 1u << DAY_SUNDAY;
    bool before_monday = days & 1u << DAY_SUNDAY && days & 1u << DAY_MONDAY && !(days & 1u << DAY_FRIDAY);
    return before_monday ? days & ~weekend : days;
}

static int first_day(unsigned days)
{
    days = dayaxis_order(days);
    for (int d = 0; d < DAY_COUNT; d++)
        if (days & 1u << d)
            return d;
    return DAY_NONE;
}

static int last_day(unsigned days)
{
    days = dayaxis_order(days);
    for (int d = DAY_COUNT; d-- > 0;)
        if (days & 1u << d)
            return d;
    return DAY_NONE;
}

static bool is_single(unsigned days)
{
    return (days & (days - 1)) == 0;
}

/* Whole cells come before their parts: a part is a sign only where its cell is none, or names several days. */
static bool is_sign(const label_t *label, const label_t *whole)
{
    if (!label->day.days || text_length(label->text) > HEADING_MOST || (label->timed && !label->day.only))
        return false;
    if (!label->day.only && label->day.trust < 0.75)
        return false;
    return !label->part || !whole || !whole->day.days || !is_single(whole->day.days) || !whole->day.only;
}

static sign_t sign_of(const label_t *label)
{
    sign_t sign = {.label = label, .days = label->day.days, .usual = label->day.days, .trust = label->day.trust};
    sign.letter = text_length(label->text) == 1;
    sign.brief = label->day.only && sign.trust < SURE_EACH && !sign.letter;
    for (int l = 0; sign.brief && l < vocabulary_languages(); l++)
        sign.by_language[l] = daytext_read_in(label->text, l).days;
    return sign;
}

static signs_t signs_of(const view_t *view)
{
    const labels_t *labels = &view->labels;
    signs_t signs = {arena_array(view->arena, labels->count + 1, sizeof(sign_t)), 0};
    const label_t *whole = NULL;
    for (size_t i = 0; i < labels->count && signs.count < SIGNS_MOST; i++) {
        const label_t *label = &labels->items[i];
        if (label->whole)
            whole = label;
        if (!is_sign(label, label->part ? whole : NULL))
            continue;
        /* a cell that holds a row of days is not one heading: its parts are */
        bool parts = label->whole && i + 1 < labels->count && labels->items[i + 1].part;
        size_t days_below = 0;
        for (size_t j = i + 1; parts && j < labels->count && labels->items[j].part; j++)
            days_below += labels->items[j].day.days != 0;
        if (days_below > 1)
            continue;
        signs.items[signs.count++] = sign_of(label);
    }
    return signs;
}

/* Whether two signs stand in one line across the day axis. */
static bool in_line(const sign_t *a, const sign_t *b, lie_t lie)
{
    extent_t x = rect_t_axis(a->label->box, lie), y = rect_t_axis(b->label->box, lie);
    extent_t xi = rect_t_axis(a->label->ink, lie), yi = rect_t_axis(b->label->ink, lie);
    if (a->label->whole && b->label->whole)
        return extent_shared(x, y) * 10 >= 7 * extent_wider(x, y);
    int off = abs(extent_middle(xi) - extent_middle(yi)), start = abs(xi.lo - yi.lo), end = abs(xi.hi - yi.hi);
    double em = fmax(a->label->size, b->label->size);
    return extent_shared(x, y) * 2 >= extent_narrower(x, y) && (off < 0.8 * em || start < 0.6 * em || end < 0.6 * em);
}

static int by_position(const void *left, const void *right, void *lie)
{
    const sign_t *a = *(sign_t *const *)left, *b = *(sign_t *const *)right;
    extent_t x = rect_d_axis(a->label->ink, *(lie_t *)lie), y = rect_d_axis(b->label->ink, *(lie_t *)lie);
    return extent_middle(x) - extent_middle(y);
}

/* What a single letter stands for after the day before it: T after Wednesday is Thursday, S after Saturday Sunday. */
static unsigned settle_letter(const sign_t *sign, int before)
{
    int day = first_day(sign->days);
    if (sign->letter && day == DAY_TUESDAY && before >= DAY_TUESDAY)
        return 1u << DAY_THURSDAY;
    if (sign->letter && day == DAY_SATURDAY && before >= DAY_SATURDAY)
        return 1u << DAY_SUNDAY;
    return sign->days;
}

/* The longest run of days that rise, within the line of signs; writes the chosen ones to run. A day that repeats ends
 * it: a second week beside the first is an axis of its own. */
static size_t rising_run(sign_t **line, size_t count, sign_t **run, unsigned *days, double *trust)
{
    size_t best = 0;
    double best_trust = 0;
    sign_t *own[64];
    unsigned own_days[64];
    for (size_t from = 0; from < count; from++) {
        size_t n = 0;
        int before = DAY_NONE, last = DAY_NONE; /* first and last day of the heading before */
        unsigned taken = 0;
        double sum = 0;
        for (size_t i = from; i < count && n < 64; i++) {
            unsigned set = settle_letter(line[i], last);
            if (n && n <= 2 && before >= DAY_SATURDAY && first_day(set) == DAY_MONDAY)
                before = last = DAY_NONE;                  /* a week that begins with its weekend */
            if (first_day(set) <= before || set & taken) { /* "M/W/F" goes before "T/Th" */
                if (line[i]->trust >= 0.5)
                    break;
                continue;
            }
            own[n] = line[i], own_days[n++] = set;
            sum += line[i]->trust;
            taken |= set;
            before = first_day(set);
            last = last_day(set);
        }
        if (n < 2 || sum <= best_trust)
            continue;
        best = n, best_trust = sum;
        memcpy(run, own, n * sizeof *own);
        memcpy(days, own_days, n * sizeof *own_days);
    }
    *trust = best_trust;
    return best;
}

typedef struct {
    sign_t *run[64];
    unsigned days[64];
    size_t count;
    double trust;
    lie_t lie;
} candidate_t;

/* Two days are an axis only where both are surely days: "PE" is Thursday in Turkish. */
static bool is_doubtful(const candidate_t *c)
{
    return c->count == 2 && (c->run[0]->trust < 0.5 || c->run[1]->trust < 0.5);
}

/* What the signs of a line are in one language; -1 for what each is by itself. */
static void mean(sign_t **line, size_t count, int language)
{
    for (size_t i = 0; i < count; i++) {
        unsigned days = language >= 0 && line[i]->brief ? line[i]->by_language[language] : 0;
        line[i]->days = days ? days : line[i]->usual;
    }
}

/* The best run of a line, whose short forms are all of one language. */
static void best_run(sign_t **line, size_t count, lie_t lie, candidate_t *best)
{
    bool brief = false;
    for (size_t i = 0; i < count; i++)
        brief = brief || line[i]->brief;
    for (int language = -1; language < (brief ? vocabulary_languages() : 0); language++) {
        candidate_t own = {.lie = lie};
        mean(line, count, language);
        own.count = rising_run(line, count, own.run, own.days, &own.trust);
        if (own.count >= 2 && own.trust > best->trust + 1e-9 && !is_doubtful(&own))
            *best = own;
    }
    mean(line, count, -1);
}

static void best_line(const view_t *view, signs_t *signs, candidate_t *best)
{
    sign_t **line = arena_array(view->arena, signs->count + 1, sizeof *line);
    for (size_t seed = 0; seed < signs->count; seed++)
        for (int l = 0; l < 2; l++) {
            lie_t lie = l ? DAYS_ARE_COLUMNS : DAYS_ARE_ROWS;
            size_t n = 0;
            for (size_t i = 0; i < signs->count; i++)
                if (!signs->items[seed].used && !signs->items[i].used &&
                    in_line(&signs->items[seed], &signs->items[i], lie))
                    line[n++] = &signs->items[i];
            if (n < 2)
                continue;
            qsort_r(line, n, sizeof *line, by_position, &lie);
            best_run(line, n, lie, best);
        }
}

static void push_axis(const view_t *view, dayaxes_t *axes, candidate_t *from)
{
    dayaxis_t *axis = &axes->items[axes->count++];
    *axis = (dayaxis_t){.lie = from->lie, .count = from->count, .celled = true, .trust = from->trust};
    axis->bands = arena_array(view->arena, from->count, sizeof *axis->bands);
    for (size_t i = 0; i < from->count; i++) {
        const label_t *label = from->run[i]->label;
        from->run[i]->used = true;
        axis->bands[i] = (dayband_t){.days = from->days[i],
                                     .label = label,
                                     .box = label->box,
                                     .band = rect_d_axis(label->box, axis->lie),
                                     .read = label->confidence * fmax(0.6, from->run[i]->trust)};
        extent_t head = rect_t_axis(label->box, axis->lie);
        axis->heads = i ? extent_union(axis->heads, head) : head;
        axis->celled = axis->celled && label->whole;
    }
}

/* Whether the headings of an axis are weak signs ("Pe", "S", "Sat" for what they may be in some language) that stand in
 * the body of a stronger one: they are its entries. */
static bool is_inside(const dayaxis_t *axis, const dayaxis_t *stronger)
{
    extent_t d = {stronger->bands[0].band.lo, stronger->bands[stronger->count - 1].band.hi};
    if (axis->trust >= SURE_EACH * (double)axis->count || stronger->count < 3 ||
        stronger->trust < SURE_EACH * (double)stronger->count)
        return false;
    for (size_t i = 0; i < axis->count; i++) {
        rect_t box = axis->bands[i].box;
        if (extent_middle(rect_t_axis(box, stronger->lie)) < stronger->heads.hi ||
            !extent_holds(d, extent_middle(rect_d_axis(box, stronger->lie))))
            return false;
    }
    return true;
}

static void drop_inside(dayaxes_t *axes)
{
    for (size_t i = 1; i < axes->count;) {
        bool inside = false;
        for (size_t k = 0; k < i && !inside; k++)
            inside = is_inside(&axes->items[i], &axes->items[k]);
        if (!inside) {
            i++;
            continue;
        }
        memmove(&axes->items[i], &axes->items[i + 1], (axes->count - i - 1) * sizeof *axes->items);
        axes->count--;
    }
}

dayaxes_t dayaxes_of(const view_t *view)
{
    signs_t signs = signs_of(view);
    dayaxes_t axes = {arena_array(view->arena, signs.count + 1, sizeof(dayaxis_t)), 0};
    for (;;) {
        candidate_t best = {.trust = 0};
        best_line(view, &signs, &best);
        if (best.count < 2 || best.trust < TRUST_LEAST || axes.count == AXES_MOST)
            break;
        push_axis(view, &axes, &best);
    }
    drop_inside(&axes);
    return axes;
}

bool dayaxis_has(const dayaxis_t *axis, const label_t *label)
{
    for (size_t i = 0; i < axis->count; i++)
        if (axis->bands[i].label == label || (axis->bands[i].label && label->cell >= 0 &&
                                              axis->bands[i].label->cell == label->cell && axis->bands[i].label->whole))
            return true;
    return false;
}

/* Whether an axis below another has its next days in the same places: a week in two rows of boxes. */
static bool goes_on(const dayaxis_t *own, const dayaxis_t *below)
{
    if (below->bands[0].days <= own->bands[own->count - 1].days || below->count > own->count)
        return false;
    for (size_t i = 0; i < below->count; i++) {
        extent_t a = rect_d_axis(own->bands[i].box, own->lie);
        extent_t b = rect_d_axis(below->bands[i].box, own->lie);
        if (extent_shared(a, b) * 2 < extent_narrower(a, b))
            return false;
    }
    return true;
}

rect_t dayaxis_area(const view_t *view, const dayaxes_t *axes, size_t which)
{
    const dayaxis_t *own = &axes->items[which];
    lie_t lie = own->lie;
    rect_t page = {0, 0, view->page->width, view->page->height};
    extent_t t = rect_t_axis(page, lie), d = rect_d_axis(page, lie);
    extent_t body = {own->bands[0].band.lo, own->bands[own->count - 1].band.hi};
    t.lo = own->heads.lo;
    for (size_t i = 0; i < axes->count; i++) {
        const dayaxis_t *other = &axes->items[i];
        extent_t theirs = {other->bands[0].band.lo, other->bands[other->count - 1].band.hi};
        if (i == which || other->lie != lie)
            continue;
        if (extent_shared(body, theirs) > 0 && other->heads.lo > own->heads.hi && other->heads.lo < t.hi &&
            (other->bands[0].days == own->bands[0].days || goes_on(own, other)))
            t.hi = other->heads.lo;
        if (extent_shared(own->heads, other->heads) <= 0)
            continue;
        if (theirs.hi <= body.lo && theirs.hi > d.lo)
            d.lo = theirs.hi;
        if (theirs.lo >= body.hi && theirs.lo < d.hi)
            d.hi = theirs.lo;
    }
    return rect_from(t, d, lie);
}
