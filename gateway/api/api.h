/* api: the routes of /api/v1, and what their handlers have in common.
 *
 * A handler runs in a thread of the HTTP server and may wait for the store and the blobs. Its owner is the gateway.
 * Whatever the store cannot do is answered here: 503 with Retry-After while the database is away, 400 for texts that it
 * refuses.
 */
#ifndef YOGI_GATEWAY_API_H
#define YOGI_GATEWAY_API_H

#include "gateway/gateway.h"
#include "gateway/store/documents.h"

/* What a caller's key lets it do; rights of a route are these bits. */
typedef enum {
    RIGHT_READ = 1,  /* see what is its tenant's */
    RIGHT_WRITE = 2, /* hand in, correct, delete */
    RIGHT_ADMIN = 4, /* look after the system */
    RIGHT_WATCH = 8, /* see how the system is: queues, metrics */
} right_t;

/* Who asks; in the call's arena. */
typedef struct {
    const char *tenant;
    const char *key; /* id of its API key; NULL = none was needed */
    uint32_t rights; /* right_t bits */
    void *memo;      /* what a handler keeps for the time that it runs again */
} caller_t;

caller_t *api_caller(const call_t *call);

/* All routes, and the check before each. */
const route_t *api_routes(size_t *count);
bool api_admit(call_t *call, void *gateway);
bool api_admits_at_once(call_t *call, void *gateway); /* whether that check asks neither the store nor the network */

/* Runs a task of the store for a call and waits for it; false after it has answered. */
bool api_store(call_t *call, gateway_t *gateway, store_kind_t kind, store_run_fn *run, void *context)
    __attribute__((warn_unused_result));

/* Answers a fault that did not come from the store. */
void api_fault(call_t *call, const fault_t *fault);

/* A document that is not there, or another tenant's: the same answer. */
void api_no_document(call_t *call);

/* Where a list goes on, as the header X-Next-Cursor has told it: "cursor~id" of the query; both NULL where there is
 * none. false after it has answered. */
bool api_cursor(call_t *call, const char **cursor, const char **after) __attribute__((warn_unused_result));

/* Tells where the list goes on, behind its last row. */
void api_say_next(call_t *call, const char *cursor, const char *id);

/* A new id as text, in the call's arena. */
const char *api_id(call_t *call);

#endif
