/* dayletters: see dayletters.h. */
#include "dayletters.h"

#include <string.h>

typedef struct {
    const char *text;
    int day;
} letters_t;

/* Longer forms first. */
static const letters_t FORMS[] = {
    {"Tu", DAY_TUESDAY}, {"Th", DAY_THURSDAY}, {"TH", DAY_THURSDAY}, {"Sa", DAY_SATURDAY},
    {"Su", DAY_SUNDAY},  {"M", DAY_MONDAY},    {"T", DAY_TUESDAY},   {"W", DAY_WEDNESDAY},
    {"R", DAY_THURSDAY}, {"F", DAY_FRIDAY},    {"S", DAY_SATURDAY},  {"U", DAY_SUNDAY},
};

unsigned dayletters_read(const char *text)
{
    unsigned days = 0;
    int last = DAY_NONE;
    while (*text) {
        size_t i = 0;
        while (i < sizeof FORMS / sizeof *FORMS && strncmp(text, FORMS[i].text, strlen(FORMS[i].text)) != 0)
            i++;
        if (i == sizeof FORMS / sizeof *FORMS)
            return 0;
        int day = FORMS[i].day == DAY_TUESDAY && last >= DAY_TUESDAY ? DAY_THURSDAY : FORMS[i].day; /* "MTWTF" */
        if (day <= last)
            return 0;
        last = day;
        days |= 1u << day;
        text += strlen(FORMS[i].text);
    }
    return days;
}

/* The row of a list in which a phrase stands, -1 for none. */
static int row_at(const column_t *list, const phrase_t *phrase)
{
    for (size_t r = 0; r < list->count; r++)
        if (extent_holds(column_row(list, r), extent_middle(rect_y(phrase->box))))
            return (int)r;
    return -1;
}

/* The print of the rows in the place of a seed; row_of[i] is the row of phrase i. Whether it is letters of days in
 * nearly all rows, and several days in one. */
static bool gather(const view_t *view, const column_t *list, const int *row_of, const phrase_t *seed,
                   const phrase_t **rows)
{
    size_t found = 0, others = 0, several = 0;
    for (size_t i = 0; i < view->phrases.count; i++) {
        const phrase_t *p = &view->phrases.items[i];
        extent_t x = rect_x(p->box), at = rect_x(seed->box);
        if (row_of[i] < 0 || extent_shared(x, at) * 2 < extent_narrower(x, at))
            continue;
        unsigned days = dayletters_read(p->text);
        if (!days || rows[row_of[i]]) {
            others++;
            continue;
        }
        rows[row_of[i]] = p;
        found++;
        several += (days & (days - 1)) != 0;
    }
    return several && found * 10 >= list->count * 9 && !others;
}

static const label_t *label_with_days(const view_t *view, const phrase_t *phrase)
{
    const phrase_t **own = arena_array(view->arena, 1, sizeof *own);
    label_t *label = arena_take(view->arena, sizeof *label);
    own[0] = phrase;
    *label = label_of(view->arena, own, 1);
    label->day = (daytext_t){dayletters_read(phrase->text), 0.9, true};
    return label;
}

bool dayletters_find(const view_t *view, column_t *list)
{
    int *row_of = arena_array(view->arena, view->phrases.count + 1, sizeof *row_of);
    for (size_t i = 0; i < view->phrases.count; i++)
        row_of[i] = row_at(list, &view->phrases.items[i]);
    for (size_t i = 0; i < view->phrases.count; i++) {
        const phrase_t *seed = &view->phrases.items[i];
        const phrase_t *rows[COLUMN_ROWS_MOST] = {NULL};
        /* nearly all rows have letters: one of the first two is as good a seed as any */
        if (row_of[i] < 0 || row_of[i] > 1 || !dayletters_read(seed->text) || !gather(view, list, row_of, seed, rows))
            continue;
        for (size_t r = 0; r < list->count; r++)
            list->days[r] = rows[r] ? label_with_days(view, rows[r]) : NULL;
        return true;
    }
    return false;
}
