/* schema: a message type declared once, as a table of fields; one interpreter (pack, json) encodes, decodes, checks,
 * prints and compares every type from its table. A new field is one new line.
 *
 * A type is a plain struct whose first member is an extras_t; every pointer in it belongs to the dossier's arena.
 */
#ifndef YOGI_SCHEMA_H
#define YOGI_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys that this version does not know, kept as they came so that they travel on: msgpack key, value, key, value … */
typedef struct {
    const char *bytes; /* NULL when there are none */
    uint32_t size;     /* bytes */
    uint32_t count;    /* pairs */
} extras_t;

/* How a field lies in its struct. */
typedef enum {
    FIELD_BOOL,   /* bool */
    FIELD_INT,    /* int64_t, within least … most */
    FIELD_INT32,  /* int32_t, within least … most */
    FIELD_REAL,   /* double, within least … most, finite */
    FIELD_TEXT,   /* const char *, UTF-8; NULL is null */
    FIELD_TEXTS,  /* texts_t */
    FIELD_REALS,  /* reals_t */
    FIELD_STRUCT, /* a struct with its own schema, in place */
    FIELD_LIST,   /* list_t of structs with one schema */
} field_kind_t;

enum {
    FIELD_OMIT_EMPTY = 1,   /* not written when it is null, 0, false or an empty list */
    FIELD_REQUIRED = 2,     /* its absence is an error */
    FIELD_ZERO_IS_NULL = 4, /* a number whose 0 is written as null */
};

typedef struct schema schema_t;

typedef struct {
    const char *name;       /* key in msgpack and JSON */
    field_kind_t kind;      /* how it lies in the struct */
    size_t offset;          /* bytes from the struct's start */
    const schema_t *schema; /* of FIELD_STRUCT and FIELD_LIST, else NULL */
    double least, most; /* range of numbers; most is the longest text in bytes or list in items, 0 = the type's limit */
    unsigned flags;     /* FIELD_OMIT_EMPTY … */
} field_t;

struct schema {
    const char *name;      /* of the type, for messages about it */
    size_t size;           /* of the struct, bytes */
    const field_t *fields; /* in the order they are written */
    size_t count;          /* of fields */
    bool forgets; /* keys that it does not know are passed over, not kept: for who reads a part and writes nothing */
};

/* A list of any struct: items points to count structs one after another. */
typedef struct {
    void *items;  /* NULL when count is 0 */
    size_t count; /* structs */
} list_t;

typedef struct {
    const char **items; /* never NULL inside */
    size_t count;
} texts_t;

typedef struct {
    double *items;
    size_t count;
} reals_t;

#define SCHEMA(type, label, fields_table)                                                                              \
    {                                                                                                                  \
        label, sizeof(type), fields_table, sizeof(fields_table) / sizeof *(fields_table), false                        \
    }

/* Item i of a list_t as a type, for reading and writing in place. */
#define LIST_AT(type, list, i) (&((type *)(list).items)[i])

#endif
