/* hand: see hand.h. */
#include "hand.h"

#include <assert.h>
#include <stddef.h>

static hand_job_t *at(hand_t *hand, uint32_t place)
{
    return &hand->jobs[(hand->first + place) % HAND_MOST];
}

void hand_add(hand_t *hand, uint64_t key, int64_t due_us, int64_t now_us)
{
    assert(hand->count < HAND_MOST);
    if (hand->count == 0)
        hand->since_us = now_us;
    *at(hand, hand->count++) = (hand_job_t){key, due_us, false};
}

const hand_job_t *hand_first(const hand_t *hand)
{
    return hand->count ? &hand->jobs[hand->first] : NULL;
}

hand_job_t hand_end(hand_t *hand, int64_t now_us)
{
    assert(hand->count > 0);
    hand_job_t job = hand->jobs[hand->first];
    hand->first = (hand->first + 1) % HAND_MOST;
    hand->count--;
    hand->since_us = now_us;
    return job;
}

int hand_place(const hand_t *hand, uint64_t key)
{
    for (uint32_t i = 0; i < hand->count; i++) {
        const hand_job_t *job = &hand->jobs[(hand->first + i) % HAND_MOST];
        if (job->key == key && !job->is_back)
            return (int)i;
    }
    return -1;
}

bool hand_take_back(hand_t *hand, uint32_t behind)
{
    bool any = false;
    for (uint32_t i = behind; i < hand->count; i++) {
        hand_job_t *job = at(hand, i);
        if (job->is_back)
            continue;
        any = job->is_back = true;
        assert(hand->back_count < HAND_MOST); /* each is told of before its place is given again */
        hand->backs[hand->back_count++] = job->key;
    }
    return any;
}

bool hand_is_late(const hand_t *hand)
{
    for (uint32_t i = 0; i < hand->count; i++)
        if (hand->jobs[(hand->first + i) % HAND_MOST].is_back)
            return true;
    return false;
}

bool hand_is_queued(const hand_t *hand)
{
    for (uint32_t i = 1; i < hand->count; i++)
        if (!hand->jobs[(hand->first + i) % HAND_MOST].is_back)
            return true;
    return false;
}

void hand_drop(hand_t *hand)
{
    hand_take_back(hand, 0);
    hand->count = 0;
}

bool hand_next_back(hand_t *hand, uint64_t *key)
{
    if (hand->back_count == 0)
        return false;
    *key = hand->backs[0];
    hand->back_count--;
    for (uint32_t i = 0; i < hand->back_count; i++)
        hand->backs[i] = hand->backs[i + 1];
    return true;
}
