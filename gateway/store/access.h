/* access: who may come in: tenants, API keys and the tokens of feeds. Keys and tokens are known by their SHA-256 alone;
 * they are random enough (256 bits) to need no salt. Called in tasks of the store (store.h).
 */
#ifndef YOGI_GATEWAY_ACCESS_H
#define YOGI_GATEWAY_ACCESS_H

#include "proto/base/arena.h"
#include "session.h"

/* ---- tenants ---- */

typedef struct {
    const char *id, *name;
    int64_t created_ms;
} tenant_row_t;

typedef struct {
    tenant_row_t *rows;
    size_t count;
} tenant_list_t;

/* DONE, or ALREADY: it is there, and keeps its name. An id is 1 to 64 of a-z, 0-9, - and _ (FAULT_INPUT). */
int tenants_add(session_t *session, view_t id, view_t name, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* By id, behind one ("" = from the first). */
int tenants_list(session_t *session, const char *after, int64_t limit, arena_t *arena, tenant_list_t *list,
                 fault_t *fault) __attribute__((warn_unused_result));

/* ---- keys ---- */

typedef struct {
    const char *id, *tenant, *name, *role;      /* role: teacher, admin, service */
    int64_t created_ms, expires_ms, revoked_ms; /* Unix time; 0 = never */
} key_row_t;

typedef struct {
    key_row_t *rows;
    size_t count;
} key_list_t;

/* A new key (id and hash are the caller's), valid for so long (0 = for ever). A tenant or a role that there is not is
 * FAULT_INPUT. */
int keys_add(session_t *session, const char *id, const char *tenant, view_t name, const char *role, const char *hash,
             int64_t valid_ms, fault_t *fault) __attribute__((warn_unused_result));

/* The key of this hash. DONE, or NOT_FOUND: there is none, or it is not valid any more. */
int keys_find(session_t *session, const char *hash, arena_t *arena, key_row_t *row, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* By id, behind one ("" = from the first); the revoked ones too. */
int keys_list(session_t *session, const char *tenant, const char *after, int64_t limit, arena_t *arena,
              key_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

/* DONE (also for the second time) or NOT_FOUND. */
int keys_revoke(session_t *session, const char *tenant, view_t id, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* ---- feeds ---- */

/* A token that opens the calendar of one document. DONE or NOT_FOUND. */
int feeds_add(session_t *session, const char *hash, const char *tenant, view_t document, verdict_t *verdict,
              fault_t *fault) __attribute__((warn_unused_result));

typedef struct {
    const char *tenant, *document;
} feed_t;

int feeds_find(session_t *session, const char *hash, arena_t *arena, feed_t *feed, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* All tokens of a document end. */
int feeds_revoke(session_t *session, const char *tenant, view_t document, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
