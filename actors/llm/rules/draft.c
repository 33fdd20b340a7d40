/* draft: see draft.h. */
#include "draft.h"
#include "daytext.h"
#include "proto/base/text.h"
#include "proto/dossier.h"

#include <stdlib.h>
#include <string.h>

/* A lesson or a break of a school lasts this long, minutes; days of lectures and trips are longer. */
enum { LENGTH_LEAST = 3, LENGTH_MOST = 240 };

draft_t *drafts_push(arena_t *arena, drafts_t *drafts)
{
    list_t list = {drafts->items, drafts->count};
    draft_t *draft = list_push(arena, &list, sizeof *draft);
    drafts->items = list.items;
    drafts->count = list.count;
    *draft =
        (draft_t){.name = "", .cell = -1, .heading_minutes = -1, .read = 1, .read_mean = 1, .day_read = 1, .edges = 1};
    draft->start = draft->end = instant_none();
    return draft;
}

static bool overlap(const draft_t *a, const draft_t *b)
{
    if (a->day != b->day || a->start.minute < 0 || a->end.minute < 0 || b->start.minute < 0 || b->end.minute < 0)
        return false;
    if (a->start.minute == b->start.minute && a->end.minute == b->end.minute)
        return false; /* groups side by side */
    return a->start.minute < b->end.minute && b->start.minute < a->end.minute;
}

static double worth_of(const drafts_t *drafts, size_t i)
{
    const draft_t *d = &drafts->items[i];
    int length = d->end.minute - d->start.minute;
    double worth = (d->start.minute >= 0 ? 0.5 : 0.05) + (d->end.minute >= 0 ? 0.4 : 0.05) + (*d->name ? 0.1 : 0);
    if (d->start.minute >= 0 && d->end.minute >= 0 && (length < LENGTH_LEAST || length > LENGTH_MOST))
        worth -= 0.7;
    if (!text_letters(d->name))
        worth -= 0.5;
    for (size_t j = 0; j < drafts->count; j++)
        if (j != i && overlap(d, &drafts->items[j])) {
            worth -= 0.35;
            break;
        }
    if (d->day_inferred) /* one entry for every day of the week is one entry */
        worth *= 0.3;
    return worth;
}

double drafts_worth(const drafts_t *drafts)
{
    double worth = 0;
    int perday[DAY_COUNT] = {0}, days = 0, most = 0;
    for (size_t i = 0; i < drafts->count; i++) {
        worth += worth_of(drafts, i);
        perday[drafts->items[i].day]++;
    }
    for (int d = 0; d < DAY_COUNT; d++) {
        days += perday[d] > 0;
        most = perday[d] > most ? perday[d] : most;
    }
    if (days && drafts->count < 0.5 * most * days) /* one day full, others nearly empty */
        worth *= 0.8;
    return worth;
}

static int by_time(const void *left, const void *right)
{
    const draft_t *a = left, *b = right;
    int keys[][2] = {{a->day, b->day},
                     {a->start.minute < 0 ? 9999 : a->start.minute, b->start.minute < 0 ? 9999 : b->start.minute},
                     {a->end.minute < 0 ? 9999 : a->end.minute, b->end.minute < 0 ? 9999 : b->end.minute},
                     {a->page, b->page},
                     {a->box.y0, b->box.y0},
                     {a->box.x0, b->box.x0}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return strcmp(a->name, b->name);
}

void drafts_sort(drafts_t *drafts)
{
    if (drafts->count)
        qsort(drafts->items, drafts->count, sizeof *drafts->items, by_time);
}
