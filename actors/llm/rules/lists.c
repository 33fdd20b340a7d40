/* lists: see lists.h. */
#include "lists.h"
#include "entry.h"
#include "proto/base/text.h"
#include "slots.h"
#include "vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_LEAST = 3, ROWS_MOST = 256, COLUMNS_MOST = 12, DAY_BEGINS = 6 * 60, WEEKDAYS = 31 };

/* What a row begins with must surely be a time: "2-05" is a class. */
static const double TRUST_LEAST = 0.5;

/* Times one below the other. */
typedef struct {
    const label_t *rows[ROWS_MOST];
    const label_t *ends[ROWS_MOST]; /* where a column of its own has them; NULL */
    const label_t *days[ROWS_MOST]; /* what names the days of a row; NULL */
    size_t count;
    extent_t x;     /* px that its times take */
    extent_t panel; /* px across which its rows reach */
} column_t;

typedef struct {
    const view_t *view;
    column_t *lists[COLUMNS_MOST];
    size_t count;
    bool *used;
} lists_t;

static bool in_column(const label_t *a, const label_t *b)
{
    extent_t first = rect_x(a->ink), second = rect_x(b->ink);
    if (a->whole && b->whole && a->count && b->count) {
        first = rect_x(a->box), second = rect_x(b->box);
        return extent_shared(first, second) * 10 >= 8 * extent_wider(first, second);
    }
    return extent_shared(first, second) * 10 >= 6 * extent_narrower(first, second);
}

static bool is_time_row(const view_t *view, size_t i, bool whole_timed)
{
    const label_t *label = &view->labels.items[i];
    return label->timed && label->time.trust >= TRUST_LEAST && !(label->part && whole_timed) &&
           label->phrases[0]->angle == 0;
}

/* The longest column of times that are not taken; moves its labels into a new list. */
static column_t *next_list(lists_t *l, bool *taken)
{
    const labels_t *labels = &l->view->labels;
    column_t *best = NULL;
    for (size_t seed = 0; seed < labels->count; seed++) {
        column_t own = {.count = 0};
        bool whole_timed = false;
        if (taken[seed] || !labels->items[seed].timed)
            continue;
        for (size_t i = 0; i < labels->count && own.count < ROWS_MOST; i++) {
            const label_t *label = &labels->items[i];
            if (label->whole)
                whole_timed = label->timed;
            if (taken[i] || !is_time_row(l->view, i, whole_timed) || !in_column(&labels->items[seed], label))
                continue;
            own.x = own.count ? extent_union(own.x, rect_x(label->ink)) : rect_x(label->ink);
            own.rows[own.count++] = label;
        }
        if (own.count >= ROWS_LEAST && (!best || own.count > best->count)) {
            best = best ? best : arena_take(l->view->arena, sizeof *best);
            *best = own;
        }
    }
    for (size_t i = 0; best && i < labels->count; i++)
        for (size_t k = 0; k < best->count; k++)
            taken[i] = taken[i] || best->rows[k] == &labels->items[i];
    return best;
}

static int by_y(const void *a, const void *b)
{
    return (*(const label_t *const *)a)->ink.y0 - (*(const label_t *const *)b)->ink.y0;
}

static int by_x(const void *a, const void *b)
{
    return (*(column_t *const *)a)->x.lo - (*(column_t *const *)b)->x.lo;
}

/* px along which a row reaches: its cell, or half-way to its neighbours. */
static extent_t row_of(const column_t *list, size_t i)
{
    const label_t *label = list->rows[i];
    if (label->whole)
        return rect_y(label->box);
    int middle = extent_middle(rect_y(label->ink)), height = extent_size(rect_y(label->ink));
    extent_t row = {middle - height, middle + height};
    if (i)
        row.lo = (extent_middle(rect_y(list->rows[i - 1]->ink)) + middle) / 2;
    if (i + 1 < list->count)
        row.hi = (extent_middle(rect_y(list->rows[i + 1]->ink)) + middle) / 2;
    if (i == 0)
        row.lo = middle - (i + 1 < list->count ? row.hi - middle : height);
    if (i + 1 == list->count)
        row.hi = middle + (i ? middle - row.lo : height);
    return row;
}

