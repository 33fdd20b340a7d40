/* dayaxis: days in a row or a column, in the order of the week: the headings of a timetable. */
#ifndef YOGI_RULES_DAYAXIS_H
#define YOGI_RULES_DAYAXIS_H

#include "view.h"

/* One heading. */
typedef struct {
    unsigned days;          /* bits; a heading may stand for several ("Mon – Thu") */
    const label_t *label;   /* its print; NULL where it was filled in by its position */
    extent_t band;          /* px along the day axis that belong to it */
    rect_t box;             /* px */
    double read;            /* confidence of its print and of its being a day */
    const char *class_name; /* the class that it stands for, where classes are headings; NULL */
    const char *teacher;    /* the same of teachers */
    const label_t *day;     /* then the print of its day, the label being the class's; NULL */
} dayband_t;

typedef struct {
    lie_t lie;
    dayband_t *bands; /* by position */
    size_t count;
    extent_t heads; /* px along the time axis that the headings take */
    bool celled;    /* every heading fills a cell */
    bool classes;   /* headings are classes or teachers, each on the days that stand over it; days may repeat */
    double trust;   /* sum of the headings' */
} dayaxis_t;

typedef struct {
    dayaxis_t *items;
    size_t count;
} dayaxes_t;

/* All axes of days on a page, none sharing a heading with another; most headings first. */
dayaxes_t dayaxes_of(const view_t *view);

/* The days of a heading by which it stands in order: a weekend that goes before Monday ("Sun – Wed") does not count. */
unsigned dayaxis_order(unsigned days);

/* px where the table of an axis may lie: up to the next axis. */
rect_t dayaxis_area(const view_t *view, const dayaxes_t *axes, size_t which);

/* Whether a label is a heading of the axis. */
bool dayaxis_has(const dayaxis_t *axis, const label_t *label);

#endif
