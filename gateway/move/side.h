/* side: one end of a move: a store and what it holds, by the catalogue.
 *
 * Opened for a command and closed at its end; used by one thread. Looking changes nothing.
 */
#ifndef YOGI_MOVE_SIDE_H
#define YOGI_MOVE_SIDE_H

#include "catalog.h"
#include "gateway/store/bulk.h"
#include "gateway/store/store_postgres.h"
#include "proto/settings.h"
#include "value.h"

/* TABLES: of the catalogue. */
enum { SIDE_TABLES_MOST = 24 };

typedef enum {
    LAYOUT_EMPTY, /* no table of anybody */
    LAYOUT_DEMO,  /* the demo's tables, or those of the first schema; no migration of ours has run */
    LAYOUT_YOGI,
} layout_t;

typedef struct {
    const char *address;      /* as it was typed */
    const char *shown;        /* the same without its password */
    const char *path;         /* of a SQLite file, absolute; NULL = PostgreSQL */
    postgres_plan_t postgres; /* the way to it */
    char *identity;           /* what tells it from every other store */
    bulk_t *reader;           /* for streams out */
    bulk_t *writer;           /* for everything else; the same one in SQLite */
    layout_t layout;
    bool marked;                                   /* the table moves is there */
    int schema;                                    /* the newest migration that has run; 0 = none */
    bool has[SIDE_TABLES_MOST][BULK_COLUMNS_MOST]; /* columns that are there and were not dropped */
    bool present[SIDE_TABLES_MOST];                /* tables */
    arena_t *arena;                                /* of its texts */
} side_t;

/* How a store is opened. */
typedef struct {
    const char *address;        /* "sqlite:FILE", "postgres:URL"; NULL = as the settings say */
    const char *what;           /* "source" or "target", for people */
    const settings_t *settings; /* of the process */
    const char *work;           /* folder for copies */
    const char *drop;           /* names of tables and of columns (table.column) that stay behind, a comma between */
    bool may_create;            /* a SQLite file that is not there is made */
} side_plan_t;

/* Connects and looks. -1 with the fault: it cannot be reached, is no database, holds what nobody knows and what is not
 * dropped, or is newer than this program. The side is to be closed either way. */
int side_open(side_t *side, const side_plan_t *plan, fault_t *fault) __attribute__((warn_unused_result));
void side_close(side_t *side);

/* Looks again, after its schema was changed. */
int side_look(side_t *side, const char *drop, fault_t *fault) __attribute__((warn_unused_result));

/* A connection as the gateway has it, not made yet; the caller's own. timeout_ms: of SQLite's locks. */
database_t *side_database(side_t *side, int64_t timeout_ms);

/* Brings its schema up to date: an empty one becomes ours. timeout_ms: of SQLite's locks. */
int side_migrate(side_t *side, int64_t timeout_ms, fault_t *fault) __attribute__((warn_unused_result));

/* Where values go that are written there. */
value_place_t side_place(const side_t *side);

/* Number of the table in the catalogue. */
size_t side_index(const table_t *table);

/* Whether there is a row in the table. */
int side_has_rows(side_t *side, const table_t *table, bool *has, fault_t *fault) __attribute__((warn_unused_result));

/* Rows of a table. */
int side_count(side_t *side, const table_t *table, int64_t *rows, fault_t *fault) __attribute__((warn_unused_result));

#endif
