/* timetext: times of day as pages print them and as OCR misreads them.
 *
 * Forms: 9, 9.00, 9:00, 9h00, 10 h 15, 13u30, 9h, 0900, 0900hrs, 09 00, 8²⁵, 9am, 8:30a, 9.30 a.m., 9 Uhr, kl. 9.15,
 * noon, half past nine, halb zehn, nueve y media; 7.45am to 8.30am, 12-1pm, 9 – 9.30, 11:20-11-35, 8.40—9.00,
 * "12:00-13: 00" (broken over lines), 8:35 -> 8:50, from 9 until 10, between 9.00 and 9.45, od 8:00 do 8:45, dalle 8.00
 * alle 8.45 … and what OCR makes of them: l0:15, 9:OO, 8:3O-9:I5, 9;15. Pure functions; no page; words come from the
 * vocabulary.
 */
#ifndef YOGI_RULES_TIMETEXT_H
#define YOGI_RULES_TIMETEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    HALF_UNKNOWN,
    HALF_AM,
    HALF_PM,
    HALF_DAY
} half_t; /* HALF_DAY: on the 24-hour clock ("13:05", "08:50", "0:10") */

/* One time of day. */
typedef struct {
    int minute;  /* since midnight as it stands (1.15 is 75, 13:15 is 795, 1.15pm is 795); -1 = none */
    half_t half; /* what the print says of morning or afternoon; one am/pm after a range counts for both ends */
} moment_t;

/* A time or a range in a text. */
typedef struct {
    moment_t start, end; /* end.minute is -1 for a lone time */
    bool closes;         /* a lone time, but what it ends is meant: "till 3", "- 9:45" */
    size_t from, length; /* bytes of the text that it took, its am/pm included */
    double trust;        /* 0 … 1: 1 for "9.00 – 9.30", less for a bare "9", for repaired print */
} timespan_t;

/* Finds the times in a text, in order, and returns how many (at most room). A bare number is a time only where it is
 * one end of a range whose other end is one, or is followed by am/pm; "Year 9", "Room 12", "2EJ", "10/11/2022", "FCE1",
 * "7 x 8", "Weeks 3-13", "Room 9.15", "Year 9 AM", "4.50 EUR", "1:1" hold none. Line breaks count as spaces. */
size_t timetext_find(const char *text, timespan_t *out, size_t room);

/* The whole text is one time or one range, but for numbering, brackets, punctuation and words such as "from" or "time"
 * ("7   10:00-10:30", "(9.00 – 9.30)"). A bare hour counts here ("9", "9 - 10") with a low trust. */
bool timetext_only(const char *text, timespan_t *out);

/* Minutes since midnight of a moment for a school day that lies between `earliest` (minutes, 6:00 is usual) and the
 * evening: without am/pm, 1 to 6 o'clock is afternoon. */
int timetext_minute(moment_t moment, int earliest);

/* Both ends of a span in minutes, made consistent: the end lies after the start and one am or pm counts for two
 * ("11-12pm" is 11:00 to 12:00, "9-2" is 9:00 to 14:00). -1 for what is missing or cannot lie after the start. */
void timetext_settle(const timespan_t *span, int earliest, int *start, int *end);

/* "HH:MM" into out; minute 0 … 1439. Returns out. */
char *timetext_format(int minute, char out[6]);

#endif
