/* jsonform: the canonical form of JSON: what two databases that keep the same value in different words have in common.
 *
 * No white space; names of an object in the order of their bytes, of equal ones the last (as PostgreSQL's jsonb keeps
 * them); numbers without a sign of zero, without zeros at their end, exact to the last digit; texts in UTF-8, escaped
 * only where they must be. Pure, bounded: nothing deeper than JSONFORM_DEPTH_MOST. Source: RFC 8259.
 */
#ifndef YOGI_MOVE_JSONFORM_H
#define YOGI_MOVE_JSONFORM_H

#include "proto/base/buf.h"

/* Levels of arrays and objects: a timetable has four; the stack of PostgreSQL's own parser takes some thousands. */
enum { JSONFORM_DEPTH_MOST = 500 };

/* Appends the canonical form of the text. NULL, or why it has none: then out is as it was. *first is the first
 * character of the form: what kind of value it is. */
const char *jsonform(const char *text, size_t size, buf_t *out, char *first);

#endif
