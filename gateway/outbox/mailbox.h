/* mailbox: what other threads tell the outbox's, or the importer's: errands that the store has done, runs that were
 * accepted, wishes to look for what was called off.
 */
#ifndef YOGI_GATEWAY_MAILBOX_H
#define YOGI_GATEWAY_MAILBOX_H

#include "errand.h"

#include <pthread.h>

/* A word of another thread; free it. */
typedef struct note {
    struct note *next;
    ident_t job;    /* accepted; none = look */
    errand_t *want; /* everything about it, taken along; NULL = the store knows */
} note_t;

/* Read and written by its functions alone, but for the descriptor, which becomes readable when there is something. */
typedef struct {
    int bell; /* eventfd */
    pthread_mutex_t lock;
    errand_t *done, **done_end;
    note_t *notes, **notes_end;
} mailbox_t;

/* -1 with the fault; then there is nothing to end. */
int mailbox_begin(mailbox_t *mailbox, fault_t *fault) __attribute__((warn_unused_result));

/* Destroys what is in it. */
void mailbox_end(mailbox_t *mailbox);

void mailbox_ring(mailbox_t *mailbox);                   /* without a word */
void mailbox_done(mailbox_t *mailbox, errand_t *errand); /* takes it */
void mailbox_note(mailbox_t *mailbox, ident_t job, errand_t *want);

/* Everything that is in it, in its order: the caller's, linked by `mail` and `next`. */
void mailbox_take(mailbox_t *mailbox, errand_t **done, note_t **notes);

#endif
