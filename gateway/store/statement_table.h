/* statement_table: the texts; for statement.c alone. */
#ifndef YOGI_GATEWAY_STATEMENT_TABLE_H
#define YOGI_GATEWAY_STATEMENT_TABLE_H

#include "statement.h"

typedef struct {
    const char *name;       /* for people, and for prepared statements */
    const char *parameters; /* "tenant:k id:k …" in the order of their numbers */
    const char *text;       /* in the words of dialect.h */
    const char *sqlite;     /* for SQLite, where that cannot say it at all; else NULL */
} statement_row_t;

extern const statement_row_t statement_table[STATEMENT_COUNT];

#endif
