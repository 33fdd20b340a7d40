/* checks: see checks.h. A rule is a row of the table at the end. */
#include "checks.h"

#include "finding.h"
#include "normal.h"

#include <stdlib.h>
#include <string.h>

/* Minutes. A school day lies between six and ten at night; a block is longer than a bell and shorter than a day out. */
enum {
    HOLE_LEAST = 20,
    DAY_OPENS = 6 * 60,
    DAY_CLOSES = 22 * 60,
    BLOCK_LEAST = 2,
    BLOCK_MOST = 6 * 60,
    HEADING_MOST = 60
};

/* A day with under a third of the usual number of blocks is thin. */
enum { THIN = 3 };

static const char *name_of(const slot_t *slot)
{
    return slot->block->name && *slot->block->name ? slot->block->name : "a block without a name";
}

static const char *time_of(const char *time)
{
    return time ? time : "?";
}

static void two_blocks(finding_t *finding, const slot_t *a, const slot_t *b, const char *how)
{
    check_t *check = finding_add(finding, "%s: \"%s\" (%s to %s) and \"%s\" (%s to %s) %s", normal_day_name(a->day),
                                 name_of(a), time_of(a->block->start_time), time_of(a->block->end_time), name_of(b),
                                 time_of(b->block->start_time), time_of(b->block->end_time), how);
    finding_block(finding, check, a->block);
    finding_block(finding, check, b->block);
}

static void one_block(finding_t *finding, const slot_t *slot, const char *what)
{
    check_t *check =
        finding_add(finding, "%s: \"%s\" (%s to %s) %s", slot->day < 0 ? "no day" : normal_day_name(slot->day),
                    name_of(slot), time_of(slot->block->start_time), time_of(slot->block->end_time), what);
    finding_block(finding, check, slot->block);
}

static bool same_time(const slot_t *a, const slot_t *b)
{
    return a->start == b->start && a->end == b->end;
}

static bool same_name(const slot_t *a, const slot_t *b)
{
    return a->block->name && b->block->name && strcmp(a->block->name, b->block->name) == 0;
}

static void overlap(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; day->day >= 0 && i < day->count; i++)
        for (size_t j = i + 1; j < day->count; j++)
            if (slot_overlaps(&day->slots[i], &day->slots[j]) && !same_time(&day->slots[i], &day->slots[j]))
                two_blocks(finding, &day->slots[i], &day->slots[j], "overlap");
}

static void parallel(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; day->day >= 0 && i + 1 < day->count; i++)
        if (slot_is_timed(&day->slots[i]) && same_time(&day->slots[i], &day->slots[i + 1]) &&
            !same_name(&day->slots[i], &day->slots[i + 1]))
            two_blocks(finding, &day->slots[i], &day->slots[i + 1], "take place at the same time");
}

static void order(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; i < day->count; i++)
        if (slot_is_timed(&day->slots[i]) && day->slots[i].end <= day->slots[i].start)
            one_block(finding, &day->slots[i], "does not end after it starts");
}

/* Whether any other day of the sheet has nothing within the hole either: then it is a hole of the page's own. */
static bool others_have_it(const sheet_t *sheet, const roll_day_t *day, int from, int to)
{
    for (size_t d = 0; d < sheet->count; d++) {
        const roll_day_t *other = &sheet->days[d];
        bool filled = false;
        for (size_t i = 0; i < other->count && !filled; i++)
            filled = slot_is_timed(&other->slots[i]) && other->slots[i].start < to && other->slots[i].end > from;
        if (other != day && other->day >= 0 && !filled)
            return true;
    }
    return false;
}

static void gap(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    int until = -1;
    for (size_t i = 0; day->day >= 0 && i < day->count; i++) {
        const slot_t *slot = &day->slots[i];
        if (!slot_is_timed(slot))
            continue;
        if (until >= 0 && slot->start - until > HOLE_LEAST && !others_have_it(sheet, day, until, slot->start)) {
            check_t *check = finding_add(finding, "%s: nothing from %02d:%02d to %s, where other days have something",
                                         normal_day_name(day->day), until / 60, until % 60, slot->block->start_time);
            finding_block(finding, check, slot->block);
        }
        until = slot->end > until ? slot->end : until;
    }
}

