/* heading: who and what a timetable is for (teacher, class, term, year, school, week), from the print around the table.
 *
 * Truth rules: shared conventions of school documents. Tutor, form teacher and class in-charge count as teacher;
 * "Class: 2EJ" gives "2EJ"; a branch or a course is no class; "Term 3" keeps its word and a bare term number gets it
 * ("Term: 3" gives "Term 3"); "2022-2023" gives 2022; "Spring Term 2025" gives term "Spring Term" and year 2025;
 * "January 2025" gives the year alone.
 */
#ifndef YOGI_RULES_HEADING_H
#define YOGI_RULES_HEADING_H

#include "phrase.h"
#include "proto/timetable.h"

/* One phrase that may say something of the timetable. */
typedef struct {
    const char *text;
    rect_t box;    /* px */
    double size;   /* px */
    double weight; /* 0 … 1 */
    double confidence;
    bool title; /* stands above the table or in its corner, not below it */
} heading_phrase_t;

/* Fills teacher, class_name, term, year, school, week of the table where they are still empty, from phrases in reading
 * order: those of the page outside the table, cells above or in its corner, the page's title. Phrases of one line that
 * stand apart come as several ("Class:", "2EJ"). Strings are taken from the arena. */
void heading_read(const heading_phrase_t *phrases, size_t count, arena_t *arena, timetable_t *table);

#endif
