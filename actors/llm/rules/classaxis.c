/* classaxis: see classaxis.h. */
#include "classaxis.h"
#include "owner.h"
#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Most classes of one axis: a school of forty over a week is 200. */
enum { CLASSES_MOST = 256 };

/* Days of a page with a table each; classes of the smallest such table, and its times. */
enum { SECTIONS_MOST = 16, CLASSES_LEAST = 2, TIMES_LEAST = 3 };

/* A day's name is surely one, alone and within a title. */
static const double DAY_TRUST = 0.9, TITLE_TRUST = 0.75;

/* Classes in one line across the time axis. */
typedef struct {
    const label_t *items[CLASSES_MOST];
    size_t count;
    extent_t t; /* px that their cells take along the time axis */
} line_t;

static bool is_before(const label_t *a, const label_t *b, lie_t lie)
{
    return extent_middle(rect_d_axis(a->box, lie)) < extent_middle(rect_d_axis(b->box, lie));
}

static bool in_line(const label_t *a, const label_t *b, lie_t lie)
{
    extent_t x = rect_t_axis(a->box, lie), y = rect_t_axis(b->box, lie);
    return extent_shared(x, y) * 10 >= 8 * extent_wider(x, y);
}

static bool is_class(const owners_t *owners, const label_t *label, lie_t lie)
{
    return owner_at(owners, label, lie) != OWNER_NONE;
}

/* The classes that stand in line with a label, within an area, in order. */
static line_t line_of(const view_t *view, const owners_t *owners, const label_t *seed, rect_t area, lie_t lie)
{
    line_t line = {.t = rect_t_axis(seed->box, lie)};
    for (size_t i = 0; i < view->labels.count && line.count < CLASSES_MOST; i++) {
        const label_t *label = &view->labels.items[i];
        int d = extent_middle(rect_d_axis(label->box, lie));
        if (!extent_holds(rect_d_axis(area, lie), d) || !in_line(seed, label, lie) || !is_class(owners, label, lie))
            continue;
        size_t at = line.count++;
        for (; at > 0 && is_before(label, line.items[at - 1], lie); at--)
            line.items[at] = line.items[at - 1];
        line.items[at] = label;
        line.t = extent_union(line.t, rect_t_axis(label->box, lie));
    }
    return line;
}

static dayband_t band_of(const owners_t *owners, const dayband_t *day, const label_t *label, lie_t lie)
{
    bool teacher = owner_at(owners, label, lie) == OWNER_TEACHER;
    return (dayband_t){.days = day->days,
                       .label = label,
                       .day = day->label,
                       .band = rect_d_axis(label->box, lie),
                       .box = label->box,
                       .read = label->confidence * day->read,
                       .teacher = teacher ? label->text : NULL,
                       .class_name = teacher ? NULL : label->text};
}

/* Below the days. */

static size_t count_in(const line_t *line, extent_t band, lie_t lie, size_t *from)
{
    size_t n = 0;
    for (size_t i = 0; i < line->count; i++)
        if (extent_holds(band, extent_middle(rect_d_axis(line->items[i]->box, lie))) && n++ == 0)
            *from = i;
    return n;
}

/* Whether most days hold two classes or more, and the same ones in the same order. */
static bool repeats(const dayaxis_t *axis, const line_t *line)
{
    size_t alike = 0, first = 0, n = count_in(line, axis->bands[0].band, axis->lie, &first);
    for (size_t b = 1; b < axis->count; b++) {
        size_t from = 0, same = count_in(line, axis->bands[b].band, axis->lie, &from) == n;
        for (size_t i = 0; i < n && same; i++)
            same = text_same(line->items[first + i]->text, line->items[from + i]->text);
        alike += same;
    }
    return n >= CLASSES_LEAST && alike * 3 >= (axis->count - 1) * 2;
}

static void part_days(const view_t *view, const owners_t *owners, dayaxis_t *axis)
{
    rect_t page = {0, 0, view->page->width, view->page->height};
    extent_t d = {axis->bands[0].band.lo, axis->bands[axis->count - 1].band.hi};
    line_t *best = arena_take(view->arena, sizeof *best), line;
    rect_t area = rect_from(rect_t_axis(page, axis->lie), d, axis->lie);
    best->count = 0;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *seed = &view->labels.items[i];
        extent_t t = rect_t_axis(seed->box, axis->lie);
        bool near = !best->count || t.lo < best->t.lo;
        if (!near || t.lo + 2 < axis->heads.hi || !extent_holds(d, extent_middle(rect_d_axis(seed->box, axis->lie))) ||
            !is_class(owners, seed, axis->lie))
            continue;
        line = line_of(view, owners, seed, area, axis->lie);
        if (repeats(axis, &line))
            *best = line;
    }
    if (!best->count)
        return;
    dayband_t *bands = arena_array(view->arena, best->count, sizeof *bands);
    size_t n = 0;
    for (size_t b = 0; b < axis->count; b++) {
        size_t from = 0, own = count_in(best, axis->bands[b].band, axis->lie, &from);
        for (size_t i = 0; i < own && n < best->count; i++) /* bands may overlap */
            bands[n++] = band_of(owners, &axis->bands[b], best->items[from + i], axis->lie);
    }
    axis->bands = bands, axis->count = n, axis->classes = true;
    axis->heads = extent_union(axis->heads, best->t);
}

