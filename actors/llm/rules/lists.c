/* lists: see lists.h. */
#include "lists.h"
#include "column.h"
#include "dayletters.h"
#include "entry.h"
#include "proto/base/text.h"
#include "slots.h"
#include "vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_BEGINS = 6 * 60, WEEKDAYS = 31 };

typedef struct {
    const view_t *view;
    column_t *lists[COLUMNS_MOST];
    size_t count;
    bool *used;
} lists_t;

/* Where the rows of a list may reach: to the next list, to the edge of its cells' table. */
static extent_t reach_of(const lists_t *l, size_t i)
{
    const column_t *list = l->lists[i];
    int table = -1;
    extent_t reach = {0, l->view->page->width}, cells = {INT32_MAX, 0};
    extent_t body = {list->rows[0]->box.y0, list->rows[list->count - 1]->box.y1};
    if (list->rows[0]->cell >= 0)
        table = LIST_AT(cell_t, l->view->page->cells, list->rows[0]->cell)->table;
    for (size_t c = 0; table >= 0 && c < l->view->page->cells.count; c++) {
        const cell_t *cell = LIST_AT(cell_t, l->view->page->cells, c);
        rect_t box = rect_of(cell->box);
        if (cell->table == table && extent_shared(rect_y(box), body) > 0)
            cells = extent_union(cells, rect_x(box));
    }
    if (table >= 0 && extent_size(cells) > extent_size(list->x) * 3 / 2)
        reach = cells;
    for (size_t k = 0; k < l->count; k++) {
        const column_t *other = l->lists[k];
        if (k != i && other->x.hi <= list->x.lo && other->x.hi > reach.lo)
            reach.lo = other->x.hi;
        if (k != i && other->x.lo >= list->x.hi && other->x.lo < reach.hi)
            reach.hi = other->x.lo;
    }
    return reach;
}

/* What stands on either side of a list's times. */
typedef struct {
    extent_t reach;     /* px */
    size_t left, right; /* texts */
    int left_end;       /* px: where the last text on the left ends */
} sides_t;

static sides_t sides_of(const lists_t *l, size_t i)
{
    const column_t *list = l->lists[i];
    sides_t sides = {.reach = reach_of(l, i)};
    sides.left_end = sides.reach.lo;
    for (size_t r = 0; r < list->count; r++) {
        extent_t row = column_row(list, r);
        for (size_t k = 0; k < l->view->labels.count; k++) {
            const label_t *label = &l->view->labels.items[k];
            if (label->part || !extent_holds(row, extent_middle(rect_y(label->ink))) || !column_content(label))
                continue;
            int middle = extent_middle(rect_x(label->ink));
            sides.right += middle > list->x.hi && middle < sides.reach.hi;
            if (middle >= list->x.lo || middle <= sides.reach.lo)
                continue;
            sides.left++;
            if (label->ink.x1 > sides.left_end && label->ink.x1 < list->x.lo)
                sides.left_end = label->ink.x1;
        }
    }
    return sides;
}

/* Lists side by side read "time name time name" or "name time name time": what stands before the first and behind the
 * last tells which. A number or a day before the times is their own in either. */
static void find_panels(lists_t *l)
{
    sides_t sides[COLUMNS_MOST];
    for (size_t i = 0; i < l->count; i++)
        sides[i] = sides_of(l, i);
    size_t before = l->count ? sides[0].left : 0, behind = l->count ? sides[l->count - 1].right : 0;
    for (size_t i = 0; i < l->count; i++) {
        column_t *list = l->lists[i];
        const sides_t *own = &sides[i];
        bool left = own->left > own->right * 2 && (i == 0 || own->right == 0 || own->left > own->right * 3);
        list->panel = own->reach;
        if (left || (l->count > 1 && behind * 2 < before && own->left))
            list->panel.hi = list->x.hi + 1;
        else if (i > 0 && before * 2 < behind && own->right)
            list->panel.lo = own->left_end;
    }
}

/* Days. */

/* px by which headings of one line may differ in height. */
enum { LEVEL = 12 };

