/* bell: see bell.h. */
#include "bell.h"

#include "proto/base/memory.h"

#include <pthread.h>
#include <stdlib.h>

struct bell {
    pthread_mutex_t lock;
    call_number_t *tickets;
    size_t count, room;
};

bell_t *bell_new(void)
{
    bell_t *bell = memory_new(1, sizeof *bell);
    pthread_mutex_init(&bell->lock, NULL);
    return bell;
}

void bell_destroy(bell_t **bell)
{
    if (!bell || !*bell)
        return;
    pthread_mutex_destroy(&(*bell)->lock);
    free((*bell)->tickets);
    free(*bell);
    *bell = NULL;
}

void bell_wait(bell_t *bell, call_number_t ticket)
{
    pthread_mutex_lock(&bell->lock);
    if (bell->count == bell->room) {
        bell->room = bell->room ? 2 * bell->room : 64;
        bell->tickets = memory_grow(bell->tickets, bell->room, sizeof *bell->tickets);
    }
    bell->tickets[bell->count++] = ticket;
    pthread_mutex_unlock(&bell->lock);
}

void bell_ring(bell_t *bell, http_t *http)
{
    pthread_mutex_lock(&bell->lock);
    call_number_t *tickets = bell->tickets;
    size_t count = bell->count;
    bell->tickets = NULL;
    bell->count = bell->room = 0;
    pthread_mutex_unlock(&bell->lock);
    for (size_t i = 0; i < count; i++)
        http_wake(http, tickets[i]);
    free(tickets);
}
