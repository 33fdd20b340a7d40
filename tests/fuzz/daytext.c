/* Whatever a page says, days are a set of the week, and their trust and likeness lie between 0 and 1. */
#include "actors/llm/rules/daytext.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *text)
{
    daytext_t read = daytext_read(text);
    if (read.days >> DAY_COUNT || !(read.trust >= 0 && read.trust <= 1) || (read.days != 0) != (read.trust > 0))
        abort();
    for (int day = 0; day < DAY_COUNT; day++) {
        double like = daytext_like(text, day);
        if (!(like >= 0 && like <= 1))
            abort();
    }
}

/* The whole input is a text, and each of its lines. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1), *rest, *line;
    if (!text)
        abort();
    if (size)
        memcpy(text, bytes, size);
    text[size] = '\0';
    check(text);
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        check(line);
    free(text);
    return 0;
}
