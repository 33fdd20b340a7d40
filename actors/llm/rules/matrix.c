/* matrix: see matrix.h. */
#include "matrix.h"
#include "asides.h"
#include "dayplace.h"
#include "pieces.h"
#include "proto/base/text.h"
#include "scale.h"
#include "spelt.h"
#include "vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Edges of a cell and of a heading are one within this share of the narrower of both headings; what lies within
 * EXACT of the page's width and height is drawn as one line, and no neighbour's time moves it. */
static const double SNAP_SHARE = 0.25, EXACT = 0.0035;
enum { SNAP_LEAST = 6, DAY_BEGINS = 6 * 60, ODD_MOST = 200, BEFORE_MOST = 60 };

/* Where the table ends along the time axis: the last cell of the headings' table. */
static void shrink_to_table(matrix_t *m)
{
    const label_t *label = m->days.bands[0].label;
    if (!m->days.celled || !label || label->cell < 0)
        return;
    int table = LIST_AT(cell_t, m->view->page->cells, label->cell)->table;
    extent_t t = rect_t_axis(m->area, m->days.lie), d = rect_d_axis(m->area, m->days.lie);
    int hi = t.lo;
    for (size_t i = 0; i < m->view->page->cells.count; i++) {
        const cell_t *cell = LIST_AT(cell_t, m->view->page->cells, i);
        extent_t e = rect_t_axis(rect_of(cell->box), m->days.lie);
        if (cell->table == table && e.hi > hi)
            hi = e.hi;
    }
    if (hi > m->days.heads.hi && hi + 2 < t.hi)
        t.hi = hi + 2;
    m->area = rect_from(t, d, m->days.lie);
}

/* Pieces. */

static void cover_days(const matrix_t *m, piece_t *piece)
{
    piece->first = -1;
    for (size_t i = 0; i < m->days.count; i++) {
        extent_t band = m->days.bands[i].band, d = piece->unit->d;
        int shared = extent_shared(band, d);
        bool inside = extent_holds(band, extent_middle(d));
        if (!inside && shared * 2 < extent_size(band))
            continue;
        piece->first = piece->first < 0 ? (int)i : piece->first;
        piece->last = (int)i;
    }
}

/* Whether a unit stands under a heading that is no time of the day. */
static bool is_foreign(const matrix_t *m, const unit_t *unit)
{
    for (size_t i = 0; i < m->slots.count; i++)
        if (m->slots.items[i].foreign && extent_shared(m->slots.items[i].place, unit->t) * 2 > extent_size(unit->t))
            return true;
    return false;
}

static void make_pieces(matrix_t *m)
{
    m->pieces = arena_array(m->view->arena, m->units.count + 1, sizeof *m->pieces);
    for (size_t i = 0; i < m->units.count; i++) {
        piece_t piece = {.unit = &m->units.items[i], .heading_minutes = -1};
        piece.start = piece.end = instant_none();
        cover_days(m, &piece);
        if (piece.first < 0 || is_foreign(m, piece.unit))
            continue;
        if (piece.unit->count)
            piece.entry = entry_read(m->view, piece.unit->phrases, piece.unit->count);
        else
            piece.entry = (entry_t){.name = "", .read = 1, .read_mean = 1};
        piece.name = piece.entry.name;
        piece.notes = piece.entry.notes;
        piece.name_why = piece.entry.why;
        if (!*piece.name && piece.notes)
            piece.name = piece.notes, piece.notes = NULL;
        m->pieces[m->count++] = piece;
    }
}

/* Cells of one table are set alike: where nearly all begin with the name, the others do too. */
static void agree_on_names(matrix_t *m)
{
    size_t parted = 0, leads = 0;
    for (size_t i = 0; i < m->count; i++) {
        parted += m->pieces[i].entry.parted;
        leads += m->pieces[i].entry.parted && m->pieces[i].entry.leads;
    }
    for (size_t i = 0; i < m->count && leads >= 4 && leads * 4 >= parted * 3; i++) {
        piece_t *p = &m->pieces[i];
        if (!p->entry.parted || p->entry.leads)
            continue;
        p->entry = entry_read_first(m->view, p->unit->phrases, p->unit->count);
        p->name = p->entry.name, p->notes = p->entry.notes, p->name_why = p->entry.why;
    }
}

