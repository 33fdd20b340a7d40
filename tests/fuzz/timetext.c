/* Whatever a page says, times lie in the text, in order, and settle within the day with the end behind the start. */
#include "actors/llm/rules/timetext.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 16, EARLIEST = 6 * 60, DAY = 24 * 60 };

static void check(const timespan_t *span, size_t size)
{
    int start, end;
    char out[6];
    if (span->length == 0 || span->from > size || span->length > size - span->from ||
        !(span->trust > 0 && span->trust <= 1))
        abort();
    if (span->start.minute < 0 || span->start.minute >= DAY || span->end.minute < -1 || span->end.minute >= DAY)
        abort();
    timetext_settle(span, EARLIEST, &start, &end);
    if (start < 0 || start >= DAY || end >= DAY || (end >= 0 ? end <= start || span->end.minute < 0 : end != -1))
        abort();
    if (strlen(timetext_format(start, out)) != 5)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        abort();
    if (size)
        memcpy(text, bytes, size);
    text[size] = '\0';
    size_t length = strlen(text), behind = 0;
    timespan_t spans[ROOM], whole;
    size_t count = timetext_find(text, spans, ROOM);
    for (size_t i = 0; i < count; i++) {
        check(&spans[i], length);
        if (spans[i].from < behind)
            abort();
        behind = spans[i].from + spans[i].length;
    }
    if (timetext_only(text, &whole))
        check(&whole, length);
    free(text);
    return 0;
}
