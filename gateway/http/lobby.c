/* lobby: see lobby.h. A number is a slot and how often it was used. */
#include "lobby.h"

#include "proto/base/clock.h"
#include "proto/base/heap.h"
#include "proto/base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    void *thing;         /* NULL = free */
    uint32_t generation; /* of its number */
    uint32_t next_free;
    bool settled, woken;
} slot_t;

struct lobby {
    pthread_mutex_t lock;
    pthread_cond_t sooner; /* an earlier deadline, or the end */
    pthread_t thread;
    lobby_due_fn *due;
    slot_t *slots;
    uint32_t room, free; /* free: the first free slot; room = none */
    heap_places_t places;
    heap_t deadlines; /* of settled ones, microseconds */
    bool ending;
};

static slot_t *find(lobby_t *lobby, uint64_t number)
{
    uint32_t slot = (uint32_t)number;
    return slot < lobby->room && lobby->slots[slot].thing && lobby->slots[slot].generation == number >> 32
               ? &lobby->slots[slot]
               : NULL;
}

/* Empties a slot; its thing is the caller's. */
static void *release(lobby_t *lobby, slot_t *slot)
{
    void *thing = slot->thing;
    uint32_t number = (uint32_t)(slot - lobby->slots);
    if (slot->settled)
        heap_remove(&lobby->deadlines, number);
    *slot = (slot_t){.generation = slot->generation + 1, .next_free = lobby->free};
    lobby->free = number;
    return thing;
}

/* Waits for the next deadline. */
static void *watch(void *user)
{
    lobby_t *lobby = user;
    pthread_mutex_lock(&lobby->lock);
    while (!lobby->ending) {
        const heap_entry_t *top = heap_top(&lobby->deadlines);
        if (!top) {
            pthread_cond_wait(&lobby->sooner, &lobby->lock);
        } else if ((int64_t)top->major > clock_now_us()) {
            struct timespec until = {(time_t)(top->major / 1000000), (long)(top->major % 1000000) * 1000};
            pthread_cond_timedwait(&lobby->sooner, &lobby->lock, &until);
        } else {
            void *thing = release(lobby, &lobby->slots[top->item]);
            pthread_mutex_unlock(&lobby->lock);
            lobby->due(thing);
            pthread_mutex_lock(&lobby->lock);
        }
    }
    pthread_mutex_unlock(&lobby->lock);
    return NULL;
}

lobby_t *lobby_new(lobby_due_fn *due)
{
    pthread_condattr_t attributes;
    lobby_t *lobby = memory_new(1, sizeof *lobby);
    lobby->due = due;
    lobby->deadlines.places = &lobby->places;
    pthread_mutex_init(&lobby->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lobby->sooner, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&lobby->thread, NULL, watch, lobby) != 0)
        abort();
    return lobby;
}

void lobby_destroy(lobby_t **lobby)
{
    if (!lobby || !*lobby)
        return;
    lobby_t *r = *lobby;
    pthread_mutex_lock(&r->lock);
    r->ending = true;
    pthread_cond_signal(&r->sooner);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    lobby_wake_all(r);
    heap_free(&r->deadlines);
    heap_places_free(&r->places);
    pthread_cond_destroy(&r->sooner);
    pthread_mutex_destroy(&r->lock);
    free(r->slots);
    free(r);
    *lobby = NULL;
}

static void widen(lobby_t *lobby)
{
    uint32_t room = lobby->room ? 2 * lobby->room : 64;
    lobby->slots = memory_grow(lobby->slots, room, sizeof *lobby->slots);
    for (uint32_t i = lobby->room; i < room; i++)
        lobby->slots[i] = (slot_t){.generation = 1, .next_free = i + 1};
    lobby->room = room;
}

uint64_t lobby_name(lobby_t *lobby, void *thing)
{
    pthread_mutex_lock(&lobby->lock);
    if (lobby->free == lobby->room)
        widen(lobby);
    uint32_t number = lobby->free;
    slot_t *slot = &lobby->slots[number];
    lobby->free = slot->next_free;
    slot->thing = thing;
    uint64_t name = (uint64_t)slot->generation << 32 | number;
    pthread_mutex_unlock(&lobby->lock);
    return name;
}

void *lobby_settle(lobby_t *lobby, uint64_t number, int64_t ms)
{
    pthread_mutex_lock(&lobby->lock);
    slot_t *slot = find(lobby, number);
    void *thing = NULL;
    if (slot && (slot->woken || lobby->ending)) {
        thing = release(lobby, slot);
    } else if (slot) {
        slot->settled = true;
        heap_add(&lobby->deadlines, (uint64_t)(clock_now_us() + ms * 1000), number, (uint32_t)number);
        if (heap_top(&lobby->deadlines)->item == (uint32_t)number)
            pthread_cond_signal(&lobby->sooner);
    }
    pthread_mutex_unlock(&lobby->lock);
    return thing;
}

void lobby_forget(lobby_t *lobby, uint64_t number)
{
    pthread_mutex_lock(&lobby->lock);
    slot_t *slot = find(lobby, number);
    if (slot)
        release(lobby, slot);
    pthread_mutex_unlock(&lobby->lock);
}

void *lobby_wake(lobby_t *lobby, uint64_t number)
{
    pthread_mutex_lock(&lobby->lock);
    slot_t *slot = find(lobby, number);
    void *thing = NULL;
    if (slot && slot->settled)
        thing = release(lobby, slot);
    else if (slot)
        slot->woken = true;
    pthread_mutex_unlock(&lobby->lock);
    return thing;
}

void lobby_wake_all(lobby_t *lobby)
{
    pthread_mutex_lock(&lobby->lock);
    while (heap_top(&lobby->deadlines)) {
        void *thing = release(lobby, &lobby->slots[heap_top(&lobby->deadlines)->item]);
        pthread_mutex_unlock(&lobby->lock);
        lobby->due(thing);
        pthread_mutex_lock(&lobby->lock);
    }
    pthread_mutex_unlock(&lobby->lock);
}

uint64_t lobby_count(lobby_t *lobby)
{
    pthread_mutex_lock(&lobby->lock);
    uint64_t count = lobby->deadlines.count;
    pthread_mutex_unlock(&lobby->lock);
    return count;
}
