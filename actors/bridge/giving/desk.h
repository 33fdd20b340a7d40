/* desk: one stage and the queue that its dossiers go to: what is out, by number and by the id of its job. For giving.c.
 * The states are those of giving.h; desk_set is the one place that sets one.
 */
#ifndef YOGI_BRIDGE_DESK_H
#define YOGI_BRIDGE_DESK_H

#include "actors/bridge/calls.h"
#include "proto/message.h"

typedef enum { GIFT_FREE, GIFT_NEW, GIFT_ADDING, GIFT_ASKING, GIFT_WAITING, GIFT_READING, GIFT_STATES } gift_state_t;

/* Bytes of a job's id, "RUN-STAGE-ATTEMPT", and of an entry's id in a stream. */
enum { GIFT_ID_BYTES = 128, DESK_PLACE_BYTES = 48 };

/* A dossier that is out. */
typedef struct {
    gift_state_t state;
    uint32_t turn;     /* which one in this place; answers to another are dropped */
    uint32_t duty;     /* its number in the ledger */
    message_t message; /* JOB, as it came; its slices hold as long */
    int64_t begun_us;  /* when it was taken */
    int64_t due_us;    /* NEW: to be added then; WAITING: to be asked for then */
    int64_t began_ms;  /* Unix time of begun_us, for the trail */
    char reason[400];  /* READING: why it failed */
    char id[GIFT_ID_BYTES];
} gift_t;

/* Plain data but for what desk_new takes. */
typedef struct {
    const char *stage, *queue; /* borrowed */
    uint32_t number;           /* of the stage in the ledger */
    keys_t *keys;
    call_scene_t scene;           /* of its major */
    bool known;                   /* the major is */
    char place[DESK_PLACE_BYTES]; /* id of the last entry of its stream that was read; "" = not known yet */
    bool asked;                   /* for both */
    int64_t looked_us;            /* when its major was asked for last */
    gift_t *gifts;
    uint32_t count; /* of places */
    uint32_t counts[GIFT_STATES];
} desk_t;

void desk_init(desk_t *desk, const char *prefix, const char *queue, const char *stage, uint32_t number,
               uint32_t places);
void desk_free(desk_t *desk);

void desk_set(desk_t *desk, gift_t *gift, gift_state_t state);

/* A free place, which is NEW from now on, with the id that follows from the message. NULL: none is free. */
gift_t *desk_take(desk_t *desk, const message_t *message, uint32_t duty);

gift_t *desk_find(const desk_t *desk, const char *id); /* by the id of its job; NULL = it is none of ours */
gift_t *desk_of_duty(const desk_t *desk, uint32_t duty);
uint32_t desk_out(const desk_t *desk); /* that are not free */

#endif
