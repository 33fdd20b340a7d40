/* draft: timeblocks while they are being found, before they are written into the dossier. Times are minutes since
 * midnight, -1 where the page does not say.
 */
#ifndef YOGI_RULES_DRAFT_H
#define YOGI_RULES_DRAFT_H

#include "geometry.h"
#include "proto/timetable.h"

/* Where a time came from, best first. */
typedef enum {
    FROM_CELL,      /* printed in the cell */
    FROM_HEADING,   /* printed in the heading at the cell's edge */
    FROM_PERIODS,   /* from the table of periods, by the heading's name */
    FROM_NEIGHBOUR, /* follows from the cell or heading beside it */
    FROM_SCALE,     /* from its place on a scale of times */
    FROM_NOTHING,   /* unknown */
} origin_t;

typedef struct {
    int minute;      /* -1: unknown */
    origin_t origin; /* where it came from */
    bool inferred;   /* the page does not print it for this block */
    const char *why; /* for --explain */
    double read;     /* confidence of the print that it rests on, 0 … 1 */
} instant_t;

/* Unknown. */
static inline instant_t instant_none(void)
{
    return (instant_t){.minute = -1, .origin = FROM_NOTHING, .read = 1};
}

/* The same minute where it follows from a cell or heading beside it, and why. */
static inline instant_t instant_follow(instant_t from, const char *why)
{
    from.inferred = true;
    from.origin = FROM_NEIGHBOUR;
    from.why = why;
    return from;
}

typedef struct {
    int day;           /* DAY_MONDAY … */
    bool day_inferred; /* by its position among other days */
    instant_t start, end;
    const char *name;   /* never NULL */
    const char *notes;  /* or NULL */
    bool name_inferred; /* from a heading or a routine, not its own cell */
    bool notes_split;   /* name and notes were parted without a difference in print */
    const char *day_why, *name_why;
    const char *week;       /* "A", or NULL */
    const char *class_name; /* whose row or column it stands in, where classes have them; NULL */
    const char *teacher;    /* the same of teachers */
    rect_t box;             /* px */
    int page;               /* number */
    int cell;               /* index into the page's cells, -1 none */
    double read, read_mean; /* least and mean confidence of its words */
    double day_read;        /* of the day's print */
    double edges;           /* 0 … 1, how well its edges lie on those of headings */
    int heading_minutes;    /* its own time against its heading's, minutes; -1 = none */
} draft_t;

typedef struct {
    draft_t *items;
    size_t count;
} drafts_t;

/* Appends a zeroed draft; its times are unknown. */
draft_t *drafts_push(arena_t *arena, drafts_t *drafts);

/* How much like a week of school it looks: about one point for each block that is complete, less for doubts such as
 * overlaps, odd lengths, days of very different length. */
double drafts_worth(const drafts_t *drafts);

/* By day, start, place. */
void drafts_sort(drafts_t *drafts);

#endif
