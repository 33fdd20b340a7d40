/* desk: one stage and the queue that its dossiers go to: what is out, by number and by the id of its job. For giving.c
 * and courier.c. The states are those of giving.h; desk_set is the one place that sets one.
 */
#ifndef YOGI_BRIDGE_DESK_H
#define YOGI_BRIDGE_DESK_H

#include "actors/bridge/calls.h"
#include "proto/message.h"

typedef enum { GIFT_FREE, GIFT_NEW, GIFT_ADDING, GIFT_ASKING, GIFT_WAITING, GIFT_READING, GIFT_STATES } gift_state_t;

/* Bytes of a job's id, "RUN-STAGE-ATTEMPT", and of what is told of a reason. */
enum { GIFT_ID_BYTES = 128, GIFT_REASON_BYTES = 400 };

/* A dossier that is out. */
typedef struct {
    gift_state_t state;
    bool met;          /* its job had been there before it was added */
    uint32_t link;     /* place after the next one with the same hash, or that is free; 0 = none */
    uint32_t turn;     /* which one in this place; answers to another are dropped */
    uint32_t duty;     /* its number in the ledger */
    message_t message; /* JOB, as it came; its slices hold as long */
    int64_t begun_us;  /* when it was taken */
    int64_t due_us;    /* NEW: to be added then; WAITING: to be asked for then (desk_due) */
    int64_t began_ms;  /* Unix time of begun_us, for the trail */
    char *reason;      /* READING: why it failed; owned */
    char id[GIFT_ID_BYTES];
} gift_t;

/* Plain data but for what desk_init takes. */
typedef struct {
    const char *stage, *queue; /* borrowed */
    uint32_t number;           /* of the stage in the ledger */
    keys_t *keys;
    call_scene_t scene; /* of its major */
    bool known;         /* the major is */
    bool asked;         /* for it */
    int64_t looked_us;  /* when its major was asked for last */
    int64_t due_us;     /* no gift is due before */
    gift_t *gifts;
    uint32_t count;     /* of places */
    uint32_t free;      /* place after the first one that is free; 0 = none */
    uint32_t *heads;    /* by the hash of an id: place after the first such gift; 0 = none */
    uint32_t head_mask; /* of hashes */
    uint32_t counts[GIFT_STATES];
} desk_t;

void desk_init(desk_t *desk, const char *prefix, const char *queue, const char *stage, uint32_t number,
               uint32_t places);
void desk_free(desk_t *desk);

/* A gift that is FREE is not found any more, and its place may be taken. */
void desk_set(desk_t *desk, gift_t *gift, gift_state_t state);
void desk_due(desk_t *desk, gift_t *gift, int64_t due_us);

/* A free place, which is NEW from now on, with the id that follows from the message. NULL: none is free. */
gift_t *desk_take(desk_t *desk, const message_t *message, uint32_t duty);

/* By the id of its job; NULL = it is none of ours. Two brokers may have given the same attempt: desk_twin is the next
 * one with this one's id, NULL = none. */
gift_t *desk_find(const desk_t *desk, const char *id);
gift_t *desk_twin(const desk_t *desk, const gift_t *gift);
gift_t *desk_of_duty(const desk_t *desk, uint32_t duty);
uint32_t desk_out(const desk_t *desk); /* that are not free */

#endif
