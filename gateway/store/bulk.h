/* bulk: a connection for whole tables: streams of rows out of a database and into one, whichever it is; the interface
 * that store_postgres_bulk and store_sqlite_bulk fill.
 *
 * For:    moves from one database to another (gateway/move). Used by one thread at a time; calls block. What is read is
 *         one state of the database, whatever others write meanwhile, from bulk_freeze on. Statements are the caller's
 *         own texts, with $1 … $n for values; names of tables and columns come from its catalogue, never from outside.
 * Values: PostgreSQL gives every value as text (bytes as "\\x" and digits) and takes any kind; SQLite gives and takes
 * what lies there. Times are UTC. What is given is valid until the next call. Order:  PostgreSQL can have nothing else
 * asked while a stream is open: writers there have a connection of their own. SQLite may write while it reads, behind
 * the place that it has come to.
 */
#ifndef YOGI_GATEWAY_BULK_H
#define YOGI_GATEWAY_BULK_H

#include "dialect.h"
#include "proto/base/fault.h"
#include "sql.h"

typedef struct bulk bulk_t;

/* Most columns of a stream: the widest table has fewer. */
enum { BULK_COLUMNS_MOST = 40 };

typedef struct {
    const char *name; /* "PostgreSQL" */
    dialect_t dialect;
    void (*close)(bulk_t *bulk);
    int (*script)(bulk_t *bulk, const char *text, fault_t *fault);
    int (*ask)(bulk_t *bulk, const char *text, const sql_value_t *values, size_t count, arena_t *arena,
               sql_rows_t *rows, fault_t *fault);
    int (*freeze)(bulk_t *bulk, fault_t *fault);
    void (*thaw)(bulk_t *bulk);
    int (*read)(bulk_t *bulk, const char *query, size_t columns, fault_t *fault);
    int (*next)(bulk_t *bulk, sql_value_t *row, fault_t *fault);
    void (*stop)(bulk_t *bulk);
    int (*load)(bulk_t *bulk, const char *table, const char *columns, size_t count, fault_t *fault);
    int (*add)(bulk_t *bulk, const sql_value_t *row, fault_t *fault);
    int (*loaded)(bulk_t *bulk, fault_t *fault);
} bulk_driver_t;

/* The beginning of every one. */
struct bulk {
    const bulk_driver_t *driver;
};

/* Takes NULL; nulls the caller's pointer. An open transaction is rolled back. */
static inline void bulk_close(bulk_t **bulk)
{
    if (*bulk)
        (*bulk)->driver->close(*bulk);
    *bulk = NULL;
}

/* Several statements without values whose rows nobody wants; BEGIN and COMMIT among them. */
static inline int bulk_script(bulk_t *bulk, const char *text, fault_t *fault)
{
    return bulk->driver->script(bulk, text, fault);
}

/* One statement and its rows, in the arena (rows and arena NULL: nobody wants them). */
static inline int bulk_ask(bulk_t *bulk, const char *text, const sql_value_t *values, size_t count, arena_t *arena,
                           sql_rows_t *rows, fault_t *fault)
{
    return bulk->driver->ask(bulk, text, values, count, arena, rows, fault);
}

/* From now on to bulk_thaw the connection reads one state of the database. Others may go on writing. */
static inline int bulk_freeze(bulk_t *bulk, fault_t *fault)
{
    return bulk->driver->freeze(bulk, fault);
}

static inline void bulk_thaw(bulk_t *bulk)
{
    bulk->driver->thaw(bulk);
}

/* Begins a stream of rows of so many columns. bulk_next: 1 and the row, 0 at the end, -1 with the fault; bulk_stop ends
 * it, wherever it is, also when it was never begun. */
static inline int bulk_read(bulk_t *bulk, const char *query, size_t columns, fault_t *fault)
{
    return bulk->driver->read(bulk, query, columns, fault);
}

static inline int bulk_next(bulk_t *bulk, sql_value_t *row, fault_t *fault)
{
    return bulk->driver->next(bulk, row, fault);
}

static inline void bulk_stop(bulk_t *bulk)
{
    bulk->driver->stop(bulk);
}

/* Begins a stream of rows into the columns ("a, b, c") of a table, within the caller's transaction; bulk_loaded ends
 * it. Whichever of the rows is refused: the fault may come with a later call. */
static inline int bulk_load(bulk_t *bulk, const char *table, const char *columns, size_t count, fault_t *fault)
{
    return bulk->driver->load(bulk, table, columns, count, fault);
}

static inline int bulk_add(bulk_t *bulk, const sql_value_t *row, fault_t *fault)
{
    return bulk->driver->add(bulk, row, fault);
}

static inline int bulk_loaded(bulk_t *bulk, fault_t *fault)
{
    return bulk->driver->loaded(bulk, fault);
}

#endif
