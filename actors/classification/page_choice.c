/* page_choice: see page_choice.h. */
#include "page_choice.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* A page number at *at; 0 where there is none, over the limit where it is too large to matter. */
static int number(const char **at, int limit)
{
    int value = 0;
    for (; isdigit((unsigned char)**at); ++*at)
        value = value > limit ? value : value * 10 + **at - '0';
    return value;
}

static const char *skip_space(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* One item, "5", "1-3", "3-" or "-2"; false where it is none. */
static bool read_item(const char **at, int pages, int *first, int *last)
{
    *at = skip_space(*at);
    bool begins = isdigit((unsigned char)**at) != 0;
    *first = *last = begins ? number(at, pages) : 1;
    *at = skip_space(*at);
    if (**at != '-')
        return begins && *first > 0;
    *at = skip_space(*at + 1);
    bool ends = isdigit((unsigned char)**at) != 0;
    *last = ends ? number(at, pages) : pages;
    *at = skip_space(*at);
    return (begins || ends) && *first > 0 && (*last >= *first || (!ends && *first > pages));
}

static int mark(const char *text, int pages, bool *chosen, fault_t *fault)
{
    for (const char *at = text; *at;) {
        int first, last;
        if (!read_item(&at, pages, &first, &last) || (*at && *at != ','))
            return fault_set(fault, FAULT_USAGE,
                             "--pages %s is not a list of pages; write numbers and ranges, as in 1-3,5", text);
        if (first > pages || last > pages)
            return fault_set(fault, FAULT_USAGE, "--pages %s asks for page %d, but the document has %d page%s", text,
                             first > pages ? first : last, pages, pages == 1 ? "" : "s");
        for (int i = first; i <= last; i++)
            chosen[i - 1] = true;
        if (*at == ',' && !*skip_space(++at))
            return fault_set(fault, FAULT_USAGE, "--pages %s ends with a comma; write numbers and ranges, as in 1-3,5",
                             text);
    }
    return 0;
}

int page_choice_read(const char *text, int pages, int most, arena_t *arena, page_choice_t *choice, fault_t *fault)
{
    bool *chosen = arena_array(arena, (size_t)pages, sizeof *chosen), all = !text || !*text;
    *choice = (page_choice_t){.pages = arena_array(arena, (size_t)pages, sizeof *choice->pages)};
    if (!all && mark(text, pages, chosen, fault) != 0)
        return -1;
    for (int i = 0; i < pages; i++)
        if (all || chosen[i])
            choice->pages[choice->count++] = i + 1;
    if (choice->count > (size_t)most && all)
        return fault_set(
            fault, FAULT_TOO_LARGE,
            "the document has %d pages, more than the %d that are read at once; pick some with --pages, as in "
            "--pages 1-3",
            pages, most);
    if (choice->count > (size_t)most)
        return fault_set(fault, FAULT_TOO_LARGE,
                         "--pages %s picks %zu pages, more than the %d that are read at once; pick fewer", text,
                         choice->count, most);
    return 0;
}