static void duplicate(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; day->day >= 0 && i < day->count; i++)
        for (size_t j = i + 1; j < day->count; j++)
            if (same_time(&day->slots[i], &day->slots[j]) && same_name(&day->slots[i], &day->slots[j]))
                two_blocks(finding, &day->slots[i], &day->slots[j], "are the same");
}

static void missing_time(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; i < day->count; i++)
        if (day->slots[i].start < 0)
            one_block(finding, &day->slots[i], "has no start that the page gives");
}

static void missing_day(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; day->day < 0 && i < day->count; i++)
        one_block(finding, &day->slots[i], "has no day");
}

static void hours(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; i < day->count; i++) {
        const slot_t *slot = &day->slots[i];
        int length = slot->end - slot->start;
        if ((slot->start >= 0 && slot->start < DAY_OPENS) || slot->start > DAY_CLOSES || slot->end > DAY_CLOSES)
            one_block(finding, slot, "lies outside a school day");
        else if (slot_is_timed(slot) && length > 0 && (length < BLOCK_LEAST || length > BLOCK_MOST))
            one_block(finding, slot, "has an odd length");
    }
}

static void heading(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    (void)sheet;
    for (size_t i = 0; i < day->count; i++) {
        const list_t *evidence = &day->slots[i].block->evidence;
        for (size_t e = 0; e < evidence->count; e++)
            if (strcmp(LIST_AT(evidence_t, *evidence, e)->name, "heading_minutes") == 0 &&
                LIST_AT(evidence_t, *evidence, e)->value > HEADING_MOST)
                one_block(finding, &day->slots[i], "prints a time that is far from its heading's");
    }
}

static int by_count(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Days between the first and the last that have nothing, and days with far fewer blocks than the others. */
static void day_coverage(finding_t *finding, const sheet_t *sheet, const roll_day_t *day)
{
    int counts[NORMAL_DAYS] = {0}, sorted[NORMAL_DAYS], first = NORMAL_DAYS, last = -1, days = 0;
    if (day != &sheet->days[sheet->count - 1]) /* once for the sheet */
        return;
    for (size_t d = 0; d < sheet->count; d++)
        if (sheet->days[d].day >= 0)
            counts[sheet->days[d].day] = (int)sheet->days[d].count;
    for (int d = 0; d < NORMAL_DAYS; d++)
        if (counts[d]) {
            first = d < first ? d : first;
            last = d;
            sorted[days++] = counts[d];
        }
    if (days < 2)
        return;
    qsort(sorted, (size_t)days, sizeof *sorted, by_count);
    for (int d = first; d <= last; d++) {
        if (!counts[d])
            finding_add(finding, "there is nothing on %s, between other days", normal_day_name(d));
        else if (counts[d] * THIN < sorted[days / 2])
            finding_add(finding, "%s has %d blocks, other days have about %d", normal_day_name(d), counts[d],
                        sorted[days / 2]);
    }
}

static const struct {
    const char *rule, *severity;
    void (*look)(finding_t *finding, const sheet_t *sheet, const roll_day_t *day); /* at one day */
} rules[] = {
    {"order", "error", order},
    {"overlap", "warning", overlap},
    {"parallel", "info", parallel},
    {"duplicate", "warning", duplicate},
    {"gap", "info", gap},
    {"day-coverage", "warning", day_coverage},
    {"heading", "warning", heading},
    {"hours", "warning", hours},
    {"missing-time", "info", missing_time},
    {"missing-day", "warning", missing_day},
};

void checks_run(dossier_t *dossier, const roll_t *roll)
{
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        finding_t finding = {.dossier = dossier, .rule = rules[r].rule, .severity = rules[r].severity};
        for (size_t s = 0; s < roll->count; s++)
            for (size_t d = 0; d < roll->sheets[s].count; d++)
                rules[r].look(&finding, &roll->sheets[s], &roll->sheets[s].days[d]);
        finding_close(&finding);
    }
}
