/* pieces: see pieces.h. */
#include "pieces.h"
#include "proto/base/text.h"
#include "proto/dossier.h"
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* Entries with times of their own that one cell may hold; a list of half a day in one has 12. */
enum { PARTS_MOST = 24 };

/* Headings within the days that are looked at: seven days of eight rooms are 56. */
enum { SUBHEADINGS_MOST = 256 };

/* Phrases of one place that are put in order: far more than a day of entries has. */
enum { SORTED_MOST = 256 };

/* Times of one entry are surely times. */
static const double TRUST_LEAST = 0.5;

/* Several entries in one unit. */

/* The range that a line begins with, minutes; false for none. */
static bool begins_with_range(const phrase_t *phrase, int *start)
{
    timespan_t found[2];
    int end;
    size_t n = timetext_find(phrase->text, found, 2);
    if (phrase->angle != 0 || n != 1 || found[0].from != 0 || found[0].end.minute < 0 || found[0].trust < TRUST_LEAST)
        return false;
    timetext_settle(&found[0], 6 * 60, start, &end);
    return true;
}

typedef struct {
    size_t at[PARTS_MOST]; /* index of the phrase with the time */
    size_t count;
} stamps_t;

/* The ranges of a unit, which must rise. */
static stamps_t stamps_of(const unit_t *unit)
{
    stamps_t s = {.count = 0};
    int last = -1, start;
    for (size_t i = 0; i < unit->count; i++) {
        if (!begins_with_range(unit->phrases[i], &start))
            continue;
        if (s.count == PARTS_MOST || start <= last)
            return (stamps_t){.count = 0};
        s.at[s.count++] = i;
        last = start;
    }
    return s;
}

static void push_unit(const view_t *view, units_t *units, unit_t unit)
{
    list_t list = {units->items, units->count};
    *(unit_t *)list_push(view->arena, &list, sizeof unit) = unit;
    units->items = list.items, units->count = list.count;
}

static rect_t ink_of(const unit_t *unit)
{
    rect_t ink = unit->phrases[0]->box;
    for (size_t i = 1; i < unit->count; i++)
        ink = rect_union(ink, unit->phrases[i]->box);
    return ink;
}

static bool reads_before(const phrase_t *a, const phrase_t *b)
{
    extent_t x = rect_y(a->box), y = rect_y(b->box);
    bool level = extent_shared(x, y) * 2 > extent_narrower(x, y);
    return level ? a->box.x0 < b->box.x0 : a->box.y0 < b->box.y0;
}

/* A unit that was joined of paragraphs has them in any order: the same in reading order. */
static unit_t in_reading_order(const view_t *view, const unit_t *unit)
{
    unit_t out = *unit;
    const phrase_t **own = arena_array(view->arena, unit->count + 1, sizeof *own);
    for (size_t i = 0; i < unit->count; i++) {
        size_t at = i;
        for (; at > 0 && reads_before(unit->phrases[i], own[at - 1]); at--)
            own[at] = own[at - 1];
        own[at] = unit->phrases[i];
    }
    out.phrases = own;
    return out;
}

void pieces_part_units(const view_t *view, units_t *units)
{
    size_t count = units->count;
    for (size_t u = 0; u < count; u++) {
        unit_t whole = units->items[u];
        if (!whole.drawn && whole.count < SORTED_MOST)
            whole = in_reading_order(view, &whole);
        stamps_t s = stamps_of(&whole);
        bool leads = s.count && s.at[0] == 0, trails = s.count && s.at[s.count - 1] + 1 == whole.count;
        if (s.count < 2 || (!leads && !trails))
            continue;
        for (size_t k = 0; k < s.count; k++) {
            size_t from = leads ? s.at[k] : (k ? s.at[k - 1] + 1 : 0);
            size_t to = leads ? (k + 1 < s.count ? s.at[k + 1] : whole.count) : s.at[k] + 1;
            unit_t part = whole;
            part.phrases = whole.phrases + from, part.count = to - from;
            part.box = ink_of(&part);
            if (k == 0)
                units->items[u] = part;
            else
                push_unit(view, units, part);
        }
    }
}

/* Times and names in cells of their own. */

static bool is_bare_time(const piece_t *p)
{
    return !p->dropped && p->entry.timed && !*p->name && !p->notes;
}

static bool is_bare_name(const piece_t *p)
{
    return !p->dropped && !p->entry.timed && *p->name && p->unit->drawn;
}