/* Times from headings. */

static double tolerance(const slots_t *slots, size_t i, bool low)
{
    double own = extent_size(slots->items[i].place), other = own;
    if (low && i)
        other = extent_size(slots->items[i - 1].place);
    else if (!low && i + 1 < slots->count)
        other = extent_size(slots->items[i + 1].place);
    return fmax(SNAP_LEAST, SNAP_SHARE * fmin(own, other));
}

/* The time of an edge that lies in the gap between two headings that fill no cells: of the one on its side. */
static instant_t gap_time(const matrix_t *m, int at, bool start, double *off)
{
    const slots_t *slots = &m->slots;
    for (size_t i = 0; i < slots->count && !slots->celled; i++) {
        const slot_t *slot = &slots->items[i];
        extent_t gap = start
                           ? (extent_t){i ? slots->items[i - 1].ink.hi : slot->ink.lo, slot->ink.lo}
                           : (extent_t){slot->ink.hi, i + 1 < slots->count ? slots->items[i + 1].ink.lo : slot->ink.hi};
        if (!extent_holds(gap, at))
            continue;
        *off = tolerance(slots, i, start);
        return start ? slot->start : slot->end;
    }
    return instant_none();
}

/* The time of an edge at px `at`: of the slot that has an edge there. */
static instant_t edge_time(const matrix_t *m, int at, bool start, double *off)
{
    const slots_t *slots = &m->slots;
    instant_t best = instant_none();
    *off = 1e9;
    for (int pass = 0; pass < 2; pass++) { /* first the edge of the same kind, then the other side of a gap */
        for (size_t i = 0; i < slots->count; i++) {
            bool low = start == (pass == 0);
            double away = abs((low ? slots->items[i].place.lo : slots->items[i].place.hi) - at);
            instant_t time = low ? slots->items[i].start : slots->items[i].end;
            if (away > tolerance(slots, i, low) || away >= *off)
                continue;
            if (pass && time.minute < 0)
                continue;
            *off = away;
            best = pass ? instant_follow(time, start ? "where the heading before it ends"
                                                     : "where the heading after it starts")
                        : time;
        }
        if (best.minute >= 0)
            break;
    }
    return *off < 1e9 ? best : gap_time(m, at, start, off);
}

static void head_times(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        if (m->slots.scale) {
            p->start = scale_time(m, p->unit->t.lo);
            p->end = scale_time(m, p->unit->t.hi);
            p->off_start = p->off_end = 0;
            continue;
        }
        p->start = edge_time(m, p->unit->t.lo, true, &p->off_start);
        p->end = edge_time(m, p->unit->t.hi, false, &p->off_end);
        if (p->start.minute >= 0 && p->end.minute >= 0 && p->end.minute <= p->start.minute)
            p->end = instant_none();
    }
}

/* Whether entries lie anywhere on a scale of times, not on its headings' edges. */
static void find_scale(matrix_t *m)
{
    double a, b, off;
    size_t loose = 0, edges = 0;
    int step;
    if (!scale_fits(m, &a, &b, &step))
        return;
    for (size_t i = 0; i < m->count; i++) {
        if (!m->pieces[i].unit->count || !m->pieces[i].unit->drawn)
            continue;
        edges += 2;
        edge_time(m, m->pieces[i].unit->t.lo, true, &off);
        loose += off > 0.1 * step / b;
        edge_time(m, m->pieces[i].unit->t.hi, false, &off);
        loose += off > 0.1 * step / b;
    }
    if (edges >= 6 && loose * 5 >= edges)
        scale_set(m, a, b, step);
}

/* Times from cells. */

