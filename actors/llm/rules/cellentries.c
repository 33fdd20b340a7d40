/* cellentries: see cellentries.h. */
#include "cellentries.h"
#include "proto/base/text.h"

/* A lone time before an entry is surely one. */
static const double LONE_TRUST = 0.9;

/* Minutes: of the shortest entry; before which no school day begins. */
enum { ENTRY_LEAST = 5, DAY_BEGINS = 6 * 60 };

/* How a line of a cell begins. */
typedef enum {
    LINE_TEXT,  /* with anything else */
    LINE_LEAD,  /* with a time, and goes on: "9.00 Art" */
    LINE_RANGE, /* is a range */
    LINE_LONE   /* is a lone time */
} line_kind_t;

static line_kind_t kind_of_line(const phrase_t *phrase)
{
    timespan_t time;
    if (phrase->angle != 0 || phrase->stacked || timetext_find(phrase->text, &time, 1) != 1 || time.from != 0)
        return LINE_TEXT;
    if (text_letters(phrase->text + time.length) >= 2)
        return LINE_LEAD;
    return time.end.minute >= 0 ? LINE_RANGE : LINE_LONE;
}

/* Several entries below each other in one cell, each with its time before or behind it: begins[] is where each begins.
 * Returns how many, 0 where it is no such list. */
size_t cellentries_of(const phrase_t *const *phrases, size_t count, size_t *begins)
{
    size_t n = 0, texts = 0;
    bool behind = count > 1 && kind_of_line(phrases[0]) == LINE_TEXT; /* "Art / 9.00 – 9.30 / PE / 9.30 – 10.00" */
    for (size_t i = 0; i < count; i++) {
        line_kind_t kind = kind_of_line(phrases[i]);
        bool timed = kind == LINE_LEAD || kind == LINE_RANGE;
        if (kind == LINE_LONE || (behind && kind == LINE_LEAD) || (behind && timed && texts == 0))
            return 0;
        bool empty = n > 0 && timed && texts == 0; /* a time without anything to it */
        if (empty || (behind && i + 1 == count && !timed))
            return 0;
        if (behind ? texts == 0 && !timed : timed)
            begins[n++] = i;
        texts = kind == LINE_LEAD ? 1 : timed ? 0 : texts + 1;
    }
    return n > 1 && (behind || texts > 0) ? n : 0;
}

/* "Science / 2.15 PE" below 1.15 – 3.00: the second begins within the slots that the cell covers. */
size_t cellentries_later(const slots_t *slots, int first, int after, const phrase_t *const *phrases, size_t count,
                         size_t *begins)
{
    size_t n = 1;
    if (first < 0 || kind_of_line(phrases[0]) != LINE_TEXT || text_letters(phrases[0]->text) < 2)
        return 0;
    int last = slots->items[first].start.minute, end = slots->items[after].end.minute;
    begins[0] = 0;
    for (size_t i = 1; i < count; i++) {
        timespan_t time;
        line_kind_t kind = kind_of_line(phrases[i]);
        if (kind == LINE_TEXT)
            continue;
        if (kind != LINE_LEAD || timetext_find(phrases[i]->text, &time, 1) != 1 || time.trust < LONE_TRUST)
            return 0;
        int start = timetext_minute(time.start, DAY_BEGINS);
        if (last < 0 || start < last + ENTRY_LEAST || start + ENTRY_LEAST > end)
            return 0;
        last = start;
        begins[n++] = i;
    }
    return n > 1 ? n : 0;
}
