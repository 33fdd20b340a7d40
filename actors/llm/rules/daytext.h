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

/* The days that a short text names: "Monday", "MON", "Tu", "Weds", "Thurs.", "Friday SIP (Flex Day)" (only = false),
 * "Monday, Tuesday, Thursday", "Tuesday & Thursday", "MON and WED", "Mon - Thu", "Monday to Friday", "Daily", "Every
 * day" (Monday to Friday), "Mon/Wed/Fri", "MWF", "M–Th", "Monday 17-Oct-16". A single letter (M T W T F) only where it
 * is the whole text, trust at most 0.3, and T means Tuesday here: an axis of letters is settled by its order. days 0
 * where it names none. Words such as "Sunny", "Mon amour", "Wedding", "Fri-day club at lunch" in running text name
 * none: a text of over six words that are not days has none. */
daytext_t daytext_read(const char *text);

/* How like the text is to the name of one given day, 0 … 1, for print that OCR has misread ("Vednesda", "WwW", "Th u").
 */
double daytext_like(const char *text, int day);

/* Full English name. */
const char *daytext_name(int day);

#endif
