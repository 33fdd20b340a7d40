/* queue_recover: jobs that were given to this bridge by an answer that was lost with its connection. They stand in
 * `active` under its lock, in none of its slots; they are taken in, where they would otherwise stall. Nothing is
 * fetched meanwhile, and it begins when no fetch is on its way, so that a job cannot come twice.
 */
#include "queue_state.h"

#include <string.h>

/* Jobs in `active` that are looked at; what lies beyond stalls, as it would without this. */
#define LIST_MOST "1999"

static bool is_in_slot(const queue_t *queue, span_t id)
{
    for (uint32_t i = 0; i < queue->plan.slots; i++) {
        const slot_t *at = &queue->slots[i];
        bool has = at->state != SLOT_FREE && at->state != SLOT_FETCHING;
        if (has && at->job.id.size == id.size && memcmp(at->job.id.at, id.at, id.size) == 0)
            return true;
    }
    return false;
}

static void end(queue_t *queue)
{
    arena_destroy(&queue->strays);
    queue->stray_count = queue->stray_left = 0;
    queue->recover = RECOVER_NOTHING;
    fetching_again(&queue->fetching);
}

void recover_step(queue_t *queue)
{
    if (queue->recover != RECOVER_WANTED || queue->counts[SLOT_FETCHING])
        return;
    for (uint32_t i = 0; i < queue->plan.slots; i++)
        if (queue->slots[i].state == SLOT_ENDING && queue->slots[i].sent)
            return;
    RESP_COMMAND(&queue->command, "LRANGE", queue->keys->texts[KEY_ACTIVE], "0", LIST_MOST);
    if (queue_send(queue, ASKED_ACTIVE, 0))
        queue->recover = RECOVER_LISTING;
}

/* Those that are in no slot. */
static void list_strays(queue_t *queue, const reply_t *reply)
{
    queue->strays = arena_new();
    queue->stray_ids = arena_array(queue->strays, reply->count + 1, sizeof *queue->stray_ids);
    for (uint32_t i = 0; i < reply->count; i++) {
        const reply_t *item = &reply->items[i];
        span_t id = {arena_text_n(queue->strays, reply_text(item), item->size), item->size};
        if (!is_in_slot(queue, id))
            queue->stray_ids[queue->stray_count++] = id;
    }
}

void recover_listed(queue_t *queue, const reply_t *reply)
{
    if (!reply) {
        queue->recover = RECOVER_WANTED;
        return;
    }
    if (reply->kind == REPLY_ERROR)
        queue_complain(queue, "LRANGE active", (span_t){0}, reply->text);
    queue->recover = RECOVER_ASKING;
    list_strays(queue, reply);
    for (uint32_t i = 0; i < queue->stray_count; i++) {
        char *key = arena_format(queue->strays, "%s%s:lock", queue->keys->prefix, queue->stray_ids[i].at);
        RESP_COMMAND(&queue->command, "GET", key);
        queue->stray_left += queue_send(queue, ASKED_LOCK, i);
    }
    if (queue->stray_left == 0)
        end(queue);
}

static void adopt(queue_t *queue, span_t id)
{
    uint32_t slot = queue_take_free(queue);
    if (slot == UINT32_MAX)
        return; /* it stalls */
    slot_t *at = &queue->slots[slot];
    arena_clear(at->arena);
    at->job = (job_t){.id = {arena_text_n(at->arena, id.at, id.size), id.size}};
    slot_set(queue, slot, SLOT_FETCHING);
    char *key = arena_format(at->arena, "%s%s", queue->keys->prefix, id.at);
    RESP_COMMAND(&queue->command, "HGETALL", key);
    if (!queue_send(queue, ASKED_ADOPT, slot))
        slot_adopt(queue, slot, NULL);
}

void recover_lock(queue_t *queue, uint32_t stray, const reply_t *reply)
{
    if (reply && reply->kind == REPLY_TEXT && strcmp(reply->text, queue->plan.token) == 0)
        adopt(queue, queue->stray_ids[stray]);
    if (--queue->stray_left == 0)
        end(queue);
}
