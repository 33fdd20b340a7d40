/* absence: see absence.h. */
#include "absence.h"

#include "normal.h"

#include <stdbool.h>
#include <string.h>

/* Print of the pages. */
typedef struct {
    size_t words, times, days;
} print_t;

/* Longest word that can be one of a range of times, "10:00-10:30". */
enum { RANGE_BYTES = 24 };
/* Shortest word that is a day's name wherever it stands. */
enum { DAY_BYTES = 3 };

/* A time, or one with a bracket or dash and another behind it. */
static bool is_time(const char *text)
{
    char first[RANGE_BYTES];
    text += strspn(text, "([");
    size_t length = strspn(text, "0123456789:.hHamp");
    if (length < 3 || length >= sizeof first)
        return false;
    memcpy(first, text, length);
    first[length] = 0;
    return normal_minutes(first) >= 0;
}

/* "we" may be a day's name in a table, not in a letter. */
static bool is_day(const char *text)
{
    return strlen(text) >= DAY_BYTES && normal_day(text) >= 0;
}

static print_t count_print(const dossier_t *dossier)
{
    print_t print = {0};
    for (size_t p = 0; p < dossier->pages.count; p++) {
        const page_t *page = LIST_AT(page_t, dossier->pages, p);
        print.words += page->words.count;
        for (size_t w = 0; w < page->words.count; w++) {
            const char *text = LIST_AT(word_t, page->words, w)->text;
            print.times += is_time(text);
            print.days += is_day(text);
        }
    }
    return print;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

const char *absence_explain(const dossier_t *dossier)
{
    print_t print = count_print(dossier);
    arena_t *arena = dossier->arena;
    if (!print.words)
        return "not a timetable: nothing on its pages could be read as words";
    if (!print.days && !print.times)
        return arena_format(arena,
                            "not a timetable: no row or column of days and no times were found among its %zu word%s",
                            print.words, plural(print.words));
    if (!print.days)
        return arena_format(arena, "not a timetable: its pages have %zu time%s, but no row or column of days was found",
                            print.times, plural(print.times));
    if (!print.times)
        return arena_format(arena, "not a timetable: its pages name days (%zu), but no lessons were found under them",
                            print.days);
    return arena_format(
        arena,
        "not a timetable: its pages have %zu name%s of days and %zu time%s, but no table or list that joins "
        "them was found",
        print.days, plural(print.days), print.times, plural(print.times));
}