/* The label that names the days of a row: beside it, else the nearest one above in its panel. */
static const label_t *days_of(const lists_t *l, const column_t *list, size_t row)
{
    const label_t *best = NULL, *time = list->rows[row];
    extent_t place = column_row(list, row);
    int best_at = -1;
    for (size_t i = 0; i < l->view->labels.count; i++) {
        const label_t *label = &l->view->labels.items[i];
        if (!label->day.days || label->day.trust * label->confidence < 0.35 ||
            (!label->day.only && label->day.trust < 0.8) || label == time || label->row)
            continue;
        if (label->timed && !label->day.only)
            continue;
        if (extent_shared(rect_x(label->box), list->panel) * 2 < extent_narrower(rect_x(label->ink), list->panel))
            continue;
        int top = label->whole ? label->box.y0 : label->ink.y0;
        bool beside = extent_shared(rect_y(label->whole ? label->box : label->ink), place) * 2 > extent_size(place) ||
                      extent_holds(place, extent_middle(rect_y(label->ink)));
        /* of days that stand level the one above the times is meant */
        int at = beside ? INT32_MAX : top + (extent_holds(rect_x(label->box), extent_middle(list->x)) ? LEVEL : 0);
        if (!beside && extent_middle(rect_y(label->ink)) > place.lo)
            continue;
        if (at > best_at)
            best = label, best_at = at;
    }
    return best;
}

static const label_t *only_days(const lists_t *l)
{
    const label_t *found = NULL;
    for (size_t i = 0; i < l->view->labels.count; i++) {
        const label_t *label = &l->view->labels.items[i];
        if (!label->day.days || label->day.trust < 0.8 || label->part || label->row)
            continue;
        if (found)
            return NULL;
        found = label;
    }
    return found;
}

/* Content. */

/* A piece of a row: a cell, or a phrase where one cell holds many rows or none. */
typedef struct {
    const phrase_t *const *phrases;
    size_t count;
    rect_t box; /* px */
    const char *text;
    int cell; /* index into the page's cells, -1 none */
} item_t;

enum { ITEMS_MOST = 24, NAME_COLUMNS_MOST = 16 };

static bool in_panel(const column_t *list, rect_t ink)
{
    return extent_middle(rect_x(ink)) >= list->panel.lo && extent_middle(rect_x(ink)) <= list->panel.hi;
}

/* Whether a cell reaches over several rows of the list. */
static bool holds_rows(const column_t *list, const label_t *label)
{
    size_t rows = 0;
    for (size_t i = 0; i < list->count; i++)
        rows += extent_holds(rect_y(label->box), extent_middle(rect_y(list->rows[i]->ink)));
    return rows > 1 && label->count > 1;
}

static bool is_of(const label_t *label, const phrase_t *phrase)
{
    for (size_t i = 0; label && i < label->count; i++)
        if (label->phrases[i] == phrase)
            return true;
    return false;
}

/* The phrases of a label that stand in the row, each by itself. */
static size_t loose_items(const column_t *list, size_t row, const label_t *label, item_t *out, size_t room)
{
    extent_t place = column_row(list, row);
    size_t n = 0;
    for (size_t k = 0; k < label->count && n < room; k++) {
        const phrase_t *p = label->phrases[k];
        if (is_of(list->rows[row], p) || is_of(list->ends[row], p) || is_of(list->days[row], p) ||
            !in_panel(list, p->box) || p->angle != 0 || !extent_holds(place, extent_middle(rect_y(p->box))) ||
            entry_is_filler(p->text) || column_is_number(p->text) || entry_is_length(p->text))
            continue;
        daytext_t day = daytext_read(p->text);
        if (day.only && day.trust > 0.5)
            continue;
        out[n++] = (item_t){&label->phrases[k], 1, p->box, p->text, p->cell};
    }
    return n;
}

/* What stands in a row of the panel, in reading order, without its times and numbers. */
static size_t content_of(const lists_t *l, const column_t *list, size_t row, item_t *out, size_t room)
{
    extent_t place = column_row(list, row);
    size_t n = 0;
    for (size_t i = 0; i < l->view->labels.count && n < room; i++) {
        const label_t *label = &l->view->labels.items[i];
        if (label->part)
            continue;
        if (!label->whole || label->row || holds_rows(list, label)) {
            n += loose_items(list, row, label, out + n, room - n);
            continue;
        }
        if (!column_content(label) || !in_panel(list, label->ink) || is_of(list->days[row], label->phrases[0]))
            continue;
        if (extent_shared(rect_y(label->box), place) * 2 > extent_size(place) ||
            extent_holds(place, extent_middle(rect_y(label->box))))
            out[n++] = (item_t){label->phrases, label->count, label->box, label->text, label->cell};
    }
    return n;
}