/* "7", "IV.": the number of a row. "Period 4" is what takes place. */
static bool is_row_number(const char *text)
{
    size_t digits = strspn(text, "0123456789"), roman = strspn(text, "IVXivx");
    size_t n = digits > roman ? digits : roman;
    return n && n <= 4 && strspn(text + n, ".):") == strlen(text + n);
}

static bool is_content(const label_t *label)
{
    return !(label->day.only && label->day.trust > 0.5) && !entry_is_filler(label->text) &&
           !is_row_number(label->text) && !label->timed;
}

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
        extent_t row = row_of(list, r);
        for (size_t k = 0; k < l->view->labels.count; k++) {
            const label_t *label = &l->view->labels.items[k];
            if (label->part || !extent_holds(row, extent_middle(rect_y(label->ink))) || !is_content(label))
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
    extent_t place = row_of(list, row);
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

enum { ITEMS_MOST = 24 };

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
    extent_t place = row_of(list, row);
    size_t n = 0;
    for (size_t k = 0; k < label->count && n < room; k++) {
        const phrase_t *p = label->phrases[k];
        if (is_of(list->rows[row], p) || is_of(list->ends[row], p) || !in_panel(list, p->box) || p->angle != 0 ||
            !extent_holds(place, extent_middle(rect_y(p->box))) || entry_is_filler(p->text) || is_row_number(p->text))
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
    extent_t place = row_of(list, row);
    size_t n = 0;
    for (size_t i = 0; i < l->view->labels.count && n < room; i++) {
        const label_t *label = &l->view->labels.items[i];
        if (label->part)
            continue;
        if (!label->whole || label->row || holds_rows(list, label)) {
            n += loose_items(list, row, label, out + n, room - n);
            continue;
        }
        if (!is_content(label) || !in_panel(list, label->ink))
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

/* The column of names: where most rows have letters, the nearest to the times where two are alike. */
static extent_t name_column(const lists_t *l, const column_t *list)
{
    item_t row[ITEMS_MOST];
    extent_t columns[16];
    double filled[16];
    size_t count = 0;
    for (size_t r = 0; r < list->count; r++) {
        size_t n = content_of(l, list, r, row, ITEMS_MOST);
        for (size_t i = 0; i < n; i++) {
            extent_t x = rect_x(row[i].box);
            size_t c = 0;
            while (c < count && !same_column(columns[c], x))
                c++;
            if (c == count && count < 16)
                columns[count] = x, filled[count++] = 0;
            if (c < 16)
                filled[c] += text_letters(row[i].text) > 1, columns[c] = extent_union(columns[c], x);
        }
    }
    size_t best = 0;
    for (size_t c = 1; c < count; c++) {
        int here = abs(extent_middle(columns[c]) - extent_middle(list->x)),
            there = abs(extent_middle(columns[best]) - extent_middle(list->x));
        if (filled[c] > filled[best] * 1.25 || (filled[c] * 1.25 >= filled[best] && here < there))
            best = c;
    }
    return count ? columns[best] : list->panel;
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

/* The entry of a row: what stands in the column of names; everything else is its notes. */
static bool fill_row(const lists_t *l, const column_t *list, size_t row, extent_t names, draft_t *draft)
{
    const view_t *view = l->view;
    item_t content[ITEMS_MOST];
    size_t n = content_of(l, list, row, content, ITEMS_MOST);
    const char *name = NULL, *notes = NULL, *before = NULL;
    draft->box = list->rows[row]->box;
    draft->cell = list->rows[row]->cell;
    own_text(l, list->rows[row], &name, &notes, draft);
    for (size_t i = 0; i < n; i++) {
        entry_t entry = entry_read(view, content[i].phrases, content[i].count);
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

static void settle_rows(const column_t *list, const label_t *page_days, row_time_t *rows)
{
    int last = -1;
    for (size_t i = 0; i < list->count; i++) {
        row_time_t *row = &rows[i];
        row->label = list->days[i] ? list->days[i] : page_days;
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
    return any;
}

static void read_list(lists_t *l, const column_t *list, const label_t *page_days, bool named, drafts_t *out)
{
    row_time_t *rows = arena_array(l->view->arena, list->count, sizeof *rows);
    extent_t names = name_column(l, list);
    settle_rows(list, page_days, rows);
    for (size_t i = 0; i < list->count; i++) {
        draft_t one = {.cell = -1, .heading_minutes = -1, .read = 1, .read_mean = 1, .edges = 1, .name = ""};
        if (rows[i].start < 0 || (named && !rows[i].label) || !fill_row(l, list, i, names, &one))
            continue;
        one.start = rows[i].follows
                        ? instant_follow(printed(l, list->rows[i - 1], rows[i].start), "where the row before ends")
                        : printed(l, list->rows[i], rows[i].start);
        one.end = printed(l, list->rows[i], rows[i].end);
        bool next = i + 1 < list->count && rows[i + 1].label == rows[i].label && rows[i + 1].start > rows[i].start;
        if (rows[i].end < 0 && next)
            one.end = instant_follow(printed(l, list->rows[i + 1], rows[i + 1].start), "where the next row starts");
        one.name_why = "the text beside the time";
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

/* Names between the columns and outside them: two lists side by side. */
static bool are_two_lists(const lists_t *l, const column_t *starts, const column_t *ends)
{
    size_t between = 0, outside = 0;
    for (size_t r = 0; r < starts->count; r++) {
        extent_t row = row_of(starts, r);
        for (size_t k = 0; k < l->view->labels.count; k++) {
            const label_t *label = &l->view->labels.items[k];
            int middle = extent_middle(rect_x(label->ink));
            if (label->part || !extent_holds(row, extent_middle(rect_y(label->ink))) || !is_content(label))
                continue;
            between += middle > starts->x.hi && middle < ends->x.lo;
            outside += middle < starts->x.lo || middle > ends->x.hi;
        }
    }
    return between * 2 >= starts->count && outside * 2 >= starts->count;
}

/* A column of starts and a column of ends are one list. */
static bool join_ends(const lists_t *l, column_t *starts, const column_t *ends)
{
    size_t found = 0;
    const label_t *match[ROWS_MOST] = {NULL};
    for (size_t i = 0; i < starts->count; i++) {
        extent_t row = rect_y(starts->rows[i]->ink);
        for (size_t k = 0; k < ends->count && starts->rows[i]->time.end.minute < 0; k++)
            if (ends->rows[k]->time.end.minute < 0 &&
                extent_shared(row, rect_y(ends->rows[k]->ink)) * 2 > extent_size(row)) {
                int start = timetext_minute(starts->rows[i]->time.start, DAY_BEGINS),
                    end = timetext_minute(ends->rows[k]->time.start, DAY_BEGINS);
                if (end > start && end - start < 6 * 60)
                    match[i] = ends->rows[k], found++;
            }
    }
    if (found * 10 < starts->count * 8 || found * 10 < ends->count * 8 || are_two_lists(l, starts, ends))
        return false;
    memcpy(starts->ends, match, sizeof match);
    return true;
}

static void join_columns(lists_t *l)
{
    for (size_t i = 0; i + 1 < l->count;) {
        if (!join_ends(l, l->lists[i], l->lists[i + 1])) {
            i++;
            continue;
        }
        l->lists[i]->x = extent_union(l->lists[i]->x, l->lists[i + 1]->x);
        memmove(&l->lists[i + 1], &l->lists[i + 2], (l->count - i - 2) * sizeof *l->lists);
        l->count--;
    }
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
    bool *taken = arena_array(view->arena, view->labels.count + 1, sizeof *taken);
    for (column_t *list; l.count < COLUMNS_MOST && (list = next_list(&l, taken));) {
        qsort(list->rows, list->count, sizeof *list->rows, by_y);
        l.lists[l.count++] = list;
    }
    qsort(l.lists, l.count, sizeof *l.lists, by_x);
    join_columns(&l);
    const label_t *page_days = only_days(&l);
    find_panels(&l);
    bool named = find_days(&l);
    for (size_t i = 0; i < l.count; i++)
        read_list(&l, l.lists[i], page_days, named, &out);
    mark_used(&l);
    return out;
}
