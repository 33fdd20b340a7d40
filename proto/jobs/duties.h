/* duties: the jobs in hand of a host, by token and from state to state, and what each broker has of them.
 *
 * The ground floor of jobs.h, which draws the states: it decides nothing and says nothing. duties_move, inside, is the
 * one place that sets a state.
 */
#ifndef YOGI_JOBS_DUTIES_H
#define YOGI_JOBS_DUTIES_H

#include "proto/base/directory.h"
#include "proto/base/heap.h"
#include "proto/message.h"

#define DUTY_NONE UINT32_MAX

/* Brokers of one host. */
enum { DUTIES_BROKERS_MOST = 16 };

typedef enum { DUTY_FREE, DUTY_WAITING, DUTY_PREPARED, DUTY_RUNNING, DUTY_ANSWERED, DUTY_STATES } duty_state_t;

/* One job in hand. */
typedef struct {
    uint8_t state;       /* duty_state_t */
    uint8_t stage;       /* place in the options of jobs.h */
    bool cancelled;      /* RUNNING: called off, its worker is being ended */
    uint32_t number;     /* its own */
    uint32_t broker;     /* that it is for */
    uint32_t prev, next; /* in the list of its state: answered ones, oldest sent first; or running, or prepared ones */
    int64_t since_us;    /* PREPARED, RUNNING: when it became so */
    int64_t sent_us;     /* ANSWERED: last time */
    int64_t answered_us; /* ANSWERED: when */
    message_t message;   /* before ANSWERED: the JOB; ANSWERED: the answer. Its slices lie in bytes */
    buf_t bytes;         /* the encoded message */
} duty_t;

typedef struct {
    uint32_t first, last, count;
} duty_list_t;

/* What a broker has here of one stage. */
typedef struct {
    heap_t waiting; /* jobs for a worker: by priority, then as they came */
    uint32_t held;  /* jobs of this stage, in any state */
    uint32_t open;  /* of them, those not answered: as the broker counts its slots */
    uint32_t peak;  /* most of them since its reader set it to held */
} duty_share_t;

/* What a broker has here. */
typedef struct {
    uint32_t held;   /* tokens */
    uint64_t digest; /* of them */
    duty_share_t stages[MESSAGE_NAMES_MOST];
} duty_account_t;

/* Read by everybody above; changed by the functions below (and peak). */
typedef struct {
    duty_t *all;                   /* by number */
    uint32_t room;                 /* of the table */
    uint32_t count;                /* in hand */
    uint32_t free;                 /* first free one, chained through next */
    directory_t directory;         /* token → number */
    heap_places_t places;          /* of waiting jobs */
    duty_list_t answered;          /* oldest sent first */
    duty_list_t prepared, running; /* oldest first */
    uint64_t order;                /* last place given */
    duty_account_t accounts[DUTIES_BROKERS_MOST];
} duties_t;

/* An empty table in place: it must not move afterwards. The seed is of the directory. */
void duties_open(duties_t *duties, uint64_t seed);
void duties_close(duties_t *duties);

/* NULL when no job in hand has the token. */
duty_t *duties_find(const duties_t *duties, token_t token);

/* The first of those that wait; NULL = none does. */
duty_t *duties_first(const duties_t *duties, uint32_t broker, uint32_t stage);

/* The one that would be the last of them to be begun; as above. */
duty_t *duties_last(const duties_t *duties, uint32_t broker, uint32_t stage);

/* One that waits, with its own copy of the JOB. */
duty_t *duties_add(duties_t *duties, uint32_t broker, uint32_t stage, const message_t *job);

void duties_prepare(duties_t *duties, duty_t *duty, int64_t now_us); /* WAITING → PREPARED */
void duties_begin(duties_t *duties, duty_t *duty, int64_t now_us);   /* WAITING, PREPARED → RUNNING */

void duties_put_back(duties_t *duties, duty_t *duty); /* RUNNING → WAITING */

/* RUNNING → ANSWERED, with its own copy of the answer. */
void duties_answer(duties_t *duties, duty_t *duty, const message_t *answer, int64_t now_us);

/* The answer was sent (again): to the end of those sent. */
void duties_sent(duties_t *duties, duty_t *duty, int64_t now_us);

void duties_remove(duties_t *duties, duty_t *duty); /* one that does not run */

/* Asserts that lists, counts and digests agree, for so many brokers and stages. For tests. */
void duties_audit(const duties_t *duties, uint32_t brokers, uint32_t stages);

#endif
