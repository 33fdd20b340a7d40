/* normal: the one written form of days ("Monday") and times ("09:05"), whatever an engine wrote.
 *
 * Engines of every kind end here: the rules, a model, a worker of somebody else. What cannot be a day or a time becomes
 * NULL, with a check that says what stood there.
 */
#ifndef YOGI_VALIDATION_NORMAL_H
#define YOGI_VALIDATION_NORMAL_H

#include "proto/dossier.h"

enum { NORMAL_DAY_MINUTES = 24 * 60 };

/* 0 Monday … 6 Sunday, -1 where the text is no English day: a full name, or its beginning of two letters and more. */
int normal_day(const char *text);

/* Minutes since midnight, 0 … 1439, or -1: "9:05", "09.05", "9h05", "0905", "9:05:00", "9 am", "9.05 p.m." A bare "9"
 * is none. */
int normal_minutes(const char *text);

/* Brings every block of the dossier to normal form, gives an id to those without one, and adds the checks `day-form`
 * and `time-form` for values that had to go. */
void normal_dossier(dossier_t *dossier);

#endif
