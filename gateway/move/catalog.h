/* catalog: every table and column that a move carries, in one table: what its values are, what stands for a missing
 * one, what it refers to, and whether the demo has it. A column that a migration adds is one line here; a test holds
 * the catalogue to the schema. Plain data, pure.
 *
 * Tables stand in the order in which they are filled: what is referred to comes first.
 */
#ifndef YOGI_MOVE_CATALOG_H
#define YOGI_MOVE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    VALUE_TEXT,
    VALUE_KEY,    /* text that lies in an index: at most VALUE_KEY_MOST bytes */
    VALUE_STATUS, /* of a document: a word that the schema knows */
    VALUE_INT4,
    VALUE_INT8,
    VALUE_COUNT, /* a whole number that is not negative */
    VALUE_REAL,
    VALUE_BOOL,
    VALUE_TIME,
    VALUE_JSON,
    VALUE_ARRAY,  /* JSON */
    VALUE_OBJECT, /* JSON */
    VALUE_BYTES,
    VALUE_KINDS
} value_kind_t;

typedef struct {
    const char *name;
    value_kind_t kind;
    bool demo;            /* the demo has it */
    bool needed;          /* NULL cannot be stored */
    const char *standard; /* canonical value for NULL; NULL = none: a row that needs one does not fit */
    const char *instead;  /* the column whose value stands for NULL; NULL = none */
    const char *parent;   /* the table that has the value as its id; NULL = none */
} column_t;

typedef struct {
    const char *name;
    bool demo;              /* the demo has it */
    bool redone;            /* a changed row is deleted and written anew: another UNIQUE could stand in the way */
    bool freed_last;        /* rows are deleted after everything was written: others refer to them until then */
    const char *filter;     /* condition for the rows that are carried; NULL = all */
    size_t keys;            /* the first columns are the key */
    size_t columns;         /* how many */
    const column_t *column; /* in their order */
} table_t;

/* Tables in order. */
const table_t *catalog_tables(size_t *count);

/* The table or column of that name; NULL when it is not known. */
const table_t *catalog_table(const char *name);
const column_t *catalog_column(const table_t *table, const char *name);

/* Whether a table is the database's or our own housekeeping, which is not carried. */
bool catalog_is_housekeeping(const char *table);

#endif
