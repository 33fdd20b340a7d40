/* desk: see desk.h. */
#include "desk.h"

#include "proto/base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct desk {
    pthread_mutex_t lock;
    pthread_cond_t more; /* a job has come, or the end */
    desk_job_t *first, **last;
    size_t waiting;
    bool ending;
    int count;
    pthread_t threads[];
};

/* The next job; NULL at the end. */
static desk_job_t *take(desk_t *desk)
{
    pthread_mutex_lock(&desk->lock);
    while (!desk->first && !desk->ending)
        pthread_cond_wait(&desk->more, &desk->lock);
    desk_job_t *job = desk->first;
    if (job) {
        desk->first = job->next;
        if (!desk->first)
            desk->last = &desk->first;
        desk->waiting--;
    }
    pthread_mutex_unlock(&desk->lock);
    return job;
}

static void *work(void *user)
{
    desk_t *desk = user;
    for (desk_job_t *job; (job = take(desk));)
        job->run(job->user);
    return NULL;
}

desk_t *desk_new(int threads)
{
    desk_t *desk = memory_new(1, sizeof *desk + (size_t)threads * sizeof *desk->threads);
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->more, NULL);
    desk->last = &desk->first;
    for (; desk->count < threads; desk->count++)
        if (pthread_create(&desk->threads[desk->count], NULL, work, desk) != 0)
            abort();
    return desk;
}

void desk_destroy(desk_t **desk)
{
    if (!desk || !*desk)
        return;
    pthread_mutex_lock(&(*desk)->lock);
    (*desk)->ending = true;
    pthread_cond_broadcast(&(*desk)->more);
    pthread_mutex_unlock(&(*desk)->lock);
    for (int i = 0; i < (*desk)->count; i++)
        pthread_join((*desk)->threads[i], NULL);
    pthread_cond_destroy(&(*desk)->more);
    pthread_mutex_destroy(&(*desk)->lock);
    free(*desk);
    *desk = NULL;
}

void desk_put(desk_t *desk, desk_job_t *job)
{
    pthread_mutex_lock(&desk->lock);
    job->next = NULL;
    *desk->last = job;
    desk->last = &job->next;
    desk->waiting++;
    pthread_cond_signal(&desk->more);
    pthread_mutex_unlock(&desk->lock);
}

size_t desk_waiting(desk_t *desk)
{
    pthread_mutex_lock(&desk->lock);
    size_t waiting = desk->waiting;
    pthread_mutex_unlock(&desk->lock);
    return waiting;
}
