/* rules: see rules.h. Each page is read in every layout that there is; the reading that looks most like a week is kept.
 */
#include "rules.h"
#include "classaxis.h"
#include "crossplan.h"
#include "dayscope.h"
#include "heading.h"
#include "lists.h"
#include "matrix.h"
#include "publish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A table whose blocks are worth less than this each, on average, is no timetable. */
static const double WORTH_LEAST = 0.12;

/* A list reads rows of a table of days as well, so it must be worth this much more than the table. */
static const double LISTS_LEAD = 1.05;

/* Worth of a block in a reading that says when nearly all its blocks are, and in one that says it of few. */
static const double WORTH_GOOD = 0.75, WORTH_POOR = 0.4;

/* One table that was found on a page. */
typedef struct {
    drafts_t drafts;
    double worth;
    rect_t place;           /* px, around its blocks */
    unsigned days;          /* bits */
    const char *class_name; /* whose row or column it is, where classes have them; NULL */
    const char *teacher;    /* the same of teachers */
} found_t;

typedef struct {
    view_t view;
    dayaxes_t axes;
    bool *used; /* labels that the reading explains */
    found_t *tables;
    size_t count;
    double worth, second; /* of the chosen reading and of the next best */
} leaf_t;

static found_t found_of(drafts_t drafts)
{
    found_t found = {.drafts = drafts, .worth = drafts_worth(&drafts)};
    for (size_t i = 0; i < drafts.count; i++) {
        found.days |= 1u << drafts.items[i].day;
        found.place = i ? rect_union(found.place, drafts.items[i].box) : drafts.items[i].box;
    }
    return found;
}

static void latest(const drafts_t *drafts, int *from, int *to)
{
    *from = 24 * 60, *to = -1;
    for (size_t i = 0; i < drafts->count; i++) {
        int start = drafts->items[i].start.minute, end = drafts->items[i].end.minute;
        end = end < 0 ? start : end;
        if (start >= 0 && start < *from)
            *from = start;
        *to = end > *to ? end : *to;
    }
}

/* Whether two tables of a page are one week: other days, or the morning and the afternoon of the same. */
static bool continue_each_other(const found_t *a, const found_t *b)
{
    int a_from, a_to, b_from, b_to;
    if (!(a->days & b->days))
        return true;
    latest(&a->drafts, &a_from, &a_to);
    latest(&b->drafts, &b_from, &b_to);
    return a->days == b->days && a_to >= 0 && b_to >= 0 && (a_to <= b_from || b_to <= a_from);
}

static void join(arena_t *arena, found_t *to, const found_t *from)
{
    for (size_t i = 0; i < from->drafts.count; i++) {
        draft_t *draft = drafts_push(arena, &to->drafts);
        *draft = from->drafts.items[i];
    }
    *to = found_of(to->drafts);
}

static int by_place(const void *left, const void *right)
{
    const found_t *a = left, *b = right;
    bool beside = a->place.y0 < b->place.y1 && b->place.y0 < a->place.y1;
    return beside ? a->place.x0 - b->place.x0 : a->place.y0 - b->place.y0;
}

