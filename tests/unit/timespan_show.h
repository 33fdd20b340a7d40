/* timespan_show: a span of time as text, for tests of what is read as times. */
#ifndef YOGI_TESTS_TIMESPAN_SHOW_H
#define YOGI_TESTS_TIMESPAN_SHOW_H

#include "check.h"

#include "actors/llm/rules/timetext.h"

#include <stdio.h>

enum { EARLIEST = 6 * 60 };

/* "09:00" or "09:00-09:30", as settled. */
static inline void timespan_show(const timespan_t *span, char *out, size_t size)
{
    int start, end;
    char first[6], last[6];
    timetext_settle(span, EARLIEST, &start, &end);
    assert_in_range(start, 0, 1439);
    timetext_format(start, first);
    if (end >= 0)
        snprintf(out, size, "%s-%s", first, timetext_format(end, last));
    else
        snprintf(out, size, "%s%s", first, span->end.minute >= 0 ? "-?" : "");
}

#endif
