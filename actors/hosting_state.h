/* hosting_state: the inside of hosting, shared by its rooms (see hosting.h) and nobody else. */
#ifndef YOGI_ACTORS_HOSTING_STATE_H
#define YOGI_ACTORS_HOSTING_STATE_H

#include "host/jobs.h"
#include "hosting.h"
#include "proto/crew.h"
#include "proto/fetch/fetch.h"
#include "proto/wire/wire.h"

typedef enum {
    TASK_NONE,     /* free */
    TASK_FETCHING, /* its document is on the way */
    TASK_READY,    /* waits for a worker */
    TASK_WORKING,  /* a worker has it */
} task_state_t;

/* A job that was taken from the table. */
typedef struct {
    task_state_t state;
    bool killed;       /* its broker has called it off */
    uint32_t job;      /* its number in the table; the key at the crew and at fetch */
    message_t message; /* the JOB; good until it is answered */
    int64_t due_us;    /* its deadline; INT64_MAX = none */
    int64_t told_us;   /* when its progress was told last */
    int fd;            /* the document; -1 = none */
} task_t;

typedef struct {
    const char *name;
    crew_t *crew;
    task_t *tasks;      /* one for each worker */
    uint32_t workers;   /* of the crew */
    uint32_t announced; /* tasks that will want a worker: FETCHING and READY */
    bool told;          /* of an incomplete sandbox */
    bool manned;        /* a worker was ready once */
} post_t;

struct hosting {
    process_t *process;
    char name[MESSAGE_PEER_MOST + 1];
    char worker[4096]; /* path of yogi-worker */
    jobs_t *jobs;
    wire_t *wire;
    fetch_t *fetch;
    post_t posts[MESSAGE_NAMES_MOST]; /* by the stages of jobs */
    uint32_t post_count;
    uint32_t broker_count;
    bool told_ready;      /* that a broker is heard and every stage is manned */
    struct pollfd *polls; /* room for all descriptors */
    int64_t refused_us;   /* when people were told last that a broker refuses this host */
    int64_t grace_us;     /* when work in hand is given up; INT64_MAX = not told to end */
    bool giving_up;       /* it is */
    fault_t fault;        /* why it ends by itself */
};

/* ---- hosting.c ---- */
void hosting_act(hosting_t *hosting, int64_t now_us); /* does what the table of jobs has just asked for */

/* ---- hosting_work.c ---- */
void hosting_feed(hosting_t *hosting, int64_t now_us);  /* gives free workers their next jobs */
bool hosting_can_feed(const hosting_t *hosting);        /* whether hosting_feed has something to do */
void hosting_kill(hosting_t *hosting, uint32_t job);    /* the job is not wanted any more */
void hosting_sweep(hosting_t *hosting, int64_t now_us); /* answers for what was killed before it had a worker */
void hosting_fetched(hosting_t *hosting, const fetch_event_t *event, int64_t now_us);
void hosting_heard(hosting_t *hosting, post_t *post, crew_event_t *event, int64_t now_us);
void hosting_give_up(hosting_t *hosting); /* kills everything in hand */

#endif
