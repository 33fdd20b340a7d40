/* drawing: see drawing.h. */
#include "drawing.h"

#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

drawing_t *drawings_find(const drawings_t *drawings, const picture_place_t *place, const char *print)
{
    for (drawing_t *drawing = drawings->first; drawing; drawing = drawing->next)
        if (strcmp(drawing->print, print) == 0 && strcmp(drawing->place.tenant, place->tenant) == 0 &&
            drawing->place.document.size == place->document.size &&
            memcmp(drawing->place.document.at, place->document.at, place->document.size) == 0)
            return drawing;
    return NULL;
}

drawing_t *drawings_of_job(const drawings_t *drawings, ident_t job)
{
    drawing_t *drawing = drawings->first;
    while (drawing && !ident_equal(drawing->job, job))
        drawing = drawing->next;
    return drawing;
}

static char *copy(const char *text, size_t size)
{
    char *own = memory_new(size + 1, 1);
    if (size)
        memcpy(own, text, size);
    return own;
}

drawing_t *drawings_add(drawings_t *drawings, const picture_place_t *place, const char *print, ident_t job,
                        int64_t now_us)
{
    if (drawings->count == DRAWINGS_MOST)
        return NULL;
    drawing_t *drawing = memory_new(1, sizeof *drawing);
    *drawing = (drawing_t){.next = drawings->first, .job = job, .epoch = 1, .since_us = now_us};
    memcpy(drawing->print, print, sizeof drawing->print);
    drawing->place = *place;
    drawing->place.tenant = copy(place->tenant, strlen(place->tenant));
    drawing->place.document.at = copy(place->document.at, place->document.size);
    drawings->first = drawing;
    drawings->count++;
    drawings->in_hand++;
    return drawing;
}

void drawing_await(drawing_t *drawing, uint64_t ticket)
{
    if (drawing->count == drawing->room) {
        drawing->room = drawing->room ? 2 * drawing->room : 4;
        drawing->tickets = memory_grow(drawing->tickets, drawing->room, sizeof *drawing->tickets);
    }
    drawing->tickets[drawing->count++] = ticket;
}

void drawing_end(drawings_t *drawings, drawing_t *drawing, const fault_t *fault, int64_t now_us)
{
    assert(drawing->state != DRAWING_ENDED);
    drawing->state = DRAWING_ENDED;
    drawing->since_us = now_us;
    drawing->fault = fault ? *fault : (fault_t){0};
    drawings->in_hand--;
}

static void destroy(drawing_t *drawing)
{
    free((void *)(uintptr_t)drawing->place.tenant);
    free((void *)(uintptr_t)drawing->place.document.at);
    free(drawing->tickets);
    free(drawing);
}

void drawings_forget(drawings_t *drawings, drawing_t *drawing)
{
    drawing_t **link = &drawings->first;
    assert(drawing->state == DRAWING_ENDED);
    while (*link != drawing)
        link = &(*link)->next;
    *link = drawing->next;
    drawings->count--;
    destroy(drawing);
}

void drawings_sweep(drawings_t *drawings, int64_t now_us)
{
    for (drawing_t *drawing = drawings->first, *next; drawing; drawing = next) {
        next = drawing->next;
        if (drawing->state == DRAWING_ENDED && now_us - drawing->since_us >= DRAWINGS_REMEMBER_US)
            drawings_forget(drawings, drawing);
    }
}

void drawings_free(drawings_t *drawings)
{
    for (drawing_t *drawing; (drawing = drawings->first);) {
        drawings->first = drawing->next;
        destroy(drawing);
    }
    *drawings = (drawings_t){0};
}
