/* blobs: which objects are there, under tenant/sha256, and who relies on them. The objects themselves are elsewhere;
 * what stands here decides when they may go, so that no document is ever without its bytes.
 *
 *                 holds_take           documents_accept, pictures_put
 *     (none) ────────────────▶ PENDING ───────────────────────▶ PRESENT
 *        ▲                     │    ▲                              │
 *        │ holds_forget        │    └── documents_delete of the ───┤ … whose hold is over
 *        │                     ▼        last one that has it, or   │
 *        └────────────── DELETING ◀──── another picture in its ────┘
 *                                       place, while it is held
 *                           holds_doomed: PENDING whose hold is over; holds_strays: an object without a row
 *
 * An upload, or the picture of a page (pictures.h), holds the blob, puts the object (unless it is PRESENT), and is
 * accepted with the `birth` that the hold gave. If the object was removed in between, the birth is another one or
 * DELETING is met (VERDICT_BLOB_AWAY): hold and put again. Whoever removes objects has them to itself for lease_ms
 * (holds_doomed), and must be done or have given up by then.
 *
 * Called in tasks of the store (store.h).
 */
#ifndef YOGI_GATEWAY_HOLDS_H
#define YOGI_GATEWAY_HOLDS_H

#include "proto/base/arena.h"
#include "session.h"

typedef struct {
    bool present;      /* the object is there and need not be put */
    const char *birth; /* for documents_accept */
} hold_t;

/* The object will not go for hold_ms. birth: a new id, in case the blob is new. DONE, or BLOB_AWAY: it is just being
 * removed, ask again soon. A hold may be forgotten with the database's machine (STORE_RELAXED): then the blob is
 * BLOB_AWAY at the end. */
int holds_take(session_t *session, const char *tenant, const char *sha256, int64_t bytes, int64_t hold_ms,
               const char *birth, arena_t *arena, hold_t *hold, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

typedef struct {
    const char *tenant, *sha256;
    int64_t bytes; /* -1 = not known */
} doomed_t;

typedef struct {
    doomed_t *rows;
    size_t count;
} doomed_list_t;

/* Up to limit objects to be removed by the caller, within lease_ms; then holds_forget. */
int holds_doomed(session_t *session, int64_t lease_ms, int64_t limit, arena_t *arena, doomed_list_t *list,
                 fault_t *fault) __attribute__((warn_unused_result));

/* Of the objects with these keys (a JSON array of "tenant/sha256") those that no row knows, as a database has forgotten
 * a hold. They are DELETING from now on, to be removed by the caller within lease_ms; then holds_forget. */
int holds_strays(session_t *session, view_t keys, int64_t lease_ms, arena_t *arena, doomed_list_t *list, fault_t *fault)
    __attribute__((warn_unused_result));

/* The object could not be removed, or was not reached: it is anybody's to remove after rest_ms, in which a removal that
 * the caller has begun must come to its end. Before the lease is over. */
int holds_spare(session_t *session, const doomed_t *doomed, int64_t rest_ms, fault_t *fault)
    __attribute__((warn_unused_result));

/* The object has been removed. */
int holds_forget(session_t *session, const char *tenant, const char *sha256, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
