/* slottime: see slottime.h. */
#include "slottime.h"
#include "entry.h"
#include "slotline.h"

#include <string.h>

/* Minutes since midnight before which no school day begins and after which none goes on. */
enum { DAY_BEGINS = 6 * 60, EVENING = 21 * 60 };

static instant_t heading_instant(int minute, const label_t *label, const char *edge, arena_t *arena)
{
    instant_t instant = {
        .minute = minute, .origin = minute < 0 ? FROM_NOTHING : FROM_HEADING, .read = label->confidence};
    instant.why = arena_format(arena, "%s of the heading '%s'", edge, label_line(arena, label->text));
    return instant;
}

/* The moments of all headings in minutes; a heading that runs backward is moved by half a day, or dropped. */
void slottime_read(const view_t *view, slots_t *slots)
{
    int last = -1;
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        if (!slot->label || !slot->label->timed)
            continue;
        int start, end;
        timetext_settle(&slot->label->time, DAY_BEGINS, &start, &end);
        if (view_is_read(view) && label_is_end(slot->label)) {
            slot->end = heading_instant(start, slot->label, "end", view->arena);
            continue;
        }
        if (last >= 0 && start < last && start + 720 <= EVENING && start + 720 >= last &&
            slot->label->time.start.half == HALF_UNKNOWN)
            start += 720, end = end >= 0 && end < start ? end + 720 : end;
        if (end >= 0 && end <= start)
            end = end + 720 > start && end + 720 <= EVENING ? end + 720 : -1;
        if (slot->label->time.closes)
            end = start, start = -1;
        else if (end < 0 && slot->name && entry_length(slot->name) > 0) /* "9:00 / 50 mins" */
            end = start + entry_length(slot->name);
        slot->start = heading_instant(start, slot->label, "start", view->arena);
        slot->end = heading_instant(end, slot->label, "end", view->arena);
        last = start >= 0 ? start : end;
    }
}

/* A misread heading breaks the order alone: what its neighbours say stands. */
void slottime_drop_strays(slots_t *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        int before = -1, after = -1;
        if (slot->start.minute < 0)
            continue;
        for (size_t j = i; j-- > 0 && before < 0;)
            before = slots->items[j].start.minute;
        for (size_t j = i + 1; j < slots->count && after < 0; j++)
            after = slots->items[j].start.minute;
        if (before < 0 ||
            (after >= 0 && before >= after)) /* nothing before it, or the neighbours are out of order themselves */
            continue;
        if (slot->start.minute < before || (after >= 0 && slot->start.minute > after))
            slot->start = slot->end = instant_none();
    }
}

/* Length of every slot where all known ones are alike, else 0. */
static int regular_step(const slots_t *slots)
{
    int step = 0;
    for (size_t i = 0; i + 1 < slots->count; i++) {
        int length = slots->items[i + 1].start.minute - slots->items[i].start.minute;
        if (slots->items[i].start.minute < 0 || slots->items[i + 1].start.minute < 0 || (step && length != step))
            return 0;
        step = length;
    }
    return slots->count > 2 ? step : 0;
}

/* Two phrases of one heading, the second with the end alone: "10:50" and "- 11:10". */
static bool closes(const slot_t *after, const slot_t *slot)
{
    return after->label && after->label->timed && after->label->time.closes && after->end.minute > slot->start.minute &&
           extent_shared(after->ink, slot->ink) * 2 > extent_size(after->ink);
}

void slottime_fill(slots_t *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i], *before = i ? slot - 1 : NULL, *after = i + 1 < slots->count ? slot + 1 : NULL;
        if (slot->start.minute < 0 && before && before->end.minute >= 0)
            slot->start = instant_follow(before->end, "where the heading before it ends");
        if (slot->end.minute < 0 && slot->start.minute >= 0 && after && closes(after, slot))
            slot->end = after->end;
        if (slot->end.minute < 0 && after && after->start.minute >= 0)
            slot->end = instant_follow(after->start, "where the next heading starts");
    }
    int step = regular_step(slots);
    slot_t *last = slots->count ? &slots->items[slots->count - 1] : NULL;
    if (step > 0 && last->end.minute < 0) {
        last->end = instant_follow(last->start, "one step of the even grid after its start");
        last->end.minute += step;
    }
}

/* Ends that stand in a line of their own below the starts. */
void slottime_second_line(const view_t *view, const dayaxis_t *days, rect_t area, slots_t *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        if (!slot->label || !slot->label->timed || slot->label->time.end.minute >= 0)
            continue;
        for (size_t j = 0; j < view->labels.count; j++) {
            const label_t *label = &view->labels.items[j];
            extent_t t = rect_t_axis(label->ink, days->lie);
            if (label == slot->label || !label->timed || label->time.end.minute >= 0 ||
                label->part != slot->label->part || !slotline_may_head(days, label, area, BEFORE_DAYS) ||
                !extent_holds(slot->place, extent_middle(t)) || slotline_level(label, slot->label, days->lie) ||
                extent_middle(rect_d_axis(label->ink, days->lie)) <
                    extent_middle(rect_d_axis(slot->label->ink, days->lie)))
                continue;
            int start, end, ignored;
            timetext_settle(&slot->label->time, DAY_BEGINS, &start, &ignored);
            timetext_settle(&label->time, DAY_BEGINS, &end, &ignored);
            if (end > start && end - start < 200)
                slot->end = heading_instant(end, label, "time", view->arena);
        }
    }
}

void slottime_from_periods(const view_t *view, const periods_t *periods, slots_t *slots)
{
    const char **names = arena_array(view->arena, slots->count, sizeof *names);
    int *found = arena_array(view->arena, slots->count, sizeof *found);
    for (size_t i = 0; i < slots->count; i++)
        names[i] = slots->items[i].start.minute < 0 ? slots->items[i].name : NULL;
    periods_match(periods, names, slots->count, found);
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        if (found[i] < 0 || slot->start.minute >= 0)
            continue;
        const period_t *period = &periods->items[found[i]];
        const char *why = arena_format(view->arena, "the table of periods says when '%s' is", period->name);
        slot->start = (instant_t){.minute = period->start, .origin = FROM_PERIODS, .why = why, .read = period->read};
        slot->end = (instant_t){.minute = period->end,
                                .origin = period->end < 0 ? FROM_NOTHING : FROM_PERIODS,
                                .why = why,
                                .read = period->read};
    }
}
