/* publish: see publish.h. */
#include "publish.h"
#include "daytext.h"
#include "entry.h"
#include "proto/base/text.h"
#include "timetext.h"
#include "vocabulary.h"

#include <math.h>
#include <string.h>

static const double ORIGIN_WORTH[] = {[FROM_CELL] = 1.0,      [FROM_HEADING] = 0.9, [FROM_PERIODS] = 0.8,
                                      [FROM_NEIGHBOUR] = 0.6, [FROM_SCALE] = 0.7,   [FROM_NOTHING] = 0.0};

/* Arrows and rules around a name are no part of it: "<----P/1/BEE-105--->". */
static const char *strip(arena_t *arena, const char *text)
{
    static const char *const marks[] = {"<", ">", "-", "—", "–", "=", "*", "→", "←", "~", "|", "•", "▪", "_"};
    char *out = arena_text(arena, text);
    size_t cut = 0;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            size_t n = strlen(marks[i]), length = strlen(out);
            if (length > n && strncmp(out, marks[i], n) == 0)
                out += n, again = true, cut++;
            length = strlen(out);
            if (length > n && strcmp(out + length - n, marks[i]) == 0)
                out[length - n] = 0, again = true, cut++;
        }
        text_squeeze(out);
    }
    return *out && cut ? out : text;
}

static void add_reason(arena_t *arena, timeblock_t *block, const char *field, const char *why)
{
    if (!why)
        return;
    reason_t *reason = list_push(arena, &block->reasons, sizeof *reason);
    reason->field = field;
    reason->why = why;
}

static void add_evidence(arena_t *arena, timeblock_t *block, const char *name, double value)
{
    evidence_t *evidence = list_push(arena, &block->evidence, sizeof *evidence);
    evidence->name = name;
    evidence->value = value;
}

/* Share of a name's words that are known words, or stand elsewhere on the page as well. */
static double known_share(const view_t *view, const char *name)
{
    size_t words = 0, known = 0;
    char word[128];
    for (const char *at = name; *at;) {
        size_t n = strcspn(at, " ");
        if (n && n < sizeof word) {
            size_t seen = 0;
            memcpy(word, at, n);
            word[n] = 0;
            for (size_t i = 0; i < view->page->words.count && seen < 2; i++)
                seen += text_same(LIST_AT(word_t, view->page->words, i)->text, word);
            words++;
            known += seen >= 2 || vocabulary_knows(word);
        }
        at += n + (at[n] == ' ');
    }
    return words ? (double)known / (double)words : 0;
}

static void set_time(arena_t *arena, timeblock_t *block, const instant_t *from, bool start)
{
    const char *field = start ? "startTime" : "endTime";
    char text[6];
    if (from->minute < 0 || from->minute >= 24 * 60)
        return;
    *(start ? &block->start_time : &block->end_time) = arena_text(arena, timetext_format(from->minute, text));
    if (from->inferred)
        texts_push(arena, &block->inferred, field);
    add_reason(arena, block, field, from->why);
}

static void weigh(const view_t *view, const draft_t *d, standing_t standing, timeblock_t *block)
{
    arena_t *arena = view->arena;
    const cell_t *cell =
        d->cell >= 0 && (size_t)d->cell < view->page->cells.count ? LIST_AT(cell_t, view->page->cells, d->cell) : NULL;
    bool known = d->start.minute >= 0 && d->end.minute >= 0;
    add_evidence(arena, block, "read", d->read);
    add_evidence(arena, block, "read_mean", d->read_mean);
    add_evidence(arena, block, "heading_read",
                 fmin(d->start.minute >= 0 ? d->start.read : 1, d->end.minute >= 0 ? d->end.read : 1));
    add_evidence(arena, block, "day_read", d->day_read);
    add_evidence(arena, block, "start_from", ORIGIN_WORTH[d->start.minute >= 0 ? d->start.origin : FROM_NOTHING]);
    add_evidence(arena, block, "end_from", ORIGIN_WORTH[d->end.minute >= 0 ? d->end.origin : FROM_NOTHING]);
    add_evidence(arena, block, "day_from", d->day_inferred ? 0.5 : 1);
    add_evidence(arena, block, "edges", d->edges);
    add_evidence(arena, block, "cell", cell ? cell->confidence : 0.5);
    add_evidence(arena, block, "minutes", known ? d->end.minute - d->start.minute : -1);
    add_evidence(arena, block, "table", standing.plausible);
    add_evidence(arena, block, "margin", standing.margin);
    add_evidence(arena, block, "known", known_share(view, d->name));
    add_evidence(arena, block, "notes_split", d->notes_split);
    add_evidence(arena, block, "digital", view->page->origin && !view_is_read(view));
    if (d->heading_minutes >= 0)
        add_evidence(arena, block, "heading_minutes", d->heading_minutes);
}

static bool is_double(const drafts_t *drafts, size_t i)
{
    const draft_t *a = &drafts->items[i];
    for (size_t j = 0; j < i; j++) {
        const draft_t *b = &drafts->items[j];
        if (a->day == b->day && a->start.minute == b->start.minute && a->end.minute == b->end.minute &&
            a->page == b->page && strcmp(a->name, b->name) == 0 && a->box.x0 < b->box.x1 && b->box.x0 < a->box.x1 &&
            a->box.y0 < b->box.y1 && b->box.y0 < a->box.y1)
            return true;
    }
    return false;
}

void publish(const view_t *view, drafts_t *drafts, standing_t standing, timetable_t *table, int *number)
{
    arena_t *arena = view->arena;
    drafts_sort(drafts);
    for (size_t i = 0; i < drafts->count; i++) {
        const draft_t *d = &drafts->items[i];
        if (is_double(drafts, i))
            continue;
        timeblock_t *block = list_push(arena, &table->timeblocks, sizeof *block);
        block->id = arena_format(arena, "b%d", ++*number);
        block->day = daytext_name(d->day);
        block->name = strip(arena, d->name);
        block->notes = d->notes;
        block->page = d->page;
        block->week = table->week;
        block->box = (box_t){.x = d->box.x0, .y = d->box.y0, .w = d->box.x1 - d->box.x0, .h = d->box.y1 - d->box.y0};
        if (d->day_inferred)
            texts_push(arena, &block->inferred, "day");
        add_reason(arena, block, "day", d->day_why);
        set_time(arena, block, &d->start, true);
        set_time(arena, block, &d->end, false);
        add_reason(arena, block, "name", d->name_why);
        weigh(view, d, standing, block);
    }
}
