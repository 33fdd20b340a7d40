/* features: see features.h. */
#include "features.h"

#include "covered.h"
#include "evidence.h"
#include "normal.h"
#include "proto/base/text.h"

#include <math.h>
#include <string.h>

/* Minutes that hardly any block of a school breaks; the checks say nothing yet (checks.h). */
enum { LENGTH_LEAST = 5, LENGTH_MOST = 200, DAY_OPENS = 7 * 60, DAY_CLOSES = 19 * 60 };
enum { FEW = 10 };       /* a table of fewer blocks says little about itself */
enum { SHORT_NAME = 3 }; /* letters and digits */

/* What the features of one block are computed from. */
typedef struct {
    const roll_day_t *day;                           /* the block's */
    double covered;                                  /* of the timetable */
    double complete;                                 /* of the document */
    double few;                                      /* of the document */
    double usual;                                    /* blocks of a day, the mean */
    int days;                                        /* that are known */
    bool starts[TIMETABLE_DAYS][NORMAL_DAY_MINUTES]; /* whether a block starts then */
    bool ends[TIMETABLE_DAYS][NORMAL_DAY_MINUTES];   /* whether a block ends then */
    const roll_day_t *by_day[TIMETABLE_DAYS];        /* NULL without blocks */
} week_t;

typedef struct {
    const char *name;                                        /* of the evidence */
    double (*value)(const week_t *week, const slot_t *slot); /* 0 to 1 */
} feature_t;

/* ---- of the block alone ---- */

static double has_start(const week_t *week, const slot_t *slot)
{
    (void)week;
    return slot->start >= 0;
}

static double has_end(const week_t *week, const slot_t *slot)
{
    (void)week;
    return slot->end >= 0;
}

static double odd_length(const week_t *week, const slot_t *slot)
{
    (void)week;
    int length = slot->end - slot->start;
    return slot_is_timed(slot) && (length < LENGTH_LEAST || length > LENGTH_MOST);
}

static double outside_hours(const week_t *week, const slot_t *slot)
{
    (void)week;
    return (slot->start >= 0 && slot->start < DAY_OPENS) || slot->start > DAY_CLOSES || slot->end > DAY_CLOSES;
}

static bool is_between_words(uint32_t point)
{
    return text_is_space(point) || (point < 128 && strchr("&/-.,'()+:", (char)point));
}

static double clean(const week_t *week, const slot_t *slot)
{
    (void)week;
    double all = 0, good = 0;
    const char *at = slot->block->name ? slot->block->name : "";
    for (uint32_t point; (point = text_next(&at)); all++)
        good += text_is_letter(point) || text_is_digit(point) || is_between_words(point);
    return all > 0 ? good / all : 0;
}

static double short_name(const week_t *week, const slot_t *slot)
{
    (void)week;
    int count = 0;
    const char *at = slot->block->name ? slot->block->name : "";
    for (uint32_t point; (point = text_next(&at));)
        count += text_is_letter(point) || text_is_digit(point);
    return count < SHORT_NAME;
}

/* ---- of the block among its day's ---- */

static double overlaps(const week_t *week, const slot_t *slot)
{
    for (size_t i = 0; i < week->day->count && week->day->slots[i].start < slot->end; i++) {
        const slot_t *other = &week->day->slots[i];
        if (slot_overlaps(slot, other) && (other->start != slot->start || other->end != slot->end))
            return 1;
    }
    return 0;
}

static bool begins_day(const roll_day_t *day, int minute)
{
    for (size_t i = 0; i < day->count; i++)
        if (day->slots[i].start >= 0)
            return day->slots[i].start >= minute; /* sorted: the first is the earliest */
    return true;
}

static bool ends_day(const roll_day_t *day, int minute)
{
    for (size_t i = 0; i < day->count; i++)
        if (day->slots[i].end > minute)
            return false;
    return true;
}

static double joined(const week_t *week, const slot_t *slot)
{
    if (slot->day < 0)
        return 0;
    bool before = slot->start >= 0 && (week->ends[slot->day][slot->start] || begins_day(week->day, slot->start));
    bool after = slot->end >= 0 && (week->starts[slot->day][slot->end] || ends_day(week->day, slot->end));
    return (before + after) / 2.0;
}

/* ---- of the block among the week's ---- */

