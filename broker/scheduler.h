/* scheduler: the broker without its sockets and its clock: step (state, event, now) gives the messages to send.
 *
 * For:    the loop of yogi-broker, which turns frames into events and actions into frames, and the simulation.
 *         One thread.
 * Never:  opens, reads, waits, or looks at a clock. The same events at the same times give the same actions.
 * Limits: past max_jobs or max_bytes SUBMIT is refused. Of the last quarter each owner has a part that nobody else
 *         gets (share.h), somebody who is still to come among them. What is inside is never refused or dropped: it may
 *         grow past max_bytes by an eighth of it, and one job at a time by as much as a body may have (64 MiB). A job
 *         takes its budget, and up to twice that again while its owner is slow to acknowledge RECORDs: memory stays
 *         below 3 * (9/8 * max_bytes + 64 MiB) + 1100 * max_jobs (for a job 300 bytes beside its own and 120 for each
 *         of four records; 300 for what a host offers after a restart), and what peers_most connections take (about
 *         1 kB each). To one peer at most owner_bytes or actor_bytes, and one body more, are on their way unanswered,
 *         however large its window or credit is, so that nobody's slowness fills this process's sockets.
 * Errors: whatever comes from a peer is counted or refused; programming errors assert.
 * Loop:   decode a frame (message_decode_frame; -1 is one EVENT_BAD), step once for each of its messages, encode the
 *         actions, those to one connection into one frame where they lie at hand, and send; a connection that cannot be
 *         reached is EVENT_GONE, a message that cannot be sent is lost like any other. When scheduler_deadline has
 *         come, EVENT_TICK. The number of a connection is never used again, and belongs to one key: its rights come
 *         with every event.
 *
 * The rules are those of proto/PROTOCOL.md. Its rooms are named in scheduler_state.h.
 */
#ifndef YOGI_BROKER_SCHEDULER_H
#define YOGI_BROKER_SCHEDULER_H

#include "proto/message.h"
#include "stats.h"

typedef struct scheduler scheduler_t;

enum { SCHEDULER_STAGES_MOST = 16 };

typedef struct {
    const char *name;    /* borrowed until scheduler_new has returned */
    int64_t patience_ms; /* how long a job waits while no actor serves the stage; 0 = for ever */
} scheduler_stage_t;

typedef struct {
    uint64_t incarnation;                            /* random, not 0 */
    uint64_t seed;                                   /* of jitter and hashes; random outside tests */
    scheduler_stage_t stages[SCHEDULER_STAGES_MOST]; /* that are known */
    uint32_t stage_count;                            /* of them */
    uint64_t max_jobs;                               /* at most 2^31 */
    uint64_t max_bytes;                              /* sum of budgets */
    uint32_t budget_bytes;     /* reserved for a job whose SUBMIT names none, beside what it brings; it may grow */
    uint32_t peers_most;       /* owners and actors */
    uint32_t submit_window;    /* unanswered SUBMITs of one owner */
    uint32_t owner_bytes;      /* of bodies and attachments that one owner has not acknowledged: no more is sent then */
    uint32_t actor_bytes;      /* of bodies that lie at one actor: it is given no more from there on */
    uint32_t heartbeat_ms;     /* interval of heartbeats, both ways */
    uint32_t silence_ms;       /* an actor silent that long has lost its jobs */
    uint32_t owner_silence_ms; /* an owner silent that long has lost its jobs here */
    uint32_t resend_ms;        /* what is not acknowledged is sent again */
    uint32_t offer_ms;         /* how long an offered job waits for its owner */
    uint32_t crashes_most;     /* make a job poison */
    uint32_t losses_most;      /* end a job */
    uint32_t backoff_most_ms;  /* longest wait between attempts */
} scheduler_options_t;

/* What the key of a connection may do, as the loop read it from the allow-list. */
typedef struct {
    uint32_t roles;            /* role_t bits: ROLE_OWNER, ROLE_ACTOR, ROLE_ADMIN */
    const char *const *stages; /* NULL-ended, that an actor may serve; NULL = all */
    uint64_t key;              /* number of this key with these rights: never used again for another, nor for others */
} rights_t;

typedef enum {
    EVENT_MESSAGE, /* peer sent message */
    EVENT_BAD,     /* peer sent what is no message */
    EVENT_GONE,    /* the connection of peer is known to be gone */
    EVENT_BARRED,  /* the key of rights has others now, roles = 0 none at all: its sessions end at once */
    EVENT_TICK,    /* time has passed */
} event_kind_t;

typedef struct {
    event_kind_t kind;
    uint64_t peer;            /* the loop's number of the connection; never used again for another */
    const rights_t *rights;   /* of the connection; NULL = may do everything (inside one process tree) */
    const message_t *message; /* borrowed for the step; what is kept of it is copied */
} event_t;

/* Send this message to that connection. */
typedef struct {
    uint64_t peer;
    message_t message; /* its slices hold until the next step */
} action_t;

/* The limits and times that DESIGN.md names; stages, incarnation and seed are to be filled in. */
scheduler_options_t scheduler_defaults(void);

/* Never NULL. Names of stages are names by PROTOCOL.md and differ (asserted). */
scheduler_t *scheduler_new(const scheduler_options_t *options, int64_t now_us);
void scheduler_destroy(scheduler_t **scheduler);

/* Takes one event. The actions hold until the next step. now_us never goes back; where it leaps (the process was
 * stopped), the time that was slept through is nobody's silence. */
const action_t *scheduler_step(scheduler_t *scheduler, const event_t *event, int64_t now_us, size_t *count);

/* When the next EVENT_TICK is due. */
int64_t scheduler_deadline(const scheduler_t *scheduler);

/* No new jobs from now on: SUBMIT of one that is not here is refused busy; what is here goes on. */
void scheduler_drain(scheduler_t *scheduler);

/* Jobs of owners that are here, those whose results wait to be acknowledged too. */
uint64_t scheduler_jobs(const scheduler_t *scheduler);

/* The figures of this moment, in the arena. */
void scheduler_stats(const scheduler_t *scheduler, int64_t now_us, arena_t *arena, stats_t *stats);

/* A word for whoever checks invariants: walks everything and asserts that each job is in exactly one place, that
 * counts, digests and lists agree, and that no limit is passed. O(jobs). For tests. */
void scheduler_audit(const scheduler_t *scheduler);

#endif
