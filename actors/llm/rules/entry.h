/* entry: what the print of one cell says: its times, its name, its notes.
 *
 * The name is what is set largest, then boldest, then darkest; lines that look alike are one text, in printed order.
 * Where nothing in the print parts them, brackets, rooms and people are notes.
 * A range at either end of a line is the cell's time, and a lone time on a line of its own or at the cell's beginning.
 */
#ifndef YOGI_RULES_ENTRY_H
#define YOGI_RULES_ENTRY_H

#include "view.h"

typedef struct {
    const char *name;  /* "" where the cell holds nothing but a time or filler */
    const char *notes; /* or NULL */
    bool split;        /* parted without a difference in print */
    timespan_t time;   /* the cell's own; valid where timed */
    bool timed;
    const char *time_text;  /* the print that says it; valid where timed */
    double time_read;       /* confidence of the time's print, 0 … 1 */
    double read, read_mean; /* of the name's words, 0 … 1 */
    const char *why;        /* how the name was chosen */
    bool parted;            /* there are a name and notes */
    bool leads;             /* the name is what is printed first */
} entry_t;

entry_t entry_read(const view_t *view, const phrase_t *const *phrases, size_t count);

/* The same where the other cells of the table show that the name is printed first. */
entry_t entry_read_first(const view_t *view, const phrase_t *const *phrases, size_t count);

/* The phrases' text as one line, in printed order, with words that were broken over lines mended. */
const char *entry_text(const view_t *view, const phrase_t *const *phrases, size_t count);

/* Dashes, stars, a lone X: nothing takes place. */
bool entry_is_filler(const char *text);

/* Minutes of a text that says only how long something lasts: "50 min", "(1 hr 15 mins)"; -1 for any other. */
int entry_length(const char *text);

/* Whether it is such a text. */
bool entry_is_length(const char *text);

/* Whether a text is in brackets, a room or a person, and so no name of a lesson. */
bool entry_is_aside(const char *text);

#endif