static int near(int minute, int heading)
{
    if (minute < 0 || heading < 0)
        return minute;
    int other = minute + (minute < 720 ? 720 : -720);
    return abs(other - heading) + 60 < abs(minute - heading) && other >= 0 && other < 24 * 60 ? other : minute;
}

static instant_t printed_in_cell(const entry_t *entry, int minute)
{
    return (instant_t){.minute = minute, .origin = FROM_CELL, .why = "printed in the cell", .read = entry->time_read};
}

static void cell_times(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        int start, end;
        if (!p->entry.timed)
            continue;
        timetext_settle(&p->entry.time, DAY_BEGINS, &start, &end);
        if (p->entry.time.start.half == HALF_UNKNOWN) {
            int shifted = near(start, p->start.minute);
            end = end >= 0 && shifted != start && p->entry.time.end.half == HALF_UNKNOWN ? end + shifted - start : end;
            start = shifted;
        }
        if (p->entry.time.closes) {
            if (start > p->start.minute)
                p->end = printed_in_cell(&p->entry, start);
            continue;
        }
        bool odd = p->start.minute >= 0 && abs(start - p->start.minute) > ODD_MOST;
        /* "2.14" in a lesson from 8:45 to 9:30 is a room */
        odd = odd || (p->start.minute >= 0 && p->end.minute >= 0 &&
                      (start >= p->end.minute || start + BEFORE_MOST < p->start.minute));
        if (odd && end < 0) {
            p->notes =
                p->notes ? arena_format(m->view->arena, "%s %s", p->notes, p->entry.time_text) : p->entry.time_text;
            continue;
        }
        p->heading_minutes = p->start.minute >= 0 ? abs(start - p->start.minute) : -1;
        p->start = printed_in_cell(&p->entry, start);
        if (end >= 0)
            p->end = printed_in_cell(&p->entry, end);
        else if (p->end.minute >= 0 && p->end.minute <= start)
            p->end = instant_none();
    }
}

static bool stand_side_by_side(const piece_t *a, const piece_t *b, double exact)
{
    bool days = a->first <= b->last && b->first <= a->last;
    int gap = b->unit->t.lo - a->unit->t.hi;
    return days && gap > -exact - 4 && gap < 2 * exact + 6 &&
           extent_shared(a->unit->d, b->unit->d) * 2 > extent_size(b->unit->d);
}

/* An edge that no heading has takes the printed time of the cell beside it. */
static void from_neighbours(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++)
        for (size_t j = 0; j < m->count; j++) {
            piece_t *a = &m->pieces[i], *b = &m->pieces[j];
            if (i == j || !stand_side_by_side(a, b, m->exact))
                continue;
            bool loose = b->start.origin != FROM_CELL && (b->start.minute < 0 || b->off_start > m->exact);
            if (a->end.origin == FROM_CELL && loose && (b->end.minute < 0 || a->end.minute < b->end.minute))
                b->start = instant_follow(a->end, "where the cell before it ends"), b->off_start = 0;
            loose = a->end.origin != FROM_CELL &&
                    (a->end.minute < 0 || a->off_end > m->exact ||
                     (b->entry.timed && b->entry.time.end.minute < 0 && a->end.minute > b->start.minute));
            if (b->start.origin == FROM_CELL && loose && (a->start.minute < 0 || b->start.minute > a->start.minute))
                a->end = instant_follow(b->start, "where the cell after it starts"), a->off_end = 0;
        }
}

