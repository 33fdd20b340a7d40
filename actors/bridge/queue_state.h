/* queue_state: what a queue has in hand; for queue.c (fetching and what is done now and then), queue_slot.c (jobs),
 * queue_recover.c (jobs that were lost) and queue_line.c, below them. */
#ifndef YOGI_BRIDGE_QUEUE_STATE_H
#define YOGI_BRIDGE_QUEUE_STATE_H

#include "fetching.h"
#include "queue.h"

/* After a fetch was lost with its connection: jobs may be this bridge's that it does not know of. */
typedef enum { RECOVER_NOTHING, RECOVER_WANTED, RECOVER_LISTING, RECOVER_ASKING } recover_t;

typedef enum {
    SLOT_FREE,
    SLOT_FETCHING,
    SLOT_SCHEDULING,
    SLOT_GATHERING,
    SLOT_WORKING,
    SLOT_ENDING,
    SLOT_STATES
} slot_state_t;

typedef struct {
    slot_state_t state;
    uint32_t next;  /* FREE: the next free one + 1 */
    uint64_t turn;  /* number of the job that is in it */
    uint64_t held;  /* by the renewer under this number */
    arena_t *arena; /* of the job and the outcome */
    job_t job;
    upshot_t upshot;      /* from queue_end on */
    ending_kind_t ending; /* ENDING: what was sent */
    int64_t
        due_us;    /* WORKING: its outcome is due then (0 = it is awaited); ENDING, SCHEDULING: to be sent again then */
    bool due;      /* due_us counts */
    bool recorded; /* something is kept of it in Redis */
    bool certain;  /* SCHEDULING: it is a scheduler's */
    bool sent;     /* ENDING, SCHEDULING: the call is on its way */
    bool doubt;    /* ENDING: it was sent before, and the answer was lost */
    uint32_t tries; /* calls that were refused by an error */
} slot_t;

struct queue {
    queue_plan_t plan;
    keys_t *keys;
    call_scene_t scene; /* token NULL = the major is not known yet */
    fetching_t fetching;
    slot_t *slots;
    uint32_t free_first; /* + 1; 0 = none */
    uint32_t counts[SLOT_STATES];
    uint32_t dues;     /* slots with `due` */
    uint64_t turns;    /* jobs so far */
    redis_t *waiter;   /* waits for the marker */
    char *waiter_name; /* for getWorkers */
    chance_t chance;
    redis_answer_fn *take;  /* answers to what is sent */
    buf_t command;          /* that is being put together */
    tally_t tally, written; /* now, and as it stands in Redis */
    recover_t recover;
    arena_t *strays; /* RECOVER_ASKING: ids in `active` that are in no slot */
    span_t *stray_ids;
    uint32_t stray_count, stray_left; /* of them, and answers to come */
    bool stopped;
    bool is_fetching; /* it was asked for jobs once */
    bool refused;     /* it is one of BullMQ 4 or older */
    bool unsaid;      /* nobody has said its version yet */
    bool asked_meta;  /* on its way */
    bool asked_stalled;
    int64_t meta_us, stalled_us, tally_us; /* due */
    int64_t complain_us;                   /* the same complaint is not logged before */
    int64_t now_us;                        /* of this step */
    int64_t now_ms;                        /* Unix time of it */
};

/* What an answer is to; the slot stands beside it in the tag. */
typedef enum {
    ASKED_FETCH,
    ASKED_END,
    ASKED_SCHEDULER,
    ASKED_SCHEDULE,
    ASKED_GATHER,
    ASKED_RECALL,
    ASKED_GIVE_BACK,
    ASKED_NOTE, /* progress, a row of the log */
    ASKED_ACTIVE,
    ASKED_LOCK,
    ASKED_ADOPT,
    ASKED_META,
    ASKED_STALLED,
    ASKED_MARKER,
    ASKED_TALLY,
    ASKED_COUNT
} asked_t;

/* ---- queue_line.c ---- */

void slot_set(queue_t *queue, uint32_t slot, slot_state_t state); /* the one setter */

/* Sends queue->command by the slot's connection and empties it. false when it is not up. */
bool queue_send(queue_t *queue, asked_t asked, uint32_t slot);

/* Logs that a script has answered by an error, now and then, and counts it. */
void queue_complain(queue_t *queue, const char *what, span_t id, const char *text);

/* A free slot whose connection is up, out of the list; UINT32_MAX when there is none. */
uint32_t queue_take_free(queue_t *queue);

/* ---- queue_recover.c ---- */

void recover_step(queue_t *queue);                         /* goes on */
void recover_listed(queue_t *queue, const reply_t *reply); /* NULL = lost */
void recover_lock(queue_t *queue, uint32_t stray, const reply_t *reply);

/* ---- queue_slot.c ---- */

void slot_fetched(queue_t *queue, uint32_t slot, const reply_t *reply); /* NULL = lost */
void slot_adopt(queue_t *queue, uint32_t slot, const reply_t *hash);    /* its job.id is set; NULL or empty = none */
void slot_ended(queue_t *queue, uint32_t slot, const reply_t *reply);
void slot_scheduler(queue_t *queue, uint32_t slot, const reply_t *reply); /* whether its scheduler is one */
void slot_scheduled(queue_t *queue, uint32_t slot, const reply_t *reply);
void slot_recalled(queue_t *queue, uint32_t slot, const reply_t *reply);
void slot_gathered(queue_t *queue, uint32_t slot, const reply_t *reply);
void slot_given_back(queue_t *queue, uint32_t slot, const reply_t *reply);
void slots_step(queue_t *queue, int64_t *next_us); /* what is due */
void slots_resend(queue_t *queue);                 /* a connection is up again */

#endif