static bool same_column(extent_t a, extent_t b)
{
    return extent_shared(a, b) * 2 >= extent_narrower(a, b);
}

/* The vocabulary's entries for what stands over names, the surest first: titles, and what may be but a code. */
enum { ENTRY_TITLES, ENTRY_CODES };

/* Columns of a list by what stands in them. */
typedef struct {
    extent_t x[NAME_COLUMNS_MOST];
    double filled[NAME_COLUMNS_MOST]; /* rows with letters */
    size_t count;
} fields_t;

static fields_t fields_of(const lists_t *l, const column_t *list)
{
    item_t row[ITEMS_MOST];
    fields_t f = {.count = 0};
    for (size_t r = 0; r < list->count; r++) {
        size_t n = content_of(l, list, r, row, ITEMS_MOST);
        bool filled[NAME_COLUMNS_MOST] = {false}; /* a cell of several pieces is one */
        for (size_t i = 0; i < n; i++) {
            extent_t x = rect_x(row[i].box);
            size_t c = 0;
            while (c < f.count && !same_column(f.x[c], x))
                c++;
            if (c == f.count && f.count < NAME_COLUMNS_MOST)
                f.x[f.count] = x, f.filled[f.count++] = 0;
            if (c == NAME_COLUMNS_MOST)
                continue;
            filled[c] = filled[c] || text_letters(row[i].text) > 1;
            f.x[c] = extent_union(f.x[c], x);
        }
        for (size_t c = 0; c < f.count; c++)
            f.filled[c] += filled[c];
    }
    return f;
}

/* em: farthest that a heading of columns stands over their first row, in tall rows. */
static const double HEADING_AWAY = 4;

/* The heading over a column: what stands nearest above its first row; NULL for none. */
static const label_t *heading_over(const lists_t *l, const column_t *list, extent_t x)
{
    const label_t *best = NULL;
    for (size_t i = 0; i < l->view->labels.count; i++) {
        const label_t *label = &l->view->labels.items[i];
        int away = list->rows[0]->ink.y0 - label->ink.y1;
        bool above = away >= -2 && away < HEADING_AWAY * label->size;
        if (label->row || !above || !same_column(rect_x(label->whole ? label->box : label->ink), x))
            continue;
        if (!best || label->ink.y0 > best->ink.y0)
            best = label;
    }
    return best;
}

/* How surely the heading over column c says that names stand in it: ENTRY_TITLES is the surest, -1 says nothing. It is
 * one of a line of headings: a word alone is what else stands there. */
static int heading_of(const lists_t *l, const column_t *list, const fields_t *f, size_t c)
{
    const label_t *own = heading_over(l, list, f->x[c]), *times = heading_over(l, list, list->x);
    bool in_line = own && times && times != own && extent_shared(rect_y(own->ink), rect_y(times->ink)) > 0;
    for (size_t k = 0; own && !in_line && k < f->count; k++) {
        const label_t *other = heading_over(l, list, f->x[k]);
        in_line = other && other != own && extent_shared(rect_y(own->ink), rect_y(other->ink)) > 0;
    }
    return in_line ? vocabulary_find("entry", own->text) : -1;
}

/* Whether no other column stands between two. */
static bool is_beside(const fields_t *f, size_t left, size_t right)
{
    for (size_t c = 0; c < f->count; c++)
        if (f->x[c].lo >= f->x[left].hi && f->x[c].hi <= f->x[right].lo)
            return false;
    return true;
}

/* The column of names: the one whose heading says so; else where most rows have letters, the nearest to the times where
 * two are alike. */
