/* bell: who waits for documents, and is told when something about one has changed.
 *
 * A call that waits (?wait=SECONDS) looks into the store again when the bell is rung; it looks now and then by itself
 * too, since another gateway may have done the work. Rung from any thread.
 */
#ifndef YOGI_GATEWAY_BELL_H
#define YOGI_GATEWAY_BELL_H

#include "http/http.h"

typedef struct bell bell_t;

bell_t *bell_new(void);
void bell_destroy(bell_t **bell); /* takes NULL; nulls the caller's pointer */

/* The call of this ticket is to be woken once, at the next ring. */
void bell_wait(bell_t *bell, call_number_t ticket);

/* Wakes all that wait. */
void bell_ring(bell_t *bell, http_t *http);

#endif
