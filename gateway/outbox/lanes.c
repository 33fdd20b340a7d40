/* lanes: see lanes.h. */
#include "lanes.h"

#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 64 };

void lanes_free(lanes_t *lanes)
{
    for (uint32_t i = 0; i < lanes->room; i++)
        for (errand_t *errand; lanes->heads[i] && (errand = lanes->heads[i]->next);) {
            lanes->heads[i]->next = errand->next;
            errand_destroy(&errand);
        }
    held_free(&lanes->held);
    directory_free(&lanes->jobs);
    free(lanes->heads);
    *lanes = (lanes_t){.room = 0};
}

bool lanes_has(const lanes_t *lanes, ident_t job)
{
    uint32_t unused;
    return directory_get(&lanes->jobs, job, &unused);
}

/* A free slot of heads, which are at most half in use. */
static uint32_t free_slot(lanes_t *lanes)
{
    if (2 * lanes->jobs.count >= lanes->room) {
        uint32_t room = lanes->room ? 2 * lanes->room : ROOM_FIRST;
        lanes->heads = memory_grow(lanes->heads, room, sizeof *lanes->heads);
        memset(lanes->heads + lanes->room, 0, (room - lanes->room) * sizeof *lanes->heads);
        lanes->room = room;
    }
    while (lanes->heads[lanes->hint])
        lanes->hint = (lanes->hint + 1) % lanes->room;
    return lanes->hint;
}

/* Another one is the first of the lane. */
static void lead(lanes_t *lanes, errand_t *head, errand_t *last)
{
    uint32_t slot;
    bool there = directory_get(&lanes->jobs, head->job, &slot);
    assert(there);
    head->last = last;
    lanes->heads[slot] = head;
}

/* The first one of a lane, which is not in the store, with the RECORDs before it: it, to be handed to the store; NULL
 * where it is held back for what may go along. */
static errand_t *go(lanes_t *lanes, errand_t *errand, int64_t now_us)
{
    held_take(&lanes->held, errand);
    while (errand->kind == ERRAND_RECORD && !errand->alone && errand->next && errand_joins(errand->next)) {
        errand_t *next = errand->next, *last = errand->last;
        errand_join(next, errand);
        lead(lanes, next, last);
        errand = next;
    }
    if (errand->kind != ERRAND_RECORD || errand->costly || errand->alone || errand->next)
        return errand;
    held_put(&lanes->held, errand, now_us);
    return NULL;
}

errand_t *lanes_put(lanes_t *lanes, errand_t *errand, int64_t now_us)
{
    uint32_t slot;
    errand->next = NULL;
    if (directory_get(&lanes->jobs, errand->job, &slot)) {
        errand_t *head = lanes->heads[slot];
        head->last->next = errand;
        head->last = errand;
        return head->due_us ? go(lanes, head, now_us) : NULL;
    }
    slot = free_slot(lanes);
    errand->last = errand;
    lanes->heads[slot] = errand;
    directory_put(&lanes->jobs, errand->job, slot);
    return go(lanes, errand, now_us);
}

errand_t *lanes_next(lanes_t *lanes, errand_t *done, int64_t now_us)
{
    uint32_t slot;
    errand_t *next = done->next;
    if (!directory_get(&lanes->jobs, done->job, &slot))
        return NULL;
    lanes->heads[slot] = next;
    if (!next) {
        directory_remove(&lanes->jobs, done->job);
        return NULL;
    }
    next->last = done->last;
    return go(lanes, next, now_us);
}

errand_t *lanes_due(lanes_t *lanes, int64_t now_us, int64_t *next_us)
{
    errand_t *due = held_due(&lanes->held, now_us, next_us);
    if (due)
        held_take(&lanes->held, due);
    return due;
}

errand_t *lanes_part(lanes_t *lanes, errand_t *failed)
{
    errand_t *head = failed, *last = failed->last;
    for (errand_t *before; (before = errand_part(head)); head = before) {
        head->alone = before->alone = true;
        before->next = head;
    }
    lead(lanes, head, last);
    return head;
}