static extent_t name_column(const lists_t *l, const column_t *list)
{
    fields_t f = fields_of(l, list);
    size_t best = 0;
    int best_heading = f.count ? heading_of(l, list, &f, 0) : -1;
    for (size_t c = 1; c < f.count; c++) {
        int here = abs(extent_middle(f.x[c]) - extent_middle(list->x)),
            there = abs(extent_middle(f.x[best]) - extent_middle(list->x)), heading = heading_of(l, list, &f, c);
        bool said = heading >= 0 && (best_heading < 0 || heading < best_heading) && f.filled[c] * 2 > list->count;
        bool fuller = f.filled[c] > f.filled[best] * 1.25 || (f.filled[c] * 1.25 >= f.filled[best] && here < there);
        if (said || (best_heading < 0 && fuller))
            best = c, best_heading = heading;
    }
    if (best_heading == ENTRY_TITLES) /* "Course | Title": the code before it is a part of the name */
        for (size_t c = 0; c < f.count; c++)
            if (f.x[c].hi <= f.x[best].lo && heading_of(l, list, &f, c) == ENTRY_CODES && is_beside(&f, c, best))
                return extent_union(f.x[c], f.x[best]);
    return f.count ? f.x[best] : list->panel;
}

/* A column of a list that is the list of one class ("Day | Time | 5A | 5B | 5C"). */
typedef struct {
    extent_t x;
    const char *class_name;
} strand_t;

/* The class that a heading names: "Class 5A", "5A"; NULL for none. */
static const char *class_of(const char *text)
{
    size_t took = 0, digits = strspn(text, "0123456789");
    if (vocabulary_prefix("class", text, &took) >= 0 && text[took]) {
        const char *rest = text + took + strspn(text + took, " :.-");
        return *rest ? rest : NULL;
    }
    size_t letters = text_letters(text + digits);
    return digits && digits <= 2 && letters >= 1 && letters <= 2 && text_length(text) <= 5 ? text : NULL;
}

/* The classes of a list whose columns are all headed by one; 0 where they are not. */
static size_t strands_of(const lists_t *l, const column_t *list, strand_t *out)
{
    fields_t f = fields_of(l, list);
    size_t n = 0;
    for (size_t c = 0; c < f.count; c++) {
        const label_t *heading = heading_over(l, list, f.x[c]);
        const char *name = heading ? class_of(label_line(l->view->arena, heading->text)) : NULL;
        if (f.filled[c] * 2 < (double)list->count)
            continue;
        if (!name)
            return 0;
        for (size_t k = 0; k < n; k++)
            if (strcmp(out[k].class_name, name) == 0)
                return 0;
        out[n++] = (strand_t){f.x[c], name};
    }
    return n >= 2 ? n : 0;
}

static void add_text(const view_t *view, const char **to, const char *text)
{
    if (text && *text)
        *to = *to && **to ? arena_format(view->arena, "%s %s", *to, text) : text;
}

static void mark_item(const lists_t *l, const item_t *item)
{
    for (size_t k = 0; l->used && k < l->view->labels.count; k++)
        l->used[k] = l->used[k] || is_of(&l->view->labels.items[k], item->phrases[0]);
}

/* What stands in the time's own cell beside the time. */
static void own_text(const lists_t *l, const label_t *time, const char **name, const char **notes, draft_t *draft)
{
    if (text_letters(time->rest) < 2 || daytext_read(time->rest).only)
        return;
    entry_t own = entry_read(l->view, time->phrases, time->count);
    *name = *own.name ? own.name : time->rest;
    *notes = own.notes;
    draft->read = own.read, draft->read_mean = own.read_mean;
}

/* The entry of a row: what stands in the column of names; everything else is its notes, unless the column stands alone.
 */
