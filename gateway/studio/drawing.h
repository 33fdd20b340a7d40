/* drawing: one picture that is being made, whoever waits for it, and the table of all of them. A picture that is asked
 * for twice is drawn once: both wait for the same drawing.
 *
 *     drawings_add ──▶ ASKED ──▶ OUT (a job of the link's) ──drawing_end──▶ ENDED, well or not ──REMEMBER──▶ (gone)
 *
 * One that has ended is remembered for a moment, for those who have looked into the store before it came there. Pure;
 * the studio's lock is held around every call.
 */
#ifndef YOGI_GATEWAY_DRAWING_H
#define YOGI_GATEWAY_DRAWING_H

#include "gateway/store/pictures.h"
#include "proto/base/fault.h"
#include "proto/base/hash.h"
#include "proto/base/ident.h"

#include <stdbool.h>

typedef enum { DRAWING_ASKED, DRAWING_OUT, DRAWING_ENDED } drawing_state_t;

typedef struct drawing {
    struct drawing *next;
    drawing_state_t state;
    char print[HASH_HEX];  /* what it shows */
    picture_place_t place; /* its texts are the drawing's own */
    ident_t job;           /* at the brokers */
    uint64_t epoch;        /* of the job */
    bool sketched;         /* its dossier is being made */
    int64_t since_us;      /* when it was asked for, or has ended */
    fault_t fault;         /* ENDED: why it came to nothing */
    uint64_t *tickets;     /* of calls that wait */
    size_t count, room;    /* of them */
} drawing_t;

/* Plain data; {0} is empty. */
typedef struct {
    drawing_t *first;
    size_t count;   /* in the table */
    size_t in_hand; /* of them, not ended */
} drawings_t;

/* MOST: pictures at once; each takes some hundred bytes here. REMEMBER: how long one that has ended stays. */
enum { DRAWINGS_MOST = 256, DRAWINGS_REMEMBER_US = 3000000 };

/* NULL when there is none. */
drawing_t *drawings_find(const drawings_t *drawings, const picture_place_t *place, const char *print);
drawing_t *drawings_of_job(const drawings_t *drawings, ident_t job);

/* A new one, with copies of the texts. NULL when there are DRAWINGS_MOST. */
drawing_t *drawings_add(drawings_t *drawings, const picture_place_t *place, const char *print, ident_t job,
                        int64_t now_us);

/* The call of this ticket is to be woken at its end. */
void drawing_await(drawing_t *drawing, uint64_t ticket);

/* fault: NULL where it went well. */
void drawing_end(drawings_t *drawings, drawing_t *drawing, const fault_t *fault, int64_t now_us);

/* Forgets one that has ended. */
void drawings_forget(drawings_t *drawings, drawing_t *drawing);

/* Forgets those that ended long enough ago. */
void drawings_sweep(drawings_t *drawings, int64_t now_us);

void drawings_free(drawings_t *drawings);

#endif
