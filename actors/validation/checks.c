/* checks: see checks.h. */
#include "checks.h"

#include "evidence.h"
#include "finding.h"
#include "normal.h"

#include <stdlib.h>
#include <string.h>

enum { GAP_LEAST = 20 };   /* minutes: a longer hole is worth a word */
enum { HEADING_FAR = 30 }; /* minutes between the time in a cell and its heading's that are worth a word */
enum { THIN_SHARE = 3 };   /* a day with less than a third of the others' blocks is thin */
enum { CLOCK_BYTES = 6 };

typedef struct {
    const char *name;                                        /* of the rule */
    const char *severity;                                    /* "info", "warning", "error" */
    void (*sheet)(const sheet_t *sheet, finding_t *finding); /* looks at a week */
    void (*day)(const roll_day_t *day, finding_t *finding);  /* or at a day */
    void (*slot)(const slot_t *slot, finding_t *finding);    /* or at a block */
} check_rule_t;

static const char *day_words(int day)
{
    return day < 0 ? "a day that is not known" : timetable_days[day];
}

static const char *clock_words(int minutes, char out[CLOCK_BYTES])
{
    out[0] = (char)('0' + minutes / 600), out[1] = (char)('0' + minutes / 60 % 10), out[2] = ':';
    out[3] = (char)('0' + minutes % 60 / 10), out[4] = (char)('0' + minutes % 10), out[5] = 0;
    return out;
}

/* ---- one block ---- */

static void find_missing_day(const slot_t *slot, finding_t *finding)
{
    if (slot->day < 0)
        finding_block(finding, finding_add(finding, "no day is known for this block"), slot->block);
}

static void find_missing_name(const slot_t *slot, finding_t *finding)
{
    if (!slot->block->name || !*slot->block->name)
        finding_block(finding, finding_add(finding, "no name is known for this block"), slot->block);
}

static void find_order(const slot_t *slot, finding_t *finding)
{
    if (slot_is_timed(slot) && slot->end <= slot->start)
        finding_block(finding,
                      finding_add(finding, "it ends at %s, not after its start at %s", slot->block->end_time,
                                  slot->block->start_time),
                      slot->block);
}

static void find_hours(const slot_t *slot, finding_t *finding)
{
    int length = slot->end - slot->start;
    const char *what = slot->start >= 0 && slot->start < HOURS_EARLIEST               ? "starts before 06:00"
                       : slot->end > HOURS_LATEST || slot->start > HOURS_LATEST       ? "is not over by 22:00"
                       : slot_is_timed(slot) && length > HOURS_LONGEST                ? "lasts over six hours"
                       : slot_is_timed(slot) && length > 0 && length < HOURS_SHORTEST ? "lasts a minute"
                                                                                      : NULL;
    if (what)
        finding_block(finding, finding_add(finding, "it %s", what), slot->block);
}

static void find_heading(const slot_t *slot, finding_t *finding)
{
    double minutes = evidence_value(slot->block, "heading_minutes", 0);
    if (minutes > HEADING_FAR || minutes < -HEADING_FAR)
        finding_block(finding,
                      finding_add(finding, "the time in the cell is %.0f minutes off its heading's",
                                  minutes < 0 ? -minutes : minutes),
                      slot->block);
}

/* ---- one day ---- */

static bool has_bounds_of(const slot_t *a, const slot_t *b)
{
    return a->start == b->start && a->end == b->end;
}

/* Timed slots of a day that hang together in time; those with one time alone may stand among them and do not count. */
typedef struct {
    const slot_t *slots; /* the first of them */
    size_t span;         /* slots from the first to the last */
    size_t count;        /* of these, timed */
    int until;           /* minute at which the last of them ends */
} cluster_t;

