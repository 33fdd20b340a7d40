/* jobs_action: what the machine of a host's jobs asks its loop to do; a list that each of its calls makes anew. */
#ifndef YOGI_JOBS_ACTION_H
#define YOGI_JOBS_ACTION_H

#include "proto/message.h"

typedef enum {
    JOBS_SEND,    /* send message to broker */
    JOBS_KILL,    /* end the worker that has this job; then say jobs_failed (its class is of no account) */
    JOBS_DROP,    /* this job, which was to be prepared, is not here any more */
    JOBS_REFUSED, /* message (REFUSED): the broker will not have this host as it is; tell people. HELLO goes on */
} jobs_kind_t;

typedef struct {
    jobs_kind_t kind;
    uint32_t broker;   /* number of the broker, as given to jobs_broker */
    uint32_t job;      /* JOBS_KILL, JOBS_DROP: the job's number */
    message_t message; /* JOBS_SEND; its slices hold until the next call that takes now */
} jobs_action_t;

/* Plain; zeroed it is empty. */
typedef struct {
    jobs_action_t *at;
    size_t count, room;
} jobs_list_t;

/* One more of this kind, zeroed but for the broker. It holds until the next one is added. */
jobs_action_t *jobs_list_add(jobs_list_t *list, jobs_kind_t kind, uint32_t broker);

/* One more JOBS_SEND of this command: its message, to be filled in. */
message_t *jobs_list_send(jobs_list_t *list, uint32_t broker, command_t command);

void jobs_list_free(jobs_list_t *list);

#endif
