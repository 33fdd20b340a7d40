/* chore: what takes time and is done beside the studio's link, one after the other, in a thread of its own: a sketch
 * for a job, or the keeping of what was drawn. Handed in from the studio's thread, and handed back done to it.
 */
#ifndef YOGI_GATEWAY_CHORE_H
#define YOGI_GATEWAY_CHORE_H

#include "easel.h"
#include "proto/base/arena.h"
#include "proto/message.h"

typedef enum { CHORE_SKETCH, CHORE_KEEP } chore_kind_t;

typedef struct chore {
    struct chore *next;
    chore_kind_t kind;
    arena_t *arena; /* of its texts */
    ident_t job;
    picture_place_t place;
    char print[HASH_HEX];
    buf_t dossier;     /* SKETCH: made */
    int64_t bytes;     /* KEEP: of what was drawn */
    int fd;            /* KEEP: the file that has it; -1 = none */
    uint32_t broker;   /* KEEP: to whom it is acknowledged */
    message_t message; /* KEEP: what is; it borrows nothing */
    fault_t fault;     /* done: why it came to nothing */
} chore_t;

typedef struct chores chores_t;

/* Starts the thread. NULL with the fault. */
chores_t *chores_new(const easel_t *easel, fault_t *fault);

/* Ends the thread, after the chore in hand; the others are not done. */
void chores_stop(chores_t *chores);
void chores_destroy(chores_t **chores); /* takes NULL; nulls the caller's pointer; after chores_stop */

/* A new one for this picture, with copies of the texts. */
chore_t *chore_new(chore_kind_t kind, ident_t job, const picture_place_t *place, const char *print);
void chore_destroy(chore_t **chore);

void chores_put(chores_t *chores, chore_t *chore); /* takes it */
chore_t *chores_take(chores_t *chores);            /* one that is done, in its order; NULL = none is */
int chores_bell(const chores_t *chores);           /* descriptor, readable when chores_take may have one */
void chores_ring(chores_t *chores);                /* makes it so; from any thread */

#endif
