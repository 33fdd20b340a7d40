/* dayscope: see dayscope.h. */
#include "dayscope.h"

#include <stdlib.h>
#include <string.h>

/* A day's name is surely one; fewest times of a line; of others in it at most one to so many times. */
static const double DAY_TRUST = 0.85;
enum { TIMES_LEAST = 3, OTHERS_RATE = 4, EVERY_DAY = (1 << DAY_COUNT) - 1 };

/* A day's name with nothing but times in its line. */
typedef struct {
    const label_t *head;
    lie_t lie; /* of the table: its line runs along the time axis */
} scope_t;

/* Along the day axis: in the same row of a table with days as rows. */
static bool in_line(const label_t *head, const label_t *label, lie_t lie)
{
    extent_t x = rect_d_axis(head->box, lie), y = rect_d_axis(label->box, lie);
    bool both = head->whole && label->whole;
    return extent_shared(x, y) * 10 >= 7 * (both ? extent_wider(x, y) : extent_narrower(x, y));
}

static bool is_behind(const label_t *head, const label_t *label, lie_t lie)
{
    return rect_t_axis(label->ink, lie).lo >= rect_t_axis(head->ink, lie).hi - 2;
}

static bool is_day(const label_t *label)
{
    return label->day.only && label->day.trust >= DAY_TRUST;
}

static bool leads_times(const view_t *view, const label_t *head, lie_t lie)
{
    size_t times = 0, others = 0;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        if (label == head || label->part || !in_line(head, label, lie) || !is_behind(head, label, lie))
            continue;
        label->timed && !*label->rest ? times++ : others++;
    }
    return times >= TIMES_LEAST && others * OTHERS_RATE <= times;
}

/* The days that headings level with this one name, and that lead more than times; leads[] says which lead times. */
static unsigned named_beside(const view_t *view, const label_t *head, lie_t lie, const bool *leads)
{
    unsigned days = 0;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        extent_t x = rect_t_axis(head->box, lie), y = rect_t_axis(label->box, lie);
        if (label != head && is_day(label) && extent_shared(x, y) * 2 > extent_narrower(x, y) && !leads[i])
            days |= label->day.days;
    }
    return days;
}

static size_t scopes_of(const view_t *view, scope_t *out)
{
    size_t n = 0;
    bool *leads = arena_array(view->arena, view->labels.count + 1, sizeof *leads);
    for (int l = 0; l < 2; l++) {
        lie_t lie = l ? DAYS_ARE_COLUMNS : DAYS_ARE_ROWS;
        for (size_t i = 0; i < view->labels.count; i++)
            leads[i] = is_day(&view->labels.items[i]) && leads_times(view, &view->labels.items[i], lie);
        for (size_t i = 0; i < view->labels.count && n < DAYSCOPES_MOST; i++) {
            const label_t *head = &view->labels.items[i];
            if (leads[i] && (head->day.days & ~named_beside(view, head, lie, leads)) == 0)
                out[n++] = (scope_t){head, lie};
        }
    }
    return n;
}

static bool holds(const label_t *label, const phrase_t *phrase)
{
    for (size_t k = 0; k < label->count; k++)
        if (label->phrases[k] == phrase)
            return true;
    return false;
}

/* Whether a phrase is none of what some days see: the name before a line of times, or times of other days. */
static bool is_hidden(const view_t *view, const scope_t *scopes, size_t count, unsigned days, const phrase_t *phrase)
{
    for (size_t s = 0; s < count; s++) {
        if (holds(scopes[s].head, phrase))
            return true;
        if ((scopes[s].head->day.days & days) == days)
            continue;
        for (size_t i = 0; i < view->labels.count; i++) {
            const label_t *label = &view->labels.items[i];
            if (label->timed && in_line(scopes[s].head, label, scopes[s].lie) &&
                is_behind(scopes[s].head, label, scopes[s].lie) && holds(label, phrase))
                return true;
        }
    }
    return false;
}

static dayscope_t seen_by(const view_t *view, const scope_t *scopes, size_t count, unsigned days)
{
    dayscope_t out = {days, {arena_array(view->arena, view->phrases.count + 1, sizeof(phrase_t)), 0}};
    for (size_t i = 0; i < view->phrases.count; i++)
        if (!is_hidden(view, scopes, count, days, &view->phrases.items[i]))
            out.phrases.items[out.phrases.count++] = view->phrases.items[i];
    return out;
}

size_t dayscopes_of(const view_t *view, dayscope_t out[DAYSCOPES_MOST])
{
    scope_t *scopes = arena_array(view->arena, DAYSCOPES_MOST, sizeof *scopes);
    size_t count = scopes_of(view, scopes), n = 0;
    unsigned left = EVERY_DAY;
    for (size_t s = 0; s < count; s++) {
        unsigned days = scopes[s].head->day.days & left;
        if (!days || n + 1 == DAYSCOPES_MOST)
            continue;
        out[n++] = seen_by(view, scopes, count, days);
        left &= ~days;
    }
    if (n && left)
        out[n++] = seen_by(view, scopes, count, left);
    return n;
}