/* Entries side by side that fill one slot together, without times of their own, are groups at the same time. */
static void share_slot(matrix_t *m)
{
    for (size_t s = 0; s < m->slots.count; s++)
        for (size_t b = 0; b < m->days.count; b++) {
            extent_t slot = m->slots.items[s].place;
            piece_t *inside[8];
            size_t n = 0;
            int covered = 0;
            for (size_t i = 0; i < m->count && n < 8; i++) {
                piece_t *p = &m->pieces[i];
                int shared = extent_shared(p->unit->t, slot);
                if (p->first > (int)b || p->last < (int)b || shared * 10 < 9 * extent_size(p->unit->t) ||
                    !p->unit->drawn || p->entry.timed || shared * 10 > 8 * extent_size(slot) || !*p->name)
                    continue;
                inside[n++] = p;
                covered += shared;
            }
            if (n < 2 || covered * 10 < 9 * extent_size(slot))
                continue;
            for (size_t i = 0; i < n; i++)
                inside[i]->start = m->slots.items[s].start, inside[i]->end = m->slots.items[s].end;
        }
}

/* Letters that spell one word over the days. */

/* One letter, or one that was read twice ("Cc"). */
static bool is_letter(const char *name)
{
    const char *at = name;
    uint32_t first = text_next(&at), second = text_next(&at);
    bool twice = second && text_lower(first) == text_lower(second) && first != second && !*at;
    return (text_length(name) == 1 || twice) && text_is_letter(first);
}

static void append_letter(char *word, size_t size, const char *name)
{
    const char *at = name;
    char letter[5] = "";
    letter[text_encode(text_next(&at), letter)] = 0;
    strncat(word, letter, size - strlen(word) - 1);
}

static void spell(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++) {
        piece_t *head = &m->pieces[i];
        char word[64] = "";
        piece_t *letters[16];
        size_t n = 0, others = 0;
        if (head->dropped || head->first != head->last || !is_letter(head->name))
            continue;
        for (size_t band = 0; band < m->days.count; band++)
            for (size_t j = 0; j < m->count; j++) {
                piece_t *p = &m->pieces[j];
                if (p->dropped || p->first != (int)band || p->last != (int)band ||
                    extent_shared(p->unit->t, head->unit->t) * 10 < 8 * extent_size(head->unit->t))
                    continue;
                if (is_letter(p->name) && n < 16)
                    append_letter(word, sizeof word, p->name), letters[n++] = p;
                else if (*p->name)
                    others++;
            }
        if (n < 3 || others > 0)
            continue;
        const char *at = word;
        if (text_is_upper(text_next(&at)))
            for (char *c = word; *c; c++)
                *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        for (size_t k = 0; k < n; k++)
            letters[k]->dropped = true;
        head->dropped = false;
        head->name = arena_text(m->view->arena, word);
        head->name_why = "letters spelt over the days";
        head->first = 0, head->last = (int)m->days.count - 1;
    }
}

/* What happens every day. */

static bool covers(const piece_t *p, extent_t slot, int band)
{
    return !p->dropped && p->first <= band && p->last >= band &&
           extent_shared(p->unit->t, slot) * 2 > extent_size(slot);
}

static bool is_named_routine(const slot_t *slot)
{
    return slot->name && !slots_is_number(slot->name) && !entry_is_filler(slot->name) && text_length(slot->name) > 1 &&
           !entry_is_length(slot->name) && vocabulary_find("time", slot->name) < 0 &&
           vocabulary_find("period", slot->name) < 0 && vocabulary_find("day", slot->name) < 0;
}

static void push_routine(matrix_t *m, drafts_t *out, const slot_t *slot, int band, const char *name);

/* Whether nearly every slot with a time has a name that says what takes place ("Circle Time 9:00 - 9:20"): a plan of
 * routines, and the days' own entries say more of them. */
static bool is_plan_of_routines(const matrix_t *m)
{
    size_t named = 0, others = 0;
    for (size_t s = 0; s < m->slots.count; s++)
        is_named_routine(&m->slots.items[s]) ? named++ : others++;
    return named >= 3 && others * 6 <= named;
}