/* Spaces aside, which OCR drops: "JSS1". */
static bool same_owner(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    for (;; a++, b++) {
        a += strspn(a, " "), b += strspn(b, " ");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

static bool are_of_one(const draft_t *a, const draft_t *b)
{
    return same_owner(a->class_name, b->class_name) && same_owner(a->teacher, b->teacher);
}

/* Drafts as tables: one, or one for each class or teacher that has headings of its own. */
static void push_owners(leaf_t *leaf, const drafts_t *drafts)
{
    arena_t *arena = leaf->view.arena;
    for (size_t i = 0; i < drafts->count; i++) {
        const draft_t *first = &drafts->items[i];
        drafts_t own = {0};
        bool done = false;
        for (size_t k = 0; k < i && !done; k++)
            done = are_of_one(&drafts->items[k], first);
        for (size_t k = i; k < drafts->count && !done; k++)
            if (are_of_one(&drafts->items[k], first))
                *drafts_push(arena, &own) = drafts->items[k];
        if (done)
            continue;
        leaf->tables[leaf->count] = found_of(own);
        leaf->tables[leaf->count].class_name = first->class_name;
        leaf->tables[leaf->count++].teacher = first->teacher;
    }
}

/* Tables in which classes or teachers have headings are one for each. */
static void part_owners(leaf_t *leaf)
{
    size_t count = leaf->count, most = 0;
    found_t *whole = leaf->tables;
    for (size_t i = 0; i < count; i++)
        most += whole[i].drafts.count;
    leaf->tables = arena_array(leaf->view.arena, most + 1, sizeof *leaf->tables);
    leaf->count = 0;
    for (size_t i = 0; i < count; i++)
        push_owners(leaf, &whole[i].drafts);
}

static void read_matrices(leaf_t *leaf, const periods_t *periods, bool *used)
{
    leaf->tables = arena_array(leaf->view.arena, leaf->axes.count + 1, sizeof *leaf->tables);
    for (size_t i = 0; i < leaf->axes.count; i++) {
        drafts_t plan = crossplan_read(&leaf->view, &leaf->axes.items[i], periods, used);
        found_t found = found_of(plan.count ? plan : matrix_read(&leaf->view, &leaf->axes, i, periods, used));
        if (found.drafts.count >= 2 && found.worth >= WORTH_LEAST * (double)found.drafts.count)
            leaf->tables[leaf->count++] = found;
    }
    if (leaf->count)
        qsort(leaf->tables, leaf->count, sizeof *leaf->tables, by_place);
    for (size_t i = 0; i + 1 < leaf->count;) {
        if (!continue_each_other(&leaf->tables[i], &leaf->tables[i + 1])) {
            i++;
            continue;
        }
        join(leaf->view.arena, &leaf->tables[i], &leaf->tables[i + 1]);
        memmove(&leaf->tables[i + 1], &leaf->tables[i + 2], (leaf->count - i - 2) * sizeof *leaf->tables);
        leaf->count--;
    }
    part_owners(leaf);
    for (size_t i = 0; i < leaf->count; i++)
        leaf->worth += leaf->tables[i].worth;
}

/* Whether the lists of a page are its week rather than its tables of days. */
static bool are_the_week(const leaf_t *leaf, const found_t *lists)
{
    size_t blocks = 0;
    unsigned days = 0;
    for (size_t i = 0; i < leaf->count; i++)
        blocks += leaf->tables[i].drafts.count, days |= leaf->tables[i].days;
    double each = blocks ? leaf->worth / (double)blocks : 0;
    double listed = lists->drafts.count ? lists->worth / (double)lists->drafts.count : 0;
    if (lists->drafts.count < 3)
        return false;
    /* a table that knows its times is no list under one of its days */
    if (each >= WORTH_GOOD && (lists->days & ~days) == 0 &&
        __builtin_popcount(days) >= __builtin_popcount(lists->days) + 2)
        return false;
    return lists->worth > LISTS_LEAD * leaf->worth || (listed >= WORTH_GOOD && each <= WORTH_POOR);
}

/* The lists as tables. */
static void take_lists(leaf_t *leaf, const found_t *lists)
{
    leaf->tables = arena_array(leaf->view.arena, lists->drafts.count, sizeof *leaf->tables);
    leaf->count = 0;
    push_owners(leaf, &lists->drafts);
    leaf->worth = lists->worth;
}

/* Reads the page as its view shows it. */
static void read_view(leaf_t *leaf, const periods_t *shared, periods_t *own)
{
    arena_t *arena = leaf->view.arena;
    leaf->axes = dayaxes_of(&leaf->view);
    classaxis_refine(&leaf->view, &leaf->axes);
    size_t labels = leaf->view.labels.count + 1;
    bool *in_lists = arena_array(arena, labels, sizeof *in_lists);
    leaf->used = arena_array(arena, labels, sizeof *leaf->used);
    *own = periods_of(&leaf->view);
    if (!own->count)
        *own = *shared;
    read_matrices(leaf, own, leaf->used);
    found_t lists = found_of(lists_read(&leaf->view, in_lists));
    leaf->second = fmin(lists.worth, leaf->worth);
    if (!are_the_week(leaf, &lists))
        return;
    leaf->used = in_lists;
    take_lists(leaf, &lists);
}

/* Takes what one group of days sees to what the others saw. */
static void join_scope(leaf_t *leaf, const leaf_t *part, unsigned days)
{
    arena_t *arena = leaf->view.arena;
    found_t *tables = arena_array(arena, leaf->count + part->count + 1, sizeof *tables);
    for (size_t i = 0; i < leaf->count || i < part->count; i++) {
        drafts_t all = {0};
        if (i < leaf->count)
            tables[i] = leaf->tables[i], all = tables[i].drafts;
        for (size_t k = 0; i < part->count && k < part->tables[i].drafts.count; k++)
            if (days & 1u << part->tables[i].drafts.items[k].day)
                *drafts_push(arena, &all) = part->tables[i].drafts.items[k];
        found_t owner = i < leaf->count ? leaf->tables[i] : part->tables[i];
        tables[i] = found_of(all);
        tables[i].class_name = owner.class_name, tables[i].teacher = owner.teacher;
    }
    size_t count = leaf->count > part->count ? leaf->count : part->count;
    *leaf = *part;
    leaf->tables = tables, leaf->count = 0, leaf->worth = 0;
    for (size_t i = 0; i < count; i++)
        if (tables[i].drafts.count)
            leaf->worth += tables[i].worth, tables[leaf->count++] = tables[i];
}

static void read_leaf(leaf_t *leaf, arena_t *arena, const page_t *page, const periods_t *shared, periods_t *own)
{
    dayscope_t scopes[DAYSCOPES_MOST];
    view_t view = {.arena = arena, .page = page, .phrases = phrases_of(arena, page)};
    view.phrases = label_mend_upward(arena, &view.phrases);
    view.phrases = label_split_days(arena, page, &view.phrases);
    view.labels = labels_of(arena, page, &view.phrases);
    size_t count = dayscopes_of(&view, scopes);
    leaf->view = view;
    if (!count)
        read_view(leaf, shared, own);
    for (size_t i = 0; i < count; i++) {
        leaf_t part = {.view = view};
        part.view.phrases = scopes[i].phrases;
        part.view.labels = labels_of(arena, page, &part.view.phrases);
        read_view(&part, shared, own);
        join_scope(leaf, &part, scopes[i].days);
    }
}

/* Heading. */

static size_t phrases_about(const leaf_t *leaf, int top, int bottom, extent_t across, heading_phrase_t *out)
{
    size_t n = 0;
    const view_t *view = &leaf->view;
    if (view->page->title && *view->page->title)
        out[n++] = (heading_phrase_t){.text = view->page->title, .confidence = 1, .title = true};
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        if (leaf->used[i] || label->whole != (label->cell >= 0))
            continue;
        for (size_t k = 0; k < label->count; k++) {
            const phrase_t *p = label->phrases[k];
            if (p->angle != 0 || (p->box.y0 < top && top > 0) || p->box.x0 < across.lo || p->box.x1 > across.hi)
                continue;
            out[n++] = (heading_phrase_t){p->text, p->box, p->size, p->weight, p->confidence, p->box.y1 <= bottom};
        }
    }
    return n;
}

/* px across which print stands over one table alone, where others stand beside it: up to half-way to them. */
static extent_t alone_across(const leaf_t *leaf, size_t which)
{
    rect_t own = leaf->tables[which].place;
    extent_t x = {0, leaf->view.page->width + 1};
    for (size_t i = 0; i < leaf->count; i++) {
        rect_t other = leaf->tables[i].place;
        if (i == which || other.y0 >= own.y1 || other.y1 <= own.y0)
            continue;
        if (other.x1 <= own.x0 && (other.x1 + own.x0) / 2 > x.lo)
            x.lo = (other.x1 + own.x0) / 2;
        if (other.x0 >= own.x1 && (other.x0 + own.x1) / 2 < x.hi)
            x.hi = (other.x0 + own.x1) / 2;
    }
    return x;
}

/* First what stands over this table alone, then what stands over the page. */
static void read_heading(const leaf_t *leaf, size_t which, timetable_t *table)
{
    heading_phrase_t *phrases = arena_array(leaf->view.arena, leaf->view.phrases.count + 2, sizeof *phrases);
    extent_t all = {0, leaf->view.page->width + 1}, own = alone_across(leaf, which);
    int above = which > 0 ? leaf->tables[which - 1].place.y1 : 0, top = leaf->tables[which].place.y0;
    if (extent_size(own) < extent_size(all)) {
        size_t n = phrases_about(leaf, 0, top, own, phrases);
        heading_read(phrases, n, leaf->view.arena, table);
    } else if (which > 0 && above < top) {
        size_t n = phrases_about(leaf, above, top, all, phrases);
        heading_read(phrases, n, leaf->view.arena, table);
    }
    size_t n = phrases_about(leaf, 0, leaf->tables[0].place.y0, all, phrases);
    heading_read(phrases, n, leaf->view.arena, table);
}

static void publish_leaf(dossier_t *dossier, leaf_t *leaf, int *number)
{
    for (size_t i = 0; i < leaf->count; i++) {
        found_t *found = &leaf->tables[i];
        timetable_t *table = list_push(dossier->arena, &dossier->timetables, sizeof *table);
        standing_t standing = {fmax(0, fmin(1, found->worth / (double)(found->drafts.count + 1))),
                               leaf->worth > 0 ? fmax(0, fmin(1, (leaf->worth - leaf->second) / leaf->worth)) : 0};
        table->page = leaf->view.page->number;
        table->class_name = found->class_name, table->teacher = found->teacher;
        read_heading(leaf, i, table);
        publish(&leaf->view, &found->drafts, standing, table, number);
    }
}

stage_end_t rules_run(stage_job_t *job, fault_t *fault)
{
    (void)fault;
    dossier_t *dossier = job->dossier;
    periods_t shared = {0};
    int number = 0;
    dossier->timetables = (list_t){0};
    for (size_t i = 0; i < dossier->pages.count; i++) {
        leaf_t leaf = {.count = 0};
        periods_t own;
        read_leaf(&leaf, dossier->arena, LIST_AT(page_t, dossier->pages, i), &shared, &own);
        publish_leaf(dossier, &leaf, &number);
        if (own.count)
            shared = own;
    }
    job->lap(job, "meaning");
    return STAGE_NEXT;
}
