/* scheduler_state: the inside of the scheduler, shared by its own rooms (see scheduler.h) and nobody else. */
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
    uint32_t window;                       /* of what may be sent and not acknowledged */
    uint32_t first_job;                    /* of its jobs */
} owner_t;

typedef struct {
    peer_t peer;
    server_t servers[MESSAGE_NAMES_MOST]; /* one for each stage it serves */
    uint32_t server_count;
    uint32_t held;   /* jobs that lie there, running and offered */
    uint64_t digest; /* of their tokens */
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

/* ---- scheduler.c ---- */
void scheduler_forget_owner(scheduler_t *s, owner_t *owner, int64_t now);
void scheduler_forget_actor(scheduler_t *s, actor_t *actor, int64_t now);

/* ---- scheduler_move.c: jobs from state to state ---- */
void scheduler_move(scheduler_t *s, job_t *job, job_state_t state, int64_t now); /* the one setter */
void scheduler_enqueue(scheduler_t *s, job_t *job,
                       int64_t now); /* at the end of its stage's queue, in its owner's turn */
void scheduler_bind(scheduler_t *s, job_t *job, server_t *server, token_t token, job_state_t state, int64_t now);
void scheduler_hand_over(scheduler_t *s, job_t *job, uint8_t next,
                         int64_t now);                          /* its stage is done: on to that place of its route */
void scheduler_unhold(scheduler_t *s, job_t *job, int64_t now); /* a RECORD was acknowledged */
void scheduler_retry(scheduler_t *s, job_t *job, slice_t fault, slice_t text, int64_t now);
void scheduler_lose(scheduler_t *s, job_t *job, int64_t now); /* whoever had it has it no more */
void scheduler_doom(scheduler_t *s, job_t *job, outcome_kind_t outcome, int64_t now); /* ends it, at its actor first */
void scheduler_end(scheduler_t *s, job_t *job, outcome_kind_t outcome, failed_t class, slice_t fault, slice_t text,
                   int64_t now);
void scheduler_end_doomed(scheduler_t *s, job_t *job, int64_t now);
void scheduler_free(scheduler_t *s, job_t *job, int64_t now);
void scheduler_dispatch(scheduler_t *s, int64_t now); /* assigns what can be assigned */
void scheduler_timer(scheduler_t *s, job_t *job);     /* sets its timer by its state */

/* ---- scheduler_owner.c ---- */
void scheduler_attach(scheduler_t *s, owner_t *owner, job_t *job); /* its owner is this one now */
void scheduler_detach(scheduler_t *s, job_t *job);
bool scheduler_make_room(scheduler_t *s, job_t *job,
                         uint32_t bytes); /* for a dossier of that size, if it may grow so far */
void scheduler_pump(scheduler_t *s, owner_t *owner, int64_t now);   /* sends what its window allows */
void scheduler_resend(scheduler_t *s, owner_t *owner, int64_t now); /* what has waited too long for its ACK */
void scheduler_unsend(scheduler_t *s, owner_t *owner);              /* all that was sent waits again */
record_t *scheduler_owe(scheduler_t *s, job_t *job, record_kind_t kind,
                        blob_t *body); /* holds the body; to be filled in, then pumped */
void scheduler_owe_counts(scheduler_t *s, job_t *job, int64_t now);
void scheduler_settle(scheduler_t *s, job_t *job, record_t *record); /* the record is owed no more */
void scheduler_submit(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);
void scheduler_cancel(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);
void scheduler_owner_ack(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);
void scheduler_owner_stats(scheduler_t *s, owner_t *owner, const message_t *message, int64_t now);

/* ---- scheduler_actor.c ---- */
void scheduler_credit(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_started(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_actor_progress(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_done(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_failed(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_return(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_offer(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);
void scheduler_actor_heartbeat(scheduler_t *s, actor_t *actor, const message_t *message, int64_t now);

/* ---- scheduler_time.c ---- */
void scheduler_tick(scheduler_t *s, int64_t now);
void scheduler_forgive(scheduler_t *s, int64_t now); /* a leap of the clock is nobody's silence */

#endif