/* A slot that names what takes place in it: days with nothing there have it, a day's own entry is its note. */
static void routines(matrix_t *m, drafts_t *out)
{
    bool most = is_plan_of_routines(m);
    if (m->rows_named)
        return;
    for (size_t s = 0; s < m->slots.count; s++) {
        const slot_t *slot = &m->slots.items[s];
        size_t filled = 0;
        for (size_t b = 0; b < m->days.count; b++)
            for (size_t i = 0; i < m->count; i++)
                if (*m->pieces[i].name && covers(&m->pieces[i], slot->place, (int)b)) {
                    filled++;
                    break;
                }
        bool stray = !m->slots.timed && slot->label && slot->label->cell < 0 && m->view->page->cells.count;
        bool named = !stray && is_named_routine(slot) &&
                     (filled == 0 || (vocabulary_find("routine", slot->name) >= 0 && filled * 2 < m->days.count));
        bool routine = slot->routine || (most && is_named_routine(slot));
        if ((!routine && !named) || slot->foreign)
            continue;
        const char *name = slot->routine ? slot->routine : slot->name;
        for (size_t b = 0; b < m->days.count; b++) {
            piece_t *own = NULL;
            for (size_t i = 0; i < m->count; i++)
                if (*m->pieces[i].name && covers(&m->pieces[i], slot->place, (int)b))
                    own = &m->pieces[i];
            if (!own)
                push_routine(m, out, slot, (int)b, name);
            else if (routine && own->name != name && extent_size(own->unit->t) * 10 < 14 * extent_size(slot->place)) {
                const char *entry =
                    own->notes ? arena_format(m->view->arena, "%s %s", own->name, own->notes) : own->name;
                own->notes = entry;
                own->name = name;
                own->name_inferred = true;
                own->name_why = "the routine of its column; its own text is the note";
            }
        }
    }
}

static double closeness(const matrix_t *m, double off)
{
    double most = fmax(4 * m->exact, 1);
    return off >= 1e8 ? 0 : fmax(0, 1 - off / most);
}

static void push_block(matrix_t *m, drafts_t *out, int day, const dayband_t *band, const piece_t *p, instant_t start,
                       instant_t end)
{
    draft_t *draft = drafts_push(m->view->arena, out);
    draft->day = day;
    draft->day_inferred = !band->label;
    draft->day_read = band->read;
    const label_t *print = band->day ? band->day : band->label;
    draft->day_why = print ? arena_format(m->view->arena, "the heading '%s'", label_line(m->view->arena, print->text))
                           : "its place between the days beside it";
    draft->teacher = band->teacher ? label_line(m->view->arena, band->teacher) : NULL;
    draft->class_name = band->class_name ? label_line(m->view->arena, band->class_name) : NULL;
    draft->start = start, draft->end = end;
    draft->page = m->view->page->number;
    if (!p)
        return;
    draft->name = spelt_word(m->view->arena, label_line(m->view->arena, p->name));
    draft->notes = p->notes ? label_line(m->view->arena, p->notes) : NULL;
    draft->name_why = p->name_why;
    draft->name_inferred = p->name_inferred;
    draft->notes_split = p->entry.split;
    draft->cell = p->unit->cell;
    draft->read = p->entry.read, draft->read_mean = p->entry.read_mean;
    draft->heading_minutes = p->heading_minutes;
    draft->edges = p->start.origin == FROM_CELL && p->end.origin == FROM_CELL
                       ? 1
                       : fmin(closeness(m, p->off_start), closeness(m, p->off_end));
    rect_t cell = p->unit->box;
    if (p->first != p->last) /* its part in this day */
        cell = rect_from(rect_t_axis(cell, m->days.lie), band->band, m->days.lie);
    draft->box = cell;
}

static void push_routine(matrix_t *m, drafts_t *out, const slot_t *slot, int band, const char *name)
{
    const dayband_t *own = &m->days.bands[band];
    for (int day = 0; day < DAY_COUNT; day++) {
        if (!(own->days & 1u << day))
            continue;
        push_block(m, out, day, own, NULL, slot->start, slot->end);
        draft_t *draft = &out->items[out->count - 1];
        draft->name = spelt_word(m->view->arena, label_line(m->view->arena, name));
        draft->name_inferred = true;
        draft->name_why = "the heading says what takes place there every day";
        draft->box = rect_from(slot->place, own->band, m->days.lie);
        draft->read = draft->read_mean = slot->label ? slot->label->confidence : 1;
    }
}

