/* desk: see desk.h. */
#include "desk.h"

#include "proto/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- by id: chains of those whose hash is the same; links count places from 1 ---- */

/* FNV-1a. Owners choose the numbers of runs; the worst that these can do is one chain of all places. */
static uint32_t *head_of(const desk_t *desk, const char *id)
{
    uint32_t hash = 2166136261;
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619;
    return &desk->heads[(hash ^ hash >> 16) & desk->head_mask];
}

static gift_t *gift_at(const desk_t *desk, uint32_t link)
{
    return link ? &desk->gifts[link - 1] : NULL;
}

static uint32_t link_to(const desk_t *desk, const gift_t *gift)
{
    return (uint32_t)(gift - desk->gifts) + 1;
}

static gift_t *find_from(const desk_t *desk, uint32_t link, const char *id)
{
    for (gift_t *gift; (gift = gift_at(desk, link)); link = gift->link)
        if (strcmp(gift->id, id) == 0)
            return gift;
    return NULL;
}

static void put_in(desk_t *desk, gift_t *gift)
{
    uint32_t *head = head_of(desk, gift->id);
    gift->link = *head;
    *head = link_to(desk, gift);
}

static void take_out(desk_t *desk, gift_t *gift)
{
    uint32_t *link = head_of(desk, gift->id);
    while (*link != link_to(desk, gift))
        link = &gift_at(desk, *link)->link;
    *link = gift->link;
}

static void let_free(desk_t *desk, gift_t *gift)
{
    gift->link = desk->free;
    desk->free = link_to(desk, gift);
}

/* ---- */

void desk_init(desk_t *desk, const char *prefix, const char *queue, const char *stage, uint32_t number, uint32_t places)
{
    *desk = (desk_t){.stage = stage, .queue = queue, .number = number, .count = places, .due_us = INT64_MAX};
    desk->keys = keys_new(prefix, queue);
    desk->gifts = memory_new(places, sizeof *desk->gifts);
    desk->counts[GIFT_FREE] = places;
    while (desk->head_mask < places)
        desk->head_mask = desk->head_mask << 1 | 1;
    desk->heads = memory_new((size_t)desk->head_mask + 1, sizeof *desk->heads);
    for (uint32_t i = places; i-- > 0;)
        let_free(desk, &desk->gifts[i]);
}

void desk_free(desk_t *desk)
{
    keys_destroy(&desk->keys);
    for (uint32_t i = 0; desk->gifts && i < desk->count; i++)
        free(desk->gifts[i].reason);
    free(desk->gifts);
    free(desk->heads);
    *desk = (desk_t){.stage = NULL};
}

void desk_set(desk_t *desk, gift_t *gift, gift_state_t state)
{
    desk->counts[gift->state]--;
    desk->counts[state]++;
    gift->state = state;
    if (state != GIFT_FREE)
        return;
    take_out(desk, gift);
    free(gift->reason);
    gift->reason = NULL;
    let_free(desk, gift);
}

void desk_due(desk_t *desk, gift_t *gift, int64_t due_us)
{
    gift->due_us = due_us;
    desk->due_us = due_us < desk->due_us ? due_us : desk->due_us;
}

gift_t *desk_take(desk_t *desk, const message_t *message, uint32_t duty)
{
    char run[IDENT_TEXT];
    gift_t *gift = gift_at(desk, desk->free);
    if (!gift)
        return NULL;
    desk->free = gift->link;
    *gift = (gift_t){.turn = gift->turn + 1, .duty = duty, .message = *message};
    snprintf(gift->id, sizeof gift->id, "%s-%s-%u", ident_format(message->job, run), desk->stage, message->attempt);
    put_in(desk, gift);
    desk_set(desk, gift, GIFT_NEW);
    return gift;
}

gift_t *desk_find(const desk_t *desk, const char *id)
{
    return find_from(desk, *head_of(desk, id), id);
}

gift_t *desk_twin(const desk_t *desk, const gift_t *gift)
{
    return find_from(desk, gift->link, gift->id);
}

gift_t *desk_of_duty(const desk_t *desk, uint32_t duty)
{
    for (uint32_t i = 0; i < desk->count; i++)
        if (desk->gifts[i].state != GIFT_FREE && desk->gifts[i].duty == duty)
            return &desk->gifts[i];
    return NULL;
}

uint32_t desk_out(const desk_t *desk)
{
    return desk->count - desk->counts[GIFT_FREE];
}
