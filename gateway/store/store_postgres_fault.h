/* store_postgres_fault: what libpq and the server say, as faults. For the other rooms of PostgreSQL. */
#ifndef YOGI_GATEWAY_STORE_POSTGRES_FAULT_H
#define YOGI_GATEWAY_STORE_POSTGRES_FAULT_H

#include "proto/base/fault.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* The connection (NULL: there is none) is of no more use. Returns -1. */
int postgres_fault_lost(const PGconn *connection, const char *what, fault_t *fault);

/* The answer is no good one. Tells whether the connection is of no more use (*lost is left alone where it is), and
 * whether the same transaction may succeed another time. Returns -1. */
int postgres_fault_result(const PGconn *connection, const PGresult *result, const char *what, bool *lost, bool *again,
                          fault_t *fault);

#endif
