/* dayscope: lines of times that count for some days only: "Mon – Thu" before one row of times and "Friday" before
 * another, or a column of times for Friday beside Friday's own. Each group of days then sees the page with its own
 * times alone, and can be read like any other.
 */
#ifndef YOGI_RULES_DAYSCOPE_H
#define YOGI_RULES_DAYSCOPE_H

#include "view.h"

/* Groups of days on one page: each day may have times of its own. */
enum { DAYSCOPES_MOST = 8 };

/* The page as some of its days see it. */
typedef struct {
    unsigned days;     /* bits */
    phrases_t phrases; /* what is left of the page's for them */
} dayscope_t;

/* The groups of days whose times differ, at most DAYSCOPES_MOST; 0 where one line of times counts for all. */
size_t dayscopes_of(const view_t *view, dayscope_t out[DAYSCOPES_MOST]);

#endif
