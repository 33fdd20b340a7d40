/* features: see features.h. */
#include "features.h"

#include <math.h>

/* Minutes; see checks.c. A table of under FEW blocks says little about itself. */
enum { LENGTH_LEAST = 5, LENGTH_MOST = 200, DAY_OPENS = 7 * 60, DAY_CLOSES = 19 * 60, FEW = 10 };

static void add(dossier_t *dossier, timeblock_t *block, const char *name, double value)
{
    evidence_t *evidence = list_push(dossier->arena, &block->evidence, sizeof *evidence);
    evidence->name = name;
    evidence->value = fmin(1, fmax(0, value));
}

static double overlaps(const roll_day_t *day, size_t i)
{
    for (size_t j = 0; j < day->count; j++)
        if (j != i && slot_overlaps(&day->slots[i], &day->slots[j]) &&
            !(day->slots[i].start == day->slots[j].start && day->slots[i].end == day->slots[j].end))
            return 1;
    return 0;
}

/* Share of the other days that have a block at the same times. */
static double same_slots(const sheet_t *sheet, const roll_day_t *own, const slot_t *slot)
{
    double days = 0, same = 0;
    for (size_t d = 0; d < sheet->count; d++) {
        const roll_day_t *other = &sheet->days[d];
        if (other == own || other->day < 0)
            continue;
        days++;
        for (size_t i = 0; i < other->count; i++)
            if (other->slots[i].start == slot->start && other->slots[i].end == slot->end) {
                same++;
                break;
            }
    }
    return days > 0 ? same / days : 0;
}

static double usual_count(const sheet_t *sheet)
{
    double sum = 0, days = 0;
    for (size_t d = 0; d < sheet->count; d++)
        if (sheet->days[d].day >= 0)
            sum += (double)sheet->days[d].count, days++;
    return days > 0 ? sum / days : 1;
}

static double complete_share(const roll_t *roll)
{
    double complete = 0;
    for (size_t s = 0; s < roll->count; s++)
        for (size_t d = 0; d < roll->sheets[s].count; d++)
            for (size_t i = 0; i < roll->sheets[s].days[d].count; i++)
                complete += slot_is_timed(&roll->sheets[s].days[d].slots[i]);
    return roll->slots ? complete / (double)roll->slots : 0;
}

static void add_block(dossier_t *dossier, const sheet_t *sheet, const roll_day_t *day, size_t i, double usual)
{
    const slot_t *slot = &day->slots[i];
    int length = slot->end - slot->start;
    double count = (double)day->count;
    bool early = slot->start >= 0 && slot->start < DAY_OPENS;
    add(dossier, slot->block, "has_start", slot->start >= 0);
    add(dossier, slot->block, "has_end", slot->end >= 0);
    add(dossier, slot->block, "odd_length", slot_is_timed(slot) && (length < LENGTH_LEAST || length > LENGTH_MOST));
    add(dossier, slot->block, "outside_hours", early || slot->start > DAY_CLOSES || slot->end > DAY_CLOSES);
    add(dossier, slot->block, "overlaps", overlaps(day, i));
    add(dossier, slot->block, "balance", count < usual ? count / usual : usual / count);
    add(dossier, slot->block, "same_slots", same_slots(sheet, day, slot));
}

void features_add(dossier_t *dossier, const roll_t *roll)
{
    double complete = complete_share(roll);
    for (size_t s = 0; s < roll->count; s++) {
        double usual = usual_count(&roll->sheets[s]);
        for (size_t d = 0; d < roll->sheets[s].count; d++)
            for (size_t i = 0; i < roll->sheets[s].days[d].count; i++) {
                add_block(dossier, &roll->sheets[s], &roll->sheets[s].days[d], i, usual);
                add(dossier, roll->sheets[s].days[d].slots[i].block, "complete", complete);
                add(dossier, roll->sheets[s].days[d].slots[i].block, "few_blocks", roll->slots < FEW);
            }
    }
}