/* Whether a name stands just below its time, as wide as it. */
static bool stands_under(const piece_t *name, const piece_t *time)
{
    rect_t a = time->unit->box, b = name->unit->box;
    int gap = b.y0 - a.y1;
    return name->first == time->first && name->last == time->last && gap > -4 && gap < 14 &&
           extent_shared(rect_x(a), rect_x(b)) * 10 >= 9 * extent_wider(rect_x(a), rect_x(b));
}

/* Whether a name stands beside its time, both narrower than their day: lists under the days. */
static bool stands_beside(const matrix_t *m, const piece_t *name, const piece_t *time)
{
    rect_t a = time->unit->box, b = name->unit->box;
    int gap = (a.x0 < b.x0 ? b.x0 : a.x0) - (a.x0 < b.x0 ? a.x1 : b.x1);
    int band = extent_size(m->days.bands[time->first].band);
    return m->days.lie == DAYS_ARE_COLUMNS && name->first == time->first && name->last == time->last && gap > -4 &&
           gap < 14 && (a.x1 - a.x0) * 10 < 8 * band && (b.x1 - b.x0) * 10 < 8 * band &&
           extent_shared(rect_y(a), rect_y(b)) * 10 >= 9 * extent_wider(rect_y(a), rect_y(b));
}

/* "50 min" beside a time is no entry. */
static void drop_lengths(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        p->dropped = p->dropped || (!p->notes && !p->entry.timed && entry_is_length(p->name));
    }
}

static void pair_times(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++)
        for (size_t j = 0; j < m->count && is_bare_time(&m->pieces[i]); j++) {
            piece_t *time = &m->pieces[i], *name = &m->pieces[j];
            if (i == j || !is_bare_name(name) || !(stands_under(name, time) || stands_beside(m, name, time)))
                continue;
            name->entry.timed = true;
            name->entry.time = time->entry.time;
            name->entry.time_read = time->entry.time_read;
            name->entry.time_text = time->entry.time_text;
            time->dropped = true;
        }
}

/* What stands in a column of times and is none is a time that could not be read. */
static void drop_unread_times(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        size_t times = 0, others = 0;
        for (size_t j = 0; j < m->count && is_bare_name(p); j++) {
            const piece_t *other = &m->pieces[j];
            if (other->first != p->first || abs(other->unit->d.lo - p->unit->d.lo) > 4 ||
                abs(other->unit->d.hi - p->unit->d.hi) > 4)
                continue;
            other->dropped && other->entry.timed ? times++ : others++;
        }
        p->dropped = p->dropped || (times >= 3 && others <= times &&
                                    extent_size(p->unit->d) * 10 < 8 * extent_size(m->days.bands[p->first].band));
    }
}

/* A cell with nothing but times is the entry that its row names, in a table of such cells. */
static void take_row_names(matrix_t *m)
{
    size_t bare = 0, others = 0;
    for (size_t i = 0; i < m->count; i++)
        is_bare_time(&m->pieces[i]) ? bare++ : (others += !m->pieces[i].dropped && *m->pieces[i].name);
    if (m->slots.timed || others * 5 > bare)
        return;
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        for (size_t s = 0; s < m->slots.count && is_bare_time(p); s++) {
            const slot_t *slot = &m->slots.items[s];
            if (!slot->name || !extent_holds(slot->place, extent_middle(p->unit->t)))
                continue;
            p->name = slot->name;
            m->rows_named = true;
            p->name_why = "the heading of its row; its cell holds the time";
            p->name_inferred = true;
        }
    }
}

/* Headings below the days. */

/* The first slot with a time; slots.count where there is none. */
static size_t first_timed(const matrix_t *m)
{
    size_t s = 0;
    while (s < m->slots.count && m->slots.items[s].start.minute < 0)
        s++;
    return m->slots.timed ? s : m->slots.count;
}

/* Whether a piece stands before a slot, in a cell narrower than its day. */
static bool is_subheading(const matrix_t *m, const piece_t *p, const slot_t *slot)
{
    return *p->name && !p->entry.timed && p->unit->drawn && p->first == p->last &&
           p->unit->t.hi <= slot->place.lo + 4 &&
           extent_size(p->unit->d) * 10 < 8 * extent_size(m->days.bands[p->first].band);
}

