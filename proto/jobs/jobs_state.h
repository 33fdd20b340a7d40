/* jobs_state: the inside of a host's jobs, for jobs.c and the rooms right below it (jobs_say.h, jobs_hear.h). */
#ifndef YOGI_JOBS_STATE_H
#define YOGI_JOBS_STATE_H

#include "duties.h"
#include "jobs_action.h"
#include "jobs_options.h"
#include "pace.h"
#include "slots.h"

/* The talk with a broker. What it has here is in the duties, what it may have in the slots. */
typedef struct {
    bool up;                           /* WELCOME has come, and it is heard */
    token_t session;                   /* of the last WELCOME */
    uint64_t seen;                     /* highest counter that this life of the broker has given here */
    int64_t seen_us;                   /* last sign of life */
    int64_t hello_us;                  /* when HELLO may be said again */
    int64_t heartbeat_us;              /* when the next one is due */
    uint32_t heartbeat_ms, silence_ms; /* as WELCOME says */
} jobs_broker_t;

typedef struct jobs {
    jobs_options_t options;
    char names[MESSAGE_NAMES_MOST][MESSAGE_NAME_MOST + 1];
    jobs_broker_t brokers[DUTIES_BROKERS_MOST];
    uint32_t broker_count;
    duties_t duties;
    slots_t slots;
    pace_t paces[MESSAGE_NAMES_MOST];  /* by stage */
    uint32_t turn[MESSAGE_NAMES_MOST]; /* broker whose turn it is, by stage */
    int64_t divide_us;                 /* when slots are divided next */
    bool draining, goodbye;            /* no more jobs; said */
    buf_t tokens;                      /* list in a heartbeat */
    jobs_list_t actions;               /* of the last call */
} jobs_t;

#endif
