/* jobs_state: the inside of a host's jobs, shared by jobs.c, jobs_table.c and jobs_credit.c and nobody else. */
#ifndef YOGI_HOST_JOBS_STATE_H
#define YOGI_HOST_JOBS_STATE_H

#include "jobs.h"
#include "proto/base/directory.h"
#include "proto/base/heap.h"

#define JOBS_NONE UINT32_MAX

typedef enum { DUTY_FREE, DUTY_WAITING, DUTY_RUNNING, DUTY_ANSWERED, DUTY_STATES } duty_state_t;

/* One job in hand. */
typedef struct {
    uint8_t state;   /* duty_state_t */
    uint8_t stage;   /* place in the options */
    bool cancelled;  /* RUNNING: called off, its worker is being ended */
    uint32_t number; /* its own */
    uint32_t broker; /* that it is for */
    uint32_t prev,
        next;        /* in the list of its state: answered ones, oldest sent first; or of its broker's running ones */
    int64_t sent_us; /* ANSWERED: last time */
    int64_t answered_us; /* ANSWERED: when */
    message_t message;   /* WAITING, RUNNING: the JOB; ANSWERED: the answer. Its slices lie in bytes */
    buf_t bytes;         /* the encoded message */
} duty_t;

typedef struct {
    uint32_t first, last, count;
} duty_list_t;

/* A broker's part in one stage. */
typedef struct {
    heap_t waiting; /* jobs for a worker: by priority, then as they came */
    uint32_t held;  /* jobs of this stage, in any state */
    uint32_t peak;  /* most of them since slots were last divided */
    uint32_t slots; /* allotted */
    uint32_t told;  /* as last told by CREDIT */
} share_of_t;

typedef struct {
    bool up;                           /* WELCOME has come, and it is heard */
    token_t session;                   /* of the last WELCOME */
    uint64_t seen;                     /* highest counter that this life of the broker has given here */
    int64_t seen_us;                   /* last sign of life */
    int64_t hello_us;                  /* when HELLO may be said again */
    int64_t heartbeat_us;              /* when the next one is due */
    uint32_t heartbeat_ms, silence_ms; /* as WELCOME says */
    uint32_t held;                     /* tokens held for it */
    uint64_t digest;                   /* of them */
    share_of_t stages[MESSAGE_NAMES_MOST];
} jobs_broker_t;

struct jobs {
    jobs_options_t options;
    char names[MESSAGE_NAMES_MOST][MESSAGE_NAME_MOST + 1];
    jobs_broker_t brokers[JOBS_BROKERS_MOST];
    uint32_t broker_count;
    duty_t *duties;        /* by number */
    uint32_t duty_room;    /* of the table */
    uint32_t duty_count;   /* in hand */
    uint32_t free;         /* first free one, chained through next */
    directory_t directory; /* token → number */
    heap_places_t places;  /* of waiting jobs */
    duty_list_t answered;  /* oldest sent first */
    duty_list_t running;
    uint64_t order;                    /* last place given */
    uint64_t credit;                   /* number of the last CREDIT */
    uint32_t turn[MESSAGE_NAMES_MOST]; /* broker whose turn it is, by stage */
    int64_t divide_us;                 /* when slots are divided next */
    bool draining, goodbye;            /* no more jobs; said */
    buf_t tokens;                      /* list in a heartbeat */
    jobs_action_t *actions;
    size_t action_count, action_room;
};

message_t *jobs_send(jobs_t *jobs, uint32_t broker, command_t command);
jobs_action_t *jobs_act(jobs_t *jobs, jobs_kind_t kind, uint32_t broker);

/* ---- jobs_table.c ---- */
duty_t *duty_find(const jobs_t *jobs, token_t token);
duty_t *duty_add(jobs_t *jobs, uint32_t broker, uint32_t stage, const message_t *job); /* WAITING, with its own copy */
void duty_move(jobs_t *jobs, duty_t *duty, duty_state_t state);                        /* the one setter */
void duty_answer(jobs_t *jobs, duty_t *duty, const message_t *answer,
                 int64_t now);                           /* ANSWERED, with its own copy, and sent */
void duty_send(jobs_t *jobs, duty_t *duty, int64_t now); /* the answer (again) */
void duty_remove(jobs_t *jobs, duty_t *duty);

/* ---- jobs_credit.c ---- */
void jobs_divide(jobs_t *jobs);    /* anew, among the brokers that are heard */
void jobs_rebalance(jobs_t *jobs); /* by what they used of it */
void jobs_tell_credit(jobs_t *jobs, uint32_t broker,
                      bool all);      /* CREDIT for all stages, or those where it has changed */
void jobs_tell_changes(jobs_t *jobs); /* to every broker */

#endif
