/* store_postgres: connections to PostgreSQL (13 or later). The only room that knows libpq.
 *
 * A transaction travels as one pipeline: statements whose rows nobody wants are sent with the next one that somebody
 * wants, so that most transactions take one or two journeys. Statements are prepared once a connection, but behind a
 * pooler in transaction mode none is. Every wait has a deadline of its own, beside the server's statement_timeout: a
 * server that has vanished does not answer that.
 */
#ifndef YOGI_GATEWAY_STORE_POSTGRES_H
#define YOGI_GATEWAY_STORE_POSTGRES_H

#include "bulk.h"
#include "database.h"
#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/settings.h"

/* Most keywords of a connection: libpq 15 knows 42. */
enum { POSTGRES_WORDS_MOST = 56 };

/* Where the database is, and how to talk to it. Plain data in the arena that it was made in. */
typedef struct {
    const char *keywords[POSTGRES_WORDS_MOST]; /* NULL-ended, as PQconnectdbParams takes them */
    const char *values[POSTGRES_WORDS_MOST];
    bool pooled;        /* a pooler in transaction mode is between */
    int64_t timeout_ms; /* of a statement */
} postgres_plan_t;

/* Whether the settings name a PostgreSQL database at all. */
bool postgres_wanted(const settings_t *settings);

/* Fills the plan. DATABASE_URL goes before POSTGRES_*; where they differ, a line in warnings says so. -1 with the fault
 * where it cannot be understood. */
int postgres_plan(const settings_t *settings, arena_t *arena, postgres_plan_t *plan, buf_t *warnings, fault_t *fault)
    __attribute__((warn_unused_result));

/* A connection that is not made yet. The plan must outlive it. */
database_t *postgres_new(const postgres_plan_t *plan);

/* A connection for whole tables (bulk.h). The plan is only needed for the call. NULL with the fault. */
bulk_t *postgres_bulk_new(const postgres_plan_t *plan, fault_t *fault);

#endif
