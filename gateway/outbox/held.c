/* held: see held.h. */
#include "held.h"

void held_free(held_t *held)
{
    for (errand_t *errand; (errand = held->first);) {
        held->first = errand->later;
        errand_destroy(&errand);
    }
    *held = (held_t){.count = 0};
}

void held_put(held_t *held, errand_t *errand, int64_t now_us)
{
    errand->due_us = now_us + HELD_MS * 1000;
    errand->later = NULL;
    errand->place = held->first ? held->end : &held->first;
    *errand->place = errand;
    held->end = &errand->later;
    held->count++;
}

void held_take(held_t *held, errand_t *errand)
{
    if (!errand->due_us)
        return;
    *errand->place = errand->later;
    if (errand->later)
        errand->later->place = errand->place;
    else
        held->end = errand->place;
    errand->due_us = 0;
    held->count--;
}

errand_t *held_due(const held_t *held, int64_t now_us, int64_t *next_us)
{
    errand_t *first = held->first;
    if (!first || held->count > HELD_MOST || first->due_us <= now_us)
        return first;
    *next_us = first->due_us < *next_us ? first->due_us : *next_us;
    return NULL;
}
