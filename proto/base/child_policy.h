/* child_policy: what a supervisor decides about one child process: a pure machine of states, events, deadlines and a
 * throttle. It knows no process and no clock; child.c, which has both, tells it what happened and asks what is due.
 *
 *             START              READY               JOB
 *      DOWN ────────────▶ STARTING ───────────▶ IDLE ───────────▶ BUSY
 *       ▲ ▲ GONE             │    │  STOP     STOP │ ▲  ANSWERED   │ │
 *       │ └──────── ENDING ◀─┼────┴────────────────┤ └─────────────┘ │ GONE
 *       │ RESTED             │ GONE           GONE │                 │
 *       ├───────── RESTING ◀─┴─────────────────────┤ no job done     │
 *       └──────────────────────────────────────────┴─────────────────┘
 *
 * Each event is made by the function of child.h of its name; GONE by a crash, a kill, a passed deadline, too much
 * memory or a broken message, each of which the caller tells as a fault. RESTING is the throttle: a child that dies
 * before it has done a job is not started again at once, and each time in a row a little later.
 */
#ifndef YOGI_BASE_CHILD_POLICY_H
#define YOGI_BASE_CHILD_POLICY_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    CHILD_DOWN,     /* no process */
    CHILD_STARTING, /* started, has not said that it is ready */
    CHILD_IDLE,     /* waits for a job */
    CHILD_BUSY,     /* has a job */
    CHILD_ENDING,   /* was told to end */
    CHILD_RESTING,  /* died too early; not to be started before the rest is over */
    CHILD_STATES
} child_state_t;

typedef enum {
    CHILD_START,    /* child_start */
    CHILD_READY,    /* child_ready: the child has said so */
    CHILD_JOB,      /* child_job: work was sent */
    CHILD_ANSWERED, /* child_answered */
    CHILD_STOP,     /* child_stop */
    CHILD_GONE,     /* the process has ended or was killed */
    CHILD_RESTED,   /* the throttle's time is over */
    CHILD_EVENTS
} child_event_t;

/* What is due at a time. */
typedef enum {
    CHILD_NOTHING,    /* go on */
    CHILD_LATE_START, /* kill: it is not ready in time */
    CHILD_SILENT,     /* kill: nothing was heard of its job for too long */
    CHILD_OVERDUE,    /* kill: its job has passed its own deadline */
    CHILD_LATE_END,   /* kill: told to end, it did not */
    CHILD_AWAKE,      /* the rest is over: the event RESTED */
} child_verdict_t;

/* How long, how often. Microseconds; 0 = no limit. */
typedef struct {
    int64_t start_us;     /* from START to READY */
    int64_t silence_us;   /* of a child with a job */
    int64_t stop_us;      /* from STOP to GONE */
    int64_t rest_us;      /* first rest; doubles with each early death */
    int64_t rest_most_us; /* longest rest */
    int deaths_most;      /* early deaths in a row after which it is given up; 0 = never */
} child_terms_t;

/* Plain data; zeroed it is DOWN. */
typedef struct {
    child_state_t state;
    bool worked;       /* this process has answered a job */
    int early_deaths;  /* in a row, before a first job */
    int64_t since_us;  /* start, last sign of progress of the job, or stop */
    int64_t due_us;    /* the job's own deadline; INT64_MAX = none */
    int64_t rested_us; /* end of the rest */
} child_policy_t;

/* Takes an event; one that the state does not allow is a programming error. due_us is the job's deadline for JOB
 * (INT64_MAX = none), unused else. */
void child_policy_event(child_policy_t *policy, const child_terms_t *terms, child_event_t event, int64_t now_us,
                        int64_t due_us);

/* A sign of progress: the silence begins again. */
void child_policy_alive(child_policy_t *policy, int64_t now_us);

/* The time of the next verdict other than CHILD_NOTHING; INT64_MAX = none. */
int64_t child_policy_due(const child_policy_t *policy, const child_terms_t *terms);

child_verdict_t child_policy_verdict(const child_policy_t *policy, const child_terms_t *terms, int64_t now_us);

/* Whether so many processes died early that it is not worth starting one more. */
bool child_policy_gave_up(const child_policy_t *policy, const child_terms_t *terms);

/* The transition of the table: the state after the event, or -1 where the event is a programming error. */
int child_next(child_state_t state, child_event_t event, bool worked);

const char *child_state_name(child_state_t state);

#endif
