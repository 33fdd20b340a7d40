/* session: a connection as a task sees it. The rooms of this folder make their statements through it; whoever writes a
 * task only hands it on.
 */
#ifndef YOGI_GATEWAY_SESSION_H
#define YOGI_GATEWAY_SESSION_H

#include "database.h"

/* How a call ended that could be carried out. A call that could not returns -1 with a fault. */
typedef enum {
    VERDICT_DONE,
    VERDICT_ALREADY,   /* it had been done before; nothing has changed */
    VERDICT_NOT_FOUND, /* there is no such thing, or it is another tenant's */
    VERDICT_STALE,     /* another version, epoch or run is there: nothing has changed */
    VERDICT_ILLEGAL,   /* its state does not allow it */
    VERDICT_CONFLICT,  /* the key or id stands for something else */
    VERDICT_BLOB_AWAY, /* the object has been removed since, or is being removed: hold and put it again */
} verdict_t;

typedef struct {
    database_t *database;
    store_kind_t kind;
} session_t;

/* A statement and its rows, which lie in the arena. */
int session_query(session_t *session, statement_t statement, const sql_value_t *values, arena_t *arena,
                  sql_rows_t *rows, fault_t *fault) __attribute__((warn_unused_result));

/* A statement whose rows nobody wants; it is sent with the next one that somebody wants, or with the commit. */
int session_later(session_t *session, statement_t statement, const sql_value_t *values, fault_t *fault)
    __attribute__((warn_unused_result));

/* How many rows a statement has written, for those whose rows do not matter. -1 with the fault. */
int64_t session_write(session_t *session, statement_t statement, const sql_value_t *values, fault_t *fault)
    __attribute__((warn_unused_result));

/* The values of a statement, in place: SQL (sql_text (id), sql_int (3)) */
#define SQL(...) ((const sql_value_t[]){__VA_ARGS__})

#endif