static bool fill_row(const lists_t *l, const column_t *list, size_t row, extent_t names, bool alone, draft_t *draft)
{
    const view_t *view = l->view;
    item_t content[ITEMS_MOST];
    int lent = list->lender ? column_level(list, row, list->lender) : -1;
    size_t n = lent < 0 ? content_of(l, list, row, content, ITEMS_MOST)
                        : content_of(l, list->lender, (size_t)lent, content, ITEMS_MOST);
    const char *name = NULL, *notes = NULL, *before = NULL;
    draft->box = list->rows[row]->box;
    draft->cell = list->rows[row]->cell;
    own_text(l, list->rows[row], &name, &notes, draft);
    for (size_t i = 0; i < n; i++) {
        entry_t entry = entry_read(view, content[i].phrases, content[i].count);
        if (alone && !same_column(rect_x(content[i].box), names))
            continue;
        draft->box = rect_union(draft->box, content[i].box);
        mark_item(l, &content[i]);
        if (same_column(rect_x(content[i].box), names)) {
            if (!name || !*name)
                draft->read = entry.read, draft->read_mean = entry.read_mean, draft->cell = content[i].cell;
            add_text(view, &name, entry.name);
            add_text(view, &notes, entry.notes);
        } else {
            const char **to = name ? &notes : &before;
            add_text(view, to, entry.name);
            add_text(view, to, entry.notes);
        }
    }
    add_text(view, &notes, before);
    if ((!name || !*name) && notes)
        name = notes, notes = NULL;
    draft->name = name ? name : "";
    draft->notes = notes;
    return name && *name && !entry_is_filler(name);
}

/* Rows. */

typedef struct {
    const label_t *label;
    unsigned days;
    int start, end;
    bool follows; /* its start is the end of the row before */
} row_time_t;

/* Whether the page's only name of days stands below a row and over those that come after it: a clock in the corner is
 * none of the day's. */
static bool is_before_days(const column_t *list, size_t row, const label_t *page_days)
{
    bool over = false;
    for (size_t i = row + 1; i < list->count && !over; i++)
        over = list->days[i] == page_days;
    return over && page_days && page_days->ink.y0 > list->rows[row]->ink.y1;
}

static void settle_rows(const column_t *list, const label_t *page_days, row_time_t *rows)
{
    int last = -1;
    for (size_t i = 0; i < list->count; i++) {
        row_time_t *row = &rows[i];
        row->label = list->days[i] || is_before_days(list, i, page_days) ? list->days[i] : page_days;
        row->days = row->label ? row->label->day.days : WEEKDAYS;
        timespan_t span = list->rows[i]->time;
        if (list->ends[i])
            span.end = list->ends[i]->time.start;
        timetext_settle(&span, DAY_BEGINS, &row->start, &row->end);
        if (i && rows[i - 1].label != row->label)
            last = -1;
        if (span.closes) { /* "till 9.30" goes on from the row before */
            row->end = row->start;
            row->start = last >= 0 && rows[i - 1].end < row->end ? rows[i - 1].end : -1;
            row->follows = row->start >= 0;
        }
        if (last >= 0 && row->start >= 0 && row->start < last && row->start + 720 < 24 * 60 &&
            list->rows[i]->time.start.half == HALF_UNKNOWN && row->start + 720 >= last)
            row->start += 720, row->end = row->end >= 0 && row->end < row->start ? row->end + 720 : row->end;
        last = row->start;
    }
}

static instant_t printed(const lists_t *l, const label_t *time, int minute)
{
    const char *why = minute < 0 ? NULL
                                 : arena_format(l->view->arena, "printed in its row: '%s'",
                                                entry_text(l->view, time->phrases, time->count));
    return (instant_t){
        .minute = minute, .origin = minute < 0 ? FROM_NOTHING : FROM_HEADING, .why = why, .read = time->confidence};
}

/* Finds the days of all rows. Whether any has some: then a list without is none of the week's. */
static bool find_days(lists_t *l)
{
    bool any = false;
    for (size_t i = 0; i < l->count; i++)
        for (size_t r = 0; r < l->lists[i]->count; r++) {
            l->lists[i]->days[r] = days_of(l, l->lists[i], r);
            any = any || l->lists[i]->days[r];
        }
    for (size_t i = 0; i < l->count; i++)
        any = dayletters_find(l->view, l->lists[i]) || any;
    return any;
}

/* Lists without names of their own. */

static size_t rows_with_names(const lists_t *l, const column_t *list)
{
    item_t row[ITEMS_MOST];
    size_t filled = 0;
    for (size_t r = 0; r < list->count; r++)
        filled += content_of(l, list, r, row, ITEMS_MOST) > 0 || text_letters(list->rows[r]->rest) > 1;
    return filled;
}