/* Columns within the days ("Studio A | Studio B"): every day has the same headings, two at least. */
static void drop_subheadings(matrix_t *m)
{
    size_t s = first_timed(m), found = 0;
    piece_t **heads = arena_array(m->view->arena, m->count + 1, sizeof(piece_t *));
    for (size_t i = 0; i < m->count && s < m->slots.count; i++)
        if (is_subheading(m, &m->pieces[i], &m->slots.items[s]))
            heads[found++] = &m->pieces[i];
    if (found < 2 * m->days.count || found > SUBHEADINGS_MOST)
        return;
    for (size_t i = 0; i < found; i++) {
        size_t alike = 0;
        for (size_t j = 0; j < found; j++)
            alike += strcmp(heads[i]->name, heads[j]->name) == 0;
        if (alike < m->days.count)
            return;
    }
    for (size_t i = 0; i < found; i++)
        heads[i]->dropped = true;
}

/* "14" between the day and the times: the date, set apart from its day. */
static void drop_dates(matrix_t *m)
{
    size_t s = 0;
    while (s < m->slots.count && m->slots.items[s].start.minute < 0)
        s++;
    for (size_t i = 0; i < m->count && s < m->slots.count; i++) {
        piece_t *p = &m->pieces[i];
        size_t marks = strspn(p->name, "0123456789./"); /* "14", "9.12.", "9/12/24" */
        if (p->unit->cell < 0 && p->unit->count == 1 && marks && marks <= 8 && !p->name[marks] &&
            extent_middle(rect_t_axis(p->unit->phrases[0]->box, m->days.lie)) < m->slots.items[s].ink.lo)
            p->dropped = true;
    }
}

/* What takes place every day, in tables without lines. */

/* The only entry in the place of a slot; NULL where there are others or none. */
static piece_t *only_in_slot(const matrix_t *m, const slot_t *slot)
{
    piece_t *only = NULL;
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        if (p->dropped || !*p->name || !extent_holds(slot->place, extent_middle(p->unit->t)))
            continue;
        if (only)
            return NULL;
        only = p;
    }
    return only;
}

/* Whether print stands in the middle of the week, not in that of a drawn cell. */
static bool is_central(const matrix_t *m, const piece_t *p)
{
    extent_t week = {m->days.bands[0].band.lo, m->days.bands[m->days.count - 1].band.hi};
    extent_t ink = rect_d_axis(ink_of(p->unit), m->days.lie);
    return !p->unit->drawn && !p->entry.timed && p->first == p->last &&
           abs(extent_middle(ink) - extent_middle(week)) * 25 < extent_size(week);
}

static bool is_routine(const char *name)
{
    size_t took;
    return vocabulary_prefix("routine", name, &took) >= 0;
}

/* "Lunch" alone in its row, in the middle of the week: it is every day's, and what stands like it too. */
static void spread_routines(matrix_t *m)
{
    size_t central = 0, routine = 0;
    for (int pass = 0; pass < 2 && !m->days.celled && m->days.count >= 3; pass++) {
        if (pass && (!routine || routine * 2 < central))
            return;
        for (size_t s = 0; s < m->slots.count; s++) {
            piece_t *p = only_in_slot(m, &m->slots.items[s]);
            if (!p || !p->unit->count || !is_central(m, p))
                continue;
            central += !pass;
            routine += !pass && is_routine(p->name);
            if (pass)
                p->first = 0, p->last = (int)m->days.count - 1;
        }
    }
}

/* Where every cell has its time, print outside the cells is none of the entries. */
static void drop_strays(matrix_t *m)
{
    size_t timed = 0, others = 0;
    for (size_t i = 0; i < m->count; i++) {
        const piece_t *p = &m->pieces[i];
        bool entry = !p->dropped && p->unit->cell >= 0 && *p->name;
        timed += entry && p->entry.timed;
        others += entry && !p->entry.timed;
    }
    if (m->slots.timed || timed < 6 || others * 6 > timed)
        return;
    for (size_t i = 0; i < m->count; i++)
        if (m->pieces[i].unit->cell < 0 && !m->pieces[i].entry.timed)
            m->pieces[i].dropped = true;
}

void pieces_settle(matrix_t *m)
{
    drop_lengths(m);
    pair_times(m);
    if (m->days.lie == DAYS_ARE_COLUMNS)
        drop_unread_times(m);
    take_row_names(m);
    drop_subheadings(m);
    drop_dates(m);
    drop_strays(m);
    spread_routines(m);
}