static cluster_t cluster_from(const roll_day_t *day, size_t first)
{
    cluster_t cluster = {&day->slots[first], 1, slot_is_timed(&day->slots[first]), day->slots[first].end};
    for (size_t i = first + 1; cluster.count && i < day->count && day->slots[i].start < cluster.until; i++) {
        if (!slot_is_timed(&day->slots[i]))
            continue;
        cluster.span = i - first + 1;
        cluster.count++;
        cluster.until = day->slots[i].end > cluster.until ? day->slots[i].end : cluster.until;
    }
    return cluster;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Groups of one subject differ in their room or teacher: those are parallel, not twice the same. */
static bool is_copy(const timeblock_t *a, const timeblock_t *b)
{
    return a->name && is_same_text(a->name, b->name) && is_same_text(a->notes, b->notes);
}

/* A cluster is groups side by side, one block that stands there several times, or a true overlap. */
typedef enum { CLUSTER_GROUPS, CLUSTER_COPIES, CLUSTER_OVERLAP } cluster_kind_t;

static cluster_kind_t kind_of(const cluster_t *cluster)
{
    bool copies = true;
    for (size_t i = 1; i < cluster->span; i++) {
        if (!slot_is_timed(&cluster->slots[i]))
            continue;
        if (!has_bounds_of(&cluster->slots[0], &cluster->slots[i]))
            return CLUSTER_OVERLAP;
        copies = copies && is_copy(cluster->slots[0].block, cluster->slots[i].block);
    }
    return copies ? CLUSTER_COPIES : CLUSTER_GROUPS;
}

static void add_cluster(const cluster_t *cluster, const char *how, finding_t *finding)
{
    char from[CLOCK_BYTES], to[CLOCK_BYTES];
    check_t *check =
        finding_add(finding, "%zu blocks of %s %s from %s to %s", cluster->count, day_words(cluster->slots[0].day), how,
                    clock_words(cluster->slots[0].start, from), clock_words(cluster->until, to));
    for (size_t i = 0; i < cluster->span; i++)
        if (slot_is_timed(&cluster->slots[i]))
            finding_block(finding, check, cluster->slots[i].block);
}

/* Finds the clusters of a kind. */
static void find_clusters(const roll_day_t *day, cluster_kind_t kind, const char *how, finding_t *finding)
{
    size_t span;
    for (size_t first = 0; day->day >= 0 && first < day->count; first += span) {
        cluster_t cluster = cluster_from(day, first);
        span = cluster.span;
        if (cluster.count > 1 && kind_of(&cluster) == kind)
            add_cluster(&cluster, how, finding);
    }
}

static void find_overlap(const roll_day_t *day, finding_t *finding)
{
    find_clusters(day, CLUSTER_OVERLAP, "overlap", finding);
}

static void find_parallel(const roll_day_t *day, finding_t *finding)
{
    find_clusters(day, CLUSTER_GROUPS, "stand side by side", finding);
}

static void find_duplicate(const roll_day_t *day, finding_t *finding)
{
    for (size_t i = 0; i < day->count; i++)
        for (size_t k = i + 1; k < day->count && has_bounds_of(&day->slots[i], &day->slots[k]); k++) {
            if (!is_copy(day->slots[i].block, day->slots[k].block))
                continue;
            check_t *check = finding_add(finding, "the same block stands on %s twice", day_words(day->day));
            finding_block(finding, check, day->slots[i].block);
            finding_block(finding, check, day->slots[k].block);
            break; /* the next of the kind is the twin of this one */
        }
}

/* ---- one week ---- */

/* Minutes of [from, to) that the day's blocks fill. */
static int filled_minutes(const roll_day_t *day, int from, int to)
{
    int filled = 0, at = from;
    for (size_t i = 0; i < day->count; i++) {
        const slot_t *slot = &day->slots[i];
        int start = slot->start > at ? slot->start : at, end = slot->end < to ? slot->end : to;
        if (!slot_is_timed(slot) || end <= start)
            continue;
        filled += end - start;
        at = end;
    }
    return filled;
}

/* Whether most of the other days have blocks over most of that time. */
static bool others_fill(const sheet_t *sheet, const roll_day_t *day, int from, int to)
{
    size_t others = 0, busy = 0;
    for (size_t d = 0; d < sheet->count; d++) {
        if (&sheet->days[d] == day || sheet->days[d].day < 0)
            continue;
        others++;
        busy += 2 * filled_minutes(&sheet->days[d], from, to) > to - from;
    }
    return 2 * busy > others;
}

/* Whether the day has a block that may lie in that time for all that is known of it. */
static bool may_have_block(const roll_day_t *day, int from, int to)
{
    for (size_t i = 0; i < day->count; i++) {
        const slot_t *slot = &day->slots[i];
        int known = slot->start >= 0 ? slot->start : slot->end;
        if (!slot_is_timed(slot) && (known < 0 || (known >= from && known <= to)))
            return true;
    }
    return false;
}

static void find_gaps_of_day(const sheet_t *sheet, const roll_day_t *day, finding_t *finding)
{
    char from[CLOCK_BYTES], to[CLOCK_BYTES];
    const slot_t *last = NULL; /* the one that ends last so far */
    for (size_t i = 0; i < day->count && finding->count <= FINDINGS_MOST; i++) {
        const slot_t *slot = &day->slots[i];
        if (!slot_is_timed(slot))
            continue;
        if (last && slot->start - last->end > GAP_LEAST && !may_have_block(day, last->end, slot->start) &&
            others_fill(sheet, day, last->end, slot->start)) {
            check_t *check =
                finding_add(finding, "%s has nothing from %s to %s, where other days have blocks", day_words(day->day),
                            clock_words(last->end, from), clock_words(slot->start, to));
            finding_block(finding, check, last->block);
            finding_block(finding, check, slot->block);
        }
        if (!last || slot->end > last->end)
            last = slot;
    }
}

static void find_gap(const sheet_t *sheet, finding_t *finding)
{
    for (size_t d = 0; d < sheet->count; d++)
        if (sheet->days[d].day >= 0)
            find_gaps_of_day(sheet, &sheet->days[d], finding);
}

static int compare_counts(const void *left, const void *right)
{
    const size_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* The median number of blocks of the other known days, 0 where there are none. */
static size_t median_of_others(const size_t counts[TIMETABLE_DAYS], int day)
{
    size_t others[TIMETABLE_DAYS], count = 0;
    for (int d = 0; d < TIMETABLE_DAYS; d++)
        if (d != day && counts[d])
            others[count++] = counts[d];
    qsort(others, count, sizeof *others, compare_counts);
    return count ? others[count / 2] : 0;
}

/* Weekdays from the first to the last with blocks; a week that begins on Sunday begins before Monday. */
static void span_of_week(const size_t counts[TIMETABLE_DAYS], int *first, int *last)
{
    enum { SATURDAY = 5, SUNDAY = 6 };
    *first = TIMETABLE_DAYS, *last = -1;
    for (int d = 0; d <= SATURDAY; d++)
        if (counts[d])
            *first = d < *first ? d : *first, *last = d;
    if (counts[SUNDAY] && counts[SATURDAY])
        *last = SUNDAY;
    else if (counts[SUNDAY])
        *first = 0;
}

static void find_day_coverage(const sheet_t *sheet, finding_t *finding)
{
    size_t counts[TIMETABLE_DAYS] = {0};
    const roll_day_t *days[TIMETABLE_DAYS] = {NULL};
    int first, last;
    for (size_t d = 0; d < sheet->count; d++)
        if (sheet->days[d].day >= 0) {
            counts[sheet->days[d].day] = sheet->days[d].count;
            days[sheet->days[d].day] = &sheet->days[d];
        }
    span_of_week(counts, &first, &last);
    for (int d = first; d <= last; d++) {
        size_t others = median_of_others(counts, d);
        if (!counts[d]) {
            finding_add(finding, "no blocks on %s, though days before and after it have some", day_words(d));
        } else if (THIN_SHARE * counts[d] < others) {
            check_t *check = finding_add(finding, "%s has %zu block%s, where other days have %zu", day_words(d),
                                         counts[d], counts[d] == 1 ? "" : "s", others);
            for (size_t i = 0; i < days[d]->count; i++)
                finding_block(finding, check, days[d]->slots[i].block);
        }
    }
}

/* Finds the blocks of a week that lack the same of their times, as one check: a page that prints starts alone lacks
 * every end. */
static void find_untimed(const sheet_t *sheet, bool start, bool end, const char *what, finding_t *finding)
{
    check_t *check = NULL;
    for (size_t d = 0; d < sheet->count; d++)
        for (size_t i = 0; i < sheet->days[d].count; i++) {
            const slot_t *slot = &sheet->days[d].slots[i];
            if ((slot->start >= 0) != start || (slot->end >= 0) != end)
                continue;
            check = check ? check : finding_add(finding, "the page gives %s", what);
            finding_block(finding, check, slot->block);
        }
}

static void find_missing_time(const sheet_t *sheet, finding_t *finding)
{
    find_untimed(sheet, false, false, "no time of these", finding);
    find_untimed(sheet, false, true, "no start of these", finding);
    find_untimed(sheet, true, false, "no end of these", finding);
}

static void find_no_blocks(const sheet_t *sheet, finding_t *finding)
{
    if (!sheet->count)
        finding_add(finding, "a timetable on page %d has no blocks", (int)sheet->timetable->page);
}

/* ---- all ---- */

static const check_rule_t rules[] = {
    {"missing-day", "warning", NULL, NULL, find_missing_day},
    {"missing-time", "info", find_missing_time, NULL, NULL},
    {"missing-name", "warning", NULL, NULL, find_missing_name},
    {"order", "error", NULL, NULL, find_order},
    {"hours", "warning", NULL, NULL, find_hours},
    {"overlap", "warning", NULL, find_overlap, NULL},
    {"parallel", "info", NULL, find_parallel, NULL},
    {"duplicate", "warning", NULL, find_duplicate, NULL},
    {"gap", "info", find_gap, NULL, NULL},
    {"day-coverage", "warning", find_day_coverage, NULL, NULL},
    {"heading", "info", NULL, NULL, find_heading},
    {"no-blocks", "warning", find_no_blocks, NULL, NULL},
};

/* Lets a rule look at whatever it looks at. */
static void apply(const check_rule_t *rule, const sheet_t *sheet, finding_t *finding)
{
    if (rule->sheet)
        rule->sheet(sheet, finding);
    for (size_t d = 0; d < sheet->count; d++) {
        const roll_day_t *day = &sheet->days[d];
        if (rule->day)
            rule->day(day, finding);
        for (size_t i = 0; rule->slot && i < day->count; i++)
            rule->slot(&day->slots[i], finding);
    }
}

void checks_run(dossier_t *dossier, const roll_t *roll)
{
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        finding_t finding = {.dossier = dossier, .rule = rules[r].name, .severity = rules[r].severity};
        for (size_t s = 0; s < roll->count; s++)
            apply(&rules[r], &roll->sheets[s], &finding);
        finding_close(&finding);
    }
}
