/* zone: a time zone of the system's database (TZif, RFC 8536), and its VTIMEZONE (RFC 5545 section 3.6.5); the calendar
 * arithmetic that both need. For calendars (form_ics.c) and for cron patterns (actors/bridge/cron).
 *
 * Reads one file of the zone database, which is trusted no more than other input: lengths are checked.
 */
#ifndef YOGI_ZONE_H
#define YOGI_ZONE_H

#include "base/buf.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct zone zone_t;

/* Where the system has its zones. */
#define ZONE_FOLDER "/usr/share/zoneinfo"

/* Opens a zone by its IANA name below a directory. NULL with FAULT_USAGE: no such zone, or not one in TZif. */
zone_t *zone_open(const char *directory, const char *name, fault_t *fault) __attribute__((warn_unused_result));

/* A zone that always stands so many seconds east of UTC. */
zone_t *zone_fixed(int32_t offset) __attribute__((warn_unused_result));

/* Frees it and nulls the caller's pointer; takes NULL. */
void zone_close(zone_t **zone);

/* How many seconds its clocks stand east of UTC at a moment, of any year. */
int32_t zone_offset(const zone_t *zone, int64_t utc);

/* Seconds since 1970 UTC of a local time, itself given as seconds since 1970 on the zone's clocks. */
int64_t zone_utc(const zone_t *zone, int64_t local);

/* Appends the VTIMEZONE that holds from local time `from` to `until`, and where the zone's rule allows it for ever. */
void zone_write(const zone_t *zone, int64_t from, int64_t until, buf_t *out);

/* Days since 1970-01-01 of a date of the Gregorian calendar, and back; month 1 … 12. */
int64_t zone_days(int year, int month, int day);
void zone_date(int64_t days, int *year, int *month, int *day);

/* Days of a month. */
int zone_month_days(int year, int month);

/* 0 Monday … 6 Sunday. */
int zone_weekday(int64_t days);

#endif
