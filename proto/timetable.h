/* timetable: what Yogi gives back. Names in JSON are the dossier's (proto/timetable.c has the table). */
#ifndef YOGI_TIMETABLE_H
#define YOGI_TIMETABLE_H

#include "page.h"

/* Why a value is what it is, in words for a person (`yogi read --explain`). */
typedef struct {
    extras_t extras;
    const char *field; /* "day", "startTime", "endTime", "name", "notes" */
    const char *why;   /* "printed in the cell", "from the heading '9.00 – 9.30' above" … */
} reason_t;

/* What validation weighs for the confidence of a block; a name and a number, so that a stage may add one. */
typedef struct {
    extras_t extras;
    const char *name; /* stable, lower_snake */
    double value;
} evidence_t;

typedef struct {
    extras_t extras;
    const char *id;         /* unique in the document: "b1", "b2" … in reading order */
    const char *day;        /* full English name, "Monday" … */
    const char *name;       /* main text as printed */
    const char *start_time; /* "HH:MM", 24 hours, or NULL where the page does not say */
    const char *end_time;   /* likewise */
    const char *notes;      /* everything else printed in the cell, or NULL */
    texts_t inferred;       /* names of fields whose value the page does not print */
    double confidence;      /* 0 … 1, calibrated by the validation stage */
    int32_t page;           /* number, from 1 */
    box_t box;              /* px on that page */
    const char *week;       /* "A", "B", "1" …, or NULL */
    list_t reasons;         /* reason_t */
    list_t evidence;        /* evidence_t, for calibration */
} timeblock_t;

typedef struct {
    extras_t extras;
    const char *teacher, *class_name, *term, *school, *week; /* NULL where the page does not give them */
    int32_t year;                                            /* 0 where the page does not give it */
    double confidence;                                       /* 0 … 1 */
    int32_t page;                                            /* number of its (first) page */
    list_t timeblocks;                                       /* timeblock_t: by day, then start, then place */
} timetable_t;

/* The names of a block's day, Monday first. */
enum { TIMETABLE_DAYS = 7 };
extern const char *const timetable_days[TIMETABLE_DAYS];

/* 0 Monday … 6 Sunday, -1 for anything but a full English name; NULL is none. */
int timetable_day(const char *name);

extern const schema_t reason_schema, evidence_schema, timeblock_schema, timetable_schema;

#endif
