/* queue_line: the slots' states and what is sent for them: the ground on which queue.c, queue_slot.c and
 * queue_recover.c stand. */
#include "queue_state.h"

#include <string.h>

/* COMPLAIN: so often the same complaint is logged. KEPT: larger commands give their memory back. */
enum { COMPLAIN_US = 10 * 1000000, KEPT_BYTES = 1024 * 1024 };

void slot_set(queue_t *queue, uint32_t slot, slot_state_t state)
{
    slot_t *at = &queue->slots[slot];
    queue->counts[at->state]--;
    queue->counts[state]++;
    if (at->due)
        queue->dues--;
    at->due = false;
    if (state == SLOT_FREE) {
        at->next = queue->free_first;
        queue->free_first = slot + 1;
    }
    at->state = state;
}

uint32_t queue_take_free(queue_t *queue)
{
    uint32_t *link = &queue->free_first;
    while (*link) {
        uint32_t slot = *link - 1;
        if (redis_is_up(queue->plan.lines[slot % QUEUE_LINES])) {
            *link = queue->slots[slot].next;
            if (!queue->slots[slot].arena)
                queue->slots[slot].arena = arena_new();
            return slot;
        }
        link = &queue->slots[slot].next;
    }
    return UINT32_MAX;
}

bool queue_send(queue_t *queue, asked_t asked, uint32_t slot)
{
    redis_t *line = queue->plan.lines[slot % QUEUE_LINES];
    bool sent = redis_send(line, &queue->command, queue->take, queue, (uint64_t)slot << 8 | asked, 0);
    if (queue->command.capacity > KEPT_BYTES)
        buf_free(&queue->command);
    buf_clear(&queue->command);
    return sent;
}

void queue_complain(queue_t *queue, const char *what, span_t id, const char *text)
{
    queue->tally.script_errors++;
    if (queue->now_us < queue->complain_us)
        return;
    queue->complain_us = queue->now_us + COMPLAIN_US;
    if (strncmp(text, "NOPERM", 6) == 0) {
        LOG(queue->plan.log, LOG_ERROR, "redis.denied", {"queue", queue->plan.name, 0}, {"what", what, 0},
            {"message", text, 0},
            {"advice",
             "give the user these ACL rights in Redis: ~PREFIX:* +@all -@dangerous -@admin +client|setname +info", 0});
        return;
    }
    LOG(queue->plan.log, LOG_ERROR, "redis.refused", {"queue", queue->plan.name, 0}, {"what", what, 0},
        {"job", id.size ? id.at : "", 0}, {"message", text, 0});
}
