/* link_state: the inside of a link, for its own rooms alone: link.c above link_job.c above this. */
#ifndef YOGI_LINK_STATE_H
#define YOGI_LINK_STATE_H

#include "base/directory.h"
#include "base/heap.h"
#include "link.h"

#define LINK_NONE UINT32_MAX

typedef enum {
    LINK_JOB_FREE,    /* no job */
    LINK_JOB_WAITING, /* for a broker, or for room in its window */
    LINK_JOB_WANTED,  /* the owner was asked for it */
    LINK_JOB_SENT,    /* submitted, not answered */
    LINK_JOB_THERE,   /* accepted */
    LINK_JOB_RAISING, /* the owner was asked for the next epoch */
    LINK_JOB_ENDED,   /* FINISHED was handed on, and is not yet settled */
    LINK_JOB_STATES
} link_job_state_t;

typedef struct {
    ident_t id;
    uint64_t epoch;
    uint32_t number;     /* its own, in the table */
    uint32_t prev, next; /* in a list: its broker's by state, or the one of those without a broker */
    uint32_t broker;     /* LINK_NONE: none yet */
    uint8_t state;       /* link_job_state_t */
    uint8_t busy;        /* REFUSED busy in a row */
    bool cancel;         /* to be called off */
} link_job_t;

typedef struct {
    uint32_t first, last, count;
} link_list_t;

/* A job under an epoch that was given up at a broker while it was silent. */
typedef struct {
    ident_t id;
    uint64_t epoch;
} link_left_t;

/* Given-up jobs that are remembered for one broker: more run there in vain and are dropped when they answer. */
enum { LINK_LEFT_MOST = 65536 };

typedef struct {
    bool up;                           /* WELCOME has come, and it is heard */
    token_t session;                   /* of the last WELCOME; (0, 0) before */
    int64_t seen_us;                   /* last sign of life */
    int64_t hello_us;                  /* when HELLO may be said again */
    int64_t heartbeat_us;              /* when the next one is due */
    int64_t busy_us;                   /* refused the last job as busy: nothing is sent until then */
    uint32_t heartbeat_ms, silence_ms; /* as WELCOME says */
    uint32_t window;                   /* SUBMITs wanted and unanswered at once */
    link_list_t waiting;               /* jobs to be submitted here (again) */
    link_list_t others;                /* jobs that are here in any other state */
    uint32_t asked;                    /* of these wanted or sent: they fill the window */
    link_left_t *left;                 /* to be called off when it is heard again */
    uint32_t left_count, left_room;
} link_broker_t;

struct link {
    link_options_t options;
    link_broker_t brokers[LINK_BROKERS_MOST];
    uint32_t broker_count;
    link_job_t *jobs;      /* by number */
    uint32_t job_room;     /* of the table */
    uint32_t job_count;    /* jobs */
    uint32_t free;         /* first free one, chained through next */
    directory_t directory; /* id → number */
    link_list_t homeless;  /* waiting for any broker */
    link_list_t raising;   /* waiting for their next epoch */
    heap_places_t timed;   /* where jobs lie among the timers */
    heap_t timers;         /* no answer until */
    link_action_t *actions;
    size_t action_count, action_room;
};

link_action_t *link_act(link_t *link, link_kind_t kind);
message_t *link_send(link_t *link, uint32_t broker, command_t command);

#endif