static void push_pieces(matrix_t *m, drafts_t *out)
{
    for (size_t i = 0; i < m->count; i++) {
        const piece_t *p = &m->pieces[i];
        if (p->dropped || (!*p->name && !p->notes) || entry_is_filler(p->name))
            continue;
        for (int b = p->first; b <= p->last; b++)
            for (int day = 0; day < DAY_COUNT; day++)
                if (m->days.bands[b].days & 1u << day)
                    push_block(m, out, day, &m->days.bands[b], p, p->start, p->end);
    }
}

/* Names of periods and other furniture in the body are none of the day's entries. */
static void drop_furniture(matrix_t *m)
{
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        size_t took;
        daytext_t day = daytext_read(p->name);
        if ((p->unit->cell < 0 && vocabulary_prefix("furniture", p->name, &took) >= 0) ||
            (day.only && day.trust > 0.9 && !p->entry.timed))
            p->dropped = true;
    }
}

/* Weeks side by side have one axis of times, before the first of them. */
static void share_slots(matrix_t *m, const periods_t *periods)
{
    extent_t t = rect_t_axis(m->area, m->days.lie), d = rect_d_axis(m->area, m->days.lie);
    d.lo = 0;
    slots_t wide = slots_of(m->view, &m->days, rect_from(t, d, m->days.lie), periods);
    for (size_t i = 0; i < wide.count; i++) /* what stands between is the other week */
        wide.items[i].routine = NULL;
    if (wide.timed)
        m->slots = wide;
}

static void mark_used(const matrix_t *m, bool *used)
{
    for (size_t i = 0; used && i < m->view->labels.count; i++) {
        const label_t *label = &m->view->labels.items[i];
        used[i] = used[i] || dayaxis_has(&m->days, label);
        for (size_t s = 0; s < m->slots.count; s++)
            used[i] = used[i] || m->slots.items[s].label == label ||
                      (m->slots.items[s].label && label->cell >= 0 && m->slots.items[s].label->cell == label->cell);
        for (size_t k = 0; k < m->units.count && !used[i]; k++)
            for (size_t p = 0; p < m->units.items[k].count && !used[i]; p++)
                used[i] = m->units.items[k].phrases[p] == label->phrases[0];
    }
}

drafts_t matrix_read(const view_t *view, const dayaxes_t *axes, size_t which, const periods_t *periods, bool *used)
{
    drafts_t out = {0};
    matrix_t m = {.view = view, .days = axes->items[which], .area = dayaxis_area(view, axes, which)};
    m.exact = fmax(4, EXACT * (view->page->width + view->page->height));
    shrink_to_table(&m);
    dayplace_fill(view, &m.days, m.area);
    m.slots = slots_of(view, &m.days, m.area, periods);
    if (!m.slots.timed && axes->count > 1)
        share_slots(&m, periods);
    dayplace_trim(&m.days, &m.slots);
    extent_t t = rect_t_axis(m.area, m.days.lie);
    t.lo = m.days.heads.hi;
    if (m.slots.count && !m.slots.celled && t.hi > m.slots.items[m.slots.count - 1].place.hi)
        t.hi = m.slots.items[m.slots.count - 1].place.hi;
    m.units = units_of(view, &m.days, &m.slots, rect_from(t, rect_d_axis(m.area, m.days.lie), m.days.lie));
    pieces_part_units(view, &m.units);
    make_pieces(&m);
    agree_on_names(&m);
    pieces_settle(&m);
    asides_join(&m);
    find_scale(&m);
    head_times(&m);
    cell_times(&m);
    from_neighbours(&m);
    if (!m.slots.scale)
        share_slot(&m);
    drop_furniture(&m);
    spell(&m);
    routines(&m, &out);
    push_pieces(&m, &out);
    mark_used(&m, used);
    return out;
}
