/* database: one connection, whichever database is behind it: the interface that store_postgres and store_sqlite fill.
 *
 * Used by one thread at a time: a store thread (store.c) through session.h, and migration.c. Statements are sent in
 * their order; what is asked for by `later` may reach the server with the next `query` or `commit`, and its failure is
 * told there. Nothing here tries again: after a failure the flags say what would help.
 */
#ifndef YOGI_GATEWAY_DATABASE_H
#define YOGI_GATEWAY_DATABASE_H

#include "proto/base/fault.h"
#include "statement.h"
#include "store_kind.h"

typedef struct database database_t;

typedef struct {
    const char *name;  /* "PostgreSQL" */
    dialect_t dialect; /* of its statements */

    /* Connects (again); what was prepared or begun is gone. */
    int (*connect)(database_t *database, fault_t *fault);
    bool (*connected)(const database_t *database);
    void (*disconnect)(database_t *database);
    void (*destroy)(database_t *database); /* disconnects and frees */

    /* A transaction; reads need none. After a failed commit it is not known whether it took place. */
    int (*begin)(database_t *database, store_kind_t kind, fault_t *fault);
    int (*commit)(database_t *database, fault_t *fault);
    void (*rollback)(database_t *database);

    /* A statement whose rows nobody wants, within a transaction. */
    int (*later)(database_t *database, statement_t statement, const sql_value_t *values, fault_t *fault);
    /* A statement and its rows, in the arena. */
    int (*query)(database_t *database, statement_t statement, const sql_value_t *values, arena_t *arena,
                 sql_rows_t *rows, fault_t *fault);

    /* For migrations: a transaction that nobody else can have at the same time (commit and rollback as above), a text
     * of several statements, and one statement that gives rows. */
    int (*seize)(database_t *database, fault_t *fault);
    int (*script)(database_t *database, const char *text, fault_t *fault);
    int (*ask)(database_t *database, const char *text, arena_t *arena, sql_rows_t *rows, fault_t *fault);
} driver_t;

/* The beginning of every connection. */
struct database {
    const driver_t *driver;
    bool lost;  /* the last failure: the connection is of no more use */
    bool again; /* the last failure: the same transaction may succeed when it is run again */
};

#endif
