/* daytext: names of days as pages print them and as OCR misreads them; the forms come from the vocabulary. */
#ifndef YOGI_RULES_DAYTEXT_H
#define YOGI_RULES_DAYTEXT_H

#include <stdbool.h>

enum {
    DAY_NONE = -1,
    DAY_MONDAY,
    DAY_TUESDAY,
    DAY_WEDNESDAY,
    DAY_THURSDAY,
    DAY_FRIDAY,
    DAY_SATURDAY,
    DAY_SUNDAY,
    DAY_COUNT
};

enum { DAYS_OF_SCHOOL = 31 }; /* Monday to Friday, as bits */

/* Days as a set: bit DAY_MONDAY is 1, and so on. */
typedef struct {
    unsigned days; /* bits, 1 << DAY_… */
    double trust;  /* 0 … 1: 1 for "Monday", less for "Mo", least for "M" and for misread print */
    bool only; /* the text holds nothing else but a date, brackets, "day", punctuation ("Monday 17-Oct-16", "Day: MON")
                */
} daytext_t;

/* The days that a short text names, in any language of the vocabulary: "Monday", "MON", "Tu", "Weds", "Thurs.", "Friday
 * SIP (Flex Day)" (only = false), "Monday 17-Oct-16".
 *
 * Lists: "Monday, Tuesday, Thursday", "Mon and Wed", "Mon/Wed/Fri", "M/W/F", "MWF", "TTh", "Mo+Do", "lun. et jeu.".
 * Ranges: "Mon - Thu", "M–Th", "Sunday to Thursday", "L-V", "ma t/m vr", "pon.–pt.". All school days: "daily", "every
 * day except Friday". Words of one language are taken together: "Di–Do" is German, though Di is Sunday in French.
 *
 * A single letter (M T W T F) only where it is the whole text, trust at most 0.3, and T means Tuesday here: an axis of
 * letters is settled by its order. days 0 where it names none: "Sunny", "Mon amour", "Sun cream", "Smart", "12 Mar",
 * "M1", "M/F", "Good Friday", and running text (over five words that are not days). */
daytext_t daytext_read(const char *text);

/* The same as one language means it (an index of the vocabulary's): "ma" is Monday in Dutch, Tuesday in French. */
daytext_t daytext_read_in(const char *text, int language);

/* How like the text is to the name of one given day, 0 … 1, for print that OCR has misread ("Vednesda", "WwW", "Th u").
 */
double daytext_like(const char *text, int day);

/* Full English name. */
const char *daytext_name(int day);

#endif