/* Below a day's name. */

typedef struct {
    const label_t *day;
    line_t classes;
} section_t;

/* The names of days that stand alone, from the top down. */
static size_t sections_of(const view_t *view, section_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < view->labels.count && n < SECTIONS_MOST; i++) {
        const label_t *label = &view->labels.items[i];
        bool title = label->cell < 0 && label->day.days && label->day.trust >= TITLE_TRUST; /* "Staff – Wednesday" */
        if (!(label->day.only && label->day.trust >= DAY_TRUST && !label->part) && !title)
            continue;
        if (label->timed)
            continue;
        size_t at = n++;
        for (; at > 0 && label->ink.y0 < out[at - 1].day->ink.y0; at--)
            out[at] = out[at - 1];
        out[at] = (section_t){.day = label};
    }
    return n;
}

/* Whether times stand in one row between a day's name and its first class. */
static bool has_times(const view_t *view, const section_t *s)
{
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *seed = &view->labels.items[i];
        size_t n = 0;
        if (!seed->timed || seed->part || seed->ink.y0 < s->day->ink.y1 ||
            seed->ink.y1 > s->classes.items[0]->box.y0 + 2)
            continue;
        for (size_t k = 0; k < view->labels.count; k++) {
            const label_t *label = &view->labels.items[k];
            n += label->timed && !label->part && label->ink.x0 >= s->classes.t.hi - 2 &&
                 extent_shared(rect_y(label->box), rect_y(seed->box)) * 2 > extent_size(rect_y(seed->box));
        }
        if (n >= TIMES_LEAST)
            return true;
    }
    return false;
}

/* The first column of the table below a day's name, where it is one of classes. */
static bool find_classes(const view_t *view, const owners_t *owners, section_t *s, int bottom)
{
    rect_t area = {0, s->day->ink.y1, view->page->width, bottom};
    const label_t *first = NULL;
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        int y = extent_middle(rect_y(label->box));
        if (y < area.y0 || y >= area.y1 || !is_class(owners, label, DAYS_ARE_ROWS))
            continue;
        first = !first || label->box.x0 < first->box.x0 ? label : first;
    }
    if (!first)
        return false;
    s->classes = line_of(view, owners, first, area, DAYS_ARE_ROWS);
    return s->classes.count >= CLASSES_LEAST && has_times(view, s);
}

static bool holds_day(const dayaxis_t *axis, const section_t *sections, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sections[i].classes.count && dayaxis_has(axis, sections[i].day))
            return true;
    return false;
}

static void push_section(const view_t *view, const owners_t *owners, dayaxes_t *axes, const section_t *s)
{
    dayaxis_t *axis = &axes->items[axes->count++];
    dayband_t day = {.days = s->day->day.days, .label = s->day, .read = s->day->confidence};
    *axis = (dayaxis_t){.lie = DAYS_ARE_ROWS, .celled = true, .classes = true, .heads = s->classes.t};
    axis->bands = arena_array(view->arena, s->classes.count, sizeof *axis->bands);
    for (size_t i = 0; i < s->classes.count; i++)
        axis->bands[axis->count++] = band_of(owners, &day, s->classes.items[i], DAYS_ARE_ROWS);
    axis->trust = (double)axis->count;
}

static void add_sections(const view_t *view, const owners_t *owners, dayaxes_t *axes)
{
    section_t *sections = arena_array(view->arena, SECTIONS_MOST, sizeof *sections);
    size_t n = sections_of(view, sections), found = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        int bottom = i + 1 < n ? sections[i + 1].day->ink.y0 : view->page->height;
        if (find_classes(view, owners, &sections[i], bottom))
            found++;
        else
            sections[i].classes.count = 0;
    }
    if (!found)
        return;
    for (size_t i = 0; i < axes->count; i++)
        if (!holds_day(&axes->items[i], sections, n))
            axes->items[kept++] = axes->items[i];
    axes->count = kept;
    dayaxis_t *items = arena_array(view->arena, kept + n, sizeof *items);
    memcpy(items, axes->items, kept * sizeof *items);
    axes->items = items;
    for (size_t i = 0; i < n; i++)
        if (sections[i].classes.count)
            push_section(view, owners, axes, &sections[i]);
}

void classaxis_refine(const view_t *view, dayaxes_t *axes)
{
    const owners_t *owners = owners_of(view);
    for (size_t i = 0; i < axes->count; i++)
        if (axes->items[i].celled && axes->items[i].count >= 2)
            part_days(view, owners, &axes->items[i]);
    add_sections(view, owners, axes);
}
