/* link: an owner's end of its brokers, without sockets, disk or clock. It puts jobs through to one broker each, hands
 * on what comes back, and moves what a silent broker had to another.
 *
 * For:   the gateway, the bridge and the test owner, through a loop that turns frames into link_take and LINK_SEND into
 *        frames; and the simulation. One thread.
 * Rule:  the owner has a job on its disk before link_own, and a result before link_settle. The link holds no documents:
 *        it asks for each one when it may be sent (LINK_WANT), first and whenever a broker has forgotten it.
 * Epoch: the owner's counter for the job, on the same disk. A job belongs to one (broker, epoch) at a time; whatever
 *        comes from elsewhere is acknowledged, called off and dropped here. A move takes the next epoch: LINK_RAISE
 *        asks the owner to write it down.
 * Never: waits, reads a clock, keeps what it was handed.
 *
 *     link_own ──▶ WAITING ──LINK_WANT──▶ WANTED ──link_submit──▶ SENT ──ACCEPTED──▶ THERE ──FINISHED──▶ ENDED
 *                    ▲ ▲ ▲                   │                    │  │                 │                    │
 *                    │ │ └─────no answer─────┴───────busy─────────┘  │                 │               link_settle
 *                    │ └────the broker has forgotten it──────────────┴─────────────────┤                    ▼
 *                    └──link_own (epoch + 1)── RAISING ◀── silent broker, expired URL ─┘                 (gone)
 *
 * Every function that takes `now` replaces the actions; link_actions gives those of the last one. Bodies in them are
 * borrowed: from the message that was taken, or from the one that was submitted.
 */
#ifndef YOGI_LINK_H
#define YOGI_LINK_H

#include "message.h"

typedef struct link link_t;

typedef enum {
    LINK_SEND,      /* send message to broker */
    LINK_WANT,      /* call link_submit with the job as it now stands on disk, under this epoch; or link_disown */
    LINK_RAISE,     /* write this epoch down for the job, then call link_own with it; or link_disown */
    LINK_PROGRESS,  /* message: for people */
    LINK_RECORD,    /* message: to disk, then link_settle */
    LINK_FINISHED,  /* message: to disk, then link_settle */
    LINK_CANCELLED, /* the job is nowhere any more; forgotten here */
    LINK_REFUSED,   /* message (REFUSED): no broker will ever take it like this; forgotten here */
    LINK_LOST,      /* somebody has the job under a higher epoch; forgotten here */
    LINK_STATS,     /* message: a broker's figures */
} link_kind_t;

typedef struct {
    link_kind_t kind;
    uint32_t broker; /* number of the broker, as given to link_broker; of LINK_SEND and what came from one */
    ident_t job;     /* of what concerns one */
    uint64_t epoch;  /* LINK_WANT, LINK_RAISE, LINK_LOST … */
    message_t message;
} link_action_t;

typedef struct {
    ident_t instance;   /* of this process, random */
    uint64_t seed;      /* of hashes */
    const char *name;   /* for people; borrowed */
    uint32_t window;    /* unsettled RECORDs and FINISHED that a broker may have on the way */
    uint32_t hello_ms;  /* HELLO again when no WELCOME comes */
    uint32_t answer_ms; /* SUBMIT or CANCEL again when no answer comes */
    uint32_t move_ms;   /* a broker silent that long loses its jobs to another, if there is one */
} link_options_t;

/* Brokers of one owner. */
enum { LINK_BROKERS_MOST = 16 };

link_options_t link_defaults(void); /* instance, seed and name are to be filled in */
link_t *link_new(const link_options_t *options, int64_t now_us);
void link_destroy(link_t **link);

/* One more broker, from now on; says HELLO. Returns its number, from 0. At most LINK_BROKERS_MOST (asserted). */
uint32_t link_broker(link_t *link, int64_t now_us);

/* The job is this owner's, and on its disk under this epoch. Known under a lower one: raised. Not below a known one
 * (ignored). */
void link_own(link_t *link, ident_t job, uint64_t epoch, int64_t now_us);

/* The SUBMIT that LINK_WANT asked for; one that nobody wants any more is ignored. */
void link_submit(link_t *link, const message_t *submit, int64_t now_us);

/* What LINK_RECORD or LINK_FINISHED brought from this broker is on disk. After a FINISHED the job is gone here. */
void link_settle(link_t *link, uint32_t broker, const message_t *message, int64_t now_us);

/* Call the job off. It ends with LINK_FINISHED (cancelled, or how it ended meanwhile) or LINK_CANCELLED. */
void link_cancel(link_t *link, ident_t job, int64_t now_us);

/* The job is not this owner's any more. Nothing more is told of it. */
void link_disown(link_t *link, ident_t job, int64_t now_us);

/* Asks every connected broker for its figures. */
void link_ask_stats(link_t *link, uint64_t number, int64_t now_us);

/* This owner does not come back: brokers need not keep anything for it. Jobs that have not ended are dropped there. */
void link_leave(link_t *link, int64_t now_us);

void link_take(link_t *link, uint32_t broker, const message_t *message, int64_t now_us); /* from a broker */
void link_tick(link_t *link, int64_t now_us);
int64_t link_deadline(const link_t *link); /* when link_tick is due */

const link_action_t *link_actions(const link_t *link, size_t *count);

uint32_t link_jobs(const link_t *link);                   /* that it has */
bool link_connected(const link_t *link, uint32_t broker); /* whether that broker has said WELCOME and is heard */

/* Asserts that lists, counts and timers agree. For tests. */
void link_audit(const link_t *link);

#endif
