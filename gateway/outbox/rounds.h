/* rounds: what the outbox asks of the store again and again: to renew its lease, for runs that nobody has, for runs
 * that are its own without its knowing, for what was called off at another gateway. Each is asked when it is due, and
 * not again before the last answer has come. Pure: the clock is the caller's. One thread.
 */
#ifndef YOGI_GATEWAY_ROUNDS_H
#define YOGI_GATEWAY_ROUNDS_H

#include "errand.h"

/* Read and written by its functions alone. */
typedef struct {
    struct {
        bool going;     /* it is being asked */
        int64_t due_us; /* when it is to be asked again */
    } each[ERRAND_KINDS];
    int64_t lease_ms;
    char compared[IDENT_TEXT]; /* the last run of a MINE that was not the end of the list; "" = begin with the first */
} rounds_t;

void rounds_begin(rounds_t *rounds, int64_t lease_ms, int64_t now_us);

/* Whether it is to be asked now, which it is from here on until rounds_done. false lowers *next_us to when it is due.
 */
bool rounds_due(rounds_t *rounds, errand_kind_t kind, int64_t now_us, int64_t *next_us)
    __attribute__((warn_unused_result));

/* Writes into the errand of one that is due what it is about. */
void rounds_fill(const rounds_t *rounds, errand_t *errand);

/* The answer has come, or the fault. */
void rounds_done(rounds_t *rounds, const errand_t *errand, int64_t now_us);

/* Something was called off: it is to be looked for at once. And whether that was said and not done yet. */
void rounds_look(rounds_t *rounds);
bool rounds_looks(const rounds_t *rounds);

#endif
