/* dialect: the few places in which PostgreSQL and SQLite say the same differently. A statement is written once, with
 * these in braces, and expanded for each database:
 *
 *     {now}            the database's clock
 *     {in $3}          that many milliseconds from now          {ago $3}   before now
 *     {ms column}      a time as Unix milliseconds              {stamp column}   as exact text, for a cursor
 *     {from $2}        a time from that text
 *     {json $4}        a text as JSON
 *     {among $3 column}  whether the column is one of the words of a text, a comma between
 *     {each $2}        rows (value) of a JSON array of texts
 *     {watch $1}       rows w (d, a) of a JSON array of {"d": document, "a": number}
 *     {stages $1}      rows s of a JSON array of stages' results, {events $1} rows e of one of events: records.c
 *     {object}         the function that makes a JSON object of names and values; {nested column} a value that is JSON
 *     {plain column}   a text of which no index is used
 *     {lock}           rows are locked to the end of the transaction; {lock-free}  those that nobody has locked
 *
 * Parameters are $1 … $n in both. Pure.
 */
#ifndef YOGI_GATEWAY_DIALECT_H
#define YOGI_GATEWAY_DIALECT_H

#include "proto/base/buf.h"

typedef enum { DIALECT_POSTGRES, DIALECT_SQLITE, DIALECTS } dialect_t;

/* Appends the statement as this database takes it. A brace that is none of the above asserts: statements are our own.
 */
void dialect_expand(dialect_t dialect, const char *statement, buf_t *out);

#endif