static bool is_level(const column_t *list, const column_t *other)
{
    size_t level = 0;
    for (size_t r = 0; r < list->count; r++)
        level += column_level(list, r, other) >= 0;
    return level * 10 >= list->count * 9;
}

/* Times for other days beside a list take its names: "Period 1 | 8:20 – 9:12 | 9:30 – 10:10". */
static void find_lenders(lists_t *l)
{
    size_t named[COLUMNS_MOST];
    for (size_t i = 0; i < l->count && l->count > 1; i++)
        named[i] = rows_with_names(l, l->lists[i]);
    for (size_t i = 1; i < l->count; i++) {
        column_t *list = l->lists[i];
        for (size_t k = i; k-- > 0 && !list->lender && named[i] * 4 <= list->count;)
            if (!l->lists[k]->lender && named[k] * 10 >= l->lists[k]->count * 8 && is_level(list, l->lists[k]))
                list->lender = l->lists[k];
    }
}

/* The rows of a list with the names of one column; class_name is the class whose column that is, or NULL. */
static void read_rows(lists_t *l, const column_t *list, const row_time_t *rows, bool named, extent_t names,
                      const char *class_name, drafts_t *out)
{
    for (size_t i = 0; i < list->count; i++) {
        draft_t one = {.cell = -1, .heading_minutes = -1, .read = 1, .read_mean = 1, .edges = 1, .name = ""};
        if (rows[i].start < 0 || (named && !rows[i].label) || !fill_row(l, list, i, names, class_name != NULL, &one))
            continue;
        one.start = rows[i].follows
                        ? instant_follow(printed(l, list->rows[i - 1], rows[i].start), "where the row before ends")
                        : printed(l, list->rows[i], rows[i].start);
        one.end = printed(l, list->rows[i], rows[i].end);
        bool next = i + 1 < list->count && rows[i + 1].label == rows[i].label && rows[i + 1].start > rows[i].start;
        if (rows[i].end < 0 && next)
            one.end = instant_follow(printed(l, list->rows[i + 1], rows[i + 1].start), "where the next row starts");
        one.name_why = "the text beside the time";
        one.class_name = class_name;
        for (int day = 0; day < DAY_COUNT; day++) {
            if (!(rows[i].days & 1u << day))
                continue;
            draft_t *draft = drafts_push(l->view->arena, out);
            *draft = one;
            draft->day = day;
            draft->page = l->view->page->number;
            draft->day_inferred = !rows[i].label;
            draft->day_read = rows[i].label ? rows[i].label->confidence : 0.3;
            draft->day_why = rows[i].label
                                 ? arena_format(l->view->arena, "the heading '%s'",
                                                entry_text(l->view, rows[i].label->phrases, rows[i].label->count))
                                 : "no day stands on the page: a list for every school day";
        }
    }
}

static void read_list(lists_t *l, const column_t *list, const label_t *page_days, bool named, drafts_t *out)
{
    row_time_t *rows = arena_array(l->view->arena, list->count, sizeof *rows);
    strand_t strands[NAME_COLUMNS_MOST];
    size_t classes = list->lender ? 0 : strands_of(l, list, strands);
    settle_rows(list, page_days, rows);
    for (size_t i = 0; i < classes; i++)
        read_rows(l, list, rows, named, strands[i].x, strands[i].class_name, out);
    if (!classes)
        read_rows(l, list, rows, named, name_column(l, list->lender ? list->lender : list), NULL, out);
}

static void mark_used(lists_t *l)
{
    for (size_t i = 0; l->used && i < l->view->labels.count; i++)
        for (size_t k = 0; k < l->count; k++)
            for (size_t r = 0; r < l->lists[k]->count; r++)
                l->used[i] = l->used[i] || l->lists[k]->rows[r] == &l->view->labels.items[i];
}

drafts_t lists_read(const view_t *view, bool *used)
{
    lists_t l = {.view = view, .used = used};
    drafts_t out = {0};
    l.count = columns_of(view, l.lists);
    const label_t *page_days = only_days(&l);
    find_panels(&l);
    bool named = find_days(&l);
    find_lenders(&l);
    for (size_t i = 0; i < l.count; i++)
        read_list(&l, l.lists[i], page_days, named, &out);
    mark_used(&l);
    return out;
}
