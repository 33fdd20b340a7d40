/* scheduler_state: the inside of the scheduler, for its own rooms and nobody else. They stand one above the other, and
 * each uses those below alone:
 *
 *     scheduler          its life; which command goes where; the step
 *     scheduler_owner, _actor, _time       what owners say, what actors say, what is due
 *     scheduler_peer     owners and actors come and go
 *     scheduler_move     jobs from state to state
 *     scheduler_debt     whose a job is, and what owners are owed
 *     scheduler_state    the data, and what every room asks of it
 *
 * and beside them scheduler_report, which changes nothing.
 */
#ifndef YOGI_BROKER_SCHEDULER_STATE_H
#define YOGI_BROKER_SCHEDULER_STATE_H

#include "job.h"
#include "proto/base/chance.h"
#include "proto/base/directory.h"
#include "record.h"
#include "scheduler.h"
#include "share.h"
#include "stage.h"

/* What owners and actors have in common. */
typedef struct {
    uint64_t handle;  /* the loop's number of its connection */
    ident_t instance; /* of its process: the same peer on another connection */
    uint64_t key;     /* number of its key; 0 = it came without one */
    uint32_t roles;   /* of the key; role_t bits */
    uint64_t session; /* since when it is known here without a gap */
    int64_t seen_us;  /* last sign of life */
    uint32_t number;  /* its place in the list of owners or actors */
} peer_t;

typedef struct {
    peer_t peer;
    record_list_t waiting, sent;           /* what it is owed: not yet sent; sent and not acknowledged, oldest first */
    uint64_t turns[SCHEDULER_STAGES_MOST]; /* next fair turn at each stage */
    uint64_t jobs, bytes;                  /* its jobs, and the sum of their budgets */
    uint64_t sent_bytes;                   /* of bodies in `sent` */
    uint32_t window;                       /* of what may be sent and not acknowledged */
    uint32_t first_job;                    /* of its jobs */
} owner_t;

typedef struct {
    peer_t peer;
    server_t servers[MESSAGE_NAMES_MOST]; /* one for each stage it serves */
    uint32_t server_count;
    uint32_t held;   /* jobs that lie there, running and offered */
    uint64_t digest; /* of their tokens */
    uint64_t bytes;  /* of their dossiers, as they were given */
    uint64_t given;  /* counter of the last token given to it */
} actor_t;

struct scheduler {
    scheduler_options_t options;
    int64_t started_us; /* when it was made */
    int64_t last_us;    /* of the last step */
    int64_t scan_us;    /* when peers are looked at next */
    uint64_t counter;   /* last token given: jobs, records, sessions */
    uint64_t order;     /* last place in a queue given */
    bool draining;      /* no new jobs */
    chance_t chance;    /* jitter */
    job_table_t *jobs;
    stage_t stages[SCHEDULER_STAGES_MOST];
    uint32_t dirty;                                   /* stages where something may be assigned, bits */
    heap_places_t queued;                             /* where jobs lie in their queues */
    heap_places_t timed;                              /* and among the timers */
    heap_t timers;                                    /* by due time */
    directory_t peers;                                /* connection → 2 * number, + 1 for actors */
    owner_t **owners;                                 /* by number; NULL = free */
    actor_t **actors;                                 /* by number; NULL = free */
    uint32_t owner_room, actor_room;                  /* of the lists */
    uint32_t owner_count, actor_count;                /* connected */
    share_t job_share, byte_share;                    /* of max_jobs and max_bytes */
    uint32_t overdrawn;                               /* job that may grow whatever there is; JOB_NONE */
    uint64_t record_bytes;                            /* of bodies that records hold */
    uint64_t accepted, refused, finished, stale, bad; /* for STATS */
    blob_yard_t yard;                                 /* blobs to be freed at the next step */
    buf_t figures;                                    /* body of a STATS answer */
    action_t *actions;                                /* of this step */
    size_t action_count, action_room;
};

/* A zeroed message to that connection, to be filled in. Valid until the next one. */
message_t *scheduler_send(scheduler_t *s, uint64_t peer, command_t command);

static inline token_t scheduler_token(const scheduler_t *s, uint64_t counter)
{
    return (token_t){s->options.incarnation, counter};
}

static inline stage_t *stage_of(scheduler_t *s, const job_t *job)
{
    return &s->stages[job->route[job->at]];
}

/* Number of the stage with this name, or -1. */
int scheduler_stage(const scheduler_t *s, slice_t name);

owner_t *scheduler_owner(const scheduler_t *s, uint32_t number); /* lives */
actor_t *scheduler_actor(const scheduler_t *s, uint32_t server); /* of a server's number */
server_t *scheduler_server(const scheduler_t *s, uint32_t server);

#endif
