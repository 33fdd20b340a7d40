/* desk: see desk.h. */
#include "desk.h"

#include "proto/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void desk_init(desk_t *desk, const char *prefix, const char *queue, const char *stage, uint32_t number, uint32_t places)
{
    *desk = (desk_t){.stage = stage, .queue = queue, .number = number, .count = places};
    desk->keys = keys_new(prefix, queue);
    desk->gifts = memory_new(places, sizeof *desk->gifts);
    desk->counts[GIFT_FREE] = places;
}

void desk_free(desk_t *desk)
{
    keys_destroy(&desk->keys);
    free(desk->gifts);
    *desk = (desk_t){.stage = NULL};
}

void desk_set(desk_t *desk, gift_t *gift, gift_state_t state)
{
    desk->counts[gift->state]--;
    desk->counts[state]++;
    gift->state = state;
}

gift_t *desk_take(desk_t *desk, const message_t *message, uint32_t duty)
{
    for (uint32_t i = 0; desk->counts[GIFT_FREE] > 0 && i < desk->count; i++) {
        gift_t *gift = &desk->gifts[i];
        if (gift->state != GIFT_FREE)
            continue;
        char run[IDENT_TEXT];
        uint32_t turn = gift->turn + 1;
        *gift = (gift_t){.turn = turn, .duty = duty, .message = *message};
        snprintf(gift->id, sizeof gift->id, "%s-%s-%u", ident_format(message->job, run), desk->stage, message->attempt);
        desk_set(desk, gift, GIFT_NEW);
        return gift;
    }
    return NULL;
}

gift_t *desk_find(const desk_t *desk, const char *id)
{
    for (uint32_t i = 0, left = desk_out(desk); left > 0 && i < desk->count; i++) {
        if (desk->gifts[i].state == GIFT_FREE)
            continue;
        if (strcmp(desk->gifts[i].id, id) == 0)
            return &desk->gifts[i];
        left--;
    }
    return NULL;
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
