/* data: the JSON of a job as JavaScript writes it, which is more than jansson reads: halves of a character alone (a
 * text that was cut within an emoji), U+0000 in texts and names, whole numbers of any length. Pure.
 */
#ifndef YOGI_BRIDGE_DATA_H
#define YOGI_BRIDGE_DATA_H

#include "actors/bridge/calls.h"

#include <jansson.h>

/* Any JSON; what jansson has no room for is U+FFFD, and a number without room for its digits the nearest one that
 * there is. flags are jansson's. NULL with the error: it is none. The caller's to json_decref. */
json_t *data_load(const char *text, size_t size, size_t flags, json_error_t *error) __attribute__((warn_unused_result));

/* The member of this name as it stands in the text of an object that data_load has read; empty = there is none. */
span_t data_member(const char *text, size_t size, const char *name);

#endif
