/* roll: the blocks of a document as numbers, called up by timetable, week, day and time; what checks and features read.
 */
#ifndef YOGI_VALIDATION_ROLL_H
#define YOGI_VALIDATION_ROLL_H

#include "proto/dossier.h"

/* One block. */
typedef struct {
    timeblock_t *block;
    int day;        /* 0 Monday … 6 Sunday, -1 unknown */
    int start, end; /* minutes since midnight, -1 unknown */
    size_t place;   /* in the dossier, from 0 */
} slot_t;

/* The slots of one day of one sheet: by start, then end, then place; those without a start first. */
typedef struct {
    int day; /* 0 … 6, -1 unknown */
    slot_t *slots;
    size_t count; /* never 0 */
} roll_day_t;

/* One week of one timetable. */
typedef struct {
    timetable_t *timetable;
    roll_day_t *days; /* those with blocks, the unknown one first */
    size_t count;     /* of days; 0 for a timetable without blocks */
} sheet_t;

typedef struct {
    sheet_t *sheets; /* in the order of the dossier; a timetable has as many as its blocks name weeks, at least one */
    size_t count;    /* of sheets */
    size_t slots;    /* of all */
} roll_t;

/* The roll of a dossier in normal form. It lies in the dossier's arena and points into its lists, which must not grow
 * meanwhile. */
roll_t roll_call(dossier_t *dossier);

/* Both times are there. */
bool slot_is_timed(const slot_t *slot);

/* Both last at the same minute: both timed, and neither ends before the other starts. */
bool slot_overlaps(const slot_t *a, const slot_t *b);

#endif
