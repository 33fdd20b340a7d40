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

bool lanes_put(lanes_t *lanes, errand_t *errand)
{
    uint32_t slot;
    errand->next = NULL;
    if (directory_get(&lanes->jobs, errand->job, &slot)) {
        errand_t *head = lanes->heads[slot];
        head->last->next = errand;
        head->last = errand;
        return false;
    }
    slot = free_slot(lanes);
    errand->last = errand;
    lanes->heads[slot] = errand;
    directory_put(&lanes->jobs, errand->job, slot);
    return true;
}

errand_t *lanes_head(const lanes_t *lanes, ident_t job)
{
    uint32_t slot;
    return directory_get(&lanes->jobs, job, &slot) ? lanes->heads[slot] : NULL;
}

/* Another one is the first of the lane. */
static errand_t *lead(lanes_t *lanes, errand_t *head, errand_t *last)
{
    uint32_t slot;
    bool there = directory_get(&lanes->jobs, head->job, &slot);
    assert(there);
    head->last = last;
    lanes->heads[slot] = head;
    return head;
}

errand_t *lanes_join(lanes_t *lanes, errand_t *head)
{
    errand_t *next = head->next, *last = head->last;
    errand_join(next, head);
    return lead(lanes, next, last);
}

errand_t *lanes_part(lanes_t *lanes, errand_t *head)
{
    errand_t *last = head->last;
    for (errand_t *before; (before = errand_part(head)); head = before) {
        head->alone = before->alone = true;
        before->next = head;
    }
    return lead(lanes, head, last);
}

errand_t *lanes_next(lanes_t *lanes, errand_t *done)
{
    uint32_t slot;
    errand_t *next = done->next;
    if (!directory_get(&lanes->jobs, done->job, &slot))
        return NULL;
    lanes->heads[slot] = next;
    if (next)
        next->last = done->last;
    else
        directory_remove(&lanes->jobs, done->job);
    return next;
}
