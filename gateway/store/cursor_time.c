/* cursor_time: see cursor_time.h. */
#include "cursor_time.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Whether the text is "2026-01-31 08:30:00" with or without a fraction. */
static bool is_time(const char *text)
{
    for (const char *shape = "dddd-dd-dd dd:dd:dd"; *shape; shape++, text++)
        if (*shape == 'd' ? !isdigit((unsigned char)*text) : *text != *shape)
            return false;
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    return *text == 0;
}

int cursor_time_check(const char **cursor, const char **after, fault_t *fault)
{
    if (!*cursor && !*after) {
        *cursor = "9999-12-31 23:59:59";
        *after = "~";
        return 0;
    }
    if (*cursor && *after && strlen(*cursor) < 32 && is_time(*cursor))
        return 0;
    return fault_set(fault, FAULT_INPUT, "the cursor is not one that a list has given; begin without one");
}
