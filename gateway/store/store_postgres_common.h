/* store_postgres_common: what the rooms of PostgreSQL have in common: what libpq and the server say as faults, and
 * rows. */
#ifndef YOGI_GATEWAY_STORE_POSTGRES_COMMON_H
#define YOGI_GATEWAY_STORE_POSTGRES_COMMON_H

#include "proto/base/fault.h"
#include "sql.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* The connection (NULL: there is none) is of no more use. Returns -1. */
int postgres_fault_lost(const PGconn *connection, const char *what, fault_t *fault);

/* The answer is no good one. Tells whether the connection is of no more use (*lost is left alone where it is), and
 * whether the same transaction may succeed another time. Returns -1. */
int postgres_fault_result(const PGconn *connection, const PGresult *result, const char *what, bool *lost, bool *again,
                          fault_t *fault);

/* Whether a new connection is to a server that we know; from now on its notices are nobody's. */
int postgres_check(PGconn *connection, fault_t *fault);

/* The rows of an answer, in the arena. */
void postgres_take_rows(const PGresult *result, arena_t *arena, sql_rows_t *rows);

#endif