/* A sum over the other days as a share of the most that it can be. */
static double share_of_others(const week_t *week, const slot_t *slot, int sum, int most)
{
    int others = week->days - (slot->day >= 0);
    return others > 0 ? (double)sum / (others * most) : 0;
}

static bool has_slot(const roll_day_t *day, const slot_t *slot)
{
    for (size_t i = 0; i < day->count && day->slots[i].start <= slot->start; i++)
        if (day->slots[i].start == slot->start && day->slots[i].end == slot->end)
            return true;
    return false;
}

static double same_slots(const week_t *week, const slot_t *slot)
{
    int same = 0;
    for (int day = 0; day < TIMETABLE_DAYS; day++)
        if (day != slot->day && week->by_day[day])
            same += has_slot(week->by_day[day], slot);
    return share_of_others(week, slot, same, 1);
}

static double same_edges(const week_t *week, const slot_t *slot)
{
    int same = 0;
    for (int day = 0; day < TIMETABLE_DAYS; day++) {
        if (day == slot->day)
            continue;
        same += slot->start >= 0 && week->starts[day][slot->start];
        same += slot->end >= 0 && week->ends[day][slot->end];
    }
    return share_of_others(week, slot, same, 2);
}

static double balance(const week_t *week, const slot_t *slot)
{
    (void)slot;
    double count = (double)week->day->count;
    return week->usual > 0 ? fmin(count, week->usual) / fmax(count, week->usual) : 0;
}

/* ---- of all blocks alike ---- */

static double complete(const week_t *week, const slot_t *slot)
{
    (void)slot;
    return week->complete;
}

static double few_blocks(const week_t *week, const slot_t *slot)
{
    (void)slot;
    return week->few;
}

static double covered(const week_t *week, const slot_t *slot)
{
    (void)slot;
    return week->covered;
}

static const feature_t features[] = {
    {"has_start", has_start},         {"has_end", has_end}, {"odd_length", odd_length},
    {"outside_hours", outside_hours}, {"clean", clean},     {"short_name", short_name},
    {"overlaps", overlaps},           {"joined", joined},   {"same_slots", same_slots},
    {"same_edges", same_edges},       {"balance", balance}, {"complete", complete},
    {"few_blocks", few_blocks},       {"covered", covered},
};

/* ---- the weeks ---- */

static double complete_share(const roll_t *roll)
{
    double timed = 0;
    for (size_t s = 0; s < roll->count; s++)
        for (size_t d = 0; d < roll->sheets[s].count; d++)
            for (size_t i = 0; i < roll->sheets[s].days[d].count; i++)
                timed += slot_is_timed(&roll->sheets[s].days[d].slots[i]);
    return roll->slots ? timed / (double)roll->slots : 0;
}

static void fill_day(week_t *week, const roll_day_t *day)
{
    for (size_t i = 0; i < day->count; i++) {
        if (day->slots[i].start >= 0)
            week->starts[day->day][day->slots[i].start] = true;
        if (day->slots[i].end >= 0)
            week->ends[day->day][day->slots[i].end] = true;
    }
    week->by_day[day->day] = day;
    week->days++;
}

static void fill_days(week_t *week, const sheet_t *sheet)
{
    double blocks = 0;
    for (size_t d = 0; d < sheet->count; d++)
        if (sheet->days[d].day >= 0) {
            fill_day(week, &sheet->days[d]);
            blocks += (double)sheet->days[d].count;
        }
    week->usual = week->days ? blocks / week->days : 0;
}

static void add_to_day(dossier_t *dossier, const week_t *week)
{
    for (size_t i = 0; i < week->day->count; i++)
        for (size_t f = 0; f < sizeof features / sizeof *features; f++)
            evidence_set(dossier->arena, week->day->slots[i].block, features[f].name,
                         features[f].value(week, &week->day->slots[i]));
}

void features_add(dossier_t *dossier, const roll_t *roll)
{
    week_t *week = arena_take(dossier->arena, sizeof *week);
    double timed = complete_share(roll);
    for (size_t s = 0; s < roll->count; s++) {
        const sheet_t *sheet = &roll->sheets[s];
        *week = (week_t){.complete = timed, .few = roll->slots < FEW};
        week->covered = covered_share(dossier, sheet->timetable);
        fill_days(week, sheet);
        for (size_t d = 0; d < sheet->count; d++) {
            week->day = &sheet->days[d];
            add_to_day(dossier, week);
        }
    }
}
