/* lobby: calls that wait for something, found by a number from any thread, and given back when it happens or when
 * their time is over.
 */
#ifndef YOGI_HTTP_LOBBY_H
#define YOGI_HTTP_LOBBY_H

#include <stdint.h>

typedef struct lobby lobby_t;

/* Called when a thing's time is over, in the lobby's own thread; it is in the lobby no more. */
typedef void lobby_due_fn(void *thing);

lobby_t *lobby_new(lobby_due_fn *due);

/* Hands everything that is still in it to `due`; takes NULL; nulls the caller's pointer. */
void lobby_destroy(lobby_t **lobby);

/* A number for the thing, which is not here yet: a wake before lobby_settle is kept. Never 0, never used again. */
uint64_t lobby_name(lobby_t *lobby, void *thing);

/* The thing waits from now on for so many milliseconds. NULL, or the thing when it was woken meanwhile; then it is not
 * here. */
void *lobby_settle(lobby_t *lobby, uint64_t number, int64_t ms) __attribute__((warn_unused_result));

/* The number means nothing any more. */
void lobby_forget(lobby_t *lobby, uint64_t number);

/* Takes the thing out to be gone on with; NULL where there is none of that number, or where it is not settled yet. */
void *lobby_wake(lobby_t *lobby, uint64_t number) __attribute__((warn_unused_result));

/* Everything that waits is due now. */
void lobby_wake_all(lobby_t *lobby);

uint64_t lobby_count(lobby_t *lobby); /* that wait */

#endif
