/* stage: what waits for one kind of work, and who does it.
 *
 * The queue is in the order of priority, then of fair turns among owners, then of coming. A fair turn is a start tag
 * (start-time fair queuing; Goyal, Vin, Cheng, 1996): each job of an owner takes the next turn after its last one, and
 * an owner that comes new starts at the turn that is being served, so nobody waits behind another's whole backlog, and
 * one owner alone sees plain first come, first served.
 */
#ifndef YOGI_BROKER_STAGE_H
#define YOGI_BROKER_STAGE_H

#include "job.h"
#include "proto/base/heap.h"
#include "stats.h"

/* A turn takes the low bits of the queue's key; priorities have 21. 2^43 jobs of one stage are a million a second for
 * 100 days. */
enum { STAGE_TURN_BITS = 43 };

/* An actor's part in one stage. */
typedef struct server {
    struct server *free_prev, *free_next; /* among those of the stage with room, a ring; NULL when it is not there */
    uint64_t credit_number;               /* of the CREDIT that set the slots */
    job_list_t jobs;                      /* that lie there */
    uint32_t slots;                       /* how many may lie there */
    uint32_t number;                      /* actor's number * MESSAGE_NAMES_MOST + place */
    uint8_t stage;                        /* number of the stage */
    bool full;                            /* its actor has as many bytes as it may */
} server_t;

typedef struct {
    char name[MESSAGE_NAME_MOST + 1];
    slice_t label;                   /* the name, for messages */
    heap_t queue;                    /* runnable jobs, by turn */
    job_list_t waiting;              /* the same jobs, longest waiting first */
    server_t *free;                  /* the server whose turn it is, of the ring of those with room; or NULL */
    uint64_t turn;                   /* start tag of the last job assigned */
    int64_t patience_ms;             /* how long a job waits while nobody serves the stage; 0 = for ever */
    int64_t deserted_us;             /* since when nobody has served it */
    uint32_t running, delayed, held; /* jobs in these states */
    uint32_t servers;                /* that serve it */
    uint32_t slots;                  /* of all of them */
    stage_stats_t stats;
} stage_t;

/* Puts the job into the queue by the tag and order it has. */
void stage_queue(stage_t *stage, job_table_t *jobs, job_t *job);
void stage_unqueue(stage_t *stage, job_table_t *jobs, job_t *job);

/* Keeps the ring right after slots or jobs of a server have changed. */
void stage_server_changed(stage_t *stage, server_t *server);
void stage_server_gone(stage_t *stage, server_t *server); /* takes it out of the ring */

#endif
