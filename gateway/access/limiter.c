/* limiter: see limiter.h. */
#include "limiter.h"

#include "proto/base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { HEADS = 16384, MINUTE_US = 60000000 };

/* Of one key. A call moves the time at which it is full by MINUTE / limit. */
typedef struct bucket {
    struct bucket *next;
    int64_t full_us; /* when it is full again; in the past = it is */
    char key[];
} bucket_t;

struct limiter {
    pthread_mutex_t lock;
    int64_t limit;
    int64_t cost_us; /* of a call */
    uint64_t seed;
    size_t count;
    bucket_t *heads[HEADS];
};

limiter_t *limiter_new(int64_t per_minute)
{
    limiter_t *limiter = memory_new(1, sizeof *limiter);
    pthread_mutex_init(&limiter->lock, NULL);
    limiter->limit = per_minute;
    limiter->cost_us = MINUTE_US / per_minute;
    if (getrandom(&limiter->seed, sizeof limiter->seed, 0) < 0)
        limiter->seed = (uintptr_t)limiter;
    return limiter;
}

void limiter_destroy(limiter_t **limiter)
{
    if (!limiter || !*limiter)
        return;
    for (size_t i = 0; i < HEADS; i++)
        for (bucket_t *bucket; (bucket = (*limiter)->heads[i]);) {
            (*limiter)->heads[i] = bucket->next;
            free(bucket);
        }
    pthread_mutex_destroy(&(*limiter)->lock);
    free(*limiter);
    *limiter = NULL;
}

/* FNV-1a under a seed: keys are ids that we or an issuer have given out. */
static size_t slot_of(const limiter_t *limiter, const char *key)
{
    uint64_t hash = limiter->seed ^ 14695981039346656037ULL;
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211ULL;
    return (hash ^ hash >> 32) % HEADS;
}

/* Forgets all buckets that are full. */
static void forget(limiter_t *limiter, int64_t now_us)
{
    for (size_t i = 0; i < HEADS; i++)
        for (bucket_t **at = &limiter->heads[i], *bucket; (bucket = *at);) {
            if (bucket->full_us > now_us) {
                at = &bucket->next;
                continue;
            }
            *at = bucket->next;
            free(bucket);
            limiter->count--;
        }
}

/* The bucket of a key; NULL where there are too many. */
static bucket_t *bucket_of(limiter_t *limiter, const char *key, int64_t now_us)
{
    bucket_t **head = &limiter->heads[slot_of(limiter, key)], *bucket = *head;
    while (bucket && strcmp(bucket->key, key) != 0)
        bucket = bucket->next;
    if (bucket)
        return bucket;
    if (limiter->count >= LIMITER_KEYS_MOST)
        forget(limiter, now_us);
    if (limiter->count >= LIMITER_KEYS_MOST)
        return NULL;
    size_t size = strlen(key) + 1;
    bucket = memory_new(1, sizeof *bucket + size);
    memcpy(bucket->key, key, size);
    bucket->full_us = now_us;
    bucket->next = *head;
    *head = bucket;
    limiter->count++;
    return bucket;
}

allowance_t limiter_take(limiter_t *limiter, const char *key, int64_t now_us)
{
    allowance_t allowance = {.limit = limiter->limit, .retry_s = 1};
    pthread_mutex_lock(&limiter->lock);
    bucket_t *bucket = bucket_of(limiter, key, now_us);
    if (bucket) {
        int64_t room_us = limiter->cost_us * limiter->limit;
        int64_t full_us = (bucket->full_us > now_us ? bucket->full_us : now_us) + limiter->cost_us;
        allowance.allowed = full_us - now_us <= room_us;
        if (allowance.allowed)
            bucket->full_us = full_us;
        else
            allowance.retry_s = (full_us - now_us - room_us + 999999) / 1000000;
        int64_t lack_us = bucket->full_us - now_us;
        allowance.remaining = (room_us - lack_us) / limiter->cost_us;
        allowance.reset_s = (lack_us + 999999) / 1000000;
    }
    pthread_mutex_unlock(&limiter->lock);
    return allowance;
}
