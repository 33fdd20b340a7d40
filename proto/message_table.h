/* message_table: the declaration of every command and field, for the interpreter (message.c) and for the test that
 * holds it against PROTOCOL.md. See message.h.
 */
#ifndef YOGI_MESSAGE_TABLE_H
#define YOGI_MESSAGE_TABLE_H

#include "message.h"

/* How a field lies in message_t and on the wire. */
typedef enum {
    WIRE_FLAG,   /* bool; true or false */
    WIRE_SMALL,  /* uint32_t within least … most */
    WIRE_NUMBER, /* uint64_t within least … most */
    WIRE_IDENT,  /* ident_t; 16 bytes, or nil */
    WIRE_TOKEN,  /* token_t; 16 bytes, or nil */
    WIRE_NAME,   /* slice_t; at most `most` of a-z 0-9 - _ . */
    WIRE_TEXT,   /* slice_t; UTF-8 of at most `most` bytes */
    WIRE_NAMES,  /* names and name_count; at most `most` names */
    WIRE_TOKENS, /* slice_t; 16 bytes for each of at most `most` tokens */
    WIRE_BYTES,  /* slice_t; at most `most` bytes; the last field of its command, left out where it has none */
} wire_kind_t;

typedef struct {
    const char *name;     /* in print and PROTOCOL.md */
    wire_kind_t kind;     /* how it lies */
    uint16_t offset;      /* in message_t */
    uint64_t least, most; /* limits by its kind; least is 0 for everything that may be left out */
} message_field_t;

enum { MESSAGE_FIELDS_MOST = 20, MESSAGE_REQUIRED = 0x80 };

typedef struct {
    const char *name;                    /* "SUBMIT"; NULL = no such command */
    uint8_t senders;                     /* role_t bits */
    bool body;                           /* whether it may carry one */
    uint8_t count;                       /* fields */
    uint8_t fields[MESSAGE_FIELDS_MOST]; /* index into message_fields, with MESSAGE_REQUIRED where it must be there */
} message_row_t;

extern const message_field_t message_fields[];
extern const size_t message_field_count;
extern const message_row_t message_rows[COMMAND_COUNT];

#endif
