/* dayword: a short text as words that may be days, with what each may mean in every language, and what stands between
 * them. daytext makes days of them.
 */
#ifndef YOGI_RULES_DAYWORD_H
#define YOGI_RULES_DAYWORD_H

#include <stdbool.h>
#include <stddef.h>

/* More than there are languages; checked where they are read. */
enum { DAYWORD_LANGUAGES = 16 };

/* What joins the day before it to the day behind it. */
typedef enum {
    JOINT_NONE,
    JOINT_AND, /* and, &, comma, slash */
    JOINT_TO,  /* to, until */
    JOINT_DASH /* a range, or a list where it joins more than two: "Mon-Fri", "Mon-Wed-Fri" */
} joint_t;

/* One word or mark. What a word is depends on the language: "to" is Thursday in Swedish. */
typedef struct {
    unsigned
        days[DAYWORD_LANGUAGES]; /* bits that it may mean in each, 1 << DAY_…; two where T is Tuesday or Thursday */
    unsigned set;                /* bits that it means all of: "MWF", "daily"; 0 for none */
    size_t letters;              /* code points */
    joint_t joint;               /* where it is no day */
    bool mark;                   /* punctuation, no word */
    bool quiet;     /* a mark, a date, a month, "day", "week", "from", "A": says nothing against days beside it */
    bool topical;   /* what a timetable speaks of: a subject, a period, a routine */
    bool run;       /* `set` is letters run together */
    bool near;      /* misread print: near a day's name */
    bool lookalike; /* a word of its own too: "Sun", "Same" */
    bool upper;     /* begins with a capital */
    bool except;    /* the days behind it are left out */
    bool month;     /* of the months */
    int number;     /* its value where it is a number, else -1 */
} dayword_t;

/* The words and marks of a text, at most room; room + 1 where there are more. */
size_t dayword_split(const char *text, dayword_t *out, size_t room);

/* Whether it may be a day in any language. */
bool dayword_is_day(const dayword_t *word);

#endif
