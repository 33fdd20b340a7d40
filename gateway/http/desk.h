/* desk: threads that take jobs in the order in which they came. */
#ifndef YOGI_HTTP_DESK_H
#define YOGI_HTTP_DESK_H

#include <stddef.h>

typedef struct desk desk_t;

/* A part of what is to be done; in one desk at a time. */
typedef struct desk_job {
    struct desk_job *next; /* the desk's */
    void (*run)(void *user);
    void *user;
} desk_job_t;

desk_t *desk_new(int threads); /* never NULL */

/* Does what waits, then ends; takes NULL; nulls the caller's pointer. */
void desk_destroy(desk_t **desk);

/* How many may wait is the caller's to limit. */
void desk_put(desk_t *desk, desk_job_t *job);

size_t desk_waiting(desk_t *desk); /* jobs that no thread has yet */

#endif
